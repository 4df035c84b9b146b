//! The default waterfall, layer by layer and to the unit: margin, first loss, bond, residual, in this order.

use crate::phase;
use alloy_primitives::U256;
use ringfence_bindings::{
    IMarginVault::{ClosedOut, CoverPaid},
    ITailRiskBond,
};
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, INVESTED, LIMIT, MARGIN};

/// An insured pair beside another one, A of the first in default by its own declaration.
fn defaulted() -> Stage {
    let mut stage = Stage::insured(2);
    stage.mark(0, Mark::default());
    stage.mark(1, Mark::default());
    stage.give_up(0, Party::A);
    stage
}

/// What a claim takes from each layer: margin, first loss, bond; then what no layer reaches.
type Split = [u128; 4];

#[track_caller]
fn assert_split(stage: &mut Stage, claim: u128, [margin, first_loss, cover, residual]: Split) {
    let message = stage.determination(0, Party::A, i128::try_from(claim).expect("small"));
    let (vault, bond) = (stage.vault(0), stage.bond());
    let report = stage.close_out(0, &message, &[0, 1, 2]);

    let events = report.events_from::<ClosedOut>(vault);
    let [event] = events.as_slice() else { panic!("one close-out, not {events:?}") };
    let split = [event.from_margin, event.from_first_loss, event.from_cover, event.residual];
    assert_eq!(split, [margin, first_loss, cover, residual], "event of a claim of {claim}");
    let paid: u128 = report.events_from::<CoverPaid>(vault).iter().map(|event| event.amount).sum();
    assert_eq!(paid, cover, "paid by the bond");

    let status = stage.status(0);
    assert_eq!(status.phase, phase::CLOSED);
    assert_eq!(status.sides[0].margin, MARGIN - margin, "the defaulter keeps the rest");
    assert_eq!(status.sides[1].margin, MARGIN + margin + first_loss + cover, "the survivor has its own and its claim");
    assert_eq!(status.tail.firstLoss, FIRST_LOSS - first_loss);
    assert_eq!(stage.residual(0), residual);
    assert_eq!([status.sides[0].required, status.sides[1].required, status.tail.tailRequirement], [0; 3]);
    let series = stage.bond_status();
    assert_eq!(series.principal, LIMIT - cover, "the bond is written down");
    assert_eq!(series.face, LIMIT, "notes are never destroyed by a loss");
    assert_eq!(stage.session.usdc(vault), stage.read(vault, ringfence_bindings::IMarginVault::liabilitiesCall {}));
    assert_eq!(stage.read(bond, ITailRiskBond::totalSupplyCall {}), U256::from(LIMIT));
    stage.assert_conserved();
}

#[test]
fn each_layer_pays_only_when_the_one_below_is_exhausted_to_the_unit() {
    let mut stage = defaulted();
    let here = stage.session.snapshot();
    let above = [MARGIN, MARGIN + FIRST_LOSS, MARGIN + FIRST_LOSS + LIMIT];
    let table: [(u128, Split); 10] = [
        (0, [0, 0, 0, 0]),
        (1, [1, 0, 0, 0]),
        (above[0], [MARGIN, 0, 0, 0]),
        (above[0] + 1, [MARGIN, 1, 0, 0]),
        (above[1], [MARGIN, FIRST_LOSS, 0, 0]),
        (above[1] + 1, [MARGIN, FIRST_LOSS, 1, 0]),
        (above[1] + 123_456_789_013, [MARGIN, FIRST_LOSS, 123_456_789_013, 0]),
        (above[2], [MARGIN, FIRST_LOSS, LIMIT, 0]),
        (above[2] + 1, [MARGIN, FIRST_LOSS, LIMIT, 1]),
        (above[2] + 98_765_432_101, [MARGIN, FIRST_LOSS, LIMIT, 98_765_432_101]),
    ];
    for (claim, split) in table {
        stage.session.restore(&here);
        assert_split(&mut stage, claim, split);
    }
}

#[test]
fn a_write_down_is_shared_by_the_holders_in_proportion() {
    let mut stage = defaulted();
    let loss = 100_000_000_001;
    let claim = i128::try_from(MARGIN + FIRST_LOSS + loss).expect("small");
    let message = stage.determination(0, Party::A, claim);
    stage.close_out(0, &message, &[0, 1, 2]);

    assert_eq!(stage.bond_status().principal, LIMIT - loss);
    let until = stage.bond_status().claimsUntil;
    stage.session.set_time(until + 1);
    let bond = stage.bond();
    let left = LIMIT - loss;
    let mut redeemed = 0;
    for (index, invested) in INVESTED.into_iter().enumerate() {
        let investor = stage.investor(index);
        let report = stage.must(&investor, bond, ITailRiskBond::collectCall {});
        let paid: u128 = report.events_from::<ITailRiskBond::Paid>(bond).iter().map(|event| event.principal).sum();
        assert_eq!(paid, left * invested / LIMIT, "its share, rounded down");
        assert!(stage.session.usdc(&investor) >= paid);
        redeemed += paid;
    }
    assert!(redeemed <= left && left - redeemed < 3, "at most a unit for each holder stays: {}", left - redeemed);
    assert_eq!(stage.bond_status().principal, 0);
    stage.assert_conserved();
}

#[test]
fn a_survivor_that_owes_pays_from_its_margin_only() {
    let mut stage = defaulted();
    let owed = 250_000_000_001;
    let message = stage.determination(0, Party::A, -owed);
    stage.close_out(0, &message, &[0, 1, 2]);
    let status = stage.status(0);
    let owed = owed.unsigned_abs();
    assert_eq!((status.sides[0].margin, status.sides[1].margin), (MARGIN + owed, MARGIN - owed));
    assert_eq!((status.tail.firstLoss, stage.residual(0)), (FIRST_LOSS, 0));
    assert_eq!(stage.bond_status().principal, LIMIT, "no layer pays for a survivor");
    stage.assert_conserved();
}

#[test]
fn a_default_of_b_runs_through_the_same_layers() {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::B);
    let message = stage.determination(0, Party::B, i128::try_from(MARGIN + FIRST_LOSS + 5).expect("small"));
    stage.close_out(0, &message, &[0, 1, 2]);
    let status = stage.status(0);
    assert_eq!((status.sides[1].margin, status.sides[0].margin), (0, 2 * MARGIN + FIRST_LOSS + 5));
    assert_eq!(status.defaulter, stage.pairs[0].b.address());
    assert_eq!(stage.bond_status().principal, LIMIT - 5);
    stage.assert_conserved();
}

#[test]
fn cover_that_came_into_force_after_the_default_does_not_pay() {
    let mut stage = Stage::open(1);
    stage.issue_series();
    for (index, amount) in INVESTED.into_iter().enumerate() {
        stage.bid(index, amount);
    }
    stage.close_book();
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    let (keeper, entity, bond) = (stage.keeper.clone(), stage.entity, stage.bond());
    let call = ringfence_bindings::IEntity::activateSeriesCall { bond };
    stage.assert_refused::<ringfence_bindings::IEntity::ChildCallFailed>(&keeper, entity, call);
    let message = stage.determination(0, Party::A, i128::try_from(MARGIN + FIRST_LOSS + 5).expect("small"));
    stage.close_out(0, &message, &[0, 1, 2]);
    assert_eq!(stage.residual(0), 5);
    assert_eq!(stage.bond_status().face, LIMIT);
}

#[test]
fn cover_that_matured_before_the_default_does_not_pay() {
    let mut stage = Stage::insured(1);
    let maturity = stage.bond_status().maturity;
    stage.session.set_time(maturity + 1);
    stage.mark(0, Mark::default());
    assert_eq!(stage.status(0).tail.liveCover, 0);
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, i128::try_from(MARGIN + FIRST_LOSS + 5).expect("small"));
    stage.close_out(0, &message, &[0, 1, 2]);
    assert_eq!(stage.residual(0), 5);
    assert_eq!(stage.bond_status().principal, LIMIT);
}

#[test]
fn a_default_before_maturity_is_paid_though_the_close_out_comes_after_it() {
    let mut stage = Stage::insured(1);
    let maturity = stage.bond_status().maturity;
    stage.session.set_time(maturity - 6);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    stage.session.set_time(maturity + 60);
    let message = stage.determination(0, Party::A, i128::try_from(MARGIN + FIRST_LOSS + 5).expect("small"));
    stage.close_out(0, &message, &[0, 1, 2]);
    assert_eq!(stage.residual(0), 0);
    assert_eq!(stage.bond_status().principal, LIMIT - 5);
}
