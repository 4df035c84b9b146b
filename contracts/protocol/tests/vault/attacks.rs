//! Attempts to take, keep back or double what is somebody else's.

use crate::{
    common::{amount, ASSET, KEEPER, SIGNERS},
    fixtures::{deadline, full, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, VaultEvent},
    Party,
};

/// B owes 300 beyond its margin of 1,000 and disputes all of it.
fn suspended() -> Pair {
    let mut world = full();
    world.value(1_300, [0, 0]);
    world.dispute(world.address(Party::B), 1_000).expect("accepted");
    world
}

/// The next instruction takes back what B disputes and never paid: A has nothing to return.
#[test]
fn nobody_returns_what_it_never_received() {
    let mut world = suspended();
    world.value(1_000, [0, 0]);
    assert_eq!(world.margins(), [2_000, 0]);
    assert_eq!((world.vault.state.suspended.b, world.vault.state.settled.get()), (Amount::ZERO, 1_000));
    let mut lower = suspended();
    lower.value(900, [0, 0]);
    assert_eq!((lower.margins(), lower.vault.state.settled.get()), ([1_900, 100], 900));
    // When the dispute lapses then, nothing is left of what was suspended; B's deposit comes back.
    lower.now += 1_801;
    lower.keep(Command::LapseDispute { party: Party::B }).expect("accepted");
    assert_eq!((lower.margins(), lower.vault.state.deficit.b), ([1_900, 150], Amount::ZERO));
}

/// B disputes 100, the next instruction returns them, and then the agent decides for B: it must not be paid twice.
#[test]
fn a_value_that_an_instruction_corrected_is_not_corrected_again() {
    let mut world = full();
    world.value(100, [0, 0]);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    world.value(0, [0, 0]);
    assert_eq!(world.margins(), [900, 1_000]);
    world.determine_dispute(Party::B, world.disputed_value(0), &SIGNERS).expect("accepted");
    // The escrow goes back to A, and the deposit of 50 to B.
    assert_eq!((world.margins(), world.vault.state.settled.get()), ([1_000, 1_050], 0));
}

/// The next instruction says the same as the disputed one and moves 50 more: only the disputed 100 come back.
#[test]
fn a_value_that_an_instruction_repeated_is_corrected() {
    let mut world = full();
    world.value(100, [0, 0]);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    world.value(150, [0, 0]);
    world.determine_dispute(Party::B, world.disputed_value(0), &SIGNERS).expect("accepted");
    assert_eq!((world.margins(), world.vault.state.settled.get()), ([1_050, 950 + 50], 50));
}

/// What comes back to the other side from escrow pays what it owes; its call does not stay open over it.
#[test]
fn what_an_ended_dispute_gives_back_pays_the_other_sides_deficit() {
    let mut world = full();
    world.value(100, [0, 0]);
    withdraw_all_of_a(&mut world);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    world.value(0, [0, 0]);
    assert_eq!(world.vault.state.deficit.a, amount(100));
    world.now += 1_801;
    world.keep(Command::LapseDispute { party: Party::B }).expect("accepted");
    assert_eq!((world.vault.state.deficit.a, world.vault.state.call.a), (Amount::ZERO, None));
    assert_eq!((world.margins(), world.surplus(ASSET)), ([0, 1_050], 0));
}

/// A takes out all but what B could dispute.
fn withdraw_all_of_a(world: &mut Pair) {
    world.withdraw(world.address(Party::A), 1_000).expect("the rest is free");
    assert_eq!(world.margin(Party::A), 100);
}

/// A holds its payment to B back by a dispute, and B must not default for want of it.
#[test]
fn nobody_defaults_while_the_other_side_disputes_what_it_owes() {
    let mut world = full();
    world.value(-1_300, [0, 2_500]);
    assert_eq!(world.vault.state.deficit.a, amount(300));
    world.dispute(world.address(Party::A), -1_000).expect("accepted");
    world.deposit(world.address(Party::A), 400).expect("accepted");
    world.now = deadline(&world, Party::B) - 300;
    world.value(-1_300, [0, 2_500]);
    world.now += 301;
    let error = world.clone().declare_default(KEEPER, Party::B).expect_err("A holds 300 that are B's");
    assert_eq!(error, ringfence_protocol::vault::VaultError::DisputeOpen);
    assert!(world.events.iter().any(|event| matches!(event, VaultEvent::Disputed { party: Party::A, .. })));
}
