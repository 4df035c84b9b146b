//! The note as an ERC-20.

use alloy_primitives::{Address, U256};
use ringfence_bindings::ITailRiskBond as bond;
use ringfence_devchain::{Actor, Located};
use ringfence_suites::{Stage, INVESTED, LIMIT, USD};

/// A series on risk, its first investor, and anyone.
fn on_risk() -> (Stage, Address, Actor, Actor) {
    let stage = Stage::insured(1);
    let (bond, holder, keeper) = (stage.bond(), stage.investor(0), stage.keeper.clone());
    (stage, bond, holder, keeper)
}

fn balance(stage: &mut Stage, owner: &Actor) -> u128 {
    let bond = stage.bond();
    stage.read(bond, bond::balanceOfCall { owner: owner.address() }).to::<u128>()
}

fn transfer(to: &Actor, value: u128) -> bond::transferCall {
    bond::transferCall { to: to.address(), value: U256::from(value) }
}

#[test]
fn metadata_is_what_wallets_read() {
    let (mut stage, bond, _, _) = on_risk();
    assert_eq!(stage.read(bond, bond::nameCall {}), "Ringfence Tail-Risk Note");
    assert_eq!(stage.read(bond, bond::symbolCall {}), "RFTRN");
    assert_eq!(stage.read(bond, bond::decimalsCall {}), 6);
    assert_eq!(stage.read(bond, bond::totalSupplyCall {}), U256::from(LIMIT));
}

#[test]
fn transfer_moves_notes_and_says_so() {
    let (mut stage, bond, holder, keeper) = on_risk();
    let report = stage.must(&holder, bond, transfer(&keeper, USD));
    assert!(report.returned);
    let event = bond::Transfer { from: holder.address(), to: keeper.address(), value: U256::from(USD) };
    assert_eq!(report.events_from::<bond::Transfer>(bond), [event]);
    assert_eq!((balance(&mut stage, &holder), balance(&mut stage, &keeper)), (INVESTED[0] - USD, USD));
}

#[test]
fn transfer_to_oneself_moves_nothing_and_succeeds() {
    let (mut stage, bond, holder, _) = on_risk();
    assert!(stage.must(&holder, bond, transfer(&holder, INVESTED[0])).returned);
    assert_eq!(balance(&mut stage, &holder), INVESTED[0]);
    stage.assert_refused::<bond::InsufficientBalance>(&holder, bond, transfer(&holder, INVESTED[0] + 1));
}

#[test]
fn transfer_refused_beyond_the_balance_and_to_nobody() {
    let (mut stage, bond, holder, keeper) = on_risk();
    stage.assert_refused::<bond::InsufficientBalance>(&holder, bond, transfer(&keeper, INVESTED[0] + 1));
    let most = bond::transferCall { to: keeper.address(), value: U256::MAX };
    stage.assert_refused::<bond::InsufficientBalance>(&holder, bond, most);
    let nobody = bond::transferCall { to: Address::ZERO, value: U256::from(1) };
    stage.assert_refused::<bond::InvalidAddress>(&holder, bond, nobody);
    stage.must(&holder, bond, transfer(&keeper, 0));
}

#[test]
fn transfer_refused_before_the_series_is_on_risk() {
    let mut stage = Stage::open(1);
    stage.issue_series();
    stage.subscribe(0, USD);
    let (bond, holder, keeper) = (stage.bond(), stage.investor(0), stage.keeper.clone());
    stage.assert_refused::<bond::NotOnRisk>(&holder, bond, transfer(&keeper, 1));
}

fn allowance(stage: &mut Stage, owner: &Actor, spender: &Actor) -> U256 {
    let bond = stage.bond();
    stage.read(bond, bond::allowanceCall { owner: owner.address(), spender: spender.address() })
}

#[test]
fn an_allowance_is_spent_by_transfer_from_and_refused_beyond_it() {
    let (mut stage, bond, holder, keeper) = on_risk();
    let to = stage.investor(1);
    let spend =
        |value: u128| bond::transferFromCall { from: holder.address(), to: to.address(), value: U256::from(value) };
    stage.assert_refused::<bond::InsufficientAllowance>(&keeper, bond, spend(1));
    let approve = bond::approveCall { spender: keeper.address(), value: U256::from(100) };
    let report = stage.must(&holder, bond, approve);
    assert_eq!(report.events_from::<bond::Approval>(bond)[0].value, U256::from(100));
    stage.must(&keeper, bond, spend(60));
    assert_eq!(allowance(&mut stage, &holder, &keeper), U256::from(40));
    stage.assert_refused::<bond::InsufficientAllowance>(&keeper, bond, spend(41));
    assert_eq!(balance(&mut stage, &to), INVESTED[1] + 60);
    // Approving again sets, it does not add.
    stage.must(&holder, bond, bond::approveCall { spender: keeper.address(), value: U256::from(7) });
    assert_eq!(allowance(&mut stage, &holder, &keeper), U256::from(7));
}

#[test]
fn an_allowance_without_limit_is_not_used_up_and_reaches_no_further_than_the_balance() {
    let (mut stage, bond, holder, keeper) = on_risk();
    stage.must(&holder, bond, bond::approveCall { spender: keeper.address(), value: U256::MAX });
    let unlimited = allowance(&mut stage, &holder, &keeper);
    let spend =
        |value: u128| bond::transferFromCall { from: holder.address(), to: keeper.address(), value: U256::from(value) };
    stage.must(&keeper, bond, spend(USD));
    assert_eq!(allowance(&mut stage, &holder, &keeper), unlimited);
    stage.assert_refused::<bond::InsufficientBalance>(&keeper, bond, spend(INVESTED[0]));
}

#[test]
fn a_spender_needs_an_allowance_of_the_owner_and_not_of_another() {
    let (mut stage, bond, holder, keeper) = on_risk();
    let other = stage.investor(1);
    stage.must(&holder, bond, bond::approveCall { spender: keeper.address(), value: U256::from(10) });
    let call = bond::transferFromCall { from: other.address(), to: keeper.address(), value: U256::from(1) };
    stage.assert_refused::<bond::InsufficientAllowance>(&keeper, bond, call);
}
