//! Random values, with the ends of the range as likely as the rest.

use crate::terms::CsaTerms;
use proptest::prelude::*;
use ringfence_protocol::{
    collateral::{Eligible, Mark, Schedule},
    eip712::Domain,
    message::{DisputedValue, MarginInstruction},
    signature::SignerSet,
    terms::{PartyTerms, Periods, Terms},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp, Wad},
    Address, Digest, Pair,
};

pub(crate) fn any_u128() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), Just(1), Just(u128::MAX), any::<u128>(), any::<u64>().prop_map(u128::from)]
}

pub(crate) fn any_i128() -> impl Strategy<Value = i128> {
    prop_oneof![Just(0), Just(-1), Just(i128::MIN), Just(i128::MAX), any::<i128>(), any::<i64>().prop_map(i128::from)]
}

pub(crate) fn any_u64() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]
}

pub(crate) fn any_address() -> impl Strategy<Value = Address> {
    prop_oneof![Just(Address::zero()), any::<[u8; 20]>().prop_map(Address::from)]
}

pub(crate) fn any_digest() -> impl Strategy<Value = Digest> {
    prop_oneof![Just(Digest::zero()), any::<[u8; 32]>().prop_map(Digest::from)]
}

pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    any_u64().prop_map(Timestamp::new)
}

pub(crate) fn any_amount() -> impl Strategy<Value = Amount> {
    any_u128().prop_map(Amount::new)
}

pub(crate) fn any_signed() -> impl Strategy<Value = SignedAmount> {
    any_i128().prop_map(SignedAmount::new)
}

prop_compose! {
    pub(crate) fn any_domain()(chain_id in any_u64(), verifying_contract in any_address()) -> Domain {
        Domain { chain_id, verifying_contract }
    }
}

fn any_share() -> impl Strategy<Value = Bps> {
    prop_oneof![Just(0), Just(u16::MAX), any::<u16>()].prop_map(Bps::new)
}

fn any_span() -> impl Strategy<Value = Seconds> {
    any_u64().prop_map(Seconds::new)
}

prop_compose! {
    fn any_mark()(price in any_amount(), haircut in any_share()) -> Mark {
        Mark { price, haircut }
    }
}

prop_compose! {
    fn any_eligible()(asset in any_address(), haircut in any_share(), limit in any_amount()) -> Eligible {
        Eligible { asset, haircut, limit }
    }
}

prop_compose! {
    pub(crate) fn any_disputed()(
        dispute in any_u64(), entitlement_a in any_signed(), expiry in any_time(),
    ) -> DisputedValue {
        DisputedValue { dispute, entitlement_a, expiry }
    }
}

prop_compose! {
    pub(crate) fn any_instruction()(
        (vault, terms_hash, sequence, valuation_time, expiry, portfolio_root)
            in (any_address(), any_digest(), any_u64(), any_time(), any_time(), any_digest()),
        (entitlement_a, initial_margin_a, initial_margin_b, tail_requirement, market_data_root, model_version)
            in (any_signed(), any_amount(), any_amount(), any_amount(), any_digest(), any::<u32>()),
        (interest_index, fee_rate, collateral)
            in (any_u128(), any_share(), proptest::collection::vec(any_mark(), 0..6)),
    ) -> MarginInstruction {
        MarginInstruction {
            vault, terms_hash, sequence, valuation_time, expiry, portfolio_root, entitlement_a, initial_margin_a,
            initial_margin_b, tail_requirement, interest_index: Wad::new(interest_index), fee_rate, collateral,
            market_data_root, model_version,
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
    fn any_periods()(
        (cure, notification, max_staleness, dispute) in (any_span(), any_span(), any_span(), any_span()),
        (replacement, close_out, auction, oracle_timeout) in (any_span(), any_span(), any_span(), any_span()),
    ) -> Periods {
        Periods { cure, notification, max_staleness, dispute, replacement, close_out, auction, oracle_timeout }
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
    pub(crate) fn any_terms()(
        (asset, entity, rules, a, b) in (any_address(), any_address(), any_address(), any_address(), any_address()),
        (terms_a, terms_b, periods) in (any_party_terms(), any_party_terms(), any_periods()),
        (max_move, dispute_deposit, dispute_tolerance) in (any_amount(), any_amount(), any_amount()),
        (fee_cap, tail_share_a) in (any_share(), any_share()),
        (eligible, signers) in (proptest::collection::vec(any_eligible(), 0..6), any_signers()),
    ) -> CsaTerms {
        let terms = Terms {
            asset, entity, rules, parties: Pair { a, b }, csa: Pair { a: terms_a, b: terms_b }, periods, max_move,
            dispute_deposit, dispute_tolerance, fee_cap, tail_share_a,
        };
        CsaTerms { terms, schedule: Schedule(eligible), signers }
    }
}
