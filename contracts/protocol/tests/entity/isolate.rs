//! ISOLATE: one pair defaults while the entity itself is insolvent; the others see the stay and nothing else.

use crate::{
    common::{Stub, World, ASSET, ENTITY},
    market::{ALICE, BOB},
    office::{CAROL, FOUNDER, STRANGER},
    system::{Refusal, System, FIRST_LOSS, FREE, MARGIN},
};
use ringfence_protocol::{
    entity::{Class, EntityError, CLAIMS_WINDOW},
    units::Amount,
    vault::{Command, VaultError, RUN_OFF_NOTICE},
    Party,
};

/// A pair as it is but for the stay and the clock.
fn but_for_the_stay(world: &World<Stub>) -> World<Stub> {
    let mut world = world.clone();
    world.vault.standing.run_off = None;
    world.now = 0;
    world.events.clear();
    world
}

#[test]
fn a_default_and_the_entitys_insolvency_at_once_change_nothing_for_the_other_pairs_but_the_stay() {
    let mut system = System::running();
    let before: Vec<_> = system.worlds[1..].iter().map(but_for_the_stay).collect();
    let unchanged = |system: &System, step: &str| {
        let now: Vec<_> = system.worlds[1..].iter().map(but_for_the_stay).collect();
        assert!(now == before, "{step} reached another pair");
        system.check_conserved();
    };

    // In one second: a loss beyond margin and first loss, and the entity's declaration.
    let loss = MARGIN + FIRST_LOSS + 77;
    system.worlds[0].value(-i128::try_from(loss).expect("small"), [0, 0]);
    let a = system.worlds[0].address(Party::A);
    system.attempt(|system| Ok(system.worlds[0].declare_default(a, Party::A)?)).expect("its own");
    unchanged(&system, "a default");
    system.office.admit(FOUNDER, Class::Ordinary, ALICE, 4_000).expect("the admin");
    system.office.declare(FOUNDER).expect("the admin");
    system.office.admit(FOUNDER, Class::Ordinary, BOB, 8_000).expect("the agent");
    unchanged(&system, "a declaration");
    system.attempt(System::tell_next).expect("in resolution");
    unchanged(&system, "the run-off");
    for world in &system.worlds[1..] {
        assert!(world.vault.standing.run_off.is_some_and(|run_off| run_off.by_entity), "the stay");
    }

    // Nothing reaches their capital: not the creditors, not the defaulted pair, not the admin.
    for index in [1, 2] {
        let release = system.attempt(|system| system.release(FOUNDER, index, 1));
        assert_eq!(release, Err(Refusal::Entity(EntityError::CapitalStays)));
        let settle = system.attempt(|system| system.settle_pair(index));
        assert_eq!(settle, Err(Refusal::Entity(EntityError::CapitalStays)));
    }
    system.advance(3_601);
    system.attempt(|system| Ok(system.worlds[0].resolve()?)).expect("the last value stands");
    unchanged(&system, "the waterfall");
    assert_eq!(system.worlds[0].margin(Party::B), MARGIN + loss, "the survivor is whole");
    assert_eq!(system.market.state.lost, Amount::new(77));
    system.attempt(|system| system.settle_pair(0)).expect("closed");
    system.advance(CLAIMS_WINDOW.get());
    system.office.distribute().expect("anyone");
    assert_eq!(system.office.collect(ALICE, 0), Ok(FREE / 3));
    assert_eq!(system.office.collect(BOB, 1), Ok(FREE * 2 / 3));
    unchanged(&system, "the distribution");

    // They go on without new trades: settle, pay in, take out; and each leaves when it likes.
    assert_eq!(system.worlds[1].agree(), Err(VaultError::RunningOff));
    system.worlds[1].value(100, [MARGIN / 2; 2]);
    assert_eq!(system.worlds[1].margins(), [MARGIN + 100, MARGIN - 100]);
    let (a, b) = (system.worlds[1].address(Party::A), system.worlds[1].address(Party::B));
    system.worlds[1].deposit(b, 60).expect("accepted");
    system.worlds[1].withdraw(a, 60).expect("accepted");
    assert!(RUN_OFF_NOTICE < CLAIMS_WINDOW);
    system.worlds[1].run(b, Command::LeaveRunOff).expect("after notice, at the last value");
    let two = but_for_the_stay(&system.worlds[2]);
    system.attempt(|system| system.settle_pair(1)).expect("closed");
    assert!(but_for_the_stay(&system.worlds[2]) == two, "one pair's end reached another");
    assert_eq!(system.office.free(), FIRST_LOSS, "allocated capital comes back when its pair is at rest");
    assert_eq!(system.office.report(), Err(EntityError::PairsOpen));

    // The last pair's trade ends by itself.
    system.worlds[2].value(0, [0, 0]);
    system.worlds[2].run(STRANGER, Command::CloseRunOff).expect("nothing is at risk");
    system.attempt(|system| system.settle_pair(2)).expect("closed");
    system.office.distribute().expect("anyone");
    system.office.report().expect("anyone");
    // 12,000 are claimed; 5,000 and two times 300 came.
    assert_eq!(system.office.collect(ALICE, 0), Ok((FREE + 2 * FIRST_LOSS) / 3 - FREE / 3));
    system.everybody_out();
    system.check_conserved();
}

/// A recovery after the resolution's end goes through the pair's layers, and the entity's part of it to its creditors.
#[test]
fn a_late_recovery_repays_in_reverse_order_and_reaches_the_creditors_last() {
    let mut system = System::running();
    let loss = MARGIN + FIRST_LOSS + 77;
    system.worlds[0].value(-i128::try_from(loss).expect("small"), [0, 0]);
    let a = system.worlds[0].address(Party::A);
    system.attempt(|system| Ok(system.worlds[0].declare_default(a, Party::A)?)).expect("its own");
    system.office.admit(FOUNDER, Class::Ordinary, CAROL, 1 << 40).expect("the admin");
    system.office.declare(FOUNDER).expect("the admin");
    system.advance(3_601);
    system.attempt(|system| Ok(system.worlds[0].resolve()?)).expect("the last value stands");
    system.attempt(|system| system.settle_pair(0)).expect("closed");
    system.advance(CLAIMS_WINDOW.get());
    system.office.distribute().expect("anyone");
    let first = system.office.collect(CAROL, 0).expect("the holder");
    // 90 come in: 77 are the bond's, 13 the entity's, and of those all the creditor's.
    let recover = Command::Recover { estate: 0, amount: Amount::new(90) };
    system.attempt(|system| Ok(system.worlds[0].run(STRANGER, recover)?)).expect("anyone");
    let pass = Command::PassRecovery { estate: 0, layer: 0 };
    system.attempt(|system| Ok(system.worlds[0].run(STRANGER, pass)?)).expect("anyone");
    assert_eq!(system.market.state.lost, Amount::ZERO);
    system.attempt(|system| system.release(STRANGER, 0, 13)).expect("anyone, of a pair at rest");
    system.office.distribute().expect("anyone");
    assert_eq!(system.office.collect(CAROL, 0), Ok(13));
    assert_eq!(first, FREE);
    assert_eq!(system.worlds[0].paid_in[&(ENTITY, ASSET)], i128::try_from(FIRST_LOSS - 13 + 7).expect("small"));
}
