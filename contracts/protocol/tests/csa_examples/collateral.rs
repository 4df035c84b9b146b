//! What collateral counts for after its haircut.

use super::pact::{both, csa, Pact, MILLION, THOUSAND, UNIT};
use ringfence_protocol::{
    collateral::{CollateralBook, Eligible, Mark, Schedule, PRICE_UNIT},
    units::{Amount, Bps},
    vault::Command,
    Address, Party,
};

/// One eligible security, at a price of one for one.
fn security(haircut: u16) -> (Schedule, Mark) {
    let haircut = Bps::new(haircut);
    let eligible = Eligible { asset: Address::repeat_byte(0xc1), haircut, limit: Amount::MAX };
    (Schedule(vec![eligible]), Mark { price: Amount::new(PRICE_UNIT), haircut })
}

fn counts_for(market_value: u128, haircut: u16) -> u128 {
    let (schedule, mark) = security(haircut);
    let mut book = CollateralBook::new(schedule);
    book.mark(&[mark]).expect("in bounds");
    book.post(Party::B, 0, Amount::new(market_value)).expect("eligible");
    book.credit(Party::B).expect("in range").get()
}

#[test]
fn minneapolis_fed_treasury_bill_at_99_percent() {
    assert_eq!(counts_for(100 * THOUSAND, 100), 99 * THOUSAND);
}

#[test]
fn banking_glossary_bond_at_a_two_percent_haircut() {
    assert_eq!(counts_for(10 * MILLION, 200), 9_800 * THOUSAND);
}

#[test]
fn hull_q_146_1_bonds_for_a_call_over_the_threshold() {
    // Beyond a threshold of 10.0 the contract's value of 9.0 calls for nothing, 11.2 for 1.2.
    let mut pact = Pact::new(both(csa(10 * MILLION, 0, 0)), 10 * MILLION);
    assert_eq!(pact.value(9 * MILLION), 0);
    let called = 1_200 * THOUSAND;
    assert_eq!(pact.value(11_200 * THOUSAND), 1_200_000_000_000);

    // The least market value of bonds that meets it at 15 % is 1.41, to two decimals of a million.
    let least = 1_411_764_705_883;
    assert!(counts_for(least, 1_500) == called && counts_for(least - 1, 1_500) < called);
    assert_eq!((least + 5 * THOUSAND) / (10 * THOUSAND), 141);
}

#[test]
fn minneapolis_fed_treasury_bill_meets_a_requirement_of_its_collateral_value() {
    let (schedule, mark) = security(100);
    let mut pact = Pact::with_collateral(both(csa(0, 0, 0)), 0, schedule, &[mark]);
    pact.instruct(0, 99 * THOUSAND);
    assert_eq!(pact.shortfall(Party::B), 99 * THOUSAND);
    pact.execute(Party::B, Command::PostCollateral { index: 0, quantity: Amount::new(100 * THOUSAND) });
    assert_eq!(pact.shortfall(Party::B), 0);
    pact.instruct(0, 99 * THOUSAND + UNIT);
    assert_eq!(pact.shortfall(Party::B), UNIT);
}
