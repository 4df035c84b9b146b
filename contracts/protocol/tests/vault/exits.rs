//! For every state the way out: one party alone, by waiting, while the oracle, the entity and the other party are dead,
//! brings the pair to its end by a known time; then everybody takes out what is theirs, and nothing is left.

use crate::{
    common::{ASSET, ENTITY, SIGNERS, SUCCESSORS, TOKENS},
    dispute::{disputed, suspended},
    fixtures::{accepted, called, full, replaceable, valued, Pair},
};
use ringfence_protocol::{
    units::Seconds,
    vault::{Command, Phase, VaultError},
    Party,
};

const TIME_OUT: u64 = 7_200;
const CLOSE_OUT: u64 = 3_600;
const AUCTION: u64 = 900;

/// One party acts as soon as it may, until the pair is over. Returns how long that took.
fn drive(world: &mut Pair, party: Party) -> u64 {
    let begun = world.now;
    // The longest way has a second for each second of it and no more.
    for _ in 0..=2 * (TIME_OUT + CLOSE_OUT + AUCTION) {
        let account = world.address(party);
        let result = match world.vault.state.phase {
            Phase::Closed { .. } => return world.now - begun,
            Phase::Defaulted { .. } => world.run(account, Command::ResolveDefault),
            Phase::Active | Phase::Proposed => world.leave(account),
        };
        if result.is_err() {
            world.now += 1;
        }
    }
    panic!("no way out of {:?}", world.vault.state.phase);
}

/// Everybody takes out what is theirs.
fn empty(world: &mut Pair) {
    world.bonds_pay = true;
    for (estate, layer) in (0..world.vault.estates.0.len()).flat_map(|estate| [(estate, 0), (estate, 1)]) {
        match world.keep(Command::CollectCover { estate, layer }) {
            Ok(()) | Err(VaultError::NothingDue) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    for party in Party::BOTH {
        let account = world.address(party);
        if world.margin(party) > 0 {
            world.withdraw(account, world.margin(party)).expect("its own");
        }
        for index in 0..world.vault.collateral.schedule.count() {
            if world.posted(party, index) > 0 {
                world.take_back(account, index, world.posted(party, index)).expect("its own");
            }
        }
    }
    for (account, asset) in world.credits.keys().copied().collect::<Vec<_>>() {
        world.collect(account, asset).expect("its own");
    }
    if !world.vault.state.first_loss.is_zero() {
        world.release_first_loss(ENTITY, world.vault.state.first_loss.get()).expect("its own");
    }
    for asset in [ASSET, TOKENS[0], TOKENS[1]] {
        assert_eq!(world.balance_of(asset), 0, "something is left");
    }
}

/// Each party alone gets out of a state, after exactly the time that the terms say.
fn ways_out(world: Pair, expected: [u64; 2]) {
    for (party, expected) in Party::BOTH.into_iter().zip(expected) {
        let mut world = world.clone();
        assert_eq!(drive(&mut world, party), expected, "{party:?}");
        empty(&mut world);
    }
}

fn covered(mut world: Pair) -> Pair {
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, 1, 70, 100_000, 0).expect("accepted");
    world
}

#[test]
fn out_of_a_pair_without_a_portfolio_at_once() {
    let mut world = accepted();
    world.deposit(world.address(Party::A), 10).expect("accepted");
    empty(&mut world);
}

#[test]
fn out_of_a_running_pair_after_the_oracles_time_out() {
    ways_out(valued(), [TIME_OUT + 1; 2]);
    ways_out(full(), [TIME_OUT + 1; 2]);
    let mut unvalued = full();
    unvalued.now += 100;
    unvalued.agree().expect("accepted");
    ways_out(unvalued, [TIME_OUT + 1 - 100; 2]);
}

#[test]
fn out_of_a_call_after_the_time_out_whoever_is_called() {
    ways_out(covered(called()), [TIME_OUT + 1; 2]);
    let mut owing = covered(full());
    owing.value(1_300, [0, 0]);
    ways_out(owing, [TIME_OUT + 1; 2]);
}

#[test]
fn out_of_a_dispute_after_the_time_out() {
    ways_out(disputed(), [TIME_OUT + 1; 2]);
    ways_out(suspended(), [TIME_OUT + 1; 2]);
}

#[test]
fn out_of_a_pause_as_without_it() {
    let mut world = valued();
    world.entity(Command::Pause { span: Seconds::new(259_200) }).expect("accepted");
    ways_out(world, [TIME_OUT + 1; 2]);
}

#[test]
fn out_of_a_run_off_as_without_it() {
    for by in [ENTITY, full().address(Party::A)] {
        let mut world = full();
        world.run(by, Command::BeginRunOff).expect("accepted");
        ways_out(world, [TIME_OUT + 1; 2]);
    }
}

#[test]
fn out_of_a_default_after_the_close_out_deadline() {
    let mut world = covered(full());
    world.value(1_200, [0, 400]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    ways_out(world, [CLOSE_OUT + 1; 2]);
}

#[test]
fn out_of_a_default_with_collateral_after_the_auction() {
    let mut world = covered(full());
    world.post(world.address(Party::B), 0, 500).expect("accepted");
    world.value(1_300, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    ways_out(world, [CLOSE_OUT + 1 + AUCTION + 1; 2]);
}

/// The oracle dies and the debtor has collateral: the time-out, then the auction.
#[test]
fn out_of_a_running_pair_with_a_debtor_that_cannot_pay_after_time_out_and_auction() {
    let mut world = covered(full());
    world.post(world.address(Party::B), 0, 500).expect("accepted");
    world.value(1_300, [0, 0]);
    ways_out(world, [TIME_OUT + 1 + AUCTION + 1; 2]);
}

/// A bid that wins brings a successor; with everybody else dead the survivor leaves it by the time-out.
#[test]
fn out_of_a_default_with_a_bid_through_the_successor() {
    let mut world = replaceable();
    world.bid(SUCCESSORS[0], 0).expect("accepted");
    let mut late = world.clone();
    assert_eq!(drive(&mut late, Party::A), CLOSE_OUT + 1 + TIME_OUT + 1, "nobody determines");
    empty(&mut late);
    world.determine(&world.determination(Party::B, 200), &SIGNERS).expect("accepted");
    let mut determined = world.clone();
    assert_eq!(drive(&mut determined, Party::A), 1_801 + TIME_OUT + 1, "the window, then the time-out");
    empty(&mut determined);
    // A bid above the claim is released by the close-out.
    let mut high = replaceable();
    high.bid(SUCCESSORS[0], 0).expect("accepted");
    high.determine(&high.determination(Party::B, -1), &SIGNERS).expect("accepted");
    assert_eq!(drive(&mut high, Party::A), 0, "the survivor need not wait for bids that cannot win");
    empty(&mut high);
}
