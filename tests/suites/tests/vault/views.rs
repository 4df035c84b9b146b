//! Views: one call shows all, a preview is what settling does, and a reason is the error that follows.

use crate::signed;
use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{calls, Mark, Stage, FEE_CAP, FIRST_LOSS, FULL_PERIODS, LIMIT, MARGIN, PERIODS, USD};

#[test]
fn status_shows_balances_requirement_call_cover_and_last_instruction() {
    let mut stage = Stage::insured(1);
    let tail = FIRST_LOSS + LIMIT + 10;
    stage.mark(0, Mark { x: 5_000_000_000, margin_a: 2 * MARGIN, margin_b: USD, tail });
    let now = stage.session.now();
    let status = stage.status(0);
    assert_eq!((status.phase, status.defaulter.is_zero()), (1, true));
    let a = &status.sides[0];
    assert_eq!((a.margin, a.required, a.credit, a.deficit), (MARGIN + 5_000 * USD, 2 * MARGIN + 5, 0, 0));
    assert_eq!((a.excess, a.withdrawable, a.blockedBy.0), (0, 0, vault::CallOpen::SELECTOR));
    assert_eq!((a.callAmount, a.callDeadline), (MARGIN + 5 - 5_000 * USD, now + PERIODS.cure.get()));
    let b = &status.sides[1];
    assert_eq!((b.margin, b.required), (MARGIN - 5_000 * USD, USD + 5));
    let excess = MARGIN - 5_000 * USD - USD - 5;
    assert_eq!((b.excess, b.withdrawable, b.blockedBy.0), (excess, excess, [0; 4]));
    let covered = (status.tail.firstLoss, status.tail.liveCover, status.tail.tailRequirement, status.tail.tailGap);
    assert_eq!(covered, (FIRST_LOSS, LIMIT, tail, 10));
    let value = status.valuation;
    assert_eq!((value.entitlementA, value.settledToA, value.sequence), (5_000_000_000, 5_000_000_000, 1));
    assert_eq!((value.valuationTime, value.freshUntil), (now, now + PERIODS.max_staleness.get()));
    assert_eq!(value.oracleTimesOut, now + PERIODS.oracle_timeout.get());
    assert_eq!((status.entity.feesDue, status.entity.pausedUntil, status.entity.runningOff), (0, 0, false));
    let layer = stage.read(stage.vault(0), vault::layerCall { index: 0 });
    assert_eq!((layer.bond, layer.limit, layer.claimed), (stage.bond(), LIMIT, 0));
    assert_eq!((status.tail.coverLapses, status.tail.gapAfterLapse), (layer.ends, LIMIT + 10));
    assert_eq!(stage.read(stage.vault(0), vault::claimableCall { bond: stage.bond() }), 0);
}

#[test]
fn a_preview_is_what_settling_then_does_without_a_signature() {
    let marks = [
        Mark { x: 70_000_000_001, margin_a: 2 * MARGIN, margin_b: USD, tail: 3 * FIRST_LOSS },
        Mark { x: -signed(MARGIN) - 9_000_000_000, margin_a: USD, margin_b: 0, tail: 0 },
        Mark::default(),
    ];
    let mut stage = Stage::full(1);
    stage.post(0, Party::A, 1_000 * USD);
    for mark in marks {
        stage.session.advance(800);
        stage.pairs[0].fee_rate = ringfence_protocol::units::Bps::new(FEE_CAP);
        let message = stage.instruction(0, mark);
        let vault = stage.vault(0);
        let signed = calls::settle(&message, Vec::new()).signed;
        let before = stage.image();
        let preview = stage.read(vault, vault::previewSettleCall { signed });
        assert_eq!(stage.image(), before);

        let report = stage.settle(0, &message, &[0, 1, 2]);
        let settled = report.events_from::<vault::Settled>(vault).remove(0);
        assert_eq!((preview.transferredToA, preview.interest), (settled.transferred, settled.interest));
        assert_eq!([preview.sides[0].fee, preview.sides[1].fee], [settled.fee_a, settled.fee_b]);
        for (preview, side) in preview.sides.iter().zip(stage.status(0).sides) {
            assert_eq!(
                (preview.deficit, preview.required, preview.credit, preview.margin),
                (side.deficit, side.required, side.credit, side.margin)
            );
            assert_eq!((preview.callAmount, preview.callDeadline), (side.callAmount, side.callDeadline));
        }
    }
}

#[test]
fn a_preview_is_refused_with_the_error_of_settling() {
    let mut stage = Stage::full(1);
    let message = stage.instruction(0, Mark::default());
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let preview = |message| vault::previewSettleCall { signed: calls::settle(message, Vec::new()).signed };
    stage.assert_refused::<vault::ValuationNotNewer>(&keeper, vault, preview(&message));
    stage.session.next_block();
    let stale = ringfence_protocol::message::MarginInstruction { sequence: 7, ..stage.instruction(0, Mark::default()) };
    stage.assert_refused::<vault::SequenceSkipped>(&keeper, vault, preview(&stale));
}

/// The reason that the view gives is the selector of the error that a withdrawal then ends in.
#[track_caller]
fn assert_reason<E: SolError>(stage: &mut Stage, party: Party) {
    let pair = stage.pairs[0].clone();
    let actor = pair.party(party).clone();
    let view = stage.read(pair.vault, vault::withdrawableCall { party: actor.address() });
    assert_eq!((view.amount, view.blockedBy.0), (0, E::SELECTOR), "{}", E::SIGNATURE);
    assert_eq!(stage.side(0, party).blockedBy.0, E::SELECTOR);
    stage.assert_refused::<E>(&actor, pair.vault, vault::withdrawCall { amount: 1 });
}

#[test]
fn the_reason_against_a_withdrawal_is_the_error_it_ends_in() {
    let mut stage = Stage::empty();
    stage.propose_full_pair();
    assert_reason::<vault::NotActive>(&mut stage, Party::A);
    stage.start_pair(0);
    assert_reason::<vault::ValuationStale>(&mut stage, Party::A);
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    assert_reason::<vault::CallOpen>(&mut stage, Party::A);
    stage.mark(0, Mark { x: 5_000_000_000, ..Mark::default() });
    let (b, vault) = (stage.pairs[0].b.address(), stage.vault(0));
    let view = stage.read(vault, vault::withdrawableCall { party: b });
    assert_eq!((view.amount, view.blockedBy.0), (MARGIN - 5_000 * USD, [0; 4]));
    stage.dispute(0, Party::B, 0);
    assert_reason::<vault::DisputeOpen>(&mut stage, Party::A);
    stage.resolve(0, Party::B, 0);
    stage.session.advance(PERIODS.max_staleness.get() + 1);
    assert_reason::<vault::ValuationStale>(&mut stage, Party::B);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    assert_reason::<vault::NotActive>(&mut stage, Party::B);
}

#[test]
fn a_default_is_shown_with_its_amount_its_best_bid_and_its_sale() {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark { margin_a: USD, ..Mark::default() });
    let (first, vault) = (stage.session.eth_actor("successor"), stage.vault(0));
    stage.approve(0, Party::B, &first);
    stage.post(0, Party::A, 1_000 * USD);
    stage.give_up(0, Party::A);
    let since = stage.session.now();
    stage.bid_for_side(0, Party::A, &first, 7);
    let case = stage.read(vault, vault::defaultCaseCall {});
    assert_eq!((case.determined, case.since, case.bidder), (false, since, first.address()));
    assert_eq!((case.price, case.posted, case.auctionSince), (7, USD, 0));
    let message = stage.determination(0, Party::A, signed(MARGIN) + 5);
    stage.close_out(0, &message, &[0, 1, 2]);
    let case = stage.read(vault, vault::defaultCaseCall {});
    assert_eq!((case.determined, case.amount), (true, signed(MARGIN) + 5));
    stage.session.advance(FULL_PERIODS.replacement.get() + 1);
    assert_eq!(stage.status(0).defaulter, stage.pairs[0].a.address());
}

#[test]
fn views_of_what_is_not_there_are_refused_with_their_own_errors() {
    let mut stage = Stage::full(1);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let party = keeper.address();
    stage.assert_refused::<vault::NotAParty>(&keeper, vault, vault::withdrawableCall { party });
    stage.assert_refused::<vault::NotAParty>(&keeper, vault, vault::openDisputeCall { party });
    stage.assert_refused::<vault::NotAParty>(&keeper, vault, vault::successorsCall { party });
    stage.assert_refused::<vault::NothingDue>(&keeper, vault, vault::layerCall { index: 0 });
    stage.assert_refused::<vault::NotEligible>(&keeper, vault, vault::collateralCall { index: 1 });
    stage.assert_refused::<vault::NoEstate>(&keeper, vault, vault::estateCall { index: 0 });
    let collateral = vault::CollateralMove { index: 0, quantity: 1 };
    stage.assert_refused::<vault::NoAuction>(&keeper, vault, vault::auctionPriceCall { collateral });
}
