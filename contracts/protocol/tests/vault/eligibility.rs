//! Which loss is eligible for cover: owners, waiting period, and what had been at risk before a new portfolio.

use crate::{
    common::{amount, ENTITY, KEEPER, SIGNERS},
    fixtures::{guards, refused, replaceable, running, valued, Pair},
};
use ringfence_protocol::{
    units::{Amount, Seconds, Timestamp},
    vault::{Command, VaultError, ATTESTATION_NOTICE},
    Party,
};

const WEEK: u64 = ATTESTATION_NOTICE.get();

fn attest(world: &mut Pair, from_now: u64) -> Result<(), VaultError> {
    world.attest(Timestamp::new(world.now + from_now))
}

/// A pair with a bond of 1,000 that waits for `waiting`; valued.
fn waiting(waiting: u64) -> Pair {
    let mut world = valued();
    world.waiting = Seconds::new(waiting);
    world.register_cover(ENTITY, 1, 1_000, 1_000_000, 0).expect("accepted");
    world
}

fn cure() -> u64 {
    valued().vault.agreement.terms.periods.cure.get()
}

/// The instruction of now, with a tail.
fn value_tail(world: &mut Pair, tail: u128) {
    world.now += 1;
    let mut message = world.instruction(0);
    message.tail_requirement = amount(tail);
    world.settle(&message).expect("accepted");
}

/// What the bond has to pay if B puts itself in default now and owes 1,500, of which its margin pays 1,000.
fn bond_pays(world: &Pair) -> u128 {
    let mut world = world.clone();
    world.value(0, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let claimable = world.vault.claimable(ringfence_protocol::Address::repeat_byte(1)).expect("in range").get();
    world.determine(&world.determination(Party::B, 1_500), &SIGNERS).expect("accepted");
    let due = world.vault.estates.0.first().map_or(0, |estate| estate.layers[0].due.get());
    let residual = world.vault.estates.0.first().map_or(0, |estate| estate.residual.get());
    assert_eq!(due + residual, 500, "the survivor's loss");
    assert!(due <= claimable, "a bond that was told {claimable} has to pay {due}");
    due
}

guards! {
    WaitingTooShort: a_layer_does_not_pay_in_the_place_of_one_below_it {
        let mut world = waiting(1_000);
        world.waiting = Seconds::new(1_000);
        world.clone().register_cover(ENTITY, 2, 10, 100_000, 1_000).expect("at the bound");
        world.waiting = Seconds::new(999);
        refused(&mut world, |world| world.register_cover(ENTITY, 2, 10, 100_000, 1_000))
    }
    LayerMisplaced: a_layer_counts_for_a_time {
        let mut world = running();
        world.waiting = Seconds::new(cure() + 1);
        world.clone().register_cover(ENTITY, 1, 10, cure() + 2, 0).expect("at the bound");
        refused(&mut world, |world| world.register_cover(ENTITY, 1, 10, cure() + 1, 0))
    }
    OwnersNotAttested: cover_is_registered_for_attested_owners {
        let mut world = running();
        world.attested_until = Timestamp::new(world.now);
        world.clone().register_cover(ENTITY, 1, 10, 10, 0).expect("at the bound");
        world.attested_until = Timestamp::new(world.now - 1);
        refused(&mut world, |world| world.register_cover(ENTITY, 1, 10, 10, 0))
    }
    NotTheEntity: nobody_else_attests {
        refused(&mut running(), |world| world.run(KEEPER, Command::AttestOwners { until: Timestamp::new(u64::MAX) }))
    }
    AttestationUnchanged: an_attestation_says_something_new {
        let mut world = running();
        assert_eq!(refused(&mut world, |world| world.attest(Timestamp::new(0))), VaultError::AttestationUnchanged);
        attest(&mut world, 100).expect("accepted");
        assert_eq!(refused(&mut world, |world| attest(world, 100)), VaultError::AttestationUnchanged);
        // It ends within the notice anyway.
        refused(&mut world, |world| attest(world, 99))
    }
}

#[test]
fn an_attestation_is_taken_back_with_a_weeks_notice() {
    let mut world = running();
    attest(&mut world, 100 * WEEK).expect("accepted");
    let told = world.now;
    world.attest(Timestamp::new(0)).expect("accepted");
    assert_eq!(world.vault.cover.attested_until().get(), told + WEEK);
    // To say it again does not put it off, and to renew it in between does.
    world.now += 1;
    assert_eq!(refused(&mut world, |world| world.attest(Timestamp::new(0))), VaultError::AttestationUnchanged);
    attest(&mut world, 2 * WEEK).expect("accepted");
    assert_eq!(world.vault.cover.attested_until().get(), world.now + 2 * WEEK);
}

/// Whoever has no attestation posts for the tail itself: cover that would not pay is not counted.
#[test]
fn cover_without_attested_owners_neither_counts_nor_pays() {
    let mut world = valued();
    world.attested_until = Timestamp::new(world.now + 100);
    world.register_cover(ENTITY, 1, 1_000, 1_000_000, 0).expect("accepted");
    value_tail(&mut world, 600);
    assert_eq!((world.required().a, world.required().b), (Amount::ZERO, Amount::ZERO));
    assert_eq!(bond_pays(&world), 500);
    let status = world.vault.status(&world.env(KEEPER)).expect("shown");
    assert_eq!(status.cover_lapses, Some(world.attested_until), "seen coming");
    assert_eq!((status.tail_gap, status.gap_after_lapse), (Amount::ZERO, amount(600)));

    world.now += 100;
    value_tail(&mut world, 600);
    assert_eq!((world.required().a, world.required().b), (amount(300), amount(300)));
    assert_eq!(bond_pays(&world), 0);
}

#[test]
fn a_default_in_the_waiting_period_is_not_covered() {
    let mut world = waiting(cure() + 1);
    let registered = world.now;
    for (at, pays) in [(registered + 1, 0), (registered + cure(), 0), (registered + cure() + 1, 500)] {
        world.now = at;
        assert_eq!(bond_pays(&world), pays, "{} s after the registration", at - registered);
    }
}

/// The attack that the waiting period is for: two accounts of one owner, attested as two, put on a portfolio that one side
/// must lose, and it defaults at once.
#[test]
fn a_new_portfolio_is_covered_as_far_as_the_old_one_was_until_it_has_stood_for_the_waiting_period() {
    let mut world = waiting(cure() + 1);
    world.now += 10_000;
    value_tail(&mut world, 120);
    world.agree().expect("accepted");
    assert_eq!(bond_pays(&world), 120, "what was at risk before");
    // A larger tail of the new one changes nothing yet.
    value_tail(&mut world, 900);
    let valued = world.now;
    assert_eq!(bond_pays(&world), 120);
    world.now = valued + cure();
    assert_eq!(bond_pays(&world), 120);
    world.now += 1;
    assert_eq!(bond_pays(&world), 500);
}

/// Until then the parties post for what is not covered.
#[test]
fn the_tail_of_a_new_portfolio_is_posted_until_it_is_covered() {
    let mut world = waiting(cure() + 1);
    world.now += 10_000;
    value_tail(&mut world, 120);
    assert_eq!(world.required().a, Amount::ZERO);
    world.agree().expect("accepted");
    value_tail(&mut world, 900);
    assert_eq!((world.required().a, world.required().b), (amount(390), amount(390)));
    world.now += cure();
    value_tail(&mut world, 900);
    assert_eq!(world.required().a, Amount::ZERO);
}

/// A tail that a portfolio had for a moment is not taken for what was at risk all the time.
#[test]
fn a_large_portfolio_for_a_moment_does_not_make_room_for_the_next_one() {
    let mut world = waiting(cure() + 1);
    world.now += 10_000;
    value_tail(&mut world, 50);
    world.agree().expect("large");
    value_tail(&mut world, 900);
    world.agree().expect("small again");
    value_tail(&mut world, 20);
    world.now += cure() + 1;
    value_tail(&mut world, 20);
    world.agree().expect("large again");
    assert_eq!(bond_pays(&world), 20);
}

/// Nobody has said who owns a successor.
#[test]
fn a_successor_is_not_covered_before_its_owner_is_attested() {
    let mut world = replaceable();
    assert_eq!(refused(&mut world, |world| attest(world, WEEK)), VaultError::NotActive);
    world.bid(crate::common::SUCCESSORS[0], -100).expect("accepted");
    world.determine(&world.determination(Party::B, 0), &SIGNERS).expect("accepted");
    world.run(world.address(Party::A), Command::AcceptBid).expect("accepted");
    assert_eq!(world.vault.cover.attested_until().get(), 0);
    attest(&mut world, WEEK).expect("accepted");
    assert_eq!(world.vault.cover.attested_until().get(), world.now + WEEK);
}
