//! Interest on the posted balance, and the fee.

use crate::signed;
use alloy_sol_types::SolError;
use ringfence_bindings::{IEntity, IMarginVault as vault};
use ringfence_protocol::{
    units::{Bps, Wad},
    vault::{MAX_INDEX, MIN_INDEX},
    Party,
};
use ringfence_suites::{calls, Mark, Stage, DAY, FEE_CAP, MARGIN, USD};

/// What has moved to A.
const POSTED: u128 = 100_000 * USD;
/// Each side's requirement, and a month of the largest fee on it: 500,000 dollars at 1 % for 30 of 365 days, rounded down.
const REQUIRED: u128 = 500_000 * USD;
const FEE: u128 = 410_958_904;

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage) {
    stage.session.next_block();
    let message = stage.instruction(0, Mark::default());
    let signatures = stage.signed_by(&[0, 1], stage.pairs[0].digest(&message));
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<E>(&keeper, vault, calls::settle(&message, signatures));
}

#[test]
fn whoever_holds_the_posted_balance_pays_interest_on_it() {
    for (x, sign) in [(signed(POSTED), 1), (-signed(POSTED), -1)] {
        let mut stage = Stage::full(1);
        stage.mark(0, Mark { x, ..Mark::default() });
        // Two per cent since the last instruction.
        stage.pairs[0].interest_index = Wad::new(Wad::SCALE / 100 * 102);
        let report = stage.mark(0, Mark { x, ..Mark::default() });
        let vault = stage.vault(0);
        let settled = report.events_from::<vault::Settled>(vault);
        assert_eq!((settled[0].interest, settled[0].transferred), (sign * 2_000_000_000, -sign * 2_000_000_000));
        let back = 2_000 * USD;
        let [holder, other] = if sign > 0 { [Party::A, Party::B] } else { [Party::B, Party::A] };
        assert_eq!(stage.side(0, holder).margin, MARGIN + POSTED - back);
        assert_eq!(stage.side(0, other).margin, MARGIN - POSTED + back);
        assert_eq!(stage.status(0).valuation.settledToA, x);
        stage.assert_conserved();
    }
}

#[test]
fn settle_refused_with_an_interest_index_outside_its_bounds_and_accepted_at_them() {
    let mut stage = Stage::full(1);
    for index in [0, MIN_INDEX.get() - 1, MAX_INDEX.get() + 1, u128::MAX] {
        stage.pairs[0].interest_index = Wad::new(index);
        refuses::<vault::IndexOutOfBounds>(&mut stage);
    }
    for index in [MIN_INDEX, MAX_INDEX] {
        stage.pairs[0].interest_index = index;
        stage.mark(0, Mark::default());
    }
}

#[test]
fn settle_refused_with_a_fee_above_the_cap() {
    let mut stage = Stage::full(1);
    stage.pairs[0].fee_rate = Bps::new(FEE_CAP + 1);
    refuses::<vault::FeeAboveCap>(&mut stage);
}

#[test]
fn the_fee_accrues_per_second_on_each_sides_requirement_and_only_the_entity_takes_it() {
    let mut stage = Stage::full(1);
    let mark = Mark { margin_a: REQUIRED, margin_b: REQUIRED, ..Mark::default() };
    stage.mark(0, mark);
    stage.session.advance(30 * DAY);
    stage.pairs[0].fee_rate = Bps::new(FEE_CAP);
    let message = stage.instruction(0, mark);
    let report = stage.settle(0, &message, &[0, 1]);
    let (keeper, entity, vault) = (stage.keeper.clone(), stage.entity, stage.vault(0));
    let settled = report.events_from::<vault::Settled>(vault);
    assert_eq!([settled[0].fee_a, settled[0].fee_b], [FEE; 2]);
    assert_eq!([stage.side(0, Party::A).margin, stage.side(0, Party::B).margin], [MARGIN - FEE; 2]);
    assert_eq!(stage.status(0).entity.feesDue, 2 * FEE);
    stage.assert_conserved();

    let free = stage.read(entity, IEntity::capitalCall {})._1;
    stage.must(&keeper, entity, IEntity::collectFeesCall { vault });
    assert_eq!(stage.read(entity, IEntity::capitalCall {})._1, free + 2 * FEE);
    assert_eq!(stage.status(0).entity.feesDue, 0);
    stage.assert_refused::<IEntity::ChildCallFailed>(&keeper, entity, IEntity::collectFeesCall { vault });
    stage.assert_conserved();
}

#[test]
fn a_fee_is_never_more_than_the_margin_and_opens_no_deficit() {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark { x: -signed(MARGIN), margin_a: MARGIN, ..Mark::default() });
    stage.session.advance(30 * DAY);
    stage.pairs[0].fee_rate = Bps::new(FEE_CAP);
    stage.mark(0, Mark { x: -signed(MARGIN), margin_a: MARGIN, ..Mark::default() });
    let side = stage.side(0, Party::A);
    assert_eq!((side.margin, side.deficit), (0, 0));
    stage.assert_conserved();
}
