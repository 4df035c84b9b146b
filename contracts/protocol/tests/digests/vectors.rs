//! Golden vectors made outside Rust: hashes, digests and signatures.

use crate::{
    alloy::{agrees_with_alloy, alloy_domain},
    common::Real,
    terms::CsaTerms,
    twin::{address, bytes, digest, number, text, Twin},
};
use alloy_primitives::U256;
use ringfence_protocol::{
    eip712::Domain,
    message::{
        CallExtension, CloseOutDetermination, DisputeDetermination, DisputeResolution, MarginInstruction,
        MutualTermination, PortfolioAgreement, SignerRotation, TermsAmendment,
    },
    signature::{verify_one, SignatureError},
    Address,
};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/eip712.json");
    let text = std::fs::read_to_string(path).expect("the vectors are committed");
    serde_json::from_str(&text).expect("JSON")
}

fn domains(vectors: &Value) -> Vec<Domain> {
    let domains = vectors["domains"].as_array().expect("domains");
    let read =
        |json| Domain { chain_id: number(json, "chainId"), verifying_contract: address(json, "verifyingContract") };
    domains.iter().map(read).collect()
}

/// Every vector of a message agrees, and its signature is by its signer and nobody else's, and for nothing else.
fn agrees_with_vectors<M: Twin>() -> usize {
    let vectors = vectors();
    let domains = domains(&vectors);
    let messages = vectors["messages"][M::NAME].as_array().expect("a list of messages");
    for vector in messages {
        let index = vector["domain"].as_u64().expect("index");
        let domain = domains[usize::try_from(index).expect("small")];
        let message = M::read(&vector["message"]);
        assert_eq!(message.struct_hash::<Real>(), digest(vector, "structHash"), "{vector}");
        let signed = message.digest::<Real>(&domain);
        assert_eq!(signed, digest(vector, "digest"), "{vector}");
        agrees_with_alloy(&message, &domain);

        let signature = bytes(text(vector, "signature"));
        let signer = address(vector, "signer");
        assert_eq!(verify_one::<Real>(&signed, &signature, signer), Ok(()), "{vector}");
        assert_eq!(
            verify_one::<Real>(&signed, &signature, Address::repeat_byte(9)),
            Err(SignatureError::UnknownSigner)
        );
        let elsewhere = Domain { chain_id: domain.chain_id ^ 1, ..domain };
        assert!(verify_one::<Real>(&message.digest::<Real>(&elsewhere), &signature, signer).is_err());
    }
    messages.len()
}

#[test]
fn every_golden_vector_of_every_message_agrees() {
    let counts = [
        agrees_with_vectors::<MarginInstruction>(),
        agrees_with_vectors::<PortfolioAgreement>(),
        agrees_with_vectors::<MutualTermination>(),
        agrees_with_vectors::<CloseOutDetermination>(),
        agrees_with_vectors::<SignerRotation>(),
        agrees_with_vectors::<TermsAmendment>(),
        agrees_with_vectors::<CallExtension>(),
        agrees_with_vectors::<DisputeDetermination>(),
        agrees_with_vectors::<DisputeResolution>(),
        agrees_with_vectors::<CsaTerms>(),
    ];
    assert!(counts.iter().all(|count| *count >= 5), "{counts:?}");
    let vectors = vectors();
    let listed = vectors["messages"].as_object().expect("messages");
    assert_eq!(listed.len(), counts.len(), "a message of the vectors is not checked");
}

#[test]
fn every_golden_domain_separator_agrees() {
    let vectors = vectors();
    let listed = vectors["domains"].as_array().expect("domains");
    assert!(listed.len() >= 5);
    for (domain, json) in domains(&vectors).iter().zip(listed) {
        assert_eq!(domain.separator::<Real>(), digest(json, "separator"));
        let alloy = alloy_domain(domain);
        assert_eq!(alloy.chain_id, Some(U256::from(domain.chain_id)));
    }
}

#[test]
fn the_golden_vectors_hold_the_ends_of_every_range() {
    let text = vectors()["messages"].to_string();
    let ends = [i128::MIN.to_string(), i128::MAX.to_string(), u128::MAX.to_string(), u64::MAX.to_string(), "-1".into()];
    for end in ends.iter().map(|end| format!("\"{end}\"")).chain(["\"0\"".into()]) {
        assert!(text.contains(&end), "{end}");
    }
}
