//! Triggers, stay and distribution on the blob.

use crate::{creditor, phase};
use alloy_primitives::{Address, B256};
use ringfence_bindings::{IEntity as entity, IMarginVault as vault};
use ringfence_devchain::Located;
use ringfence_protocol::entity::{CAPITAL_CURE, CLAIMS_WINDOW, MIN_DELAY, RESOLUTION_NOTICE, RUN_OFF_PAGE};
use ringfence_suites::{Mark, Stage, DAY, FIRST_LOSS, INVESTED, USD};

#[test]
fn notice_runs_out_and_anyone_starts_the_resolution() {
    let mut stage = Stage::open(1);
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let start = entity::startResolutionCall {};
    stage.assert_refused::<entity::NoTrigger>(&keeper, target, start.clone());
    stage.assert_refused::<entity::NotTheAgent>(&keeper, target, entity::giveNoticeCall {});
    stage.must(&admin, target, entity::giveNoticeCall {});
    stage.must(&admin, target, entity::withdrawNoticeCall {});
    stage.must(&admin, target, entity::giveNoticeCall {});
    stage.assert_refused::<entity::NoticeRunning>(&admin, target, entity::withdrawCapitalCall { amount: USD });
    stage.session.advance(RESOLUTION_NOTICE.get());
    stage.assert_refused::<entity::NoticeRunning>(&keeper, target, start.clone());
    stage.session.advance(1);
    stage.must(&keeper, target, start.clone());
    stage.assert_refused::<entity::UnderResolution>(&keeper, target, start);
    let statement = stage.read(target, entity::statementCall {});
    assert_eq!((statement.stage, statement.reason), (2, 1));
}

#[test]
fn capital_below_its_requirement_for_its_time_lets_anyone_start_the_resolution() {
    let mut stage = Stage::open(1);
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let free = stage.read(target, entity::capitalCall {})._1;
    let value = B256::from(alloy_primitives::U256::from(free));
    let number = stage.must(&admin, target, entity::scheduleCall { subject: 7, value }).returned;
    stage.session.advance(MIN_DELAY.get());
    stage.must(&keeper, target, entity::executeChangeCall { subject: 7, number });
    stage.assert_refused::<entity::CapitalRequired>(&admin, target, entity::withdrawCapitalCall { amount: 1 });
    let call = entity::allocateCall { vault: stage.vault(0), amount: USD };
    stage.must(&admin, target, call);
    let since = stage.read(target, entity::statementCall {}).shortSince;
    assert_eq!(since, stage.session.now());
    stage.session.advance(CAPITAL_CURE.get());
    stage.assert_refused::<entity::NoTrigger>(&keeper, target, entity::startResolutionCall {});
    stage.session.advance(1);
    stage.must(&keeper, target, entity::startResolutionCall {});
    assert_eq!(stage.read(target, entity::statementCall {}).reason, 2);
}

#[test]
fn the_stay_stops_new_risk_and_withdrawals_and_no_way_out() {
    let mut stage = Stage::insured(2);
    let (admin, target, bond, running) = (stage.admin.clone(), stage.entity, stage.bond(), stage.vault(1));
    let (contract, ..) = stage.next_contract(ringfence_devchain::h160_of(target));
    let terms = contract.encoded(&stage.signers());
    let series = stage.series_terms(running, target);
    stage.must(&admin, target, entity::declareResolutionCall {});
    stage.assert_refused::<entity::UnderResolution>(&admin, target, entity::openPairCall { terms });
    stage.assert_refused::<entity::UnderResolution>(&admin, target, entity::issueSeriesCall { terms: series });
    let (allocate, withdraw) =
        (entity::allocateCall { vault: running, amount: USD }, entity::withdrawCapitalCall { amount: USD });
    stage.assert_refused::<entity::UnderResolution>(&admin, target, allocate);
    stage.assert_refused::<entity::UnderResolution>(&admin, target, withdraw);
    let release = entity::releaseCall { vault: running, amount: 1 };
    stage.assert_refused::<entity::CapitalStays>(&admin, target, release);
    let settle = entity::settlePairCall { vault: running };
    stage.assert_refused::<entity::CapitalStays>(&admin, target, settle);
    stage.assert_refused::<entity::CoverNeeded>(&admin, target, entity::commuteSeriesCall { bond });
    stage.mark(1, Mark { x: 1_000_000_000, ..Mark::default() });
    stage.withdraw(1, ringfence_protocol::Party::A, USD);
    stage.assert_conserved();
}

#[test]
fn pairs_are_told_in_pages_and_one_that_runs_off_already_is_passed_over() {
    let mut stage = Stage::open(5);
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let a = stage.pairs[1].a.clone();
    let second = stage.vault(1);
    stage.must(&admin, target, entity::runOffVaultCall { vault: second });
    stage.assert_refused::<entity::NotUnderResolution>(&keeper, target, entity::tellNextCall { most: 1 });
    stage.must(&admin, target, entity::declareResolutionCall {});
    stage.must(&keeper, target, entity::tellNextCall { most: u32::MAX });
    let running_off = |stage: &mut Stage| (0..5).map(|index| stage.status(index).entity.runningOff).collect::<Vec<_>>();
    assert_eq!(running_off(&mut stage), [true, true, true, true, false]);
    assert_eq!(RUN_OFF_PAGE, 4);
    stage.must(&keeper, target, entity::tellNextCall { most: 4 });
    assert_eq!(running_off(&mut stage), [true; 5]);
    stage.assert_refused::<entity::NothingToDo>(&keeper, target, entity::tellNextCall { most: 4 });
    stage.assert_refused::<vault::RunningOff>(&a, second, vault::beginRunOffCall {});
}

/// From the declaration to the report, with a claim that changes hands; the rehearsal walks the same with twenty pairs.
#[test]
fn creditors_are_paid_by_class_and_the_report_is_made_once_everything_is_done() {
    let mut stage = Stage::insured(1);
    let (admin, keeper, target, bond, running) =
        (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.bond(), stage.vault(0));
    let free = stage.read(target, entity::capitalCall {})._1;
    let (first, first_number) = creditor(&mut stage, "tax office", 1, free / 4);
    let (second, second_number) = creditor(&mut stage, "supplier", 2, free * 3);
    stage.must(&admin, target, entity::declareResolutionCall {});
    stage.must(&keeper, target, entity::tellNextCall { most: 4 });
    stage.assert_refused::<entity::ClaimsOpen>(&keeper, target, entity::distributeCall {});
    stage.session.advance(DAY + 1);
    stage.mark(0, Mark::default());
    let party = stage.pairs[0].a.clone();
    stage.must(&party, running, vault::leaveRunOffCall {});
    assert_eq!(stage.status(0).phase, phase::CLOSED);
    stage.must(&keeper, target, entity::settlePairCall { vault: running });
    stage.assert_refused::<entity::NothingToDo>(&keeper, target, entity::settlePairCall { vault: running });
    stage.assert_conserved();

    // The series has nothing to cover any more: anyone offers its end, and two thirds of the notes agree.
    stage.must(&keeper, target, entity::commuteSeriesCall { bond });
    for index in 0..2 {
        let investor = stage.investor(index);
        stage.must(&investor, bond, ringfence_bindings::ITailRiskBond::agreeCall {});
    }
    for (index, invested) in INVESTED.into_iter().enumerate() {
        let investor = stage.investor(index);
        stage.must(&investor, bond, ringfence_bindings::ITailRiskBond::collectCall {});
        assert!(stage.session.usdc(&investor) >= invested);
    }
    stage.must(&keeper, target, entity::collectPremiumCall { bond });

    stage.session.advance(CLAIMS_WINDOW.get());
    let late = entity::admitClaimCall { class: 0, holder: Address::repeat_byte(1), amount: 1, evidence: B256::ZERO };
    stage.assert_refused::<entity::ClaimsClosed>(&admin, target, late);
    stage.assert_refused::<entity::NotDistributed>(&keeper, target, entity::reportCall {});
    let all = stage.read(target, entity::capitalCall {})._1;
    stage.must(&keeper, target, entity::distributeCall {});
    let buyer = stage.session.eth_actor("buyer of claims");
    stage.must(&second, target, entity::transferClaimCall { number: second_number, to: buyer.address() });
    stage.assert_refused::<entity::NotTheHolder>(&second, target, entity::collectClaimCall { number: second_number });
    stage.must(&first, target, entity::collectClaimCall { number: first_number });
    stage.must(&buyer, target, entity::collectClaimCall { number: second_number });
    assert_eq!(stage.session.usdc(&first), free / 4);
    assert_eq!(stage.session.usdc(&buyer), all - free / 4);
    assert!(all > free + FIRST_LOSS, "first loss and premium came back");
    let report = stage.must(&keeper, target, entity::reportCall {});
    let events = report.events_from::<entity::ResolutionReported>(target);
    assert_eq!((events[0].assigned[1], events[0].assigned[2], events[0].surplus), (free / 4, all - free / 4, 0));
    stage.assert_refused::<entity::NotUnderResolution>(&keeper, target, entity::reportCall {});
    stage.assert_conserved();
}
