//! Maturity, notice, extension, commutation, recovery and redemption.

use alloy_primitives::{Address, U256};
use ringfence_bindings::{
    IEntity as entity, IMarginVault,
    ITailRiskBond::{self as bond, Paid},
};
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::Party;
use ringfence_suites::{
    Mark, Stage, DAY, EXTENSION, FIRST_LOSS, INVESTED, LIMIT, MARGIN, NOTICE, PREMIUM, RESERVE, RISK_PERIOD, SPREAD,
    USD,
};

/// Premium of the whole period, rounded down.
const ALL: [u128; 3] = [2_958_904_109, 1_972_602_739, 986_301_369];

/// A bond on risk on its own, the ward being its sponsor and the keeper its vault; investor 1 has all the notes.
fn ward_on_risk() -> (Stage, Address, Actor) {
    let mut stage = Stage::empty();
    let bond = stage.add_ward_bond().address();
    let (ward, investor) = (stage.ward.clone(), stage.session.eth_actor("investor 1"));
    stage.send_asset(&ward, bond, PREMIUM + RESERVE);
    stage.must(&ward, bond, bond::fundPremiumCall { reserve: RESERVE });
    stage.fund(&investor, bond, LIMIT);
    stage.must(&investor, bond, bond::bidCall { slot: 0, amount: LIMIT, spread: SPREAD });
    let end = stage.read(bond, bond::termsCall {}).book.revealUntil;
    stage.session.set_time(end + 1);
    stage.must(&ward, bond, bond::clearCall { ticks: 13 });
    stage.must(&ward, bond, bond::activateCall {});
    stage.must(&investor, bond, bond::allotCall { slot: 0 });
    (stage, bond, investor)
}

#[test]
fn principal_is_redeemable_after_notice_and_not_before() {
    let mut stage = Stage::insured(1);
    let (bond, holder) = (stage.bond(), stage.investor(0));
    let status = stage.bond_status();
    assert_eq!(status.claimsUntil, status.maturity + EXTENSION);
    stage.session.set_time(status.maturity + NOTICE);
    assert_eq!(stage.position(&holder).redeemable, 0);
    stage.must(&holder, bond, bond::collectCall {});
    assert_eq!(stage.session.usdc(&holder), ALL[0], "premium");
    stage.assert_refused::<bond::NothingDue>(&holder, bond, bond::collectCall {});
    stage.session.advance(1);
    assert_eq!(stage.position(&holder).redeemable, INVESTED[0]);
    stage.must(&holder, bond, bond::collectCall {});
    assert_eq!(stage.session.usdc(&holder), INVESTED[0] + ALL[0]);
}

#[test]
fn everybody_redeems_principal_and_premium_to_the_unit_and_only_once() {
    let mut stage = Stage::insured(1);
    let bond = stage.bond();
    stage.session.advance(RISK_PERIOD + NOTICE + 1);
    for index in 0..3 {
        let holder = stage.investor(index);
        let report = stage.must(&holder, bond, bond::collectCall {});
        let paid = Paid { holder: holder.address(), premium: ALL[index], principal: INVESTED[index] };
        assert_eq!(report.events_from::<Paid>(bond), [paid]);
        let burnt = bond::Transfer { from: holder.address(), to: Address::ZERO, value: U256::from(INVESTED[index]) };
        assert_eq!(report.events_from::<bond::Transfer>(bond), [burnt]);
        assert_eq!(stage.session.usdc(&holder), INVESTED[index] + ALL[index]);
        stage.assert_refused::<bond::NothingDue>(&holder, bond, bond::collectCall {});
    }
    let dust = PREMIUM - ALL.iter().sum::<u128>();
    assert_eq!(stage.session.usdc(bond), RESERVE + dust);
    let status = stage.bond_status();
    assert_eq!((status.premium, status.sponsorDue), (0, dust), "the dust goes back to the sponsor");
    stage.assert_conserved();
}

#[test]
fn nothing_is_paid_to_who_has_no_notes() {
    let mut stage = Stage::insured(1);
    let (bond, keeper) = (stage.bond(), stage.keeper.clone());
    stage.session.advance(RISK_PERIOD + EXTENSION + 1);
    stage.assert_refused::<bond::NothingDue>(&keeper, bond, bond::collectCall {});
}

#[test]
fn a_frozen_holder_does_not_hold_up_the_others() {
    let mut stage = Stage::insured(1);
    let (bond, frozen, other) = (stage.bond(), stage.investor(0), stage.investor(1));
    stage.mint(&frozen, USD);
    stage.session.block(ringfence_devchain::USDC, &frozen).expect("it holds the asset");
    stage.session.advance(RISK_PERIOD + EXTENSION + 1);
    stage.assert_refused::<bond::AssetTransferFailed>(&frozen, bond, bond::collectCall {});
    stage.must(&other, bond, bond::collectCall {});
    assert_eq!(stage.session.usdc(&other), INVESTED[1] + ALL[1]);
}

#[test]
fn claims_are_refused_beyond_the_principal_of_nothing_too_early_and_too_late() {
    let mut stage = Stage::empty();
    let early = stage.add_ward_bond().address();
    let vault = stage.keeper.clone();
    let claim = |amount| bond::claimCall { amount };
    stage.assert_refused::<bond::NotOnRisk>(&vault, early, claim(1));

    let (mut stage, bond, _) = ward_on_risk();
    let (ward, vault) = (stage.ward.clone(), stage.keeper.clone());
    stage.assert_refused::<bond::NotTheVault>(&ward, bond, claim(1));
    stage.assert_refused::<bond::ClaimExceedsPrincipal>(&vault, bond, claim(LIMIT + 1));
    stage.assert_refused::<bond::AmountOutOfBounds>(&vault, bond, claim(0));
    stage.must(&ward, bond, bond::extendCall { claimable: 2 * USD });
    stage.session.advance(RISK_PERIOD + EXTENSION);
    stage.assert_refused::<bond::ClaimExceedsPrincipal>(&vault, bond, claim(2 * USD + 1));
    stage.must(&vault, bond, claim(USD));
    stage.session.advance(1);
    stage.assert_refused::<bond::ClaimPeriodOver>(&vault, bond, claim(USD));
}

/// A recovery is recorded only by the vault, only when it is there, only up to the loss; it is paid to the holder of then.
#[test]
fn a_recovery_writes_notes_up_for_who_holds_them() {
    let (mut stage, bond, seller) = ward_on_risk();
    let (ward, vault, buyer) = (stage.ward.clone(), stage.keeper.clone(), stage.session.eth_actor("investor 2"));
    stage.must(&vault, bond, bond::claimCall { amount: 150_000 * USD });
    stage.session.advance(RISK_PERIOD + NOTICE + 1);
    stage.must(&seller, bond, bond::collectCall {});
    let paid = stage.session.usdc(&seller);
    assert_eq!(stage.read(bond, bond::totalSupplyCall {}), U256::from(LIMIT), "written-down notes survive");
    let all = bond::transferCall { to: buyer.address(), value: U256::from(LIMIT) };
    stage.must(&seller, bond, all);

    let recovered = |amount| bond::recoveredCall { amount };
    stage.assert_refused::<bond::FundsMissing>(&vault, bond, recovered(150_000 * USD));
    stage.send_asset(&ward, bond, 150_000 * USD);
    stage.assert_refused::<bond::NotTheVault>(&ward, bond, recovered(USD));
    stage.assert_refused::<bond::RecoveryExceedsLoss>(&vault, bond, recovered(150_000 * USD + 1));
    stage.must(&vault, bond, recovered(150_000 * USD));
    stage.assert_refused::<bond::NothingDue>(&seller, bond, bond::collectCall {});
    stage.must(&buyer, bond, bond::collectCall {});
    assert_eq!((stage.session.usdc(&seller), stage.session.usdc(&buyer)), (paid, 150_000 * USD));
    assert_eq!(stage.read(bond, bond::totalSupplyCall {}), U256::ZERO);
}

/// The default is open when the risk period ends: anyone has the entity report it, the whole principal stays, and once the
/// close-out has claimed its part and that is reported too, the rest is free.
#[test]
fn an_open_default_locks_principal_until_it_is_closed_out() {
    let mut stage = Stage::insured(1);
    let (bond, entity, keeper) = (stage.bond(), stage.entity, stage.keeper.clone());
    let maturity = stage.bond_status().maturity;
    stage.session.set_time(maturity - 6);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    stage.must(&keeper, entity, entity::extendSeriesCall { bond });
    assert_eq!(stage.bond_status().locked, LIMIT);
    stage.session.set_time(maturity + 60);
    let claim = i128::try_from(MARGIN + FIRST_LOSS + LIMIT / 4).expect("small");
    let message = stage.determination(0, Party::A, claim);
    stage.close_out(0, &message, &[0, 1, 2]);
    assert_eq!(stage.bond_status().locked, LIMIT - LIMIT / 4, "the claim used up its part");

    stage.session.set_time(maturity + NOTICE + 1);
    let holder = stage.investor(0);
    assert_eq!(stage.position(&holder).redeemable, 0);
    stage.must(&keeper, entity, entity::extendSeriesCall { bond });
    assert_eq!(stage.position(&holder).redeemable, INVESTED[0] - INVESTED[0] / 4);
    stage.must(&holder, bond, bond::collectCall {});
    stage.assert_conserved();
}

#[test]
fn without_an_open_default_a_report_locks_nothing() {
    let mut stage = Stage::insured(1);
    let (bond, entity, keeper) = (stage.bond(), stage.entity, stage.keeper.clone());
    stage.must(&keeper, entity, entity::extendSeriesCall { bond });
    assert_eq!(stage.bond_status().locked, 0);
    stage.assert_refused::<bond::NotTheVault>(&keeper, bond, bond::extendCall { claimable: 1 });
    stage.assert_refused::<entity::UnknownSeries>(&keeper, entity, entity::extendSeriesCall { bond: entity });
}

/// Only on a closed vault does the entity offer an end, and only two thirds of the notes make it one.
#[test]
fn a_series_on_a_closed_vault_is_commuted_by_two_thirds() {
    let mut stage = Stage::insured(1);
    let (bond, entity, admin, keeper) = (stage.bond(), stage.entity, stage.admin.clone(), stage.keeper.clone());
    let commute = entity::commuteSeriesCall { bond };
    stage.assert_refused::<entity::CoverNeeded>(&admin, entity, commute.clone());
    stage.mark(0, Mark::default());
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    stage.assert_refused::<entity::NotTheAdmin>(&keeper, entity, commute.clone());
    let holders = [0, 1, 2].map(|index| stage.investor(index));
    stage.assert_refused::<bond::NoProposal>(&holders[0], bond, bond::agreeCall {});
    stage.must(&admin, entity, commute);
    stage.must(&holders[0], bond, bond::agreeCall {});
    stage.assert_refused::<bond::NothingDue>(&holders[0], bond, bond::agreeCall {});
    assert_eq!(stage.bond_status().phase, 1, "half is not two thirds");
    stage.must(&holders[2], bond, bond::agreeCall {});
    assert_eq!(stage.bond_status().phase, 4);
    for (holder, invested) in holders.iter().zip(INVESTED) {
        stage.must(holder, bond, bond::collectCall {});
        assert!(stage.session.usdc(holder) >= invested);
    }
    stage.assert_refused::<bond::NotOnRisk>(&holders[0], bond, bond::agreeCall {});
    stage.assert_conserved();
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

/// What prices a note: principal, what it earned, what it lost, what is locked, each in 10^-18 of a base unit.
#[test]
fn the_value_of_a_note_is_shown() {
    let (mut stage, bond, _) = ward_on_risk();
    let (ward, vault) = (stage.ward.clone(), stage.keeper.clone());
    stage.must(&vault, bond, bond::claimCall { amount: LIMIT / 4 });
    stage.must(&ward, bond, bond::extendCall { claimable: LIMIT / 2 });
    let value = stage.read(bond, bond::noteValueCall {});
    let wad = 1_000_000_000_000_000_000;
    assert_eq!((value.principal, value.writtenDown, value.inExtension), (wad / 4 * 3, wad / 4, wad / 2));
    assert_eq!(value.released, 0);
}
