//! Attempts to take, keep back or double what is somebody else's.

use crate::{
    common::{amount, ASSET, KEEPER, SIGNERS, SUCCESSORS},
    fixtures::{deadline, full, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, VaultError, VaultEvent},
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
    assert_eq!(error, VaultError::DisputeOpen);
    assert!(world.events.iter().any(|event| matches!(event, VaultEvent::Disputed { party: Party::A, .. })));
}

/// A minimum transfer amount does not forgive what was due and not paid.
#[test]
fn a_minimum_transfer_amount_forgives_no_deficit() {
    let mut terms = crate::fixtures::terms();
    terms.csa.b.minimum_transfer_amount = amount(500);
    terms.csa.b.rounding_amount = amount(100);
    let mut world = Pair::running(terms, Default::default(), 1_000);
    world.value(1_400, [0, 0]);
    world.deposit(world.address(Party::B), 50).expect("accepted");
    assert_eq!(world.vault.state.deficit.b, amount(350));
    let before = deadline(&world, Party::B);
    // The market comes back by 20: 330 are still owed, and the deadline stands.
    world.value(1_380, [0, 0]);
    assert_eq!((world.vault.state.deficit.b, deadline(&world, Party::B)), (amount(330), before));
    // Below the minimum nothing new is due: what is owed is what was owed.
    world.value(1_430, [0, 0]);
    assert_eq!(world.vault.state.deficit.b, amount(330));
    world.value(1_050, [0, 0]);
    assert_eq!((world.vault.state.deficit.b, world.vault.state.call.b), (Amount::ZERO, None));
}

/// What a party is paid from an estate cures its call as a deposit would.
#[test]
fn a_recovery_cures_a_call_and_pays_a_deficit() {
    // C takes B's side; B owes C 120 that no cash of B reached, and C then owes A 100.
    let mut world = full();
    world.add_first_loss(crate::common::ENTITY, 50, 50).expect("accepted");
    world.register_cover(crate::common::ENTITY, 1, 70, 100_000, 0).expect("accepted");
    world.approve(Party::A, SUCCESSORS[0]).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.bid(SUCCESSORS[0], 1_120).expect("accepted");
    world.determine(&world.determination(Party::B, 2_000), &SIGNERS).expect("accepted");
    world.run(world.address(Party::A), Command::AcceptBid).expect("accepted");
    assert_eq!(world.margins(), [1_000, 1_050]);
    world.value(1_100, [0, 20]);
    assert_eq!(world.vault.state.call.b.map(|call| call.amount.get()), Some(70));
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("accepted");
    assert_eq!((world.margins(), world.vault.state.deficit.b), ([2_100, 20], Amount::ZERO));
    assert_eq!(world.vault.state.call.b, None);
}

/// A party that owes takes no collateral out by putting a grain of another in its place.
#[test]
fn a_substitution_takes_nothing_out_while_a_call_or_a_dispute_is_open() {
    let mut world = full();
    world.post(world.address(Party::B), 0, 1_000).expect("accepted");
    world.value(1_050, [0, 400]);
    assert_eq!(world.vault.state.call.b.map(|call| call.amount.get()), Some(50));
    let swap = |world: &mut Pair, posted: u128| world.substitute(world.address(Party::B), [1, posted], [0, 100]);
    assert_eq!(crate::fixtures::refused(&mut world, |world| swap(world, 1)), VaultError::CallOpen);
    swap(&mut world.clone(), 180).expect("worth the same after haircuts");
    world.deposit(world.address(Party::B), 50).expect("accepted");
    swap(&mut world.clone(), 1).expect("nothing is called: the rest is excess");
    world.dispute(world.address(Party::B), 0).expect("accepted");
    assert_eq!(crate::fixtures::refused(&mut world, |world| swap(world, 179)), VaultError::DisputeOpen);
}

/// Whoever posts more of a token than can be valued does not stop settlement.
#[test]
fn an_absurd_quantity_stops_no_settlement() {
    let mut world = full();
    for _ in 0..3 {
        world.post(world.address(Party::B), 0, Amount::MAX.get()).expect("accepted");
    }
    world.now += 1;
    let mut message = world.instruction(0);
    message.collateral[0].price = Amount::MAX;
    world.settle(&message).expect("settles");
    assert_eq!(world.vault.state.credit.b, amount(5_000), "the concentration limit");
    world.now += 1;
    message = world.instruction(0);
    message.collateral[0].price = Amount::MAX;
    message.collateral[0].haircut = ringfence_protocol::units::Bps::ONE;
    world.settle(&message).expect("settles");
    assert_eq!(world.vault.state.credit.b, Amount::ZERO);
}
