//! What defaulters still owe, and in which order a recovery repays it.

use crate::{
    common::{amount, ASSET, ENTITY, KEEPER, SIGNERS, SUCCESSORS, VAULT},
    fixtures::{cover_due, guards, refused, replaced_at, successor, valued, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, Estate, VaultError, MAX_ESTATES},
    Address, Party,
};

fn recover(value: u128) -> Command<'static> {
    Command::Recover { estate: 0, amount: amount(value) }
}

fn transfer(to: Address) -> Command<'static> {
    Command::TransferClaim { estate: 0, to }
}

fn pass(layer: usize) -> Command<'static> {
    Command::PassRecovery { estate: 0, layer }
}

/// Closed with a loss of 1,300: 1,000 of margin, 50 of first loss, 70 and 30 of bonds, 150 that nothing reached.
fn lost(bonds_pay: bool) -> Pair {
    let mut world = valued();
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, 1, 70, 1_000, 0).expect("accepted");
    world.register_cover(ENTITY, 2, 30, 1_000, 70).expect("accepted");
    world.bonds_pay = bonds_pay;
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, 1_300), &SIGNERS).expect("accepted");
    world
}

guards! {
    NoEstate: nothing_is_recovered_from_nobody { refused(&mut valued(), |world| world.keep(recover(1))) }
    NoEstate: an_estate_beyond_the_last_is_none {
        refused(&mut lost(true), |world| world.keep(Command::Recover { estate: 1, amount: amount(1) }))
    }
    ZeroAmount: a_recovery_is_something { refused(&mut lost(true), |world| world.keep(recover(0))) }
    AmountOutOfBounds: a_recovery_is_bounded {
        lost(true).keep(recover(Amount::MAX.get())).expect("at the bound");
        refused(&mut lost(true), |world| world.keep(recover(Amount::MAX.get() + 1)))
    }
    NothingDue: nothing_is_passed_on_that_was_not_recovered { refused(&mut lost(true), |world| world.keep(pass(1))) }
    NothingDue: a_recovery_is_passed_on_once {
        let mut world = lost(true);
        world.keep(recover(160)).expect("accepted");
        world.keep(pass(1)).expect("accepted");
        refused(&mut world, |world| world.keep(pass(1)))
    }
    NothingDue: no_layer_no_recovery { refused(&mut lost(true), |world| world.keep(pass(2))) }
    NoEstate: nobody_passes_on_a_claim_that_is_not_there {
        let mut world = valued();
        refused(&mut world, |world| world.run(world.address(Party::A), transfer(KEEPER)))
    }
    NotTheCreditor: nobody_passes_on_the_claim_of_another {
        refused(&mut lost(true), |world| world.run(world.address(Party::B), transfer(KEEPER)))
    }
    NotTheCreditor: a_claim_is_passed_on_once {
        let mut world = lost(true);
        world.run(world.address(Party::A), transfer(KEEPER)).expect("accepted");
        refused(&mut world, |world| world.run(world.address(Party::A), transfer(KEEPER)))
    }
    ClaimPledged: a_successors_price_stays_behind_its_side {
        refused(&mut replaced_at(300), |world| world.run(successor(SUCCESSORS[0]), transfer(KEEPER)))
    }
    ReceiverInvalid: a_claim_goes_to_somebody_else {
        let mut world = lost(true);
        let creditor = world.address(Party::A);
        for to in [Address::zero(), creditor] {
            let error = refused(&mut world, |world| world.run(creditor, transfer(to)));
            assert_eq!(error, VaultError::ReceiverInvalid);
        }
        refused(&mut world, |world| world.run(creditor, transfer(VAULT)))
    }
    NothingDue: nothing_to_collect { refused(&mut lost(true), |world| world.collect(KEEPER, ASSET)) }
    ArithmeticOverflow: nobody_collects_more_than_all_can {
        let collect = Command::Collect { asset: ASSET, amount: amount(1) };
        refused(&mut lost(true), |world| world.run(KEEPER, collect))
    }
    EstateLimitReached: the_last_place_is_for_the_default_that_closes {
        // No sequence of commands gets here: a replacement never takes the last place. The guard stands behind that.
        let mut world = valued();
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        world.vault.estates.0 = vec![Estate::default(); MAX_ESTATES - 1];
        world.clone().determine(&world.determination(Party::B, 1_001), &SIGNERS).expect("at the bound");
        world.vault.estates.0.push(Estate::default());
        refused(&mut world, |world| world.determine(&world.determination(Party::B, 1_001), &SIGNERS))
    }
}

/// The survivor's residual, then the bonds, highest first, then first loss, then the debtor.
#[test]
fn a_recovery_repays_in_the_reverse_order_of_the_losses() {
    let at = |value: u128| {
        let mut world = lost(true);
        assert_eq!(world.margin(Party::A), 2_150);
        world.keep(recover(value)).expect("accepted");
        assert_eq!(world.surplus(ASSET), 0);
        let layers = world.estate(0).layers.map(|layer| layer.recovered.get());
        (
            world.margin(Party::A) - 2_150,
            [layers[1], layers[0]],
            world.vault.state.first_loss.get(),
            world.margin(Party::B),
        )
    };
    assert_eq!(at(1), (1, [0, 0], 0, 0));
    assert_eq!(at(150), (150, [0, 0], 0, 0));
    assert_eq!(at(151), (150, [1, 0], 0, 0));
    assert_eq!(at(181), (150, [30, 1], 0, 0));
    assert_eq!(at(251), (150, [30, 70], 1, 0));
    assert_eq!(at(301), (150, [30, 70], 50, 1));
}

/// What a bond has not paid is still the survivor's claim: the debtor pays it to the survivor, and the bond owes less.
#[test]
fn a_recovery_pays_the_survivor_what_a_bond_still_owes() {
    let mut world = lost(false);
    world.keep(recover(150 + 30 + 20)).expect("accepted");
    assert_eq!(world.margin(Party::A), 2_050 + 200);
    let due = world.estate(0).layers.map(|layer| layer.due.get());
    assert_eq!(due[..2], [50, 0]);
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("accepted");
    assert_eq!(
        refused(&mut world, |world| world.keep(Command::CollectCover { estate: 0, layer: 1 })),
        VaultError::NothingDue
    );
    assert_eq!((world.margin(Party::A), world.surplus(ASSET)), (2_300, 0));
}

#[test]
fn a_recovery_for_a_bond_waits_in_escrow_until_it_is_passed_on() {
    let mut world = lost(true);
    world.keep(recover(260)).expect("accepted");
    assert_eq!(world.vault.standing.escrow, amount(100));
    for (layer, sum) in [(0, 70), (1, 30)] {
        world.keep(pass(layer)).expect("accepted");
        let bond = Address::repeat_byte(u8::try_from(layer + 1).expect("small"));
        assert_eq!(world.bonds[&bond].recovered, sum);
    }
    assert_eq!((world.vault.standing.escrow, world.surplus(ASSET)), (Amount::ZERO, 0));
}

#[test]
fn a_survivor_that_owes_leaves_an_estate_too_and_no_layer_pays_it() {
    let mut world = cover_due().clone();
    assert_eq!(world.estate(0).debtor, world.address(Party::B));
    world = valued();
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, -1_300), &SIGNERS).expect("accepted");
    assert_eq!((world.margins(), world.vault.state.first_loss), ([0, 2_000], amount(50)));
    let estate = world.estate(0);
    assert_eq!(
        (estate.debtor, estate.creditor, estate.residual),
        (world.address(Party::A), world.address(Party::B), amount(300))
    );
}

/// What comes later, of bonds and of the debtor, is the new creditor's; what came before stays, and nobody else's part
/// changes.
#[test]
fn a_claim_that_was_passed_on_is_paid_to_its_new_creditor() {
    let mut world = lost(false);
    world.keep(recover(10)).expect("accepted");
    let before = world.margin(Party::A);
    world.run(world.address(Party::A), transfer(KEEPER)).expect("accepted");
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("accepted");
    world.keep(recover(140 + 30)).expect("accepted");
    assert_eq!(world.margin(Party::A), before);
    // 70 of the first bond, 140 of the residual, and the 30 that the second bond had not paid.
    assert_eq!(world.credit_of(KEEPER, ASSET), 70 + 140 + 30);
    world.collect(KEEPER, ASSET).expect("paid out");
    assert_eq!((world.estate(0).residual, world.surplus(ASSET)), (Amount::ZERO, 0));
}
