//! The bounds of the terms and of the signer set: each accepted at the bound and refused one past it, with its own
//! error.

mod common;

use common::{plain_terms, schedule, Real, ASSET, ENTITY, TOKENS};
use ringfence_protocol::{
    collateral::{Eligible, Schedule, MAX_COLLATERAL},
    signature::{SignerSet, SignerSetError, MAX_SIGNERS},
    terms::{
        Terms, TermsError, MAX_AUCTION, MAX_CLOSE_OUT, MAX_CURE, MAX_DISPUTE, MAX_FEE_CAP, MAX_ORACLE_TIMEOUT,
        MAX_REPLACEMENT, MAX_ROUNDING, MAX_STALENESS, MIN_AUCTION, MIN_CLOSE_OUT, MIN_CURE, MIN_STALENESS, NO_CUT_OFF,
    },
    units::{Amount, Bps, Seconds},
    vault::Agreement,
    Address,
};

fn with(change: impl Fn(&mut Terms)) -> Result<(), TermsError> {
    let mut terms = plain_terms::<Real>();
    assert_eq!(terms.validate(&schedule()), Ok(()), "positive control");
    change(&mut terms);
    let validated = terms.validate(&schedule());
    let agreement = Agreement::new::<Real>(terms, &schedule(), &common::signer_set::<Real>());
    assert_eq!(agreement.map(|agreement| agreement.terms), validated.map(|()| terms));
    validated
}

type Field<T> = fn(&mut Terms) -> &mut T;

#[test]
fn every_amount_is_bounded() {
    let fields: [(Field<Amount>, Amount); 11] = [
        (|terms| &mut terms.csa.a.threshold, Amount::MAX),
        (|terms| &mut terms.csa.a.minimum_transfer_amount, Amount::MAX),
        (|terms| &mut terms.csa.a.rounding_amount, MAX_ROUNDING),
        (|terms| &mut terms.csa.a.independent_amount, Amount::MAX),
        (|terms| &mut terms.csa.b.threshold, Amount::MAX),
        (|terms| &mut terms.csa.b.minimum_transfer_amount, Amount::MAX),
        (|terms| &mut terms.csa.b.rounding_amount, MAX_ROUNDING),
        (|terms| &mut terms.csa.b.independent_amount, Amount::MAX),
        (|terms| &mut terms.max_move, Amount::MAX),
        (|terms| &mut terms.dispute_deposit, Amount::MAX),
        (|terms| &mut terms.dispute_tolerance, Amount::MAX),
    ];
    for (field, most) in fields {
        assert_eq!(with(|terms| *field(terms) = most), Ok(()));
        let past = Amount::new(most.get() + 1);
        assert_eq!(with(|terms| *field(terms) = past), Err(TermsError::AmountOutOfBounds));
        assert_eq!(with(|terms| *field(terms) = Amount::new(u128::MAX)), Err(TermsError::AmountOutOfBounds));
    }
}

#[test]
fn every_period_is_bounded_on_both_sides() {
    let bounds: [(Field<Seconds>, Seconds, Seconds); 7] = [
        (|terms| &mut terms.periods.cure, MIN_CURE, MAX_CURE),
        (|terms| &mut terms.periods.notification, Seconds::ZERO, NO_CUT_OFF),
        (|terms| &mut terms.periods.max_staleness, MIN_STALENESS, MAX_STALENESS),
        (|terms| &mut terms.periods.dispute, Seconds::ZERO, MAX_DISPUTE),
        (|terms| &mut terms.periods.replacement, Seconds::ZERO, MAX_REPLACEMENT),
        (|terms| &mut terms.periods.close_out, MIN_CLOSE_OUT, MAX_CLOSE_OUT),
        (|terms| &mut terms.periods.auction, MIN_AUCTION, MAX_AUCTION),
    ];
    for (field, least, most) in bounds {
        // The time-out has a bound of its own that depends on the others.
        let set = |seconds: u64| {
            with(|terms| {
                // So have the close-out and the replacement window.
                terms.periods.oracle_timeout = MAX_ORACLE_TIMEOUT;
                terms.periods.close_out = MAX_CLOSE_OUT;
                *field(terms) = Seconds::new(seconds);
            })
        };
        assert_eq!((set(least.get()), set(most.get())), (Ok(()), Ok(())));
        if let Some(less) = least.get().checked_sub(1) {
            assert_eq!(set(less), Err(TermsError::PeriodOutOfBounds));
        }
        assert_eq!(set(most.get() + 1), Err(TermsError::PeriodOutOfBounds));
        assert_eq!(set(u64::MAX), Err(TermsError::PeriodOutOfBounds));
    }
}

#[test]
fn the_oracle_timeout_is_at_least_staleness_and_cure_and_at_most_its_bound() {
    let timeout = |seconds: u64| with(|terms| terms.periods.oracle_timeout = Seconds::new(seconds));
    assert_eq!(timeout(900 + 600), Ok(()));
    assert_eq!(timeout(900 + 600 - 1), Err(TermsError::PeriodOutOfBounds));
    assert_eq!(timeout(MAX_ORACLE_TIMEOUT.get()), Ok(()));
    assert_eq!(timeout(MAX_ORACLE_TIMEOUT.get() + 1), Err(TermsError::PeriodOutOfBounds));
}

#[test]
fn successors_bid_no_longer_than_the_close_out_takes() {
    let windows = |replacement: u64, close_out: u64| {
        with(|terms| {
            terms.periods.replacement = Seconds::new(replacement);
            terms.periods.close_out = Seconds::new(close_out);
        })
    };
    assert_eq!(windows(400, 400), Ok(()));
    assert_eq!(windows(401, 400), Err(TermsError::PeriodOutOfBounds));
}

#[test]
fn the_fee_cap_is_bounded() {
    assert_eq!(with(|terms| terms.fee_cap = MAX_FEE_CAP), Ok(()));
    assert_eq!(with(|terms| terms.fee_cap = Bps::new(MAX_FEE_CAP.get() + 1)), Err(TermsError::ShareOutOfBounds));
}

/// A change of the schedule of two tokens.
fn with_schedule(change: impl Fn(&mut Vec<Eligible>)) -> Result<(), TermsError> {
    let mut schedule = schedule();
    change(&mut schedule.0);
    schedule.validate(&plain_terms::<Real>())
}

#[test]
fn a_schedule_is_bounded_ascending_and_of_no_other_role() {
    let token = |byte: u8| Eligible { asset: Address::repeat_byte(byte), ..schedule().0[0] };
    let many = |count: usize| {
        let tokens = (1..=count).map(|byte| token(u8::try_from(byte).expect("small")));
        Schedule(tokens.collect()).validate(&plain_terms::<Real>())
    };
    assert_eq!((many(0), many(MAX_COLLATERAL)), (Ok(()), Ok(())));
    assert_eq!(many(MAX_COLLATERAL + 1), Err(TermsError::CollateralSchedule));
    assert_eq!(with_schedule(|list| list.swap(0, 1)), Err(TermsError::CollateralSchedule));
    assert_eq!(with_schedule(|list| list[1] = list[0]), Err(TermsError::CollateralSchedule));
    assert_eq!(with_schedule(|list| list[0].asset = Address::zero()), Err(TermsError::CollateralSchedule));
    let terms = plain_terms::<Real>();
    for role in [terms.asset, terms.entity, terms.rules, terms.parties.a, terms.parties.b] {
        let one = Schedule(vec![Eligible { asset: role, ..schedule().0[0] }]);
        assert_eq!(one.validate(&terms), Err(TermsError::CollateralSchedule));
    }
    assert!(TOKENS[0] < TOKENS[1]);
}

#[test]
fn a_schedules_haircuts_and_limits_are_bounded() {
    assert_eq!(with_schedule(|list| list[1].haircut = Bps::ONE), Ok(()));
    assert_eq!(with_schedule(|list| list[1].haircut = Bps::new(10_001)), Err(TermsError::ShareOutOfBounds));
    assert_eq!(with_schedule(|list| list[1].limit = Amount::MAX), Ok(()));
    let past = Amount::new(Amount::MAX.get() + 1);
    assert_eq!(with_schedule(|list| list[1].limit = past), Err(TermsError::AmountOutOfBounds));
}

#[test]
fn the_tail_share_is_at_most_the_whole() {
    assert_eq!(with(|terms| terms.tail_share_a = Bps::new(10_000)), Ok(()));
    assert_eq!(with(|terms| terms.tail_share_a = Bps::new(0)), Ok(()));
    assert_eq!(with(|terms| terms.tail_share_a = Bps::new(10_001)), Err(TermsError::ShareOutOfBounds));
}

#[test]
fn roles_are_distinct_and_not_zero() {
    let roles: [Field<Address>; 5] = [
        |terms| &mut terms.asset,
        |terms| &mut terms.entity,
        |terms| &mut terms.rules,
        |terms| &mut terms.parties.a,
        |terms| &mut terms.parties.b,
    ];
    for (index, role) in roles.into_iter().enumerate() {
        assert_eq!(with(|terms| *role(terms) = Address::repeat_byte(0x99)), Ok(()));
        assert_eq!(with(|terms| *role(terms) = Address::zero()), Err(TermsError::InvalidAddress));
        for other in &roles[..index] {
            let same = with(|terms| {
                let taken = *other(terms);
                *role(terms) = taken;
            });
            assert_eq!(same, Err(TermsError::InvalidAddress));
        }
    }
    assert_ne!(ASSET, ENTITY);
}

fn set(addresses: impl IntoIterator<Item = u8>, threshold: u8) -> Result<(), SignerSetError> {
    SignerSet::new(addresses.into_iter().map(Address::repeat_byte).collect(), threshold).map(drop)
}

#[test]
fn there_is_one_signer_and_at_most_eight() {
    let most = u8::try_from(MAX_SIGNERS).expect("small");
    assert_eq!(set([], 0), Err(SignerSetError::SignerCount));
    assert_eq!(set([1], 1), Ok(()));
    assert_eq!(set(1..=most, 5), Ok(()));
    assert_eq!(set(1..=most + 1, 5), Err(SignerSetError::SignerCount));
    let many = (0..300u64).map(|index| Address::from_low_u64_be(index + 1)).collect();
    assert_eq!(SignerSet::new(many, 200), Err(SignerSetError::SignerCount));
}

#[test]
fn the_threshold_is_a_majority_and_no_more_than_there_are() {
    for count in 1..=8u8 {
        for threshold in 0..=10u8 {
            let fine = threshold <= count && 2 * threshold > count;
            let expected = if fine { Ok(()) } else { Err(SignerSetError::SignerThreshold) };
            assert_eq!(set(1..=count, threshold), expected, "{threshold} of {count}");
        }
    }
    assert_eq!(set(1..=8, 255), Err(SignerSetError::SignerThreshold));
}

#[test]
fn signers_are_strictly_ascending_and_not_zero() {
    assert_eq!(set([1, 2, 3], 2), Ok(()));
    for wrong in [[2, 1, 3], [1, 1, 2], [1, 3, 2], [0, 1, 2]] {
        assert_eq!(set(wrong, 2), Err(SignerSetError::SignerOrder));
    }
}

#[test]
fn every_error_of_a_signer_set_is_one_of_the_terms() {
    let errors = [SignerSetError::SignerCount, SignerSetError::SignerThreshold, SignerSetError::SignerOrder];
    let expected = [TermsError::SignerCount, TermsError::SignerThreshold, TermsError::SignerOrder];
    assert_eq!(errors.map(TermsError::from), expected);
    // All but `ArithmeticOverflow`, which a list of errors always has and validation never needs.
    let proved = [
        TermsError::InvalidAddress,
        TermsError::AmountOutOfBounds,
        TermsError::PeriodOutOfBounds,
        TermsError::ShareOutOfBounds,
        TermsError::CollateralSchedule,
        TermsError::SignerCount,
        TermsError::SignerThreshold,
        TermsError::SignerOrder,
        TermsError::ArithmeticOverflow,
    ];
    assert!(TermsError::ALL.iter().all(|error| proved.contains(error)), "a new variant needs a test here");
}
