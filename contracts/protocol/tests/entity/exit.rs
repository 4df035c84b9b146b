//! EXIT: every key is gone, at once or in the worst moment, and everybody gets out.

use crate::{
    common::ASSET,
    market::{ALICE, BOB},
    office::FOUNDER,
    system::{System, FIRST_LOSS, MARGIN},
};
use ringfence_protocol::{vault::Phase, Party};

fn got(system: &System, index: usize, party: Party) -> i128 {
    let world = &system.worlds[index];
    -world.paid_in.get(&(world.address(party), ASSET)).copied().unwrap_or_default()
}

#[track_caller]
fn assert_all_got(system: &System, index: usize, expected: [i128; 2]) {
    assert_eq!(Party::BOTH.map(|party| got(system, index, party)), expected, "pair {index}, less what was paid in");
}

fn holders_are_whole(system: &System) {
    for holder in [ALICE, BOB] {
        assert!(system.market.cash(holder) > 0);
    }
}

#[test]
fn with_every_key_gone_everybody_gets_out_of_a_running_system() {
    let mut system = System::running();
    system.everybody_out();
    for index in 0..system.worlds.len() {
        assert_all_got(&system, index, [0, 0]);
    }
    holders_are_whole(&system);
}

#[test]
fn with_every_key_gone_in_the_middle_of_a_margin_call() {
    let mut system = System::running();
    system.worlds[1].value(0, [3 * MARGIN, 0]);
    assert!(system.worlds[1].vault.state.call.a.is_some());
    system.advance(1);
    system.everybody_out();
    assert_all_got(&system, 1, [0, 0]);
}

/// Owed more than its margin: the rest comes from first loss, and for the first pair from the bond.
#[test]
fn with_every_key_gone_in_the_middle_of_a_default() {
    for index in [0, 1] {
        let mut system = System::running();
        let owed = MARGIN + FIRST_LOSS + 50;
        system.worlds[index].value(-i128::try_from(owed).expect("small"), [0, 0]);
        let a = system.worlds[index].address(Party::A);
        system.attempt(|system| Ok(system.worlds[index].declare_default(a, Party::A)?)).expect("its own");
        assert!(matches!(system.worlds[index].vault.state.phase, Phase::Defaulted { .. }));
        system.everybody_out();
        let covered = if index == 0 { owed } else { MARGIN + FIRST_LOSS };
        let loss = i128::try_from(MARGIN).expect("small");
        assert_all_got(&system, index, [-loss, i128::try_from(covered).expect("small")]);
        assert_all_got(&system, 2, [0, 0]);
    }
}

#[test]
fn with_every_key_gone_in_the_middle_of_a_resolution() {
    let mut system = System::running();
    system.office.declare(FOUNDER).expect("the admin");
    system.attempt(System::tell_next).expect("in resolution");
    system.everybody_out();
    for index in 0..system.worlds.len() {
        assert_all_got(&system, index, [0, 0]);
        system.attempt(|system| system.settle_pair(index)).expect("anyone ticks a pair off");
    }
    // Nobody admitted a claim: what is left is the owners'.
    system.advance(31 * 86_400);
    system.office.distribute().expect("anyone");
    system.office.report().expect("anyone");
    holders_are_whole(&system);
}
