use super::{TestCrypto, ASSET, ENTITY, PARTY_A, PARTY_B, RULES, SIGNERS, TOKENS};
use ringfence_protocol::{
    collateral::{Eligible, Schedule},
    signature::SignerSet,
    terms::{PartyTerms, Periods, Terms, NO_CUT_OFF},
    units::{Amount, Bps, Seconds, SignedAmount},
    Address, Pair,
};

pub fn amount(value: u128) -> Amount {
    Amount::new(value)
}

pub fn signed(value: i128) -> SignedAmount {
    SignedAmount::new(value)
}

/// Terms without frills: no threshold, no minimum, no rounding, no dispute, no replacement, half of the tail each.
pub fn plain_terms<C: TestCrypto>() -> Terms {
    Terms {
        asset: ASSET,
        entity: ENTITY,
        rules: RULES,
        parties: Pair { a: C::address(PARTY_A), b: C::address(PARTY_B) },
        csa: Pair::<PartyTerms>::default(),
        periods: Periods {
            cure: Seconds::new(900),
            notification: NO_CUT_OFF,
            max_staleness: Seconds::new(600),
            dispute: Seconds::ZERO,
            replacement: Seconds::ZERO,
            close_out: Seconds::new(3_600),
            auction: Seconds::new(900),
            oracle_timeout: Seconds::new(7_200),
        },
        max_move: amount(10_000),
        dispute_deposit: amount(0),
        dispute_tolerance: amount(0),
        fee_cap: Bps::new(0),
        tail_share_a: Bps::new(5_000),
    }
}

/// Terms with everything: disputes with a deposit, a replacement window, fees.
pub fn full_terms<C: TestCrypto>() -> Terms {
    let mut terms = plain_terms::<C>();
    terms.periods.dispute = Seconds::new(1_800);
    terms.periods.replacement = Seconds::new(1_800);
    terms.dispute_deposit = amount(50);
    terms.dispute_tolerance = amount(5);
    terms.fee_cap = Bps::new(1_000);
    terms
}

/// Two tokens: the first at a haircut of 10 % up to 5,000, the second at 50 % up to 300.
pub fn schedule() -> Schedule {
    let eligible = |asset, haircut, limit| Eligible { asset, haircut: Bps::new(haircut), limit: amount(limit) };
    Schedule(vec![eligible(TOKENS[0], 1_000, 5_000), eligible(TOKENS[1], 5_000, 300)])
}

/// The three signers in ascending order of address, two of which must sign.
pub fn signer_set<C: TestCrypto>() -> SignerSet {
    let mut signers: Vec<Address> = SIGNERS.iter().map(|key| C::address(*key)).collect();
    signers.sort();
    SignerSet::new(signers, 2).expect("a valid set")
}
