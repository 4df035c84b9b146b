//! Run-off: no new trades, and an end when nothing is at risk or after the entity's notice.

use crate::{phase, signed};
use ringfence_bindings::{IEntity, IMarginVault as vault};
use ringfence_protocol::{vault::RUN_OFF_NOTICE, Digest, Party};
use ringfence_suites::{calls, Mark, Stage, MARGIN, PERIODS, USD};

const AT_RISK: Mark = Mark { x: 70_000_000_001, margin_a: 1_000_000, margin_b: 1_000_000, tail: 0 };

/// By A.
fn running_off() -> Stage {
    let mut stage = Stage::full(1);
    stage.mark(0, AT_RISK);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.must(&a, vault, vault::beginRunOffCall {});
    stage
}

fn by_entity() -> Stage {
    let mut stage = Stage::full(1);
    stage.mark(0, AT_RISK);
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    stage.must(&admin, entity, IEntity::runOffVaultCall { vault });
    stage
}

#[test]
fn a_pair_in_run_off_takes_no_new_portfolio_and_everything_else_goes_on() {
    let mut stage = running_off();
    let pair = stage.pairs[0].clone();
    let keeper = stage.keeper.clone();
    assert!(stage.status(0).entity.runningOff);
    let message = stage.agreement(0, 2, Digest::repeat_byte(0x52));
    let call = calls::agree(&message, &pair, pair.digest(&message));
    stage.assert_refused::<vault::RunningOff>(&keeper, pair.vault, call);
    stage.assert_refused::<vault::RunningOff>(&pair.b, pair.vault, vault::beginRunOffCall {});
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, vault::beginRunOffCall {});
    stage.mark(0, Mark { x: 0, ..AT_RISK });
    stage.deposit(0, Party::A, USD);
    stage.withdraw(0, Party::A, USD);
}

#[test]
fn close_refused_while_anything_is_at_risk_and_by_anyone_after_it() {
    let mut stage = running_off();
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let close = vault::closeRunOffCall {};
    stage.assert_refused::<vault::StillAtRisk>(&keeper, vault, close.clone());
    stage.mark(0, Mark { tail: 1, margin_a: 0, margin_b: 0, ..AT_RISK });
    stage.assert_refused::<vault::StillAtRisk>(&keeper, vault, close.clone());
    stage.mark(0, Mark { margin_a: 0, margin_b: 0, ..AT_RISK });
    let here = stage.session.snapshot();
    stage.session.advance(PERIODS.max_staleness.get() + 1);
    stage.assert_refused::<vault::ValuationStale>(&keeper, vault, close.clone());
    stage.session.restore(&here);
    stage.must(&keeper, vault, close);
    let status = stage.status(0);
    assert_eq!((status.phase, status.sides[0].margin), (phase::CLOSED, MARGIN + 70_000_000_001));
    stage.assert_conserved();
}

#[test]
fn close_refused_without_a_run_off_and_with_a_dispute() {
    let mut stage = Stage::full(1);
    let (keeper, a, vault) = (stage.keeper.clone(), stage.pairs[0].a.clone(), stage.vault(0));
    stage.assert_refused::<vault::NotRunningOff>(&keeper, vault, vault::closeRunOffCall {});
    stage.mark(0, Mark { x: signed(10_000 * USD), ..Mark::default() });
    stage.must(&a, vault, vault::beginRunOffCall {});
    stage.dispute(0, Party::B, 0);
    stage.assert_refused::<vault::DisputeOpen>(&keeper, vault, vault::closeRunOffCall {});
}

#[test]
fn a_party_leaves_after_the_entitys_notice_on_a_fresh_value_and_not_before() {
    let mut stage = by_entity();
    let (keeper, b, vault) = (stage.keeper.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    let leave = vault::leaveRunOffCall {};
    let notice = stage.session.now() + RUN_OFF_NOTICE.get();
    stage.session.set_time(notice);
    stage.assert_refused::<vault::NoticeRunning>(&b, vault, leave.clone());
    stage.session.advance(1);
    stage.assert_refused::<vault::ValuationStale>(&b, vault, leave.clone());
    stage.mark(0, AT_RISK);
    stage.assert_refused::<vault::NotAParty>(&keeper, vault, leave.clone());
    stage.must(&b, vault, leave);
    assert_eq!(stage.status(0).phase, phase::CLOSED);
    assert_eq!(stage.side(0, Party::B).withdrawable, MARGIN - 70_000_000_001);
    stage.assert_conserved();
}

#[test]
fn a_partys_own_run_off_lets_nobody_leave_and_the_entitys_notice_comes_on_top() {
    let mut stage = running_off();
    let (admin, entity, a, vault) = (stage.admin.clone(), stage.entity, stage.pairs[0].a.clone(), stage.vault(0));
    stage.session.advance(RUN_OFF_NOTICE.get() + 1);
    stage.mark(0, AT_RISK);
    stage.assert_refused::<vault::NotRunningOff>(&a, vault, vault::leaveRunOffCall {});
    stage.must(&admin, entity, IEntity::runOffVaultCall { vault });
    stage.assert_refused::<vault::NoticeRunning>(&a, vault, vault::leaveRunOffCall {});
    stage.assert_refused::<IEntity::ChildCallFailed>(&admin, entity, IEntity::runOffVaultCall { vault });
}

#[test]
fn whoever_leaves_waits_for_the_other_sides_cure_period_and_dispute() {
    let mut stage = by_entity();
    stage.session.advance(RUN_OFF_NOTICE.get() + 1);
    stage.mark(0, Mark { x: signed(MARGIN + USD), ..Mark::default() });
    let (a, b, vault) = (stage.pairs[0].a.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    stage.assert_refused::<vault::CallNotDue>(&a, vault, vault::leaveRunOffCall {});
    stage.dispute(0, Party::B, 0);
    stage.assert_refused::<vault::DisputeOpen>(&a, vault, vault::leaveRunOffCall {});
    stage.must(&b, vault, vault::leaveRunOffCall {});
    assert_eq!(stage.status(0).phase, phase::CLOSED);
    stage.assert_conserved();
}
