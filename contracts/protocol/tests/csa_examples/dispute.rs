//! The undisputed part of a call moves; only the rest waits.

use super::pact::{both, csa, signed, Pact, MILLION, THOUSAND};
use ringfence_protocol::{vault::Command, Party};

/// The value moves from `before` to `after`, the party that pays says `stated`; what stays moved and what is in dispute.
fn undisputed(before: u128, after: u128, stated: u128) -> (u128, u128) {
    let mut pact = Pact::new(both(csa(0, 0, 0)), 100 * MILLION);
    pact.value(before);
    let payer = if after > before { Party::B } else { Party::A };
    let held = pact.margin(payer.other());
    let moved = pact.value(after).unsigned_abs();
    assert_eq!(moved, after.abs_diff(before));
    pact.execute(payer, Command::Dispute { stated: signed(stated) });
    let open = pact.vault.disputes.open.of(payer).expect("open");
    assert!(open.suspended.is_zero());
    (pact.margin(payer.other()) - held, open.escrowed.get())
}

#[test]
fn cdm_delivery_amount_test_undisputed_part() {
    let disputed = 3_500 * THOUSAND;
    let parts = undisputed(5 * MILLION, 15 * MILLION, 15 * MILLION - disputed);
    assert_eq!(parts, (6_500 * THOUSAND, disputed));
}

#[test]
fn cdm_return_amount_test_undisputed_part() {
    let disputed = 3_500 * THOUSAND;
    let parts = undisputed(15 * MILLION, 5 * MILLION, 5 * MILLION + disputed);
    assert_eq!(parts, (6_500 * THOUSAND, disputed));
}

#[test]
fn lawin_half_of_a_call_is_undisputed() {
    assert_eq!(undisputed(0, 10 * MILLION, 5 * MILLION), (5 * MILLION, 5 * MILLION));
}

#[test]
fn bdc_v_barclays_return_amount_and_its_undisputed_part() {
    // A return of 40 is asked for, of which the holder agrees with 5.08.
    let call = 40 * MILLION;
    let agreed = 5_080 * THOUSAND;
    assert_eq!(undisputed(call, 0, call - agreed), (agreed, 34_920 * THOUSAND));
}
