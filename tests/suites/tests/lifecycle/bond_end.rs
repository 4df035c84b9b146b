//! Maturity, extension and redemption.

use ringfence_bindings::{
    IMarginVault,
    ITailRiskBond::{self as bond, Redeemed},
};
use ringfence_devchain::Located;
use ringfence_suites::{Stage, DAY, EXTENSION, INVESTED, LIMIT, PREMIUM, RESERVE, RISK_PERIOD, USD};

/// Premium of the whole period, rounded down.
const ALL: [u128; 3] = [2_958_904_109, 1_972_602_739, 986_301_369];

#[test]
fn redeem_refused_before_maturity_and_extension_have_passed() {
    let mut stage = Stage::insured(1);
    let (bond, holder) = (stage.bond(), stage.investor(0));
    let start = stage.session.now();
    let until = start + RISK_PERIOD + EXTENSION;
    let status = stage.bond_status();
    assert_eq!((status.maturity, status.claimsUntil), (start + RISK_PERIOD, until));
    for time in [start + 1, start + RISK_PERIOD, start + RISK_PERIOD + 1, until] {
        stage.session.set_time(time);
        stage.assert_refused::<bond::NotRedeemable>(&holder, bond, bond::redeemCall {});
    }
    stage.session.advance(1);
    stage.must(&holder, bond, bond::redeemCall {});
    assert_eq!(stage.session.usdc(&holder), INVESTED[0] + ALL[0]);
}

#[test]
fn everybody_redeems_principal_and_premium_to_the_unit_and_only_once() {
    let mut stage = Stage::insured(1);
    let bond = stage.bond();
    stage.session.advance(RISK_PERIOD + EXTENSION + 1);
    for index in 0..3 {
        let holder = stage.investor(index);
        let report = stage.must(&holder, bond, bond::redeemCall {});
        let redeemed = Redeemed { holder: holder.address(), principal: INVESTED[index] };
        assert_eq!(report.events_from::<Redeemed>(bond), [redeemed]);
        assert_eq!(stage.session.usdc(&holder), INVESTED[index] + ALL[index]);
        stage.assert_refused::<bond::NothingDue>(&holder, bond, bond::redeemCall {});
    }
    let dust = PREMIUM - ALL.iter().sum::<u128>();
    assert_eq!(stage.session.usdc(bond), RESERVE + dust);
    let status = stage.bond_status();
    assert_eq!((status.premium, status.sponsorDue), (0, dust), "the dust goes back to the sponsor");
    stage.assert_conserved();
}

#[test]
fn redeem_refused_without_notes() {
    let mut stage = Stage::insured(1);
    let (bond, keeper) = (stage.bond(), stage.keeper.clone());
    stage.session.advance(RISK_PERIOD + EXTENSION + 1);
    stage.assert_refused::<bond::NothingDue>(&keeper, bond, bond::redeemCall {});
}

#[test]
fn a_frozen_holder_does_not_hold_up_the_others() {
    let mut stage = Stage::insured(1);
    let (bond, frozen, other) = (stage.bond(), stage.investor(0), stage.investor(1));
    stage.mint(&frozen, USD);
    stage.session.block(ringfence_devchain::USDC, &frozen).expect("it holds the asset");
    stage.session.advance(RISK_PERIOD + EXTENSION + 1);
    stage.assert_refused::<bond::AssetTransferFailed>(&frozen, bond, bond::redeemCall {});
    stage.must(&other, bond, bond::redeemCall {});
    assert_eq!(stage.session.usdc(&other), INVESTED[1] + ALL[1]);
}

/// The ward is sponsor and vault here, so that each of its claims can be looked at.
#[test]
fn claims_are_refused_beyond_the_principal_of_nothing_too_early_and_too_late() {
    let mut stage = Stage::empty();
    let bond = stage.add_ward_bond().address();
    let (ward, keeper) = (stage.ward.clone(), stage.keeper.clone());
    let claim = |amount| bond::claimCall { amount };
    stage.send_asset(&ward, bond, PREMIUM + RESERVE);
    stage.must(&ward, bond, bond::fundPremiumCall { reserve: RESERVE });
    stage.fund(&keeper, bond, LIMIT);
    stage.must(&keeper, bond, bond::subscribeCall { amount: LIMIT });
    stage.assert_refused::<bond::NotOnRisk>(&ward, bond, claim(1));
    stage.must(&ward, bond, bond::activateCall {});

    stage.assert_refused::<bond::ClaimExceedsPrincipal>(&ward, bond, claim(LIMIT + 1));
    stage.assert_refused::<bond::AmountOutOfBounds>(&ward, bond, claim(0));
    stage.session.advance(RISK_PERIOD + EXTENSION);
    stage.must(&ward, bond, claim(USD));
    stage.session.advance(1);
    stage.assert_refused::<bond::ClaimPeriodOver>(&ward, bond, claim(USD));
}

#[test]
fn cover_counts_exactly_until_maturity() {
    let mut stage = Stage::insured(1);
    let (vault, maturity) = (stage.vault(0), stage.bond_status().maturity);
    stage.session.set_time(maturity);
    assert_eq!(stage.read(vault, IMarginVault::statusCall {}).tail.liveCover, LIMIT);
    stage.session.advance(1);
    assert_eq!(stage.read(vault, IMarginVault::statusCall {}).tail.liveCover, 0);
    stage.session.advance(DAY);
    assert_eq!(stage.status(0).tail.liveCover, 0);
}
