//! The note as an ERC-20.

use alloy_primitives::{Address, U256};
use ringfence_bindings::ITailRiskBond as bond;
use ringfence_devchain::{h160_of, Actor, Located, CHAIN_ID};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    bond::Permit,
    eip712::{Domain, TypedMessage},
    U256 as Word,
};
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

/// A permit for `value`, signed by the owner.
fn permit(stage: &mut Stage, owner: &Actor, spender: &Actor, value: u128, nonce: u64) -> bond::permitCall {
    let deadline = stage.session.now() + 600;
    let message = Permit {
        owner: owner.h160(),
        spender: spender.h160(),
        value: Word::from(value),
        nonce,
        deadline: Word::from(deadline),
    };
    let domain = Domain { chain_id: CHAIN_ID, verifying_contract: h160_of(stage.bond()) };
    let signature = owner.sign(message.digest::<Keccak>(&domain).0).expect("an Ethereum actor has a key");
    bond::permitCall {
        owner: owner.address(),
        spender: spender.address(),
        value: U256::from(value),
        deadline: U256::from(deadline),
        v: signature[64],
        r: alloy_primitives::B256::from_slice(&signature[..32]),
        s: alloy_primitives::B256::from_slice(&signature[32..64]),
    }
}

#[test]
fn a_permit_is_an_allowance_by_signature_and_used_once() {
    let (mut stage, bond, holder, keeper) = on_risk();
    let call = permit(&mut stage, &holder, &keeper, 100, 0);
    let forged = bond::permitCall { value: U256::from(101), ..call.clone() };
    stage.assert_refused::<bond::PermitInvalid>(&keeper, bond, forged);
    let report = stage.must(&keeper, bond, call.clone());
    assert_eq!(report.events_from::<bond::Approval>(bond)[0].value, U256::from(100));
    assert_eq!(allowance(&mut stage, &holder, &keeper), U256::from(100));
    assert_eq!(stage.read(bond, bond::noncesCall { owner: holder.address() }), U256::from(1));
    stage.assert_refused::<bond::PermitInvalid>(&keeper, bond, call);
    let next = permit(&mut stage, &holder, &keeper, 5, 1);
    stage.must(&keeper, bond, next);
    assert_eq!(allowance(&mut stage, &holder, &keeper), U256::from(5));
}

#[test]
fn a_permit_lapses() {
    let (mut stage, bond, holder, keeper) = on_risk();
    let call = permit(&mut stage, &holder, &keeper, 100, 0);
    stage.session.advance(601);
    stage.assert_refused::<bond::PermitExpired>(&keeper, bond, call);
}

/// What wallets compute from name, version "1", chain and address is what the contract says.
#[test]
fn the_signing_domain_is_the_notes_name() {
    let (mut stage, bond, _, _) = on_risk();
    let name = stage.read(bond, bond::nameCall {});
    let domain = alloy_sol_types::eip712_domain! {
        name: name, version: "1", chain_id: CHAIN_ID, verifying_contract: bond,
    };
    assert_eq!(stage.read(bond, bond::DOMAIN_SEPARATORCall {}), domain.separator());
}
