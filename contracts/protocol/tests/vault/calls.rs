//! Margin calls: one open per party, cured in part, extended only with the other party's signature.

use crate::{
    common::{amount, ENTITY, KEEPER, PARTY_A, PARTY_B},
    fixtures::{called, deadline, guards, refused, running, terms, valued, Pair},
};
use ringfence_protocol::{
    message::CallExtension,
    terms::{Periods, MAX_CURE, NO_CUT_OFF},
    units::{Seconds, Timestamp},
    vault::{VaultError, VaultEvent},
    Party,
};

guards! {
    NoCallOpen: no_call_no_extension {
        let mut world = valued();
        refused(&mut world, |world| world.extend(&world.extension(Party::B, 60), PARTY_A))
    }
    NotAParty: an_extension_names_a_party {
        let message = CallExtension { party: KEEPER, ..called().extension(Party::B, 60) };
        refused(&mut called(), |world| world.extend(&message, PARTY_A))
    }
    NotActive: no_extension_after_a_default {
        let mut world = called();
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        refused(&mut world, |world| world.extend(&world.extension(Party::B, 60), PARTY_A))
    }
    CallMismatch: an_extension_is_for_the_deadline_that_stands {
        let mut world = called();
        let message = world.extension(Party::B, 60);
        world.extend(&message, PARTY_A).expect("accepted");
        // The same signature does not extend twice.
        refused(&mut world, |world| world.extend(&message, PARTY_A))
    }
    ExtensionOutOfBounds: an_extension_is_later {
        let mut world = called();
        world.clone().extend(&world.extension(Party::B, 1), PARTY_A).expect("at the bound");
        refused(&mut world, |world| world.extend(&world.extension(Party::B, 0), PARTY_A))
    }
    ExtensionOutOfBounds: an_extension_is_bounded {
        let mut world = called();
        world.clone().extend(&world.extension(Party::B, MAX_CURE.get()), PARTY_A).expect("at the bound");
        refused(&mut world, |world| world.extend(&world.extension(Party::B, MAX_CURE.get() + 1), PARTY_A))
    }
    CoverLive: investors_priced_the_cure_period {
        let mut world = called();
        world.register_cover(ENTITY, 1, 10, 100, 0).expect("accepted");
        let ends = world.now + 100;
        let extend = |world: &mut Pair| world.extend(&world.extension(Party::B, 60), PARTY_A);
        world.now = ends + 1;
        extend(&mut world.clone()).expect("once it is over");
        world.now = ends;
        refused(&mut world, extend)
    }
}

/// As of when a loss after a call is judged: never later than the call was made.
#[test]
fn a_call_was_made_at_the_earliest_a_day_before_its_notification_time() {
    const DAY: u64 = 86_400;
    let (cure, noon) = (Seconds::new(900), Seconds::new(43_200));
    for notification in [NO_CUT_OFF, Seconds::ZERO, noon] {
        let periods = Periods { notification, cure, ..terms().periods };
        for made in (1_760_000_000..1_760_000_000 + 2 * DAY).step_by(1_800) {
            let made = Timestamp::new(made);
            let deadline = periods.notified_at(made).and_then(|at| at.after(cure)).expect("in range");
            let earliest = periods.called_at_earliest(deadline);
            assert!(earliest <= made && made.since(earliest) <= Seconds::DAY, "{made:?}: {earliest:?}");
            let in_time = made.time_of_day() < notification;
            assert!(!in_time || earliest == made, "{made:?}: {earliest:?}");
        }
    }
}

#[test]
fn an_extended_call_is_due_only_after_the_new_deadline() {
    let mut world = called();
    let before = deadline(&world, Party::B);
    world.now += 500;
    world.value(0, [0, 1_500]);
    world.extend(&world.extension(Party::B, 100), PARTY_A).expect("accepted");
    world.now = before + 100;
    assert_eq!(refused(&mut world, |world| world.declare_default(KEEPER, Party::B)), VaultError::CallNotDue);
    world.now += 1;
    world.declare_default(KEEPER, Party::B).expect("past the bound");
}

/// The extension that the called party signs itself is nothing.
#[test]
fn nobody_extends_its_own_call() {
    let mut world = called();
    let message = world.extension(Party::B, 60);
    assert_eq!(refused(&mut world, |world| world.extend(&message, PARTY_B)), VaultError::UnknownSigner);
}

#[test]
fn a_call_opens_at_the_minimum_transfer_amount_and_not_below() {
    let at = |requirement: u128| {
        let mut terms = terms();
        terms.csa.b.minimum_transfer_amount = amount(100);
        let mut world = Pair::running(terms, Default::default(), 1_000);
        world.value(0, [0, requirement]);
        world.vault.state.call.b.map(|call| call.amount.get())
    };
    assert_eq!((at(1_099), at(1_100)), (None, Some(100)));
}

#[test]
fn each_side_has_a_call_of_its_own_that_the_other_does_not_touch() {
    let mut world = running();
    world.value(0, [1_200, 1_500]);
    let first = world.vault.state.call;
    assert_eq!((first.a.map(|call| call.amount.get()), first.b.map(|call| call.amount.get())), (Some(200), Some(500)));
    world.now += 10;
    world.deposit(world.address(Party::A), 200).expect("accepted");
    assert_eq!((world.vault.state.call.a, world.vault.state.call.b), (None, first.b));
    assert_eq!(world.events.last(), Some(&VaultEvent::CallMet { party: Party::A }));
}

/// A call made up to the notification time counts from when it is made, one after it from the next notification time.
#[test]
fn a_call_after_the_notification_time_counts_from_the_next_one() {
    let mut terms = terms();
    terms.periods.notification = Seconds::new(13 * 3_600);
    let midnight = crate::common::START / 86_400 * 86_400;
    let due = |time_of_day: u64| {
        let mut world = Pair::running(terms, Default::default(), 1_000);
        world.now = midnight + time_of_day;
        world.value(1_200, [0, 0]);
        deadline(&world, Party::B) - midnight
    };
    assert_eq!(due(13 * 3_600), 13 * 3_600 + 900, "at the bound");
    assert_eq!(due(13 * 3_600 + 1), (24 + 13) * 3_600 + 900, "a second later");
    assert_eq!(due(86_399), (24 + 13) * 3_600 + 900);
    assert_eq!(due(86_400), 86_400 + 900, "before the next one");
}

#[test]
fn the_end_of_the_day_is_no_cut_off() {
    let periods = terms().periods;
    for time in [0, 86_399, 86_400, 1_760_000_000] {
        assert_eq!(periods.notified_at(Timestamp::new(time)), Ok(Timestamp::new(time)));
    }
}
