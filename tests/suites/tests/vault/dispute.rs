//! Disputes: the undisputed part stands, the disputed part waits in escrow, and how a dispute ends.

use crate::signed;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DISPUTE_DEPOSIT, DISPUTE_TOLERANCE, FULL_PERIODS, MARGIN, USD};

/// What B was instructed to pay, and what it agrees with.
const PAID: u128 = 100_000 * USD;
const AGREED: u128 = 60_000 * USD;
const WINDOW: u64 = FULL_PERIODS.dispute.get();

fn instructed() -> Stage {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark { x: signed(PAID), ..Mark::default() });
    stage
}

fn disputed() -> Stage {
    let mut stage = instructed();
    stage.dispute(0, Party::B, signed(AGREED));
    stage
}

#[track_caller]
fn assert_margins(stage: &mut Stage, a: u128, b: u128) {
    assert_eq!([stage.side(0, Party::A).margin, stage.side(0, Party::B).margin], [a, b]);
    stage.assert_conserved();
}

#[test]
fn the_undisputed_part_stands_and_the_rest_waits_in_escrow_with_the_deposit() {
    let mut stage = instructed();
    let b = stage.pairs[0].b.clone();
    let before = stage.session.usdc(&b);
    stage.dispute(0, Party::B, signed(AGREED));
    assert_eq!(stage.session.usdc(&b), before, "the deposit that was minted for it is in the vault");
    assert_margins(&mut stage, MARGIN + AGREED, MARGIN - PAID);
    let (vault, now) = (stage.vault(0), stage.session.now());
    let open = stage.open_dispute(0, Party::B);
    assert_eq!((open.number, open.sequence), (1, 2));
    assert_eq!((open.valued, open.stated), (signed(PAID), signed(AGREED)));
    assert_eq!((open.escrowed, open.suspended, open.deposit), (PAID - AGREED, 0, DISPUTE_DEPOSIT));
    assert_eq!(open.deadline, now + WINDOW);
    let owed = stage.read(vault, vault::liabilitiesCall {});
    assert_eq!(stage.session.usdc(vault), owed);
    assert_eq!(stage.open_dispute(0, Party::A).number, 0);
}

#[test]
fn a_determined_value_splits_the_escrow_and_gives_the_deposit_back() {
    let mut stage = disputed();
    stage.determine(0, Party::B, signed(70_000 * USD));
    assert_margins(&mut stage, MARGIN + 70_000 * USD, MARGIN - 70_000 * USD + DISPUTE_DEPOSIT);
    assert_eq!(stage.status(0).valuation.settledToA, signed(70_000 * USD));
}

#[test]
fn the_deposit_is_lost_to_the_other_side_when_the_value_is_confirmed_within_the_tolerance_and_not_a_unit_beyond() {
    let mut stage = disputed();
    let here = stage.session.snapshot();
    let confirming = PAID - DISPUTE_TOLERANCE;
    stage.determine(0, Party::B, signed(confirming));
    assert_margins(&mut stage, MARGIN + confirming + DISPUTE_DEPOSIT, MARGIN - confirming);
    stage.session.restore(&here);
    let beyond = confirming - 1;
    stage.determine(0, Party::B, signed(beyond));
    assert_margins(&mut stage, MARGIN + beyond, MARGIN - beyond + DISPUTE_DEPOSIT);
}

#[test]
fn both_parties_end_a_dispute_at_their_value_and_no_deposit_is_lost() {
    let mut stage = disputed();
    stage.resolve(0, Party::B, signed(PAID));
    assert_margins(&mut stage, MARGIN + PAID, MARGIN - PAID + DISPUTE_DEPOSIT);
}

#[test]
fn a_value_outside_of_what_was_contested_moves_no_more_than_that() {
    let mut stage = disputed();
    stage.determine(0, Party::B, -signed(PAID));
    assert_margins(&mut stage, MARGIN + AGREED, MARGIN - AGREED + DISPUTE_DEPOSIT);
}

#[test]
fn a_dispute_lapses_only_after_its_deadline_as_first_instructed_and_by_anyone() {
    let mut stage = disputed();
    let (keeper, b, vault) = (stage.keeper.clone(), stage.pairs[0].b.address(), stage.vault(0));
    let call = vault::lapseDisputeCall { party: b };
    let deadline = stage.open_dispute(0, Party::B).deadline;
    stage.session.set_time(deadline);
    stage.assert_refused::<vault::DisputeNotLapsed>(&keeper, vault, call.clone());
    stage.session.advance(1);
    stage.must(&keeper, vault, call.clone());
    assert_margins(&mut stage, MARGIN + PAID, MARGIN - PAID + DISPUTE_DEPOSIT);
    stage.assert_refused::<vault::NoDisputeOpen>(&keeper, vault, call);
}

#[test]
fn dispute_refused_of_strangers_twice_of_nothing_and_out_of_bounds() {
    let mut stage = instructed();
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    let dispute = |stated| vault::disputeCall { stated };
    stage.fund(&pair.a, pair.vault, DISPUTE_DEPOSIT);
    stage.fund(&pair.b, pair.vault, DISPUTE_DEPOSIT);
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, dispute(0));
    stage.assert_refused::<vault::AmountOutOfBounds>(&pair.b, pair.vault, dispute(i128::MIN));
    stage.assert_refused::<vault::NothingToDispute>(&pair.b, pair.vault, dispute(signed(PAID)));
    stage.assert_refused::<vault::NothingToDispute>(&pair.b, pair.vault, dispute(signed(PAID) + 1));
    stage.assert_refused::<vault::NothingToDispute>(&pair.a, pair.vault, dispute(signed(2 * PAID)));
    stage.must(&pair.b, pair.vault, dispute(0));
    stage.assert_refused::<vault::DisputeOpen>(&pair.b, pair.vault, dispute(0));
}

#[test]
fn dispute_refused_after_its_window_and_accepted_at_its_end() {
    let mut stage = instructed();
    let (b, vault, now) = (stage.pairs[0].b.clone(), stage.vault(0), stage.session.now());
    stage.fund(&b, vault, DISPUTE_DEPOSIT);
    stage.session.set_time(now + WINDOW);
    let here = stage.session.snapshot();
    stage.session.advance(1);
    let dispute = vault::disputeCall { stated: 0 };
    stage.assert_refused::<vault::DisputeWindowClosed>(&b, vault, dispute.clone());
    stage.session.restore(&here);
    stage.must(&b, vault, dispute);
}

#[test]
fn dispute_refused_without_its_deposit_and_under_terms_without_disputes() {
    let mut stage = instructed();
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    stage.assert_refused::<vault::AssetTransferFailed>(&b, vault, vault::disputeCall { stated: 0 });
    let mut stage = Stage::open(1);
    stage.mark(0, Mark { x: signed(PAID), ..Mark::default() });
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    stage.assert_refused::<vault::DisputeWindowClosed>(&b, vault, vault::disputeCall { stated: 0 });
}

#[test]
fn nobody_withdraws_while_a_dispute_is_open_nor_before_what_could_still_be_disputed() {
    let mut stage = instructed();
    let pair = stage.pairs[0].clone();
    let all = vault::withdrawCall { amount: MARGIN + PAID };
    stage.assert_refused::<vault::WithdrawalExceedsExcess>(&pair.a, pair.vault, all);
    assert_eq!(stage.side(0, Party::A).withdrawable, MARGIN);
    stage.dispute(0, Party::B, 0);
    for party in [&pair.a, &pair.b] {
        stage.assert_refused::<vault::DisputeOpen>(party, pair.vault, vault::withdrawCall { amount: 1 });
    }
}

#[test]
fn what_was_not_paid_is_not_asked_for_while_it_is_disputed_and_no_default_follows_from_it() {
    let mut stage = Stage::full(1);
    let owed = MARGIN + 50_000 * USD;
    let mark = Mark { x: signed(owed), ..Mark::default() };
    stage.mark(0, mark);
    stage.dispute(0, Party::B, signed(owed - 60_000 * USD));
    let open = stage.open_dispute(0, Party::B);
    assert_eq!((open.escrowed, open.suspended), (10_000 * USD, 50_000 * USD));
    let side = stage.side(0, Party::B);
    assert_eq!((side.deficit, side.suspended, side.callAmount), (0, 50_000 * USD, 0));
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    stage.let_call_lapse(0, Party::B, mark);
    let declare = vault::declareDefaultCall { party: pair.b.address() };
    stage.assert_refused::<vault::DisputeOpen>(&keeper, pair.vault, declare.clone());
    stage.must(&keeper, pair.vault, vault::lapseDisputeCall { party: pair.b.address() });
    assert_eq!(stage.side(0, Party::B).deficit, 50_000 * USD - DISPUTE_DEPOSIT, "the deposit pays first");
    stage.must(&keeper, pair.vault, declare);
}

#[test]
fn a_call_that_is_overdue_is_disputed_no_more() {
    let mut stage = Stage::full(1);
    let mark = Mark { x: signed(MARGIN + USD), ..Mark::default() };
    stage.mark(0, mark);
    stage.let_call_lapse(0, Party::B, mark);
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    stage.fund(&b, vault, DISPUTE_DEPOSIT);
    stage.assert_refused::<vault::CallOverdue>(&b, vault, vault::disputeCall { stated: 0 });
}
