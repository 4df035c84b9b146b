//! The rehearsal in short, with every kind of default and every way of ending a pair.

use ringfence_rehearsal::{rehearse, Plan, PlanError, MOST_PAIRS};

#[test]
fn six_pairs_three_of_them_in_default_are_resolved_as_promised() {
    let mut steps = 0;
    let outcome = rehearse(Plan { pairs: 6, defaults: 3 }, &mut |_| steps += 1);
    assert_eq!((outcome.parties.len(), outcome.holders.len(), outcome.creditors.len()), (12, 3, 7));
    assert!(outcome.parties.iter().all(|row| row.got == row.promised));
    assert!(outcome.creditors.iter().all(|row| row.got == row.promised));
    // The first two classes are paid in full, the third in part, the last gets nothing.
    let [office, .., bank, loan] = outcome.creditors.as_slice() else { panic!("seven creditors") };
    assert_eq!((office.got, loan.got), (office.claim, 0));
    assert!(0 < bank.got && bank.got < bank.claim);
    assert!(outcome.total.dust < 3, "less than a unit for each claim of the class that is paid in part");
    assert!(outcome.parties[5].recovered > 0, "a survivor is made whole by a recovery");
    assert!(steps > 6);
    assert!(outcome.tables().contains("landlord"));
}

#[test]
fn without_a_default_every_party_has_its_margin_and_what_it_is_owed() {
    let outcome = rehearse(Plan { pairs: 1, defaults: 0 }, &mut |_| {});
    assert_eq!(outcome.parties.iter().map(|row| row.got).sum::<u128>(), 2 * outcome.parties[0].paid_in);
}

#[test]
fn plans_out_of_bounds_are_refused() {
    assert_eq!(Plan { pairs: 0, defaults: 0 }.check(), Err(PlanError::Pairs));
    assert_eq!(Plan { pairs: MOST_PAIRS + 1, defaults: 0 }.check(), Err(PlanError::Pairs));
    assert_eq!(Plan { pairs: 2, defaults: 3 }.check(), Err(PlanError::Defaults));
    assert_eq!(Plan { pairs: MOST_PAIRS, defaults: MOST_PAIRS }.check(), Ok(()));
}
