//! What a wallet reads: the pair in one call, what could be withdrawn, and the reason if nothing can.

use crate::{
    common::{amount, signed, ENTITY, KEEPER},
    fixtures::{called, defaulted, full, running, valued, Pair},
};
use ringfence_protocol::{
    units::{Amount, Timestamp},
    vault::{Phase, Status, VaultError},
    Party,
};

fn status(world: &Pair) -> Status {
    world.vault.status(&world.env(KEEPER)).expect("in range")
}

#[test]
fn a_status_shows_the_pair_in_one_read() {
    let mut world = full();
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, 1, 70, 1_000, 0).expect("accepted");
    world.post(world.address(Party::B), 0, 100).expect("accepted");
    world.now += 1;
    let mut message = world.instruction(120);
    (message.initial_margin_a, message.initial_margin_b) = (amount(300), amount(1_200));
    message.tail_requirement = amount(200);
    world.settle(&message).expect("accepted");
    let status = status(&world);
    // A tail of 200 is covered by 50 and 70; each side posts half of the gap of 80.
    assert_eq!((status.first_loss, status.live_cover, status.tail_gap), (amount(50), amount(70), amount(80)));
    assert_eq!((status.required.a, status.required.b, status.credit.b), (amount(340), amount(1_240), amount(90)));
    assert_eq!((status.margin.a, status.margin.b), (amount(1_120), amount(880)));
    assert_eq!((status.excess.a, status.excess.b), (amount(780), Amount::ZERO));
    // What B could still dispute of the last instruction stays here.
    assert_eq!(status.withdrawable.a, Ok(amount(780 - 120)));
    assert_eq!(status.withdrawable.b, Err(VaultError::CallOpen));
    assert_eq!(status.call.b.map(|call| call.amount), Some(amount(270)));
    assert_eq!((status.entitlement, status.settled), (signed(120), signed(120)));
    assert_eq!(status.last_instruction, (2, Timestamp::new(world.now)));
    assert_eq!(status.fresh_until, Timestamp::new(world.now + 600));
    assert_eq!(status.oracle_times_out, Timestamp::new(world.now + 7_200));
}

/// Cover that ends is announced with what will be missing then, and a renewal in time takes the warning away.
#[test]
fn a_status_sees_cover_lapse_coming() {
    let mut world = full();
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    let shown = |world: &Pair| {
        let status = status(world);
        let lapses = status.cover_lapses.map(|at| at.get() - world.now);
        (status.tail_gap.get(), lapses, status.gap_after_lapse.get())
    };
    let mut message = world.instruction(0);
    (message.valuation_time, message.tail_requirement) = (Timestamp::new(world.now + 1), amount(200));
    world.now += 1;
    world.settle(&message).expect("accepted");
    assert_eq!(shown(&world), (150, None, 150), "nothing is live and nothing lapses");
    world.register_cover(ENTITY, 1, 70, 1_000, 0).expect("accepted");
    world.register_cover(ENTITY, 2, 80, 5_000, 70).expect("accepted");
    assert_eq!(shown(&world), (0, Some(1_000), 70), "the first layer ends first");
    world.register_cover(ENTITY, 3, 70, 9_000, 150).expect("accepted");
    assert_eq!(shown(&world), (0, Some(1_000), 0), "its successor is there");
    world.now += 1_000;
    assert_eq!(shown(&world), (0, Some(0), 0), "the last moment");
    world.now += 1;
    assert_eq!(shown(&world), (0, Some(3_999), 80));
    world.now += 8_000;
    assert_eq!(shown(&world), (150, None, 150));
}

/// What is shown as withdrawable is withdrawn to the unit, and one more is refused.
#[test]
fn what_a_status_shows_as_withdrawable_is() {
    let mut world = full();
    world.value(120, [300, 400]);
    for party in Party::BOTH {
        let most = status(&world).withdrawable.of(party).expect("something").get();
        let account = world.address(party);
        assert_eq!(world.clone().withdraw(account, most + 1), Err(VaultError::WithdrawalExceedsExcess));
        world.withdraw(account, most).expect("as shown");
        assert_eq!(*status(&world).withdrawable.of(party), Ok(Amount::ZERO));
    }
}

#[test]
fn a_status_gives_the_reason_for_each_refusal() {
    let reason = |world: &Pair| *status(world).withdrawable.of(Party::B);
    assert_eq!(reason(&valued()), Ok(amount(1_000)));
    assert_eq!(reason(&running()), Err(VaultError::ValuationStale));
    assert_eq!(reason(&called()), Err(VaultError::CallOpen));
    assert_eq!(reason(&crate::dispute::disputed()), Err(VaultError::DisputeOpen));
    assert_eq!(reason(&defaulted()), Err(VaultError::NotActive));
    assert_eq!(status(&defaulted()).phase, crate::fixtures::defaulted().vault.state.phase);
    assert!(matches!(status(&defaulted()).phase, Phase::Defaulted { party: Party::B, .. }));
}
