use crate::market::{guards, refused, usdc, Market, ALICE, BOB, CAROL, DAY, SPONSOR, VAULT};
use ringfence_protocol::{bond::BondError, units::Amount};

guards! {
    NotTheVault: only_the_vault_claims {
        assert_eq!(refused(&mut Market::on_risk(), |market| market.claim(SPONSOR, usdc(1))), BondError::NotTheVault);
        refused(&mut Market::on_risk(), |market| market.claim(ALICE, usdc(1)))
    }
    NotTheVault: only_the_vault_records_a_recovery {
        let mut market = Market::on_risk();
        market.claim(VAULT, usdc(10)).expect("accepted");
        market.send(ALICE, usdc(10));
        refused(&mut market, |market| market.recovered_as(ALICE, usdc(10)))
    }
    NotOnRisk: no_claim_before_the_risk { refused(&mut Market::funded(), |market| market.claim(VAULT, usdc(1))) }
    NotOnRisk: no_claim_on_a_commuted_series {
        let mut market = Market::on_risk();
        market.propose(SPONSOR).expect("accepted");
        market.agree(ALICE).expect("accepted");
        market.agree(BOB).expect("accepted");
        refused(&mut market, |market| market.claim(VAULT, usdc(1)))
    }
    AmountOutOfBounds: a_claim_is_something {
        refused(&mut Market::on_risk(), |market| market.claim(VAULT, Amount::ZERO))
    }
    AmountOutOfBounds: a_recovery_is_something {
        refused(&mut Market::on_risk(), |market| market.recover(Amount::ZERO))
    }
    ClaimExceedsPrincipal: no_claim_above_the_limit {
        let mut market = Market::on_risk();
        market.clone().claim(VAULT, usdc(1_000_000)).expect("at the bound");
        market.claim(VAULT, usdc(999_999)).expect("accepted");
        refused(&mut market, |market| market.claim(VAULT, usdc(2)))
    }
    ClaimExceedsPrincipal: what_is_redeemable_is_not_claimable {
        let mut market = Market::redeeming();
        market.now -= 1;
        market.clone().claim(VAULT, usdc(1_000_000)).expect("in notice");
        market.now += 1;
        refused(&mut market, |market| market.claim(VAULT, Amount::new(1)))
    }
    ClaimExceedsPrincipal: recovered_money_is_not_at_risk_again {
        let mut market = Market::on_risk();
        market.claim(VAULT, usdc(1_000_000)).expect("accepted");
        market.recover(usdc(300_000)).expect("accepted");
        refused(&mut market, |market| market.claim(VAULT, usdc(1)))
    }
    ClaimPeriodOver: the_latest_date_is_fixed {
        let mut market = Market::on_risk();
        market.extend(VAULT, usdc(1_000)).expect("accepted");
        market.now += 425 * DAY;
        market.clone().claim(VAULT, usdc(1_000)).expect("at the bound");
        market.now += 1;
        refused(&mut market, |market| market.claim(VAULT, usdc(1_000)))
    }
    RecoveryExceedsLoss: no_more_than_was_written_down {
        let mut market = Market::on_risk();
        market.claim(VAULT, usdc(10)).expect("accepted");
        market.clone().recover(usdc(10)).expect("at the bound");
        refused(&mut market, |market| market.recover(Amount::new(usdc(10).get() + 1)))
    }
    FundsMissing: a_recovery_is_there {
        let mut market = Market::on_risk();
        market.claim(VAULT, usdc(10)).expect("accepted");
        market.send(VAULT, Amount::new(usdc(10).get() - 1));
        refused(&mut market, |market| market.recovered_as(VAULT, usdc(10)))
    }
}

#[test]
fn a_claim_is_paid_exactly_and_at_once() {
    let mut market = Market::on_risk();
    market.claim(VAULT, Amount::new(333_333_333_333)).expect("accepted");
    assert_eq!(market.cash(VAULT), 333_333_333_333);
    assert_eq!((market.state.principal.get(), market.state.lost.get()), (666_666_666_667, 333_333_333_333));
}

#[test]
fn a_series_that_lost_everything_pays_nothing_but_premium_and_keeps_its_notes() {
    let mut market = Market::on_risk();
    market.now += 73 * DAY;
    market.claim(VAULT, usdc(1_000_000)).expect("accepted");
    // Four fifths of the year's premium at 10 %, and what the maximum spread would have cost on top.
    assert_eq!(market.refund(SPONSOR), Ok(usdc(80_000 + 20_000).get()));
    market.now += 400 * DAY;
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(12_000).get()), Ok(usdc(8_000).get())));
    assert_eq!((market.holder(ALICE).face, market.balance), (usdc(600_000), 7));
}

/// Notes that were written down survive their redemption, and a recovery then is paid at once.
#[test]
fn a_recovery_after_redemption_is_redeemable_at_once() {
    let mut market = Market::on_risk();
    market.claim(VAULT, usdc(500_000)).expect("accepted");
    market.now += 366 * DAY + 1;
    // Half the principal and half the premium, the loss having come on the first day.
    assert_eq!(market.collect(ALICE), Ok(usdc(300_000 + 30_000).get()));
    market.transfer(ALICE, CAROL, usdc(600_000)).expect("the right to recoveries is worth something");
    market.now += 1_000 * DAY;
    market.recover(usdc(500_000)).expect("accepted");
    assert_eq!(refused(&mut market, |market| market.collect(ALICE)), BondError::NothingDue);
    assert_eq!((market.collect(CAROL), market.collect(BOB)), (Ok(usdc(300_000).get()), Ok(usdc(420_000).get())));
    assert_eq!(market.state.supply, Amount::ZERO, "written up in full, the notes end");
}

/// A recovery before redemption waits for it, earning nothing.
#[test]
fn a_recovery_before_redemption_is_paid_at_redemption() {
    let mut market = Market::on_risk();
    market.claim(VAULT, usdc(500_000)).expect("accepted");
    market.recover(usdc(100_000)).expect("accepted");
    assert_eq!(refused(&mut market, |market| market.collect(ALICE)), BondError::NothingDue);
    assert_eq!(market.position(ALICE).principal, usdc(360_000));
    market.now += 366 * DAY + 1;
    assert_eq!(market.collect(ALICE), Ok(usdc(360_000 + 30_000).get()));
}
