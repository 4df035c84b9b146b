//! Subscription: principal and premium are in escrow before anyone is on risk.

use alloy_primitives::U256;
use ringfence_bindings::{IEntity as entity, ITailRiskBond as bond};
use ringfence_devchain::Located;
use ringfence_suites::{Stage, DAY, INVESTED, LIMIT, MINIMUM, PERIODS, PREMIUM, RESERVE, USD};

/// A series with nothing subscribed.
fn issued() -> Stage {
    let mut stage = Stage::open(1);
    stage.issue_series();
    stage
}

#[test]
fn the_premium_for_limit_and_period_is_in_escrow_before_the_first_subscription() {
    let mut stage = issued();
    let bond = stage.bond();
    assert_eq!(stage.session.usdc(bond), PREMIUM + RESERVE);
    let status = stage.bond_status();
    assert_eq!((status.phase, status.premium, status.reserve, status.principal), (0, PREMIUM, RESERVE, 0));
    stage.assert_conserved();
}

#[test]
fn subscription_pays_principal_in_and_gives_notes_one_for_one() {
    let mut stage = issued();
    let (bond, investor) = (stage.bond(), stage.investor(0));
    stage.subscribe(0, INVESTED[0]);
    assert_eq!(stage.session.usdc(bond), PREMIUM + RESERVE + INVESTED[0]);
    let notes = stage.read(bond, bond::balanceOfCall { owner: investor.address() });
    assert_eq!(notes, U256::from(INVESTED[0]));
    assert_eq!(stage.read(bond, bond::totalSupplyCall {}), U256::from(INVESTED[0]));
    stage.assert_conserved();
}

#[test]
fn subscription_refused_beyond_the_limit_of_nothing_unfunded_and_late() {
    let mut stage = issued();
    let (bond, investor) = (stage.bond(), stage.investor(0));
    let subscribe = |amount| bond::subscribeCall { amount };
    stage.fund(&investor, bond, LIMIT + USD);
    stage.assert_refused::<bond::Oversubscribed>(&investor, bond, subscribe(LIMIT + 1));
    stage.assert_refused::<bond::AmountOutOfBounds>(&investor, bond, subscribe(0));
    let pauper = stage.keeper.clone();
    stage.assert_refused::<bond::AssetTransferFailed>(&pauper, bond, subscribe(USD));
    let here = stage.session.snapshot();
    let end = stage.series.as_ref().expect("issued").terms.subscriptionEnd;
    stage.session.set_time(end + 1);
    stage.assert_refused::<bond::NotSubscribing>(&investor, bond, subscribe(USD));
    stage.session.restore(&here);
    stage.session.set_time(end);
    stage.must(&investor, bond, subscribe(LIMIT));
    stage.assert_refused::<bond::Oversubscribed>(&investor, bond, subscribe(1));
}

#[test]
fn subscription_refused_before_the_premium_is_funded() {
    let mut stage = Stage::empty();
    let bond = stage.add_ward_bond().address();
    let (ward, keeper) = (stage.ward.clone(), stage.keeper.clone());
    stage.fund(&keeper, bond, USD);
    let subscribe = bond::subscribeCall { amount: USD };
    stage.assert_refused::<bond::PremiumNotFunded>(&keeper, bond, subscribe.clone());
    stage.send_asset(&ward, bond, PREMIUM + RESERVE - 1);
    let fund = bond::fundPremiumCall { reserve: RESERVE };
    stage.assert_refused::<bond::FundsMissing>(&ward, bond, fund.clone());
    stage.send_asset(&ward, bond, RESERVE);
    stage.must(&ward, bond, fund.clone());
    stage.assert_refused::<bond::PremiumNotFunded>(&ward, bond, fund);
    stage.must(&keeper, bond, subscribe);
}

#[test]
fn a_series_goes_on_risk_only_when_full_or_over() {
    let mut stage = issued();
    let (keeper, entity, bond) = (stage.keeper.clone(), stage.entity, stage.bond());
    stage.subscribe(0, INVESTED[0]);
    let activate = entity::activateSeriesCall { bond };
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, activate.clone());
    stage.session.advance(1_801);
    stage.must(&keeper, entity, activate.clone());
    let status = stage.bond_status();
    assert_eq!((status.phase, status.principal), (1, INVESTED[0]));
    assert_eq!(stage.status(0).tail.liveCover, INVESTED[0]);
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, activate);
}

/// Half of the limit: half of the premium is needed, rounded up, and the rest goes back.
#[test]
fn premium_that_the_taken_principal_does_not_need_goes_back_to_the_sponsor() {
    let mut stage = issued();
    let (keeper, entity, bond) = (stage.keeper.clone(), stage.entity, stage.bond());
    stage.subscribe(0, INVESTED[0]);
    stage.session.advance(1_801);
    stage.activate_series();
    // 300,000 dollars at 12 % for 30 of 365 days.
    let needed = 2_958_904_110;
    let status = stage.bond_status();
    assert_eq!((status.premium, status.sponsorDue), (needed, PREMIUM - needed));
    let free = stage.read(entity, entity::capitalCall {})._1;
    stage.must(&keeper, entity, entity::collectPremiumCall { bond });
    assert_eq!(stage.read(entity, entity::capitalCall {})._1, free + PREMIUM - needed);
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, entity::collectPremiumCall { bond });
    stage.assert_conserved();
}

#[test]
fn a_series_below_its_minimum_fails_and_refunds_everybody_in_full() {
    let mut stage = issued();
    let (keeper, entity, bond, investor) = (stage.keeper.clone(), stage.entity, stage.bond(), stage.investor(0));
    stage.subscribe(0, MINIMUM - 1);
    stage.assert_refused::<bond::NotRedeemable>(&investor, bond, bond::redeemCall {});
    stage.session.advance(1_801);
    stage.activate_series();
    assert_eq!(stage.bond_status().phase, 2);
    assert_eq!(stage.status(0).tail.liveCover, 0, "a failed series covers nothing");
    stage.must(&investor, bond, bond::redeemCall {});
    assert_eq!(stage.session.usdc(&investor), MINIMUM - 1);
    stage.must(&keeper, entity, entity::collectPremiumCall { bond });
    assert_eq!(stage.session.usdc(bond), RESERVE);
    stage.assert_conserved();
}

#[test]
fn a_series_that_the_sponsor_forgot_is_expired_by_anyone_after_the_grace() {
    let mut stage = issued();
    let (keeper, bond) = (stage.keeper.clone(), stage.bond());
    stage.subscribe(0, INVESTED[0]);
    let end = stage.series.as_ref().expect("issued").terms.subscriptionEnd;
    stage.session.set_time(end + DAY);
    stage.assert_refused::<bond::GraceRunning>(&keeper, bond, bond::expireCall {});
    stage.session.advance(1);
    stage.must(&keeper, bond, bond::expireCall {});
    assert_eq!(stage.bond_status().phase, 2);
    let investor = stage.investor(0);
    stage.must(&investor, bond, bond::redeemCall {});
    assert_eq!(stage.session.usdc(&investor), INVESTED[0]);
    stage.assert_refused::<bond::NotSubscribing>(&keeper, bond, bond::expireCall {});
}

#[test]
fn terms_of_a_series_for_another_sponsor_or_asset_are_refused() {
    let mut stage = Stage::open(1);
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let terms = stage.series_terms(vault, entity);
    let foreign = [
        bond::SeriesTerms { sponsor: admin.address(), ..terms.clone() },
        bond::SeriesTerms { asset: ringfence_devchain::USDT.address(), ..terms.clone() },
    ];
    for terms in foreign {
        stage.assert_refused::<entity::TermsMismatch>(&admin, entity, entity::issueSeriesCall { terms });
    }
}

#[test]
fn terms_of_a_series_out_of_bounds_are_refused() {
    let mut stage = Stage::open(1);
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let terms = stage.series_terms(vault, entity);
    let wrong = [
        bond::SeriesTerms { limit: 0, ..terms.clone() },
        bond::SeriesTerms { minimum: LIMIT + 1, ..terms.clone() },
        bond::SeriesTerms { spread: 10_001, ..terms.clone() },
        bond::SeriesTerms { riskPeriod: 3_599, ..terms.clone() },
        bond::SeriesTerms { subscriptionEnd: stage.session.now(), ..terms.clone() },
    ];
    for terms in wrong {
        stage.assert_refused::<entity::SeriesNotIssued>(&admin, entity, entity::issueSeriesCall { terms });
    }
    stage.must(&admin, entity, entity::issueSeriesCall { terms: terms.clone() });
    stage.assert_refused::<entity::SeriesNotIssued>(&admin, entity, entity::issueSeriesCall { terms });
}

/// The vault counts on cover until the latest close-out of a default in its risk period, so the bond must pay until then.
#[test]
fn a_series_whose_extension_is_shorter_than_the_close_out_never_goes_on_risk() {
    let mut stage = Stage::open(1);
    let (admin, keeper, entity, vault) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.vault(0));
    let extension = PERIODS.close_out.get() - 1;
    let terms = bond::SeriesTerms { extension, ..stage.series_terms(vault, entity) };
    let bond = stage.must(&admin, entity, entity::issueSeriesCall { terms }).returned;
    stage.fund(&keeper, bond, LIMIT);
    stage.must(&keeper, bond, bond::subscribeCall { amount: LIMIT });
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, entity::activateSeriesCall { bond });
    stage.session.advance(1_801 + DAY);
    stage.must(&keeper, bond, bond::expireCall {});
    stage.must(&keeper, bond, bond::redeemCall {});
    assert_eq!(stage.session.usdc(&keeper), LIMIT);
}
