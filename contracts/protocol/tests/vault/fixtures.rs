//! Pairs in the states that tests start from, and the check that a refusal changes nothing.

use crate::common::{amount, full_terms, plain_terms, schedule, Real, TestCrypto, World, ENTITY, SIGNERS, SUCCESSORS};
use ringfence_protocol::{
    collateral::Schedule,
    message::MarginInstruction,
    terms::Terms,
    vault::{Command, VaultError},
    Party,
};
use std::fmt::Debug;

pub(crate) type Pair = World<Real>;

/// The error of a command that must be refused; nothing may have moved.
pub(crate) fn refused<T: Debug>(
    world: &mut Pair,
    command: impl FnOnce(&mut Pair) -> Result<T, VaultError>,
) -> VaultError {
    let before = world.clone();
    let error = command(world).expect_err("refused");
    assert_eq!(*world, before, "something moved");
    error
}

/// Tests of errors, and the list of errors that they prove.
macro_rules! guards {
    ($( $(#[$meta:meta])* $variant:ident: $name:ident $body:block )+) => {
        $( $(#[$meta])* #[test] fn $name() { assert_eq!($body, ringfence_protocol::vault::VaultError::$variant); } )+

        /// What the tests above prove.
        pub(crate) const PROVED: &[ringfence_protocol::vault::VaultError] =
            &[ $( ringfence_protocol::vault::VaultError::$variant ),+ ];
    };
}
pub(crate) use guards;

pub(crate) fn terms() -> Terms {
    plain_terms::<Real>()
}

/// A pair whose terms nobody has accepted.
pub(crate) fn fresh() -> Pair {
    World::new(terms(), Schedule::default())
}

/// Accepted by both, without a portfolio.
pub(crate) fn accepted() -> Pair {
    World::active(terms(), Schedule::default())
}

/// A running pair with 1,000 on each side, under the terms without frills.
pub(crate) fn running() -> Pair {
    World::running(terms(), Schedule::default(), 1_000)
}

/// A running pair with a fresh valuation at zero.
pub(crate) fn valued() -> Pair {
    valued_under(terms())
}

/// The same under terms of the test's own, without collateral.
pub(crate) fn valued_under(terms: Terms) -> Pair {
    let mut world = World::running(terms, Schedule::default(), 1_000);
    world.settle(&world.instruction(0)).expect("accepted");
    world
}

/// A pair whose party B has an open call for 500.
pub(crate) fn called() -> Pair {
    let mut world = running();
    let mut message = world.instruction(0);
    message.initial_margin_b = amount(1_500);
    world.settle(&message).expect("accepted");
    assert_eq!(world.vault.state.call.b.map(|call| call.amount), Some(amount(500)));
    world
}

/// A pair in default of B, with nothing owed.
pub(crate) fn defaulted() -> Pair {
    let mut world = valued();
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world
}

/// A closed pair with 400 due from one bond that has not paid.
pub(crate) fn cover_due() -> Pair {
    let mut world = valued();
    world.register_cover(ENTITY, 1, 700, 100_000, 0).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, 1_400), &SIGNERS).expect("accepted");
    world
}

/// A running pair under the terms with everything and two tokens, 1,000 on each side, valued at zero.
pub(crate) fn full() -> Pair {
    let mut world = World::running(full_terms::<Real>(), schedule(), 1_000);
    world.settle(&world.instruction(0)).expect("accepted");
    world
}

/// The full pair with B in default, 300 paid, 200 unpaid and 400 of initial margin required of B; A accepts the first
/// two successors.
pub(crate) fn replaceable() -> Pair {
    let mut world = full();
    world.value(1_200, [0, 400]);
    assert_eq!(world.margins(), [2_000, 0]);
    for key in &SUCCESSORS[..2] {
        world.approve(Party::A, *key).expect("accepted");
    }
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world
}

/// The full pair behind a bond of 1,000, replaced: the first successor took B's place for `price`, as far as B's margin and
/// the bond, which has not paid, go.
pub(crate) fn replaced_at(price: i128) -> Pair {
    let mut world = full();
    world.register_cover(ENTITY, 1, 1_000, 1_000_000, 0).expect("accepted");
    world.value(1_200, [0, 400]);
    world.approve(Party::A, SUCCESSORS[0]).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.bid(SUCCESSORS[0], price).expect("accepted");
    world.determine(&world.determination(Party::B, price + 200), &SIGNERS).expect("accepted");
    world.run(world.address(Party::A), Command::AcceptBid).expect("accepted");
    world
}

/// The account of a successor's key.
pub(crate) fn successor(key: u8) -> ringfence_protocol::Address {
    Real::address(key)
}

pub(crate) fn deadline(world: &Pair, party: Party) -> u64 {
    world.vault.state.call.of(party).expect("open").deadline.get()
}

/// Lets `flaw` change the next instruction, has it signed by everyone and submits it; unchanged it must be accepted,
/// before and after.
pub(crate) fn flawed_in(mut world: Pair, flaw: impl Fn(&mut MarginInstruction)) -> VaultError {
    world.now += 10_000;
    world.settle(&world.instruction(10)).expect("a first one is accepted");
    world.now += 5_000;
    let good = world.instruction(20);
    world.clone().settle(&good).expect("positive control");
    let mut bad = good.clone();
    flaw(&mut bad);
    assert_ne!(good, bad);
    let error = refused(&mut world, |world| world.settle(&bad));
    world.settle(&good).expect("still accepted after the refusal");
    error
}

pub(crate) fn flawed(flaw: impl Fn(&mut MarginInstruction)) -> VaultError {
    flawed_in(running(), flaw)
}
