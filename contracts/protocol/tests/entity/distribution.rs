//! ROUND and CONSERVE of a distribution, against fractions without rounding: any claims, any capital in any number of
//! payments, any order of collecting.

use crate::office::{Office, CAROL, FOUNDER};
use num_rational::Ratio;
use proptest::prelude::*;
use ringfence_protocol::{
    entity::{Class, CLAIMS_WINDOW},
    units::Amount,
    Address,
};

fn holder(index: usize) -> Address {
    Address::from_low_u64_be(0x5000 + u64::try_from(index).expect("small"))
}

/// What each claim has got by now without rounding, classes one after the other.
fn exact(claims: &[(usize, u128)], distributed: u128) -> Vec<Ratio<i128>> {
    let signed = |amount: u128| i128::try_from(amount).expect("small");
    let mut left = distributed;
    let mut assigned = [0; 4];
    let totals =
        [0, 1, 2, 3].map(|class| claims.iter().filter(|claim| claim.0 == class).map(|claim| claim.1).sum::<u128>());
    for (given, total) in assigned.iter_mut().zip(totals) {
        *given = left.min(total);
        left -= *given;
    }
    let share = |(class, amount): &(usize, u128)| {
        Ratio::new(signed(*amount), 1) * Ratio::new(signed(assigned[*class]), signed(totals[*class]))
    };
    claims.iter().map(share).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_gets_its_share_less_than_a_unit_and_never_more(
        claims in prop::collection::vec((0..4usize, 1..1_000_000u128), 1..12),
        payments in prop::collection::vec(1..2_000_000u128, 1..8),
        collecting in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let mut office = Office::resolving(0, 0);
        for (index, (class, amount)) in claims.iter().enumerate() {
            office.admit(FOUNDER, Class::ALL[*class], holder(index), *amount).expect("the agent");
        }
        office.now += CLAIMS_WINDOW.get() + 1;
        let mut distributed = 0;
        let mut collecting = collecting.into_iter();
        for payment in payments {
            office.deposit(CAROL, payment).expect("accepted");
            office.distribute().expect("claims are closed");
            distributed += payment;
            for chosen in collecting.by_ref().take(5) {
                let index = chosen.index(claims.len());
                let _ = office.collect(holder(index), u32::try_from(index).expect("small"));
            }
            for (index, share) in exact(&claims, distributed).into_iter().enumerate() {
                let got = office.claims[index].paid.add(office.state.payable(&office.claims[index]).expect("in range"));
                let got = Ratio::from_integer(i128::try_from(got.expect("in range").get()).expect("small"));
                prop_assert!(got <= share && share - got < Ratio::from_integer(1), "{} for {}", got, share);
            }
        }
        // When everybody has collected, what is left of a class that is paid in full is nothing, and of another less than a
        // unit for each claim of it.
        for index in 0..claims.len() {
            let _ = office.collect(holder(index), u32::try_from(index).expect("small"));
        }
        for class in Class::ALL {
            let account = office.state.class(class);
            let dust = account.assigned.sub(account.paid).expect("in range");
            let members = office.claims.iter().filter(|claim| claim.class == class).count();
            prop_assert!(dust < Amount::new(u128::try_from(members.max(1)).expect("small")));
            prop_assert!(account.assigned < account.claims || dust == Amount::ZERO, "{:?} is not paid in full", class);
        }
        let total: u128 = claims.iter().map(|claim| claim.1).sum();
        prop_assert_eq!(office.state.ledger.surplus.get(), distributed.saturating_sub(total));
    }
}

#[test]
fn the_largest_claims_and_capital_fit() {
    let mut office = Office::resolving(0, 0);
    let half = Amount::MAX.get() / 2;
    for class in Class::ALL {
        office.admit(FOUNDER, class, holder(1), half).expect("accepted");
        office.admit(FOUNDER, class, holder(2), half).expect("accepted");
    }
    office.now += CLAIMS_WINDOW.get() + 1;
    for _ in 0..5 {
        office.deposit(CAROL, Amount::MAX.get()).expect("accepted");
    }
    office.distribute().expect("claims are closed");
    for number in 0..8 {
        assert_eq!(office.collect(holder(1 + usize::try_from(number).expect("small") % 2), number), Ok(half));
    }
    assert_eq!(office.state.ledger.surplus.get(), Amount::MAX.get());
}
