//! EIP-712 against two implementations from elsewhere: `alloy-sol-types`, live on random values, and Python's
//! `eth-account`, by golden vectors that hold the ends of every type's range.

mod common;

use alloy_primitives::{Address as AlloyAddress, B256, U256};
use alloy_sol_types::{eip712_domain, Eip712Domain, SolStruct};
use common::Real;
use proptest::prelude::*;
use ringfence_protocol::{
    eip712::{Domain, TypedMessage, DOMAIN_TYPE},
    message::{CloseOutDetermination, MarginInstruction, MutualTermination, PortfolioAgreement, SignerRotation},
    signature::{verify_one, SignatureError, SignerSet},
    terms::{PartyTerms, Periods, Terms},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp},
    Address, Digest, Pair,
};
use serde_json::Value;
use std::str::FromStr;

mod sol {
    #![allow(missing_docs, reason = "the types are documented in the crate; these repeat their names for alloy")]

    alloy_sol_types::sol! {
        struct MarginInstruction {
            address vault; bytes32 termsHash; uint64 sequence; uint64 valuationTime; uint64 expiry;
            bytes32 portfolioRoot; int128 entitlementA; uint128 initialMarginA; uint128 initialMarginB;
            uint128 tailRequirement; bytes32 marketDataRoot; uint32 modelVersion;
        }
        struct PortfolioAgreement { uint64 version; bytes32 portfolioRoot; bytes32 termsHash; uint64 expiry; }
        struct MutualTermination { uint64 nonce; int128 entitlementA; uint64 expiry; }
        struct CloseOutDetermination {
            uint64 sequence; address defaulter; int128 amount; bytes32 evidenceRoot; uint64 expiry;
        }
        struct SignerRotation { uint64 epoch; bytes32 signersHash; uint8 threshold; uint64 expiry; }
        struct PartyTerms {
            uint128 threshold; uint128 minimumTransferAmount; uint128 roundingAmount; uint128 independentAmount;
        }
        struct Periods { uint64 cure; uint64 maxStaleness; uint64 closeOut; uint64 oracleTimeout; }
        struct CsaTerms {
            address asset; address entity; address partyA; address partyB; PartyTerms termsA; PartyTerms termsB;
            Periods periods; uint128 maxMove; uint16 tailShareA; address[] signers; uint8 signerThreshold;
        }
    }
}

/// The terms with their signers: what the EIP-712 type `CsaTerms` covers.
#[derive(Clone, Debug)]
struct CsaTerms {
    terms: Terms,
    signers: SignerSet,
}

impl TypedMessage for CsaTerms {
    fn struct_hash<H: ringfence_protocol::Keccak256>(&self) -> Digest {
        self.terms.hash::<H>(&self.signers)
    }
}

/// A protocol message with alloy's twin and a reading from the vectors.
trait Twin: TypedMessage + Sized {
    const NAME: &'static str;
    const TYPE: &'static str;
    type Sol: SolStruct;
    fn twin(&self) -> Self::Sol;
    fn read(json: &Value) -> Self;
}

fn to_alloy(address: Address) -> AlloyAddress {
    AlloyAddress::from(address.0)
}

fn word(digest: Digest) -> B256 {
    B256::from(digest.0)
}

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_else(|| panic!("{key} is missing"))
}

fn number<T: FromStr>(json: &Value, key: &str) -> T {
    let digits = text(json, key);
    digits.parse().unwrap_or_else(|_| panic!("{key} is not a number of its type: {digits}"))
}

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.strip_prefix("0x").expect("0x")).expect("hex")
}

fn address(json: &Value, key: &str) -> Address {
    Address::from_slice(&bytes(text(json, key)))
}

fn digest(json: &Value, key: &str) -> Digest {
    Digest::from_slice(&bytes(text(json, key)))
}

fn amount(json: &Value, key: &str) -> Amount {
    Amount::new(number(json, key))
}

fn time(json: &Value, key: &str) -> Timestamp {
    Timestamp::new(number(json, key))
}

fn span(json: &Value, key: &str) -> Seconds {
    Seconds::new(number(json, key))
}

impl Twin for MarginInstruction {
    const NAME: &'static str = "MarginInstruction";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::MarginInstruction;

    fn twin(&self) -> Self::Sol {
        sol::MarginInstruction {
            vault: to_alloy(self.vault),
            termsHash: word(self.terms_hash),
            sequence: self.sequence,
            valuationTime: self.valuation_time.get(),
            expiry: self.expiry.get(),
            portfolioRoot: word(self.portfolio_root),
            entitlementA: self.entitlement_a.get(),
            initialMarginA: self.initial_margin_a.get(),
            initialMarginB: self.initial_margin_b.get(),
            tailRequirement: self.tail_requirement.get(),
            marketDataRoot: word(self.market_data_root),
            modelVersion: self.model_version,
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            vault: address(json, "vault"),
            terms_hash: digest(json, "termsHash"),
            sequence: number(json, "sequence"),
            valuation_time: time(json, "valuationTime"),
            expiry: time(json, "expiry"),
            portfolio_root: digest(json, "portfolioRoot"),
            entitlement_a: SignedAmount::new(number(json, "entitlementA")),
            initial_margin_a: amount(json, "initialMarginA"),
            initial_margin_b: amount(json, "initialMarginB"),
            tail_requirement: amount(json, "tailRequirement"),
            market_data_root: digest(json, "marketDataRoot"),
            model_version: number(json, "modelVersion"),
        }
    }
}

impl Twin for PortfolioAgreement {
    const NAME: &'static str = "PortfolioAgreement";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::PortfolioAgreement;

    fn twin(&self) -> Self::Sol {
        sol::PortfolioAgreement {
            version: self.version,
            portfolioRoot: word(self.portfolio_root),
            termsHash: word(self.terms_hash),
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            version: number(json, "version"),
            portfolio_root: digest(json, "portfolioRoot"),
            terms_hash: digest(json, "termsHash"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for MutualTermination {
    const NAME: &'static str = "MutualTermination";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::MutualTermination;

    fn twin(&self) -> Self::Sol {
        sol::MutualTermination { nonce: self.nonce, entitlementA: self.entitlement_a.get(), expiry: self.expiry.get() }
    }

    fn read(json: &Value) -> Self {
        Self {
            nonce: number(json, "nonce"),
            entitlement_a: SignedAmount::new(number(json, "entitlementA")),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for CloseOutDetermination {
    const NAME: &'static str = "CloseOutDetermination";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::CloseOutDetermination;

    fn twin(&self) -> Self::Sol {
        sol::CloseOutDetermination {
            sequence: self.sequence,
            defaulter: to_alloy(self.defaulter),
            amount: self.amount.get(),
            evidenceRoot: word(self.evidence_root),
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            sequence: number(json, "sequence"),
            defaulter: address(json, "defaulter"),
            amount: SignedAmount::new(number(json, "amount")),
            evidence_root: digest(json, "evidenceRoot"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for SignerRotation {
    const NAME: &'static str = "SignerRotation";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::SignerRotation;

    fn twin(&self) -> Self::Sol {
        sol::SignerRotation {
            epoch: self.epoch,
            signersHash: word(self.signers_hash),
            threshold: self.threshold,
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            epoch: number(json, "epoch"),
            signers_hash: digest(json, "signersHash"),
            threshold: number(json, "threshold"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for CsaTerms {
    const NAME: &'static str = "CsaTerms";
    const TYPE: &'static str = Terms::TYPE;
    type Sol = sol::CsaTerms;

    fn twin(&self) -> Self::Sol {
        let party = |terms: &PartyTerms| sol::PartyTerms {
            threshold: terms.threshold.get(),
            minimumTransferAmount: terms.minimum_transfer_amount.get(),
            roundingAmount: terms.rounding_amount.get(),
            independentAmount: terms.independent_amount.get(),
        };
        let periods = &self.terms.periods;
        sol::CsaTerms {
            asset: to_alloy(self.terms.asset),
            entity: to_alloy(self.terms.entity),
            partyA: to_alloy(self.terms.parties.a),
            partyB: to_alloy(self.terms.parties.b),
            termsA: party(&self.terms.csa.a),
            termsB: party(&self.terms.csa.b),
            periods: sol::Periods {
                cure: periods.cure.get(),
                maxStaleness: periods.max_staleness.get(),
                closeOut: periods.close_out.get(),
                oracleTimeout: periods.oracle_timeout.get(),
            },
            maxMove: self.terms.max_move.get(),
            tailShareA: self.terms.tail_share_a.get(),
            signers: self.signers.signers().iter().copied().map(to_alloy).collect(),
            signerThreshold: self.signers.threshold(),
        }
    }

    fn read(json: &Value) -> Self {
        let party = |key: &str| PartyTerms {
            threshold: amount(&json[key], "threshold"),
            minimum_transfer_amount: amount(&json[key], "minimumTransferAmount"),
            rounding_amount: amount(&json[key], "roundingAmount"),
            independent_amount: amount(&json[key], "independentAmount"),
        };
        let periods = &json["periods"];
        let signers = json["signers"].as_array().expect("signers");
        let signers = signers.iter().map(|signer| Address::from_slice(&bytes(signer.as_str().expect("address"))));
        Self {
            terms: Terms {
                asset: address(json, "asset"),
                entity: address(json, "entity"),
                parties: Pair { a: address(json, "partyA"), b: address(json, "partyB") },
                csa: Pair { a: party("termsA"), b: party("termsB") },
                periods: Periods {
                    cure: span(periods, "cure"),
                    max_staleness: span(periods, "maxStaleness"),
                    close_out: span(periods, "closeOut"),
                    oracle_timeout: span(periods, "oracleTimeout"),
                },
                max_move: amount(json, "maxMove"),
                tail_share_a: Bps::new(number(json, "tailShareA")),
            },
            signers: SignerSet::new(signers.collect(), number(json, "signerThreshold")).expect("a valid set"),
        }
    }
}

fn alloy_domain(domain: &Domain) -> Eip712Domain {
    eip712_domain! {
        name: "Ringfence",
        version: "1",
        chain_id: domain.chain_id,
        verifying_contract: to_alloy(domain.verifying_contract),
    }
}

/// Type string, struct hash and digest are alloy's.
fn agrees_with_alloy<M: Twin>(message: &M, domain: &Domain) {
    let (twin, alloy) = (message.twin(), alloy_domain(domain));
    assert_eq!(M::TYPE, M::Sol::eip712_encode_type());
    assert_eq!(message.struct_hash::<Real>().0, twin.eip712_hash_struct().0);
    assert_eq!(message.digest::<Real>(domain).0, twin.eip712_signing_hash(&alloy).0);
}

// Random values, with the ends of the range as likely as the rest.

fn any_u128() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), Just(1), Just(u128::MAX), any::<u128>(), any::<u64>().prop_map(u128::from)]
}

fn any_i128() -> impl Strategy<Value = i128> {
    prop_oneof![Just(0), Just(-1), Just(i128::MIN), Just(i128::MAX), any::<i128>(), any::<i64>().prop_map(i128::from)]
}

fn any_u64() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]
}

fn any_address() -> impl Strategy<Value = Address> {
    prop_oneof![Just(Address::zero()), any::<[u8; 20]>().prop_map(Address::from)]
}

fn any_digest() -> impl Strategy<Value = Digest> {
    prop_oneof![Just(Digest::zero()), any::<[u8; 32]>().prop_map(Digest::from)]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    any_u64().prop_map(Timestamp::new)
}

fn any_amount() -> impl Strategy<Value = Amount> {
    any_u128().prop_map(Amount::new)
}

fn any_signed() -> impl Strategy<Value = SignedAmount> {
    any_i128().prop_map(SignedAmount::new)
}

prop_compose! {
    fn any_domain()(chain_id in any_u64(), verifying_contract in any_address()) -> Domain {
        Domain { chain_id, verifying_contract }
    }
}

prop_compose! {
    fn any_instruction()(
        (vault, terms_hash, sequence, valuation_time, expiry, portfolio_root)
            in (any_address(), any_digest(), any_u64(), any_time(), any_time(), any_digest()),
        (entitlement_a, initial_margin_a, initial_margin_b, tail_requirement, market_data_root, model_version)
            in (any_signed(), any_amount(), any_amount(), any_amount(), any_digest(), any::<u32>()),
    ) -> MarginInstruction {
        MarginInstruction {
            vault, terms_hash, sequence, valuation_time, expiry, portfolio_root, entitlement_a, initial_margin_a,
            initial_margin_b, tail_requirement, market_data_root, model_version,
        }
    }
}

prop_compose! {
    fn any_party_terms()(
        threshold in any_amount(), minimum_transfer_amount in any_amount(), rounding_amount in any_amount(),
        independent_amount in any_amount(),
    ) -> PartyTerms {
        PartyTerms { threshold, minimum_transfer_amount, rounding_amount, independent_amount }
    }
}

prop_compose! {
    fn any_signers()(
        addresses in proptest::collection::btree_set(any::<[u8; 20]>().prop_filter("zero", |a| *a != [0; 20]), 1..=8),
        extra in 0usize..8,
    ) -> SignerSet {
        let majority = addresses.len() / 2 + 1;
        let threshold = (majority + extra).min(addresses.len());
        let signers = addresses.into_iter().map(Address::from).collect();
        SignerSet::new(signers, u8::try_from(threshold).expect("small")).expect("a valid set")
    }
}

prop_compose! {
    fn any_terms()(
        (asset, entity, a, b) in (any_address(), any_address(), any_address(), any_address()),
        (terms_a, terms_b) in (any_party_terms(), any_party_terms()),
        (cure, max_staleness, close_out, oracle_timeout) in (any_u64(), any_u64(), any_u64(), any_u64()),
        (max_move, tail_share_a, signers) in (any_amount(), any::<u16>(), any_signers()),
    ) -> CsaTerms {
        let periods = Periods {
            cure: Seconds::new(cure),
            max_staleness: Seconds::new(max_staleness),
            close_out: Seconds::new(close_out),
            oracle_timeout: Seconds::new(oracle_timeout),
        };
        let terms = Terms {
            asset, entity, parties: Pair { a, b }, csa: Pair { a: terms_a, b: terms_b }, periods, max_move,
            tail_share_a: Bps::new(tail_share_a),
        };
        CsaTerms { terms, signers }
    }
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
        (nonce, entitlement_a, expiry) in (any_u64(), any_signed(), any_time()), domain in any_domain(),
    ) {
        agrees_with_alloy(&MutualTermination { nonce, entitlement_a, expiry }, &domain);
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
        (epoch, signers_hash, threshold, expiry) in (any_u64(), any_digest(), any::<u8>(), any_time()),
        domain in any_domain(),
    ) {
        agrees_with_alloy(&SignerRotation { epoch, signers_hash, threshold, expiry }, &domain);
    }

    #[test]
    fn terms_agree_with_alloy(message in any_terms(), domain in any_domain()) {
        agrees_with_alloy(&message, &domain);
    }
}

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
