use crate::market::{guards, refused, usdc, Market, ALICE, BOB, DAY, SPONSOR, VAULT};
use ringfence_protocol::{bond::BondError, units::Amount};

/// A default that could still claim 300,000 was reported, and notice is over.
fn extended() -> Market {
    let mut market = Market::redeeming();
    market.now -= 1;
    market.extend(SPONSOR, usdc(300_000)).expect("accepted");
    market.now += 1;
    market
}

guards! {
    NotTheVault: nobody_else_reports_a_default {
        Market::on_risk().extend(VAULT, usdc(1)).expect("the vault");
        Market::on_risk().extend(SPONSOR, usdc(1)).expect("the sponsor");
        refused(&mut Market::on_risk(), |market| market.extend(ALICE, usdc(1)))
    }
    NotOnRisk: nothing_is_extended_before_the_risk {
        refused(&mut Market::funded(), |market| market.extend(VAULT, usdc(1)))
    }
    ExtensionOver: nothing_is_extended_beyond_the_latest_date {
        let mut market = extended();
        market.now = market.state.claims_until(&market.terms).expect("in range").get();
        market.clone().extend(VAULT, usdc(1)).expect("at the bound");
        market.now += 1;
        refused(&mut market, |market| market.extend(VAULT, usdc(1)))
    }
    NothingDue: what_is_locked_is_not_paid {
        let mut market = extended();
        market.collect(ALICE).expect("the rest is");
        refused(&mut market, |market| market.collect(ALICE))
    }
    ClaimExceedsPrincipal: no_claim_above_the_lock {
        let mut market = extended();
        market.clone().claim(VAULT, usdc(300_000)).expect("at the bound");
        refused(&mut market, |market| market.claim(VAULT, Amount::new(usdc(300_000).get() + 1)))
    }
}

#[test]
fn no_more_is_locked_than_there_is() {
    let mut market = Market::on_risk();
    market.claim(VAULT, usdc(400_000)).expect("accepted");
    market.extend(VAULT, Amount::new(u128::MAX)).expect("accepted");
    assert_eq!(market.state.locked, usdc(600_000));
}

/// What is not locked is redeemed on time, to the last holder.
#[test]
fn the_rest_redeems_on_time() {
    let mut market = extended();
    assert_eq!(market.collect(ALICE), Ok(usdc(420_000 + 60_000).get()));
    assert_eq!(market.collect(BOB), Ok(usdc(280_000 + 40_000).get()));
}

/// After notice a report frees principal and can't lock any.
#[test]
fn after_notice_the_lock_only_shrinks() {
    let mut market = extended();
    market.extend(SPONSOR, usdc(1_000_000)).expect("accepted");
    assert_eq!(market.state.locked, usdc(300_000));
    market.extend(SPONSOR, usdc(100_000)).expect("accepted");
    assert_eq!(market.position(ALICE).redeemable, usdc(420_000 + 120_000));
    market.extend(SPONSOR, usdc(300_000)).expect("accepted");
    assert_eq!(market.state.locked, usdc(100_000));
}

/// Until the end of notice the last report counts.
#[test]
fn before_redemption_a_report_replaces_the_last() {
    let mut market = Market::on_risk();
    market.extend(VAULT, usdc(300_000)).expect("accepted");
    market.extend(VAULT, Amount::ZERO).expect("the default was closed out");
    market.now += 366 * DAY;
    market.extend(VAULT, usdc(5_000)).expect("another one, at the last moment");
    market.now += 1;
    assert_eq!(market.position(ALICE).redeemable, usdc(597_000));
}

#[test]
fn a_claim_uses_the_lock_up() {
    let mut market = extended();
    market.claim(VAULT, usdc(200_000)).expect("accepted");
    assert_eq!((market.state.locked, market.state.principal), (usdc(100_000), usdc(100_000)));
    assert_eq!(refused(&mut market, |market| market.claim(VAULT, usdc(200_000))), BondError::ClaimExceedsPrincipal);
}

#[test]
fn at_the_latest_date_everything_is_free_without_anyones_help() {
    let mut market = extended();
    market.now = market.state.claims_until(&market.terms).expect("in range").get();
    assert_eq!(market.position(ALICE).redeemable, usdc(420_000));
    market.now += 1;
    assert_eq!(market.collect(ALICE), Ok(usdc(660_000).get()));
    assert_eq!(market.collect(BOB), Ok(usdc(440_000).get()));
    assert_eq!(market.state.face, Amount::ZERO);
}
