//! Collateral: posting, haircut, concentration limit, return, substitution.

use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, USDT};
use ringfence_protocol::{
    collateral::{Mark as Price, PRICE_UNIT},
    units::{Amount, Bps},
    Party,
};
use ringfence_suites::{calls, Mark, Stage, CONCENTRATION, HAIRCUT, MARGIN, USD};

/// A has to hold this much more than its cash.
const SHORT: u128 = 98_000 * USD;
const CALLED: Mark = Mark { x: 0, margin_a: MARGIN + SHORT, margin_b: 0, tail: 0 };

fn called() -> Stage {
    let mut stage = Stage::full(1);
    stage.mark(0, CALLED);
    stage
}

fn back(quantity: u128) -> vault::returnCollateralCall {
    vault::returnCollateralCall { returned: vault::CollateralMove { index: 0, quantity } }
}

#[test]
fn collateral_counts_after_its_haircut_and_meets_a_call_to_the_unit() {
    let mut stage = called();
    assert_eq!(stage.side(0, Party::A).callAmount, SHORT);
    // 98 % of 100,000 dollars is exactly what is missing; a unit less leaves a unit.
    let report = stage.post(0, Party::A, 100_000 * USD - 1);
    let vault = stage.vault(0);
    assert!(report.events_from::<vault::CallMet>(vault).is_empty());
    let side = stage.side(0, Party::A);
    assert_eq!((side.credit, side.callAmount), (SHORT - 1, 1));
    let report = stage.post(0, Party::A, 1);
    assert_eq!(report.events_from::<vault::CallMet>(vault).len(), 1);
    assert_eq!(stage.side(0, Party::A).callAmount, 0);
    assert_eq!(stage.session.balance(USDT, vault), 100_000 * USD);
    let view = stage.read(vault, vault::collateralCall { index: 0 });
    assert_eq!((view.asset, view.leastHaircut, view.limit), (USDT.address(), HAIRCUT, CONCENTRATION));
    assert_eq!((view.price, view.haircut, view.postedA, view.postedB), (PRICE_UNIT, HAIRCUT, 100_000 * USD, 0));
    stage.assert_conserved();
}

#[test]
fn collateral_counts_at_most_for_its_concentration_limit() {
    let mut stage = called();
    stage.post(0, Party::A, 10 * CONCENTRATION);
    assert_eq!(stage.side(0, Party::A).credit, CONCENTRATION);
}

#[test]
fn collateral_never_pays_variation_margin() {
    let mut stage = Stage::full(1);
    stage.post(0, Party::A, CONCENTRATION);
    let owed = i128::try_from(MARGIN + USD).expect("small");
    stage.mark(0, Mark { x: -owed, ..Mark::default() });
    let side = stage.side(0, Party::A);
    assert_eq!((side.margin, side.deficit, side.callAmount), (0, USD, USD));
}

#[test]
fn the_next_instruction_revalues_what_is_posted() {
    let mut stage = called();
    stage.post(0, Party::A, 100_000 * USD);
    stage.pairs[0].marks = vec![Price { price: Amount::new(PRICE_UNIT / 2), haircut: Bps::new(5_000) }];
    stage.mark(0, CALLED);
    let side = stage.side(0, Party::A);
    assert_eq!((side.credit, side.callAmount), (25_000 * USD, SHORT - 25_000 * USD));
}

#[track_caller]
fn refuses_marks<E: SolError>(stage: &mut Stage, marks: Vec<Price>) {
    stage.pairs[0].marks = marks;
    stage.session.next_block();
    let message = stage.instruction(0, CALLED);
    let signatures = stage.signed_by(&[0, 1, 2], stage.pairs[0].digest(&message));
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<E>(&keeper, vault, calls::settle(&message, signatures));
}

#[test]
fn settle_refused_with_other_marks_than_one_for_each_asset_or_a_haircut_too_small() {
    let mut stage = called();
    let mark = |price, haircut| Price { price: Amount::new(price), haircut: Bps::new(haircut) };
    refuses_marks::<vault::MarksMismatch>(&mut stage, Vec::new());
    refuses_marks::<vault::MarksMismatch>(&mut stage, vec![mark(PRICE_UNIT, HAIRCUT); 2]);
    refuses_marks::<vault::MarksMismatch>(&mut stage, vec![mark(Amount::MAX.get() + 1, HAIRCUT)]);
    refuses_marks::<vault::MarksMismatch>(&mut stage, vec![mark(PRICE_UNIT, 10_001)]);
    refuses_marks::<vault::HaircutTooSmall>(&mut stage, vec![mark(PRICE_UNIT, HAIRCUT - 1)]);
}

#[test]
fn post_refused_of_other_assets_nothing_too_much_by_strangers_and_without_the_money() {
    let mut stage = Stage::full(1);
    let (keeper, a, vault) = (stage.keeper.clone(), stage.pairs[0].a.clone(), stage.vault(0));
    let post = |index, quantity| vault::postCollateralCall { posted: vault::CollateralMove { index, quantity } };
    stage.assert_refused::<vault::NotAParty>(&keeper, vault, post(0, 1));
    stage.assert_refused::<vault::NotEligible>(&a, vault, post(1, 1));
    stage.assert_refused::<vault::ZeroAmount>(&a, vault, post(0, 0));
    stage.assert_refused::<vault::AmountOutOfBounds>(&a, vault, post(0, u128::MAX));
    stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, post(0, USD));
}

#[test]
fn return_refused_beyond_the_need_with_a_call_open_stale_and_beyond_what_was_posted() {
    let mut stage = called();
    let (a, b, vault) = (stage.pairs[0].a.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    stage.post(0, Party::A, 50_000 * USD);
    stage.assert_refused::<vault::CallOpen>(&a, vault, back(1));
    stage.post(0, Party::A, 60_000 * USD);
    stage.assert_refused::<vault::WithdrawalExceedsExcess>(&a, vault, back(10_000 * USD + 2));
    stage.assert_refused::<vault::InsufficientCollateral>(&a, vault, back(110_000 * USD + 1));
    stage.assert_refused::<vault::InsufficientCollateral>(&b, vault, back(1));
    stage.assert_refused::<vault::ZeroAmount>(&a, vault, back(0));
    stage.must(&a, vault, back(10_000 * USD));
    stage.assert_conserved();
    stage.session.advance(1_000);
    stage.assert_refused::<vault::ValuationStale>(&a, vault, back(1));
}

#[test]
fn everything_posted_comes_back_from_a_closed_pair() {
    let mut stage = called();
    stage.post(0, Party::A, 100_000 * USD);
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.must(&a, vault, back(100_000 * USD));
    assert_eq!(stage.session.balance(USDT, vault), 0);
    stage.assert_conserved();
}

/// A has posted 100,000 USDT, which it needs, and holds as much of the other token.
fn two_assets() -> (Stage, vault::Substitution) {
    let (mut stage, token, index) = Stage::with_token();
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.mark(0, CALLED);
    stage.fund_with(USDT, &a, vault, 200_000 * USD);
    stage.fund_token(token, &a, vault, 200_000 * USD);
    let posted = vault::CollateralMove { index: 1 - index, quantity: 100_000 * USD };
    stage.must(&a, vault, vault::postCollateralCall { posted });
    let amount = 100_000 * USD;
    (stage, vault::Substitution { into: index, posted: amount, outOf: 1 - index, returned: amount })
}

#[test]
fn substitution_swaps_at_the_marks_and_is_refused_if_the_side_would_lack_more() {
    let (mut stage, substitution) = two_assets();
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    let with = |posted| vault::substituteCollateralCall {
        substitution: vault::Substitution { posted, ..substitution.clone() },
    };
    stage.assert_refused::<vault::WithdrawalExceedsExcess>(&a, vault, with(100_000 * USD - 2));
    stage.must(&a, vault, with(100_000 * USD));
    let view = stage.read(vault, vault::collateralCall { index: substitution.into });
    assert_eq!(view.postedA, 100_000 * USD);
    assert_eq!(stage.session.balance(USDT, vault), 0);
    stage.assert_conserved();
}

#[test]
fn substitution_takes_no_value_out_beside_an_open_call() {
    let (mut stage, substitution) = two_assets();
    stage.mark(0, Mark { margin_a: MARGIN + 2 * SHORT, ..Mark::default() });
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    let with = |posted| vault::substituteCollateralCall {
        substitution: vault::Substitution { posted, ..substitution.clone() },
    };
    stage.assert_refused::<vault::CallOpen>(&a, vault, with(100_000 * USD - 2));
    stage.must(&a, vault, with(100_000 * USD));
    stage.session.advance(1_000);
    stage.assert_refused::<vault::ValuationStale>(&a, vault, with(100_000 * USD));
}
