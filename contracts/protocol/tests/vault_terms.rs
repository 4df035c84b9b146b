//! The bounds of the terms and of the signer set: each accepted at the bound and refused one past it, with its own
//! error.

mod common;

use common::{plain_terms, Real, ASSET, ENTITY};
use ringfence_protocol::{
    signature::{SignerSet, SignerSetError, MAX_SIGNERS},
    terms::{
        Terms, TermsError, MAX_CLOSE_OUT, MAX_CURE, MAX_ORACLE_TIMEOUT, MAX_STALENESS, MIN_CLOSE_OUT, MIN_CURE,
        MIN_STALENESS,
    },
    units::{Amount, Bps, Seconds},
    vault::Agreement,
    Address,
};

fn with(change: impl Fn(&mut Terms)) -> Result<(), TermsError> {
    let mut terms = plain_terms::<Real>();
    assert_eq!(terms.validate(), Ok(()), "positive control");
    change(&mut terms);
    let validated = terms.validate();
    assert_eq!(Agreement::new::<Real>(terms, &common::signer_set::<Real>()).map(drop), validated);
    validated
}

type Field<T> = fn(&mut Terms) -> &mut T;

#[test]
fn every_amount_is_bounded() {
    let fields: [Field<Amount>; 9] = [
        |terms| &mut terms.csa.a.threshold,
        |terms| &mut terms.csa.a.minimum_transfer_amount,
        |terms| &mut terms.csa.a.rounding_amount,
        |terms| &mut terms.csa.a.independent_amount,
        |terms| &mut terms.csa.b.threshold,
        |terms| &mut terms.csa.b.minimum_transfer_amount,
        |terms| &mut terms.csa.b.rounding_amount,
        |terms| &mut terms.csa.b.independent_amount,
        |terms| &mut terms.max_move,
    ];
    for field in fields {
        assert_eq!(with(|terms| *field(terms) = Amount::MAX), Ok(()));
        let past = Amount::new(Amount::MAX.get() + 1);
        assert_eq!(with(|terms| *field(terms) = past), Err(TermsError::AmountOutOfBounds));
        assert_eq!(with(|terms| *field(terms) = Amount::new(u128::MAX)), Err(TermsError::AmountOutOfBounds));
    }
}

#[test]
fn every_period_is_bounded_on_both_sides() {
    let bounds: [(Field<Seconds>, Seconds, Seconds); 3] = [
        (|terms| &mut terms.periods.cure, MIN_CURE, MAX_CURE),
        (|terms| &mut terms.periods.max_staleness, MIN_STALENESS, MAX_STALENESS),
        (|terms| &mut terms.periods.close_out, MIN_CLOSE_OUT, MAX_CLOSE_OUT),
    ];
    for (field, least, most) in bounds {
        // The time-out has a bound of its own that depends on the others.
        let set = |seconds: u64| {
            with(|terms| {
                terms.periods.oracle_timeout = MAX_ORACLE_TIMEOUT;
                *field(terms) = Seconds::new(seconds);
            })
        };
        assert_eq!((set(least.get()), set(most.get())), (Ok(()), Ok(())));
        assert_eq!(set(least.get() - 1), Err(TermsError::PeriodOutOfBounds));
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
fn the_tail_share_is_at_most_the_whole() {
    assert_eq!(with(|terms| terms.tail_share_a = Bps::new(10_000)), Ok(()));
    assert_eq!(with(|terms| terms.tail_share_a = Bps::new(0)), Ok(()));
    assert_eq!(with(|terms| terms.tail_share_a = Bps::new(10_001)), Err(TermsError::ShareOutOfBounds));
}

#[test]
fn roles_are_distinct_and_not_zero() {
    let roles: [Field<Address>; 4] = [
        |terms| &mut terms.asset,
        |terms| &mut terms.entity,
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
        TermsError::SignerCount,
        TermsError::SignerThreshold,
        TermsError::SignerOrder,
        TermsError::ArithmeticOverflow,
    ];
    assert!(TermsError::ALL.iter().all(|error| proved.contains(error)), "a new variant needs a test here");
}
