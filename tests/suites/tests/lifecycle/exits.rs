//! EXIT: from each phase every party gets out what is its own, by time alone, with nobody's help.

use crate::phase;
use ringfence_bindings::{IEntity, IMarginVault as vault, ITailRiskBond};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DAY, FIRST_LOSS, MARGIN, PERIODS, RESERVE, USD};

/// Takes out all that is each side's and the entity's, and checks that the vault is left with its reserve.
#[track_caller]
fn everyone_leaves(stage: &mut Stage) {
    for party in Party::BOTH {
        let margin = stage.side(0, party).margin;
        assert_eq!(stage.side(0, party).withdrawable, margin, "{party:?} is held back");
        if margin > 0 {
            stage.withdraw(0, party, margin);
        }
    }
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let first_loss = stage.status(0).tail.firstLoss;
    if first_loss > 0 {
        stage.must(&admin, entity, IEntity::releaseCall { vault, amount: first_loss });
    }
    assert_eq!(stage.session.usdc(vault), RESERVE);
    stage.assert_conserved();
}

/// The clock runs for as long as any deadline of a pair.
fn wait(stage: &mut Stage) {
    stage.session.advance(PERIODS.oracle_timeout.get() + PERIODS.close_out.get() + 1);
}

#[test]
fn from_proposed_the_entity_takes_its_capital_back_at_once() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    everyone_leaves(&mut stage);
}

#[test]
fn from_active_without_a_portfolio_everybody_leaves_at_once() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    stage.accept(0);
    stage.deposit(0, Party::A, MARGIN);
    wait(&mut stage);
    everyone_leaves(&mut stage);
}

#[test]
fn from_active_with_a_portfolio_and_no_valuation_ever() {
    let mut stage = Stage::open(1);
    wait(&mut stage);
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    stage.must(&b, vault, vault::leaveSilentOracleCall {});
    everyone_leaves(&mut stage);
}

#[test]
fn from_active_with_the_oracle_fallen_silent() {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark { x: 70_000_000_001, margin_a: MARGIN, margin_b: MARGIN, tail: 50 * MARGIN });
    wait(&mut stage);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.must(&a, vault, vault::leaveSilentOracleCall {});
    assert_eq!(stage.side(0, Party::A).margin, MARGIN + 70_000_000_001);
    everyone_leaves(&mut stage);
}

#[test]
fn from_an_open_call_with_the_oracle_fallen_silent() {
    let mut stage = Stage::open(1);
    let owed = i128::try_from(MARGIN + 5 * USD).expect("small");
    stage.mark(0, Mark { x: -owed, margin_a: MARGIN, ..Mark::default() });
    wait(&mut stage);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.must(&a, vault, vault::leaveSilentOracleCall {});
    assert_eq!(stage.status(0).tail.firstLoss, FIRST_LOSS - 5 * USD);
    everyone_leaves(&mut stage);
}

#[test]
fn from_defaulted_with_nobody_determining_anything() {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark { x: -1_000_000_000, ..Mark::default() });
    stage.give_up(0, Party::A);
    assert_eq!(stage.status(0).phase, phase::DEFAULTED);
    wait(&mut stage);
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    stage.must(&b, vault, vault::resolveDefaultCall {});
    everyone_leaves(&mut stage);
}

#[test]
fn from_a_mutual_termination_at_once() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    everyone_leaves(&mut stage);
}

#[test]
fn holders_leave_a_series_on_risk_by_time_alone() {
    let mut stage = Stage::insured(1);
    let until = stage.bond_status().claimsUntil;
    stage.session.set_time(until + 1);
    holders_leave(&mut stage);
}

#[test]
fn holders_leave_a_series_that_the_sponsor_forgot() {
    let mut stage = Stage::open(1);
    stage.issue_series();
    for (index, amount) in ringfence_suites::INVESTED.into_iter().enumerate() {
        stage.bid(index, amount);
    }
    stage.session.advance(1_800 + DAY + 1);
    let (investor, bond) = (stage.investor(0), stage.bond());
    stage.must(&investor, bond, ITailRiskBond::expireCall {});
    for (index, invested) in ringfence_suites::INVESTED.into_iter().enumerate() {
        let investor = stage.investor(index);
        stage.must(&investor, bond, ITailRiskBond::allotCall { slot: 0 });
        assert_eq!(stage.session.usdc(&investor), invested);
    }
    stage.assert_conserved();
}

#[track_caller]
fn holders_leave(stage: &mut Stage) {
    let bond = stage.bond();
    for (index, invested) in ringfence_suites::INVESTED.into_iter().enumerate() {
        let investor = stage.investor(index);
        stage.must(&investor, bond, ITailRiskBond::collectCall {});
        assert!(stage.session.usdc(&investor) >= invested, "principal is back in full");
    }
    let status = stage.bond_status();
    assert_eq!((status.face, status.principal), (0, 0));
    stage.assert_conserved();
}
