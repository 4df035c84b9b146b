//! The entity's capital and reserve.

use crate::{
    common::ENTITY,
    fixtures::{fresh, guards, refused, running, valued},
};
use ringfence_protocol::{
    units::{Amount, Bps, Seconds},
    vault::{Command, VaultEvent},
    Party,
};

guards! {
    ZeroAmount: first_loss_is_something { refused(&mut running(), |world| world.add_first_loss(ENTITY, 0, 0)) }
    ZeroAmount: a_release_is_something { refused(&mut running(), |world| world.release_first_loss(ENTITY, 0)) }
    ZeroAmount: a_reserve_is_something { refused(&mut running(), |world| world.add_reserve(ENTITY, 0, 0)) }
    AmountOutOfBounds: first_loss_is_bounded {
        let mut world = running();
        let most = Amount::MAX.get();
        world.clone().add_first_loss(ENTITY, most, most).expect("at the bound");
        refused(&mut world, |world| world.add_first_loss(ENTITY, most + 1, most + 1))
    }
    AmountOutOfBounds: a_reserve_is_bounded {
        let mut world = running();
        let most = Amount::MAX.get();
        world.clone().add_reserve(ENTITY, most, most).expect("at the bound");
        refused(&mut world, |world| world.add_reserve(ENTITY, most + 1, most + 1))
    }
    AmountOutOfBounds: a_release_is_bounded {
        refused(&mut running(), |world| world.release_first_loss(ENTITY, Amount::MAX.get() + 1))
    }
    ValuationStale: no_release_on_an_old_valuation {
        let mut world = running();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.settle(&world.instruction(0)).expect("accepted");
        world.now += 600;
        world.clone().release_first_loss(ENTITY, 50).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.release_first_loss(ENTITY, 50))
    }
    TailUncovered: capital_stays_while_the_tail_needs_it {
        let mut world = running();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.register_cover(ENTITY, 1, 70, 1_000, 0).expect("accepted");
        let mut message = world.instruction(0);
        message.tail_requirement = Amount::new(100);
        world.settle(&message).expect("accepted");
        world.clone().release_first_loss(ENTITY, 20).expect("at the bound");
        refused(&mut world, |world| world.release_first_loss(ENTITY, 21))
    }
    TailUncovered: capital_stays_while_a_default_is_open {
        let mut world = valued();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        refused(&mut world, |world| world.release_first_loss(ENTITY, 1))
    }
    InsufficientFirstLoss: the_entity_takes_back_its_own_and_no_more {
        let mut world = fresh();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.clone().release_first_loss(ENTITY, 50).expect("at the bound");
        refused(&mut world, |world| world.release_first_loss(ENTITY, 51))
    }
    FundsMissing: first_loss_is_in_the_account {
        let mut world = running();
        world.clone().add_first_loss(ENTITY, 5, 5).expect("at the bound");
        refused(&mut world, |world| world.add_first_loss(ENTITY, 4, 5))
    }
    FundsMissing: the_reserve_is_in_the_account {
        let mut world = running();
        world.clone().add_reserve(ENTITY, 5, 5).expect("at the bound");
        refused(&mut world, |world| world.add_reserve(ENTITY, 4, 5))
    }
    NothingDue: there_are_no_fees_to_take { refused(&mut running(), |world| world.entity(Command::CollectFees)) }
}

#[test]
fn an_uncovered_tail_is_split_as_the_terms_say() {
    let mut terms = crate::fixtures::terms();
    terms.tail_share_a = Bps::new(3_333);
    terms.csa.a.independent_amount = Amount::new(7);
    let mut world = crate::fixtures::Pair::running(terms, Default::default(), 1_000);
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, 1, 49, 1_000, 0).expect("accepted");
    let mut message = world.instruction(0);
    message.tail_requirement = Amount::new(200);
    world.settle(&message).expect("accepted");
    // Of the gap of 101: 33.66 and 67.34, both rounded up.
    assert_eq!((world.required().a, world.required().b), (Amount::new(7 + 34), Amount::new(68)));
}

/// 10 % a year of what each side has to post, for the time between two instructions, rounded down.
#[test]
fn the_fee_accrues_per_second_on_the_requirement_and_the_entity_takes_it() {
    let mut world = crate::fixtures::full();
    world.value(0, [400, 900]);
    world.now += Seconds::YEAR.get() / 4;
    let mut message = world.instruction(0);
    message.fee_rate = Bps::new(1_000);
    world.settle(&message).expect("accepted");
    assert_eq!(world.margins(), [1_000 - 10, 1_000 - 22], "22.5 rounded down");
    assert!(matches!(world.events.last(), Some(VaultEvent::Settled { fees, .. })
        if (fees.a.get(), fees.b.get()) == (10, 22)));
    assert_eq!(world.vault.state.fees_due.get(), 32);
    world.entity(Command::CollectFees).expect("accepted");
    assert_eq!((world.vault.state.fees_due.get(), world.balance()), (0, 2_000 - 32));
}

/// A fee is never more than the margin there is, and opens no deficit.
#[test]
fn a_fee_opens_no_deficit() {
    let mut world = crate::fixtures::full();
    world.value(0, [0, 900_000]);
    world.now += Seconds::YEAR.get();
    let mut message = world.instruction(0);
    message.fee_rate = Bps::new(1_000);
    world.settle(&message).expect("accepted");
    assert_eq!(world.margins(), [1_000, 0]);
    assert_eq!(world.vault.state.deficit.b, Amount::ZERO);
}
