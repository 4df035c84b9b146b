//! Ends without a determination: at the last value after a default, and after a silent oracle.

use crate::phase;
use ringfence_bindings::IMarginVault as vault;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, LIMIT, MARGIN, PERIODS};

/// A owes this at the last value, more than it has.
const BEYOND: u128 = 12_345;

fn owed_beyond_margin() -> Mark {
    Mark { x: -i128::try_from(MARGIN + BEYOND).expect("small"), ..Mark::default() }
}

#[test]
fn close_out_at_the_last_value_refused_until_the_deadline_has_passed() {
    let mut stage = Stage::insured(1);
    stage.mark(0, owed_beyond_margin());
    stage.give_up(0, Party::A);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let deadline = stage.session.now() + PERIODS.close_out.get();
    stage.session.set_time(deadline);
    let call = vault::resolveDefaultCall {};
    stage.assert_refused::<vault::CloseOutUndetermined>(&keeper, vault, call.clone());
    stage.session.advance(1);
    stage.must(&keeper, vault, call.clone());

    let status = stage.status(0);
    assert_eq!((status.phase, stage.residual(0)), (phase::CLOSED, 0));
    assert_eq!(
        (status.sides[0].margin, status.sides[1].margin),
        (0, 2 * MARGIN + BEYOND),
        "the unpaid part is the claim"
    );
    assert_eq!(status.tail.firstLoss, FIRST_LOSS - BEYOND);
    stage.assert_conserved();
    stage.assert_refused::<vault::NotDefaulted>(&keeper, vault, call);
}

#[test]
fn close_out_at_the_last_value_refused_without_a_default() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.session.advance(PERIODS.close_out.get() + 1);
    stage.assert_refused::<vault::NotDefaulted>(&keeper, vault, vault::resolveDefaultCall {});
}

#[test]
fn a_party_leaves_only_after_the_oracle_has_timed_out_and_nobody_else_does() {
    let mut stage = Stage::insured(1);
    stage.mark(0, owed_beyond_margin());
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    let timeout = stage.session.now() + PERIODS.oracle_timeout.get();
    stage.session.set_time(timeout);
    let call = vault::leaveSilentOracleCall {};
    stage.assert_refused::<vault::OracleNotTimedOut>(&pair.b, pair.vault, call.clone());
    stage.session.advance(1);
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, call.clone());
    stage.must(&pair.b, pair.vault, call);

    let status = stage.status(0);
    assert_eq!((status.phase, status.sides[0].margin), (phase::CLOSED, 0));
    assert_eq!(status.sides[1].margin, 2 * MARGIN + BEYOND);
    assert_eq!(stage.bond_status().principal, LIMIT, "first loss was enough");
    stage.assert_conserved();
}

#[test]
fn the_debtor_itself_may_leave_and_pays_the_last_value_in_full() {
    let mut stage = Stage::open(1);
    stage.mark(0, owed_beyond_margin());
    let pair = stage.pairs[0].clone();
    stage.session.advance(PERIODS.oracle_timeout.get() + 1);
    stage.must(&pair.a, pair.vault, vault::leaveSilentOracleCall {});
    assert_eq!(stage.side(0, Party::B).margin, 2 * MARGIN + BEYOND);
}

#[test]
fn leaving_at_the_last_value_refused_before_a_portfolio() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    stage.accept(0);
    stage.session.advance(PERIODS.oracle_timeout.get() + 1);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.assert_refused::<vault::NoPortfolio>(&a, vault, vault::leaveSilentOracleCall {});
}

#[test]
fn the_timeout_runs_from_the_first_portfolio_if_no_valuation_ever_comes() {
    let mut stage = Stage::open(1);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    let agreed = stage.session.now();
    stage.session.set_time(agreed + PERIODS.oracle_timeout.get());
    let call = vault::leaveSilentOracleCall {};
    stage.assert_refused::<vault::OracleNotTimedOut>(&a, vault, call.clone());
    stage.session.advance(1);
    stage.must(&a, vault, call);
    assert_eq!(stage.side(0, Party::A).withdrawable, MARGIN);
}
