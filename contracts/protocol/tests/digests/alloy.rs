//! Type strings, struct hashes and digests of random messages are those of `alloy-sol-types`.

use crate::{
    common::Real,
    random::{
        any_address, any_digest, any_disputed, any_domain, any_instruction, any_signed, any_terms, any_time, any_u64,
    },
    twin::{to_alloy, Twin},
};
use alloy_sol_types::{eip712_domain, Eip712Domain, SolStruct};
use proptest::prelude::*;
use ringfence_protocol::{
    eip712::{Domain, DOMAIN_TYPE},
    message::{
        CallExtension, CloseOutDetermination, DisputeDetermination, DisputeResolution, MutualTermination,
        PortfolioAgreement, SignerRotation, TermsAmendment,
    },
};

pub(crate) fn alloy_domain(domain: &Domain) -> Eip712Domain {
    eip712_domain! {
        name: "Ringfence",
        version: "1",
        chain_id: domain.chain_id,
        verifying_contract: to_alloy(domain.verifying_contract),
    }
}

/// Type string, struct hash and digest are alloy's.
pub(crate) fn agrees_with_alloy<M: Twin>(message: &M, domain: &Domain) {
    let (twin, alloy) = (message.twin(), alloy_domain(domain));
    assert_eq!(M::TYPE, M::Sol::eip712_encode_type());
    assert_eq!(message.struct_hash::<Real>().0, twin.eip712_hash_struct().0);
    assert_eq!(message.digest::<Real>(domain).0, twin.eip712_signing_hash(&alloy).0);
}

proptest! {
    #[test]
    fn domain_separators_agree_with_alloy(domain in any_domain()) {
        prop_assert_eq!(domain.separator::<Real>().0, alloy_domain(&domain).separator().0);
        prop_assert_eq!(DOMAIN_TYPE.to_owned(), alloy_domain(&domain).encode_type());
    }

    #[test]
    fn margin_instructions_agree_with_alloy(message in any_instruction(), domain in any_domain()) {
        agrees_with_alloy(&message, &domain);
    }

    #[test]
    fn portfolio_agreements_agree_with_alloy(
        (version, portfolio_root, terms_hash, expiry) in (any_u64(), any_digest(), any_digest(), any_time()),
        domain in any_domain(),
    ) {
        agrees_with_alloy(&PortfolioAgreement { version, portfolio_root, terms_hash, expiry }, &domain);
    }

    #[test]
    fn mutual_terminations_agree_with_alloy(
        (terms_hash, nonce, entitlement_a, expiry) in (any_digest(), any_u64(), any_signed(), any_time()),
        domain in any_domain(),
    ) {
        agrees_with_alloy(&MutualTermination { terms_hash, nonce, entitlement_a, expiry }, &domain);
    }

    #[test]
    fn close_out_determinations_agree_with_alloy(
        (sequence, defaulter, amount, evidence_root, expiry)
            in (any_u64(), any_address(), any_signed(), any_digest(), any_time()),
        domain in any_domain(),
    ) {
        agrees_with_alloy(&CloseOutDetermination { sequence, defaulter, amount, evidence_root, expiry }, &domain);
    }

    #[test]
    fn signer_rotations_agree_with_alloy(
        (terms_hash, epoch, signers_hash, threshold, expiry)
            in (any_digest(), any_u64(), any_digest(), any::<u8>(), any_time()),
        domain in any_domain(),
    ) {
        agrees_with_alloy(&SignerRotation { terms_hash, epoch, signers_hash, threshold, expiry }, &domain);
    }

    #[test]
    fn terms_agree_with_alloy(message in any_terms(), domain in any_domain()) {
        agrees_with_alloy(&message, &domain);
    }

    #[test]
    fn terms_amendments_agree_with_alloy(
        (nonce, from, to, expiry) in (any_u64(), any_digest(), any_digest(), any_time()), domain in any_domain(),
    ) {
        agrees_with_alloy(&TermsAmendment { nonce, from, to, expiry }, &domain);
    }

    #[test]
    fn call_extensions_agree_with_alloy(
        (party, deadline, extended, expiry) in (any_address(), any_time(), any_time(), any_time()),
        domain in any_domain(),
    ) {
        agrees_with_alloy(&CallExtension { party, deadline, extended, expiry }, &domain);
    }

    #[test]
    fn dispute_determinations_and_resolutions_agree_with_alloy(value in any_disputed(), domain in any_domain()) {
        agrees_with_alloy(&DisputeDetermination(value), &domain);
        agrees_with_alloy(&DisputeResolution(value), &domain);
    }
}
