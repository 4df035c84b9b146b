//! Disputes: the undisputed part stands, the disputed part waits in escrow, and every dispute ends.

use crate::{
    common::{amount, signed, KEEPER, PARTY_A, PARTY_B, SIGNERS},
    fixtures::{deadline, full, guards, refused, running, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, VaultError, VaultEvent},
    Party,
};

const BOTH: [u8; 2] = [PARTY_A, PARTY_B];

/// The full pair after B paid 100.
pub(crate) fn moved() -> Pair {
    let mut world = full();
    world.value(100, [0, 0]);
    assert_eq!(world.margins(), [1_100, 900]);
    world
}

/// B disputes 100 and states 40.
pub(crate) fn disputed() -> Pair {
    let mut world = moved();
    world.dispute(world.address(Party::B), 40).expect("accepted");
    world
}

/// B owes 300 beyond its margin and disputes all of it.
pub(crate) fn suspended() -> Pair {
    let mut world = full();
    world.value(1_300, [0, 0]);
    world.dispute(world.address(Party::B), 1_000).expect("accepted");
    assert_eq!(world.vault.state.suspended.b, amount(300));
    world
}

fn lapse(party: Party) -> Command<'static> {
    Command::LapseDispute { party }
}

guards! {
    NotAParty: only_parties_dispute { refused(&mut moved(), |world| world.dispute(KEEPER, 0)) }
    AmountOutOfBounds: a_stated_value_is_bounded {
        refused(&mut moved(), |world| world.dispute(world.address(Party::B), i128::MIN))
    }
    DisputeOpen: a_side_has_one_dispute_at_a_time {
        let mut world = disputed();
        world.value(200, [0, 0]);
        refused(&mut world, |world| world.dispute(world.address(Party::B), 0))
    }
    DisputeOpen: nobody_withdraws_while_a_dispute_is_open {
        for party in Party::BOTH {
            let error = refused(&mut disputed(), |world| world.withdraw(world.address(party), 1));
            assert_eq!(error, VaultError::DisputeOpen);
        }
        refused(&mut disputed(), |world| world.take_back(world.address(Party::A), 0, 1))
    }
    DisputeOpen: nobody_defaults_on_what_it_disputes_alone {
        let mut world = suspended();
        world.now = deadline(&world, Party::B) - 300;
        world.value(1_300, [0, 0]);
        world.now += 301;
        refused(&mut world, |world| world.declare_default(KEEPER, Party::B))
    }
    DisputeOpen: nobody_defaults_while_the_other_side_holds_its_money_in_escrow {
        let mut world = moved();
        world.value(100, [1_100, 0]);
        world.dispute(world.address(Party::B), 40).expect("accepted");
        assert_eq!(world.vault.state.call.a.map(|call| call.amount.get()), Some(60));
        world.now = deadline(&world, Party::A) - 300;
        world.value(100, [1_100, 0]);
        world.now += 301;
        refused(&mut world, |world| world.declare_default(KEEPER, Party::A))
    }
    CallOverdue: what_was_due_before_cannot_be_disputed_any_more {
        let mut world = full();
        world.value(1_300, [0, 0]);
        world.now = deadline(&world, Party::B);
        world.clone().dispute(world.address(Party::B), 0).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.dispute(world.address(Party::B), 0))
    }
    DisputeWindowClosed: an_instruction_can_be_disputed_within_the_window {
        let mut world = moved();
        world.now += 1_800;
        world.clone().dispute(world.address(Party::B), 0).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.dispute(world.address(Party::B), 0))
    }
    DisputeWindowClosed: terms_without_a_window_have_no_disputes {
        let mut world = running();
        world.value(100, [0, 0]);
        refused(&mut world, |world| world.dispute(world.address(Party::B), 0))
    }
    NothingToDispute: nobody_disputes_what_moved_in_its_favour {
        refused(&mut moved(), |world| world.dispute(world.address(Party::A), 0))
    }
    NothingToDispute: nobody_disputes_a_value_it_agrees_with {
        moved().dispute(moved().address(Party::B), 99).expect("a unit less");
        refused(&mut moved(), |world| world.dispute(world.address(Party::B), 100))
    }
    /// Else a party that lost a dispute could begin it again for ever.
    NothingToDispute: what_was_decided_is_not_disputed_again {
        let mut world = disputed();
        world.determine_dispute(Party::B, world.disputed_value(100), &SIGNERS).expect("accepted");
        let error = refused(&mut world, |world| world.dispute(world.address(Party::B), 40));
        world.value(100, [0, 0]);
        assert_eq!(refused(&mut world, |world| world.dispute(world.address(Party::B), 40)), error);
        error
    }
    NoDisputeOpen: no_dispute_no_value {
        let value = disputed().disputed_value(0);
        let error = refused(&mut disputed(), |world| world.determine_dispute(Party::A, value, &SIGNERS));
        assert_eq!(error, VaultError::NoDisputeOpen);
        refused(&mut moved(), |world| world.resolve_dispute(Party::B, value, BOTH))
    }
    NoDisputeOpen: no_dispute_no_lapse { refused(&mut disputed(), |world| world.keep(lapse(Party::A))) }
    DisputeNotLapsed: a_dispute_has_its_window_to_be_decided {
        let mut world = disputed();
        world.now += 1_800;
        let error = refused(&mut world, |world| world.keep(lapse(Party::B)));
        world.now += 1;
        world.keep(lapse(Party::B)).expect("past the bound");
        error
    }
}

/// The disputed 60 wait in escrow with the deposit; the undisputed 40 stay with A.
#[test]
fn the_undisputed_part_stands_and_the_disputed_part_waits_in_escrow() {
    let world = disputed();
    assert_eq!(world.margins(), [1_040, 900]);
    assert_eq!((world.vault.standing.escrow, world.balance()), (amount(60 + 50), 2_050));
    assert_eq!(world.vault.state.settled, signed(100));
}

/// Margins, entitlement and whether the deposit was lost, after a dispute ended.
fn ended(end: impl FnOnce(&mut Pair) -> Result<(), VaultError>) -> ([u128; 2], i128, bool) {
    let mut world = disputed();
    end(&mut world).expect("accepted");
    assert_eq!((world.vault.standing.escrow, world.surplus(crate::common::ASSET)), (Amount::ZERO, 0));
    let confirmed = world.events.iter().rev().find_map(|event| match event {
        VaultEvent::DisputeEnded { confirmed, .. } => Some(*confirmed),
        _ => None,
    });
    assert_eq!(world.vault.state.settled, world.vault.state.entitlement);
    (world.margins(), world.vault.state.entitlement.get(), confirmed.expect("ended"))
}

#[test]
fn a_re_signed_value_splits_the_escrow_and_a_confirmed_one_takes_the_deposit() {
    let at = |value: i128| ended(|world| world.determine_dispute(Party::B, world.disputed_value(value), &SIGNERS));
    assert_eq!(at(70), ([1_070, 930 + 50], 70, false));
    assert_eq!(at(94), ([1_094, 906 + 50], 94, false), "one beyond the tolerance");
    assert_eq!(at(95), ([1_095 + 50, 905], 95, true), "at the tolerance");
    assert_eq!(at(100), ([1_100 + 50, 900], 100, true));
    assert_eq!(at(40), ([1_040, 960 + 50], 40, false));
    assert_eq!(at(-500), ([1_040, 960 + 50], 40, false), "no more than was contested");
    assert_eq!(at(500), ([1_100, 900 + 50], 100, false), "no more than was instructed");
}

#[test]
fn what_both_agree_on_and_what_lapses_costs_no_deposit() {
    let agreed = ended(|world| world.resolve_dispute(Party::B, world.disputed_value(100), BOTH));
    assert_eq!(agreed, ([1_100, 900 + 50], 100, false));
    let lapsed = ended(|world| {
        world.now += 1_801;
        world.keep(lapse(Party::B))
    });
    assert_eq!(lapsed, ([1_100, 900 + 50], 100, false));
}

/// What a party owes and disputes is not asked for until the dispute ends; then it is due at once.
#[test]
fn a_disputed_deficit_is_suspended_and_due_again_when_the_dispute_lapses() {
    let mut world = suspended();
    let before = deadline(&world, Party::B);
    assert_eq!(
        (world.vault.state.deficit.b, world.vault.state.call.b.map(|call| call.amount.get())),
        (amount(0), Some(0))
    );
    world.now += 1_801;
    world.keep(lapse(Party::B)).expect("accepted");
    // The deposit pays 50 of it; the deadline never moved.
    assert_eq!((world.vault.state.deficit.b, world.margins()), (amount(250), [2_050, 0]));
    assert_eq!(deadline(&world, Party::B), before);
}

/// Only what was said within the window can be disputed.
#[test]
fn an_old_value_stands() {
    let mut world = moved();
    world.now += 1_801;
    world.value(130, [0, 0]);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    assert_eq!(world.vault.disputes.open.b.expect("open").escrowed, amount(30));
}

/// A deposit beside an open dispute pays what is not in dispute.
#[test]
fn a_new_deficit_beside_a_dispute_is_paid() {
    let mut world = suspended();
    world.value(1_350, [0, 0]);
    assert_eq!(world.vault.state.deficit.b, amount(50));
    world.deposit(world.address(Party::B), 50).expect("accepted");
    assert_eq!((world.vault.state.deficit.b, world.margins()), (amount(0), [2_050, 0]));
}
