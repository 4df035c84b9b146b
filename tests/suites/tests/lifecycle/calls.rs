//! Margin calls: opened by a shortfall, closed by money or by a later valuation.

use ringfence_bindings::IMarginVault::{CallMet, CallOpened, Deposited};
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, LIMIT, MARGIN, MINIMUM_TRANSFER, PERIODS, USD};

#[test]
fn a_deposit_of_the_shortfall_meets_the_call_and_a_unit_less_does_not() {
    let mut stage = Stage::open(1);
    let required = 1_500_000 * USD;
    let report = stage.mark(0, Mark { margin_a: required, ..Mark::default() });
    let (vault, a) = (stage.vault(0), stage.pairs[0].a.address());
    let missing = required - MARGIN;
    let deadline = stage.session.now() + PERIODS.cure.get();
    assert_eq!(report.events_from::<CallOpened>(vault), [CallOpened { party: a, amount: missing, deadline }]);

    // A call stays open until nothing is missing, even below the minimum transfer amount; its deadline stays too.
    let report = stage.deposit(0, Party::A, missing - 10_000);
    assert!(report.events_from::<CallMet>(vault).is_empty());
    let side = stage.side(0, Party::A);
    assert_eq!((side.callAmount, side.callDeadline), (10_000, deadline));
    let report = stage.deposit(0, Party::A, 10_000);
    assert_eq!(report.events_from::<CallMet>(vault), [CallMet { party: a }]);
    let side = stage.side(0, Party::A);
    assert_eq!((side.callAmount, side.callDeadline), (0, 0));
    stage.assert_conserved();
}

#[test]
fn a_shortfall_below_the_minimum_transfer_amount_opens_no_call() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark { margin_a: MARGIN + MINIMUM_TRANSFER - 1, ..Mark::default() });
    assert_eq!(stage.side(0, Party::A).callAmount, 0);
    stage.mark(0, Mark { margin_a: MARGIN + MINIMUM_TRANSFER, ..Mark::default() });
    assert_eq!(stage.side(0, Party::A).callAmount, MINIMUM_TRANSFER);
}

#[test]
fn a_later_valuation_closes_the_call() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    let report = stage.mark(0, Mark { margin_a: MARGIN, ..Mark::default() });
    let (vault, a) = (stage.vault(0), stage.pairs[0].a.address());
    assert_eq!(report.events_from::<CallMet>(vault), [CallMet { party: a }]);
}

#[test]
fn a_debtor_pays_what_it_has_and_its_next_deposit_pays_the_rest_first() {
    let mut stage = Stage::open(1);
    let owed = MARGIN + 50_000 * USD;
    stage.mark(0, Mark { x: -i128::try_from(owed).expect("small"), ..Mark::default() });
    let status = stage.status(0);
    assert_eq!((status.sides[0].margin, status.sides[1].margin), (0, 2 * MARGIN));
    assert_eq!((status.sides[0].deficit, status.sides[0].callAmount), (50_000 * USD, 50_000 * USD));

    let report = stage.deposit(0, Party::A, 60_000 * USD);
    let vault = stage.vault(0);
    let events = report.events_from::<Deposited>(vault);
    assert_eq!(events[0].paid_to_counterparty, 50_000 * USD);
    let status = stage.status(0);
    assert_eq!((status.sides[0].margin, status.sides[0].deficit, status.sides[0].callAmount), (10_000 * USD, 0, 0));
    assert_eq!(status.sides[1].margin, 2 * MARGIN + 50_000 * USD);
    stage.assert_conserved();
}

#[test]
fn first_loss_and_live_cover_count_against_the_tail_and_the_gap_is_shared() {
    let mut stage = Stage::insured(1);
    let covered = FIRST_LOSS + LIMIT;
    stage.mark(0, Mark { tail: covered, ..Mark::default() });
    let status = stage.status(0);
    assert_eq!((status.sides[0].required, status.sides[1].required, status.tail.liveCover), (0, 0, LIMIT));
    // An odd gap: halves round up, so that the tail is never a unit short.
    stage.mark(0, Mark { tail: covered + 7, ..Mark::default() });
    let status = stage.status(0);
    assert_eq!((status.sides[0].required, status.sides[1].required), (4, 4));
}
