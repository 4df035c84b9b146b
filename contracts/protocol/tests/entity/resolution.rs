//! Triggers, stay, run-off and report: each step by anyone once its time has come, once, and in pages.

use crate::office::{guards, refused, vault, Office, ALICE, BOB, CAROL, FOUNDER, RESERVE, STRANGER};
use ringfence_protocol::{
    entity::{Class, EntityError, EntityEvent, Reason, Role, Stage, CLAIMS_WINDOW, RESOLUTION_NOTICE, RUN_OFF_PAGE},
    units::{Amount, Timestamp},
};

fn noticed() -> Office {
    let mut office = Office::with_free(100);
    office.open(FOUNDER, 0).expect("accepted");
    office.hand_over(Role::Agent, BOB);
    office.give_notice(BOB).expect("the agent");
    office
}

fn claims_closed(mut office: Office) -> Office {
    office.now += CLAIMS_WINDOW.get() + 1;
    office
}

#[test]
fn a_notice_runs_its_time_and_then_anyone_starts_the_resolution() {
    let mut office = noticed();
    office.now += RESOLUTION_NOTICE.get();
    assert_eq!(refused(&mut office, Office::start), EntityError::NoticeRunning);
    office.now += 1;
    office.start().expect("due");
    let since = Timestamp::new(office.now);
    assert_eq!(office.state.ledger.stage, Stage::Resolving { since, reason: Reason::Notice });
}

#[test]
fn a_notice_holds_free_capital_back_and_stops_no_business() {
    let mut office = noticed();
    assert_eq!(refused(&mut office, |office| office.withdraw(FOUNDER, 1)), EntityError::NoticeRunning);
    office.open(FOUNDER, 1).expect("accepted");
    office.allocate(FOUNDER, vault(0), 1).expect("a vault is not out of reach of its own loss");
    office.withdraw_notice(BOB).expect("the agent");
    office.withdraw(FOUNDER, 1).expect("accepted");
}

#[test]
fn the_admin_can_declare_a_resolution_during_a_notice() {
    let mut office = noticed();
    office.declare(FOUNDER).expect("the admin");
    assert_eq!(refused(&mut office, |office| office.withdraw_notice(BOB)), EntityError::NoNotice);
}

/// The stay: every way to take new risk or to take capital away.
#[test]
fn in_a_resolution_nothing_is_opened_issued_put_on_risk_allocated_or_withdrawn() {
    let mut office = Office::resolving(1_000, 1);
    let stayed = [
        refused(&mut office, |office| office.open(FOUNDER, 1)),
        refused(&mut office, |office| office.issue(FOUNDER, 0, 1)),
        refused(&mut office, |office| office.state.check_cover(&office.env(STRANGER), None, None)),
        refused(&mut office, |office| office.allocate(FOUNDER, vault(0), 1)),
        refused(&mut office, |office| office.withdraw(FOUNDER, 1)),
        refused(&mut office, |office| office.declare(FOUNDER)),
        refused(&mut office, Office::start),
        refused(&mut office, |office| office.give_notice(FOUNDER)),
    ];
    assert_eq!(stayed, [EntityError::UnderResolution; 8]);
    office.deposit(CAROL, 5).expect("anyone still pays in");
    office.give_back(vault(0), 5).expect("capital still comes back");
    assert_eq!(office.state.check_winding_up(&office.env(STRANGER)), Ok(()));
}

#[test]
fn pairs_are_told_in_pages_each_once() {
    let mut office = Office::resolving(0, 2 * RUN_OFF_PAGE + 1);
    assert_eq!(refused(&mut office, |office| office.tell_next(0)), EntityError::NothingToDo);
    assert_eq!(office.tell_next(1), Ok(0..1));
    assert_eq!(office.tell_next(u32::MAX), Ok(1..1 + RUN_OFF_PAGE));
    assert_eq!(office.tell_next(RUN_OFF_PAGE), Ok(1 + RUN_OFF_PAGE..1 + 2 * RUN_OFF_PAGE));
    assert_eq!(refused(&mut office, |office| office.tell_next(1)), EntityError::NothingToDo);
}

#[test]
fn a_pair_is_ticked_off_once_and_when_it_is_at_rest() {
    let mut office = Office::resolving(0, 2);
    assert_eq!(refused(&mut office, |office| office.settle(0, false)), EntityError::CapitalStays);
    office.settle(0, true).expect("at rest");
    assert_eq!(refused(&mut office, |office| office.settle(0, true)), EntityError::NothingToDo);
    assert_eq!(office.state.ledger.settled, 1);
}

#[test]
fn the_report_comes_when_claims_are_closed_pairs_ticked_off_and_capital_distributed() {
    let mut office = Office::resolving(90, 1);
    office.admit(FOUNDER, Class::Ordinary, ALICE, 60).expect("the agent");
    office.settle(0, true).expect("at rest");
    office.now += CLAIMS_WINDOW.get();
    assert_eq!(refused(&mut office, Office::report), EntityError::ClaimsOpen);
    office.now += 1;
    assert_eq!(refused(&mut office, Office::report), EntityError::NotDistributed);
    office.distribute().expect("claims are closed");
    office.report().expect("everything is done");
    let Some(EntityEvent::Reported { reason, classes, surplus, .. }) = office.events.last() else {
        panic!("the report is the last event");
    };
    assert_eq!((*reason, classes[2].claims, classes[2].assigned), (Reason::Declared, Amount::new(60), Amount::new(60)));
    assert_eq!(surplus.get(), 30);
    assert_eq!(refused(&mut office, Office::report), EntityError::NotUnderResolution);
    // What comes in later is distributed the same way.
    office.give_back(vault(0), RESERVE).expect("accepted");
    office.distribute().expect("claims stay closed");
    assert_eq!(office.state.ledger.surplus.get(), 30 + RESERVE);
    assert_eq!(refused(&mut office, |office| office.declare(FOUNDER)), EntityError::UnderResolution);
}

#[test]
fn an_entity_without_pairs_and_capital_is_resolved_too() {
    let mut office = claims_closed(Office::resolving(0, 0));
    office.report().expect("nothing is left to do");
}

guards! {
    NoTrigger: nobody_starts_a_resolution_for_nothing { refused(&mut Office::with_free(1), Office::start) }
    NoticeRunning: one_notice_at_a_time { refused(&mut noticed(), |office| office.give_notice(BOB)) }
    NoNotice: there_is_no_notice_at_first {
        refused(&mut Office::founded(), |office| office.withdraw_notice(FOUNDER))
    }
    UnderResolution: a_resolution_starts_once { refused(&mut Office::resolving(0, 0), |office| office.declare(FOUNDER)) }
    NotUnderResolution: without_a_resolution_nothing_is_told_ticked_off_or_distributed {
        let mut office = Office::with_free(10);
        office.allocate(FOUNDER, vault(0), 1).expect("accepted");
        let mut opened = Office::with_free(100);
        opened.open(FOUNDER, 0).expect("accepted");
        let asked = [
            refused(&mut opened, |office| office.tell_next(1)),
            refused(&mut opened, |office| office.settle(0, true)),
            refused(&mut opened, Office::distribute),
        ];
        assert_eq!(asked, [EntityError::NotUnderResolution; 3]);
        refused(&mut office, Office::report)
    }
    PairsOpen: the_report_waits_for_every_pair {
        let mut office = claims_closed(Office::resolving(0, 2));
        office.settle(1, true).expect("at rest");
        refused(&mut office, Office::report)
    }
    NotDistributed: the_report_waits_for_the_distribution { refused(&mut claims_closed(Office::resolving(1, 0)), Office::report) }
    NothingToDo: a_page_of_nothing_is_no_page { refused(&mut Office::resolving(0, 0), |office| office.tell_next(4)) }
}
