//! Delivery and return amounts: threshold, minimum transfer amount, rounding, independent amount.

use super::pact::{both, csa, signed, Pact, MILLION, THOUSAND};
use ringfence_protocol::{csa::transfer_due, terms::PartyTerms, units::Amount, Pair, Party};

/// What moves, and who pays it, if A holds `posted` and B's exposure is `exposure`.
fn due(exposure: u128, posted: u128, csa: &Pair<PartyTerms>) -> (Party, u128) {
    let due = transfer_due(signed(exposure), signed(posted), csa).expect("in range");
    (due.debtor, due.amount.get())
}

#[test]
fn cdm_delivery_amount_test_threshold_and_minimum() {
    let half = MILLION / 2;
    let delivery = |threshold, minimum| due(15 * MILLION, 5 * MILLION, &both(csa(threshold, minimum, half))).1;
    assert_eq!(delivery(0, 0), 10 * MILLION);
    assert_eq!(delivery(10 * MILLION, 0), 0);
    assert_eq!(delivery(0, 16 * MILLION), 0);
}

#[test]
fn cdm_return_amount_test_threshold_and_minimum() {
    let half = MILLION / 2;
    let returned = |threshold, minimum| due(5 * MILLION, 15 * MILLION, &both(csa(threshold, minimum, half)));
    assert_eq!(returned(0, 0), (Party::A, 10 * MILLION));
    assert_eq!(returned(10 * MILLION, 0), (Party::A, 15 * MILLION));
    assert_eq!(returned(0, 16 * MILLION).1, 0);
}

#[test]
fn acadifi_collateral_management_call_over_threshold() {
    let terms = both(csa(5 * MILLION, 500 * THOUSAND, 0));
    assert_eq!(due(12 * MILLION, 4 * MILLION, &terms), (Party::B, 3 * MILLION));
}

#[test]
fn acadifi_csa_key_terms_no_call_within_the_threshold() {
    let terms = both(csa(10 * MILLION, 500 * THOUSAND, 0));
    let mut pact = Pact::new(terms, 10 * MILLION);
    assert_eq!(pact.value(8_300 * THOUSAND), 0);
    assert_eq!(pact.value(12_500 * THOUSAND), 2_500_000_000_000);
}

#[test]
fn bionic_turtle_8358_collateral_is_exposure_beyond_the_threshold() {
    let collateral = |exposure, threshold| due(exposure, 0, &both(csa(threshold, 0, 0))).1;
    assert_eq!(collateral(20 * MILLION, 25 * MILLION), 0);
    assert_eq!(collateral(50 * MILLION, 25 * MILLION), 25 * MILLION);
    assert_eq!(collateral(20 * MILLION, 0), 20 * MILLION);
    assert_eq!(collateral(50 * MILLION, 0), 50 * MILLION);
}

#[test]
fn opengamma_rounding_convention_up_and_down() {
    let terms = both(csa(0, MILLION, MILLION));
    // A call of 3.2 million is 4 if it is rounded up, as a delivery is, and 3 if down, as a return is.
    assert_eq!(due(3_200 * THOUSAND, 0, &terms), (Party::B, 4 * MILLION));
    assert_eq!(due(6_800 * THOUSAND, 10 * MILLION, &terms), (Party::A, 3 * MILLION));
}

#[test]
fn hull_one_way_agreement_banks_do_not_post() {
    // The company is A. A bank that never has to post has no end to its threshold.
    let one_way = Pair { a: csa(0, 0, 0), b: csa(Amount::MAX.get(), 0, 0) };
    let posted_by_company = |value: i128| {
        let value = ringfence_protocol::units::SignedAmount::new(value * 1_000_000_000_000);
        let due = transfer_due(value, signed(0), &one_way).expect("in range");
        assert!(due.debtor == Party::A || due.amount.is_zero());
        due.amount.get()
    };
    let posted = [20, -15, -25].map(posted_by_company);
    assert_eq!(posted, [0, 15 * MILLION, 25 * MILLION]);
    assert_eq!(posted.iter().sum::<u128>(), 40 * MILLION);
}

#[test]
fn bcbs_279_annex_4b_example_1_independent_amount() {
    let independent = PartyTerms { independent_amount: Amount::new(10 * MILLION), ..csa(0, MILLION, 0) };
    let mut pact = Pact::new(Pair { a: csa(0, MILLION, 0), b: independent }, 0);
    pact.deposit(Party::B, 90 * MILLION);
    assert_eq!(pact.value(80 * MILLION), 80_000_000_000_000);
    // The credit support amount is 90: neither too little nor too much.
    assert_eq!((pact.margin(Party::A), pact.margin(Party::B)), (80 * MILLION, 10 * MILLION));
    assert_eq!((pact.shortfall(Party::B), pact.excess(Party::B)), (0, 0));

    // V - C is -10; the most it can become before variation margin moves is TH + MTA - NICA, -9.
    let collateral = pact.margin(Party::A) + pact.margin(Party::B);
    assert_eq!(collateral - 80 * MILLION, 10 * MILLION);
    assert_eq!(pact.value(81 * MILLION - 1), 0);
    assert_eq!(collateral - 81 * MILLION, 9 * MILLION);
    assert_eq!(pact.value(81 * MILLION), 1_000_000_000_000);
}

#[test]
fn bcbs_279_annex_4b_example_2_minimum_transfer_amount() {
    let mut pact = Pact::new(both(csa(0, MILLION, 0)), 100 * MILLION);
    assert_eq!(pact.value(79_500 * THOUSAND), 79_500_000_000_000);
    assert_eq!(pact.value(80 * MILLION), 0);
    let outstanding = pact.vault.state.outstanding(Party::B).expect("in range");
    assert_eq!(outstanding, signed(500 * THOUSAND));
    // The exposure can grow to the minimum transfer amount before it is called.
    assert_eq!(pact.value(80_500 * THOUSAND - 1), 0);
    assert_eq!(pact.value(80_500 * THOUSAND), 1_000_000_000_000);
}
