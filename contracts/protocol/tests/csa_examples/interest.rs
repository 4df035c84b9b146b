//! Interest on cash collateral: who holds it owes a day's interest, and the next transfer returns it.

use super::pact::{both, csa, Pact, MILLION, UNIT};

/// A day's interest on `balance`, in hundredths of the currency, as the sources round it.
fn day(balance: u128, rate_bps: u128, basis: u128) -> i128 {
    let mut pact = Pact::new(both(csa(0, 0, 0)), MILLION);
    let balance = balance * UNIT;
    pact.value(balance);
    pact.accrue(rate_bps, basis);
    let returned = -pact.value(balance);
    (returned + 5_000) / 10_000
}

#[test]
fn interactive_brokers_interest_charged_act_360() {
    assert_eq!(day(100_000, 532 + 150, 360), 18_94);
    assert_eq!(day(500_000, 532 + 100, 360), 87_78);
}

#[test]
fn interactive_brokers_interest_charged_act_365() {
    assert_eq!(day(80_000, 491 + 150, 365), 14_05);
    assert_eq!(day(80_000, 491 + 100, 365), 12_95);
}

#[test]
fn interactive_brokers_interest_paid_act_360() {
    assert_eq!(day(500_000, 100 - 50, 360), 6_94);
    assert_eq!(day(90_000, 100 - 50, 360), 1_25);
}
