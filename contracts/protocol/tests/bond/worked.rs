//! The worked examples of `contracts/tail-risk-bond/BOND.md`, number by number.

use crate::market::{terms, usdc, Market, ALICE, BOB, CAROL, DAY, SPONSOR, USDC, VAULT};
use ringfence_protocol::units::{Amount, Bps};

/// BOND.md, "A clearing by hand".
#[test]
fn a_clearing_by_hand() {
    let mut market = Market::funded();
    assert_eq!(market.state.premium, usdc(120_000));
    market.bid(ALICE, 0, usdc(300_000), 500).expect("accepted");
    market.bid(ALICE, 1, usdc(200_000), 700).expect("accepted");
    market.bid(BOB, 0, usdc(400_000), 600).expect("accepted");
    market.bid(CAROL, 0, usdc(400_000), 700).expect("accepted");
    market.bid(CAROL, 1, usdc(500_000), 900).expect("accepted");
    market.close();
    market.activate().expect("accepted");
    assert_eq!((market.state.face, market.state.spread), (usdc(1_000_000), Bps::new(700)));
    assert_eq!((market.state.margin.total, market.state.margin.fill), (usdc(600_000), usdc(300_000)));
    assert_eq!(market.refund(SPONSOR), Ok(usdc(50_000).get()));

    for (who, slot) in [(ALICE, 0), (ALICE, 1), (BOB, 0), (CAROL, 0), (CAROL, 1)] {
        market.allot(who, slot).expect("accepted");
    }
    let notes = [ALICE, BOB, CAROL].map(|who| market.holder(who).face);
    assert_eq!(notes, [usdc(400_000), usdc(400_000), usdc(200_000)]);
    let paid = [ALICE, BOB, CAROL].map(|who| -market.cash(who));
    assert_eq!(paid, [400_000_000_000, 400_000_000_000, 200_000_000_000]);
    assert_eq!((market.state.bids, market.balance), (Amount::ZERO, usdc(1_070_000).get() + 7));
}

/// BOND.md, "A partial loss".
#[test]
fn a_partial_loss() {
    let mut market = Market::on_risk();
    market.refund(SPONSOR).expect("accepted");
    market.now += 73 * DAY;
    market.claim(VAULT, usdc(250_000)).expect("accepted");
    assert_eq!(market.position(ALICE).premium, usdc(12_000));
    assert_eq!(market.position(ALICE).principal, usdc(450_000));
    assert_eq!(market.refund(SPONSOR), Ok(usdc(20_000).get()));
    assert_eq!(Market::per_million(market.note_value().principal), 750_000);
    assert_eq!(Market::per_million(market.note_value().written_down), 250_000);

    market.now += 293 * DAY + 1;
    assert_eq!(market.collect(ALICE), Ok(usdc(12_000 + 36_000 + 450_000).get()));
    assert_eq!(market.collect(BOB), Ok(usdc(8_000 + 24_000 + 300_000).get()));
    assert_eq!(market.balance, 7);
}

/// BOND.md, "Two losses".
#[test]
fn two_losses() {
    let mut market = Market::on_risk();
    market.refund(SPONSOR).expect("accepted");
    market.now += 73 * DAY;
    market.claim(VAULT, usdc(250_000)).expect("accepted");
    market.now += 73 * DAY;
    market.claim(VAULT, usdc(750_000)).expect("accepted");
    assert_eq!(market.cash(VAULT), 1_000_000_000_000);
    assert_eq!(market.refund(SPONSOR), Ok(usdc(20_000 + 45_000).get()));
    market.now += 220 * DAY + 1;
    assert_eq!(market.collect(ALICE), Ok(usdc(12_000 + 9_000).get()));
    assert_eq!(market.collect(BOB), Ok(usdc(8_000 + 6_000).get()));
    assert_eq!((market.state.supply, market.balance), (usdc(1_000_000), 7));
}

/// BOND.md, "An extension".
#[test]
fn an_extension() {
    let mut market = Market::on_risk();
    market.now += 365 * DAY + 3_600;
    market.extend(SPONSOR, usdc(300_000)).expect("accepted");
    market.now += DAY;
    assert_eq!(market.collect(ALICE), Ok(usdc(420_000 + 60_000).get()));
    assert_eq!(market.collect(BOB), Ok(usdc(280_000 + 40_000).get()));

    market.now += 4 * DAY;
    market.claim(VAULT, usdc(120_000)).expect("accepted");
    market.extend(SPONSOR, Amount::ZERO).expect("accepted");
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(108_000).get()), Ok(usdc(72_000).get())));
    assert_eq!((market.state.lost, market.state.supply), (usdc(120_000), usdc(1_000_000)));
}

/// BOND.md, "A recovery after a transfer".
#[test]
fn a_recovery_after_a_transfer() {
    let mut market = Market::on_risk();
    market.now += 73 * DAY;
    market.claim(VAULT, usdc(250_000)).expect("accepted");
    market.transfer(BOB, CAROL, usdc(400_000)).expect("accepted");
    market.recover(usdc(100_000)).expect("accepted");
    assert_eq!(Market::per_million(market.note_value().principal), 850_000);
    market.now += 293 * DAY + 1;
    assert_eq!(market.collect(BOB), Ok(usdc(8_000).get()));
    assert_eq!(market.collect(CAROL), Ok(usdc(24_000 + 340_000).get()));
    assert_eq!(market.collect(ALICE), Ok(usdc(12_000 + 36_000 + 510_000).get()));

    market.now += 500 * DAY;
    market.transfer(ALICE, BOB, usdc(600_000)).expect("accepted");
    market.recover(usdc(150_000)).expect("accepted");
    assert_eq!((market.collect(BOB), market.collect(CAROL)), (Ok(usdc(90_000).get()), Ok(usdc(60_000).get())));
    assert_eq!((market.state.supply, terms().limit.get() / USDC), (Amount::ZERO, 1_000_000));
}
