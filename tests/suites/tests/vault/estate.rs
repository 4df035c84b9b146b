//! What a defaulter still owes, and what is recovered from it: in the reverse order of the losses.

use crate::signed;
use ringfence_bindings::{IMarginVault as vault, ITailRiskBond};
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, LIMIT, MARGIN, USD};

/// What no layer reached.
const RESIDUAL: u128 = 50_000 * USD;

/// A has cost its margin, all first loss, the whole bond, and more.
fn closed_out() -> Stage {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, signed(MARGIN + FIRST_LOSS + LIMIT + RESIDUAL));
    stage.close_out(0, &message, &[0, 1, 2]);
    stage
}

#[track_caller]
fn recover(stage: &mut Stage, amount: u128) -> vault::Recovered {
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.fund(&keeper, vault, amount);
    let recovery = vault::Recovery { estate: 0, amount };
    let report = stage.must(&keeper, vault, vault::recoverCall { recovery });
    stage.assert_conserved();
    report.events_from::<vault::Recovered>(vault).remove(0)
}

#[test]
fn an_estate_records_who_owes_whom_and_what_each_layer_paid() {
    let mut stage = closed_out();
    let pair = stage.pairs[0].clone();
    let estate = stage.estate(0, 0).expect("an estate");
    assert_eq!((estate.debtor, estate.creditor), (pair.a.address(), pair.b.address()));
    assert_eq!((estate.residual, estate.firstLoss), (RESIDUAL, FIRST_LOSS));
    assert_eq!((estate.layers[0].paid, estate.layers[0].due, estate.layers[0].recovered), (LIMIT, 0, 0));
    let keeper = stage.keeper.clone();
    let call = vault::recoverCall { recovery: vault::Recovery { estate: 1, amount: 1 } };
    stage.assert_refused::<vault::NoEstate>(&keeper, pair.vault, call);
    assert_eq!(stage.estate(0, 1), None);
}

#[test]
fn recoveries_repay_residual_bond_and_first_loss_in_this_order_and_the_rest_is_the_debtors() {
    let mut stage = closed_out();
    let before = stage.status(0);
    let event = recover(&mut stage, RESIDUAL + 10 * USD);
    assert_eq!([event.to_creditor, event.to_bonds, event.to_first_loss], [RESIDUAL, 10 * USD, 0]);
    let event = recover(&mut stage, LIMIT - 10 * USD + 3 * USD);
    assert_eq!([event.to_creditor, event.to_bonds, event.to_first_loss], [0, LIMIT - 10 * USD, 3 * USD]);
    let event = recover(&mut stage, FIRST_LOSS);
    assert_eq!([event.to_first_loss, event.to_debtor], [FIRST_LOSS - 3 * USD, 3 * USD]);
    let after = stage.status(0);
    assert_eq!(after.sides[1].margin, before.sides[1].margin + RESIDUAL);
    assert_eq!(after.sides[0].margin, 3 * USD);
    assert_eq!(after.tail.firstLoss, FIRST_LOSS);
    let estate = stage.estate(0, 0).expect("an estate");
    assert_eq!((estate.residual, estate.firstLoss, estate.layers[0].paid), (0, 0, 0));
    assert_eq!(estate.layers[0].recovered, LIMIT);
}

#[test]
fn a_recovery_waits_in_escrow_until_anyone_passes_it_to_its_bond_once() {
    let mut stage = closed_out();
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let layer = |layer| vault::passRecoveryCall { layer: vault::EstateLayer { estate: 0, layer } };
    stage.assert_refused::<vault::NothingDue>(&keeper, vault, layer(0));
    recover(&mut stage, RESIDUAL + 10 * USD);
    assert_eq!(stage.estate(0, 0).expect("an estate").layers[0].recovered, 10 * USD);
    let (bond, before) = (stage.bond(), stage.bond_status());
    let held = stage.session.usdc(bond);
    let report = stage.must(&keeper, vault, layer(0));
    let told: u128 = report.events_from::<ITailRiskBond::Recovered>(bond).iter().map(|event| event.amount).sum();
    assert_eq!((told, stage.session.usdc(bond)), (10 * USD, held + 10 * USD));
    assert_eq!(stage.bond_status().face, before.face, "a recovery writes notes up, it makes none");
    assert_eq!(stage.estate(0, 0).expect("an estate").layers[0].recovered, 0);
    stage.assert_refused::<vault::NothingDue>(&keeper, vault, layer(0));
    stage.assert_refused::<vault::NothingDue>(&keeper, vault, layer(1));
    stage.withdraw(0, Party::B, USD);
    stage.assert_conserved();
}

#[test]
fn recovery_refused_of_nothing_of_too_much_and_without_the_money() {
    let mut stage = closed_out();
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let call = |amount| vault::recoverCall { recovery: vault::Recovery { estate: 0, amount } };
    stage.assert_refused::<vault::ZeroAmount>(&keeper, vault, call(0));
    stage.assert_refused::<vault::AmountOutOfBounds>(&keeper, vault, call(1 << 97));
    stage.assert_refused::<vault::AssetTransferFailed>(&keeper, vault, call(USD));
}

#[test]
fn a_creditor_passes_its_claim_on_and_recoveries_are_the_new_creditors() {
    let mut stage = closed_out();
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let (a, b) = (stage.pairs[0].a.clone(), stage.pairs[0].b.clone());
    let to = |to| vault::transferClaimCall { claim: vault::ClaimTransfer { estate: 0, to } };
    stage.assert_refused::<vault::NotTheCreditor>(&a, vault, to(keeper.address()));
    stage.assert_refused::<vault::ReceiverInvalid>(&b, vault, to(alloy_primitives::Address::ZERO));
    stage.assert_refused::<vault::ReceiverInvalid>(&b, vault, to(vault));
    stage.assert_refused::<vault::ReceiverInvalid>(&b, vault, to(b.address()));
    let nothing = vault::transferClaimCall { claim: vault::ClaimTransfer { estate: 1, to: keeper.address() } };
    stage.assert_refused::<vault::NoEstate>(&b, vault, nothing);

    let report = stage.must(&b, vault, to(keeper.address()));
    let event = report.events_from::<vault::ClaimTransferred>(vault).remove(0);
    assert_eq!((event.from, event.to, event.estate), (b.address(), keeper.address(), 0));
    stage.assert_refused::<vault::NotTheCreditor>(&b, vault, to(a.address()));
    let before = stage.side(0, Party::B).margin;
    recover(&mut stage, RESIDUAL - 10 * USD);
    assert_eq!(stage.side(0, Party::B).margin, before);
    assert_eq!(stage.collectable(0, &keeper), RESIDUAL - 10 * USD);
    let held = stage.session.usdc(&keeper);
    stage.collect(0, &keeper, ringfence_devchain::USDC.address());
    assert_eq!(stage.session.usdc(&keeper), held + RESIDUAL - 10 * USD);
    assert_eq!(stage.estate(0, 0).expect("an estate").creditor, keeper.address());
    stage.assert_conserved();
}
