//! When a party can be put in default, and by whom.

use crate::phase;
use ringfence_bindings::IMarginVault::{self as vault, declareDefaultCall};
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, MARGIN, PERIODS, USD};

/// A has to post twice what it has.
const CALLED: Mark = Mark { x: 0, margin_a: 2_000_000 * USD, margin_b: 0, tail: 0 };

/// A pair whose party A has an open call.
fn called() -> Stage {
    let mut stage = Stage::open(1);
    stage.mark(0, CALLED);
    stage
}

fn declare(party: &Actor) -> declareDefaultCall {
    declareDefaultCall { party: party.address() }
}

#[test]
fn default_refused_before_and_at_the_deadline_and_declared_by_anyone_after_it() {
    let mut stage = called();
    let (keeper, a, vault) = (stage.keeper.clone(), stage.pairs[0].a.clone(), stage.vault(0));
    stage.assert_refused::<vault::CallNotDue>(&keeper, vault, declare(&a));
    let deadline = stage.side(0, Party::A).callDeadline;
    while stage.session.now() + 600 < deadline {
        stage.session.advance(500);
        stage.mark(0, CALLED);
    }
    stage.session.set_time(deadline);
    stage.assert_refused::<vault::CallNotDue>(&keeper, vault, declare(&a));
    stage.session.advance(1);
    stage.must(&keeper, vault, declare(&a));

    let status = stage.status(0);
    assert_eq!((status.phase, status.defaulter), (phase::DEFAULTED, a.address()));
    assert_eq!((status.sides[0].margin, status.sides[1].margin), (MARGIN, MARGIN), "nothing moves by the declaration");
}

#[test]
fn default_refused_without_a_call_or_of_a_stranger() {
    let mut stage = called();
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    stage.assert_refused::<vault::NoCallOpen>(&keeper, pair.vault, declare(&pair.b));
    stage.assert_refused::<vault::NoCallOpen>(&pair.a, pair.vault, declare(&pair.b));
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, declare(&keeper));
}

#[test]
fn a_party_declares_its_own_default_without_a_call() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::B);
    let status = stage.status(0);
    assert_eq!((status.phase, status.defaulter), (phase::DEFAULTED, stage.pairs[0].b.address()));
}

#[test]
fn default_refused_before_a_portfolio_and_after_another_default() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    let (a, b, vault) = (stage.pairs[0].a.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    stage.assert_refused::<vault::NotActive>(&a, vault, declare(&a));
    stage.accept(0);
    stage.assert_refused::<vault::NoPortfolio>(&a, vault, declare(&a));
    stage.agree(0);
    stage.mark(0, Mark::default());
    stage.must(&a, vault, declare(&a));
    stage.assert_refused::<vault::NotActive>(&b, vault, declare(&b));
}

/// Else a losing party would use an outage to leave at a value that it knows to be wrong.
#[test]
fn own_default_refused_on_a_stale_valuation() {
    let mut stage = Stage::open(1);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.mark(0, Mark::default());
    stage.session.advance(PERIODS.max_staleness.get() + 1);
    stage.assert_refused::<vault::ValuationStale>(&a, vault, declare(&a));
}

#[test]
fn default_refused_on_a_stale_valuation() {
    let mut stage = called();
    let (keeper, a, vault) = (stage.keeper.clone(), stage.pairs[0].a.clone(), stage.vault(0));
    stage.session.advance(PERIODS.cure.get() + 1);
    stage.assert_refused::<vault::ValuationStale>(&keeper, vault, declare(&a));
}

#[test]
fn an_outage_restarts_the_cure_period() {
    let mut stage = called();
    let (keeper, a, vault) = (stage.keeper.clone(), stage.pairs[0].a.clone(), stage.vault(0));
    stage.session.advance(PERIODS.cure.get() + 1);
    stage.mark(0, CALLED);
    let now = stage.session.now();
    assert_eq!(stage.side(0, Party::A).callDeadline, now + PERIODS.cure.get());
    stage.assert_refused::<vault::CallNotDue>(&keeper, vault, declare(&a));
    stage.let_call_lapse(0, Party::A, CALLED);
    stage.must(&keeper, vault, declare(&a));
}

#[test]
fn silence_within_the_staleness_bound_does_not_restart_the_cure_period() {
    let mut stage = called();
    let deadline = stage.side(0, Party::A).callDeadline;
    let seen = stage.session.now();
    stage.session.set_time(seen + PERIODS.max_staleness.get());
    let message = stage.instruction(0, CALLED);
    stage.settle(0, &message, &[0, 1]);
    assert_eq!(stage.side(0, Party::A).callDeadline, deadline);
}

#[test]
fn a_bigger_shortfall_never_moves_the_deadline() {
    let mut stage = called();
    let before = stage.side(0, Party::A);
    stage.session.advance(500);
    stage.mark(0, Mark { margin_a: 3_000_000 * USD, ..CALLED });
    let after = stage.side(0, Party::A);
    assert_eq!(after.callDeadline, before.callDeadline);
    assert_eq!(after.callAmount, before.callAmount + 1_000_000 * USD);
}
