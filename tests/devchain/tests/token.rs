//! The settlement asset through its ERC-20 precompile: what an ordinary token does, and what this one does besides.

use alloy_primitives::{address, Address, U256};
use ringfence_devchain::{Actor, CallError, Located, Runtime, Session, IERC20, USDC, USDC_MIN_BALANCE, USDT};

type AssetsError = pallet_assets::Error<Runtime>;

/// A hundred USDC.
const HUNDRED: u128 = 100_000_000;

/// Alice, an Ethereum account, holds a hundred; Bob, a native one, holds nothing.
fn set_up() -> (Session, Actor, Actor) {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    let bob = session.substrate_actor("bob");
    session.mint_usdc(&alice, HUNDRED).expect("the issuer may mint");
    (session, alice, bob)
}

fn transfer(to: &Actor, amount: u128) -> IERC20::transferCall {
    IERC20::transferCall { to: to.address(), value: U256::from(amount) }
}

#[test]
fn precompile_addresses_are_those_of_the_hub() {
    assert_eq!(USDC.address(), address!("0000053900000000000000000000000001200000"));
    assert_eq!(USDT.address(), address!("000007C000000000000000000000000001200000"));
}

#[test]
fn metadata_and_supply_are_readable() {
    let (mut session, alice, _) = set_up();
    assert_eq!(session.dry_run(&alice, USDC, IERC20::decimalsCall {}).unwrap().returned, 6);
    assert_eq!(session.dry_run(&alice, USDC, IERC20::symbolCall {}).unwrap().returned, "USDC");
    assert_eq!(session.dry_run(&alice, USDC, IERC20::nameCall {}).unwrap().returned, "USD Coin");
    let supply = session.dry_run(&alice, USDC, IERC20::totalSupplyCall {}).unwrap().returned;
    assert_eq!(supply, U256::from(HUNDRED));
    assert_eq!(session.total_issuance(USDC), HUNDRED);
    assert_eq!(session.total_issuance(USDT), 0);
}

#[test]
fn transfer_moves_balance_and_emits() {
    let (mut session, alice, bob) = set_up();
    let report = session.call(&alice, USDC, transfer(&bob, 40_000_000)).unwrap();
    assert!(report.returned);
    let expected = IERC20::Transfer { from: alice.address(), to: bob.address(), value: U256::from(40_000_000) };
    assert_eq!(report.events_from::<IERC20::Transfer>(USDC), [expected]);
    assert_eq!(session.block_events(), report.events);
    assert_eq!((session.usdc(&alice), session.usdc(&bob)), (60_000_000, 40_000_000));
    let view = session.dry_run(&alice, USDC, IERC20::balanceOfCall { account: bob.address() }).unwrap();
    assert_eq!(view.returned, U256::from(40_000_000));
}

#[test]
fn transfer_beyond_balance_is_refused_and_changes_nothing() {
    let (mut session, alice, bob) = set_up();
    let before = session.state_root();
    let error = session.call(&alice, USDC, transfer(&bob, HUNDRED + 1)).unwrap_err();
    assert!(error.is_dispatch(AssetsError::BalanceLow), "{error}");
    assert_eq!(error.to_string(), "refused: Assets::BalanceLow");
    assert_eq!(session.state_root(), before);
    assert!(session.block_events().is_empty());
}

#[test]
fn transfer_that_leaves_less_than_minimum_takes_the_dust_along() {
    let (mut session, alice, bob) = set_up();
    let dust = USDC_MIN_BALANCE - 1;
    let report = session.call(&alice, USDC, transfer(&bob, HUNDRED - dust)).unwrap();
    let [event] = &report.events_of::<IERC20::Transfer>()[..] else { panic!("one event") };
    assert_eq!(event.value, U256::from(HUNDRED - dust), "the event does not tell of the dust");
    assert_eq!((session.usdc(&alice), session.usdc(&bob)), (0, HUNDRED), "but the balance does");
}

#[test]
fn transfer_that_leaves_exactly_the_minimum_keeps_it() {
    let (mut session, alice, bob) = set_up();
    session.call(&alice, USDC, transfer(&bob, HUNDRED - USDC_MIN_BALANCE)).unwrap();
    assert_eq!(session.usdc(&alice), USDC_MIN_BALANCE);
}

#[test]
fn first_balance_below_minimum_is_refused() {
    let (mut session, alice, bob) = set_up();
    let error = session.call(&alice, USDC, transfer(&bob, USDC_MIN_BALANCE - 1)).unwrap_err();
    assert!(error.is_dispatch(sp_runtime::TokenError::BelowMinimum), "{error}");
    let error = session.mint_usdc(&bob, USDC_MIN_BALANCE - 1).unwrap_err();
    assert_eq!(error.0, sp_runtime::TokenError::BelowMinimum.into());
}

#[test]
fn approve_reserves_a_native_deposit_until_it_is_spent() {
    let (mut session, alice, bob) = set_up();
    let free = session.native_free(&alice);

    let approve = IERC20::approveCall { spender: bob.address(), value: U256::from(30_000_000) };
    session.call(&alice, USDC, approve).unwrap();
    let reserved = session.native_reserved(&alice);
    assert!(reserved > 0);
    assert_eq!(session.native_free(&alice), free - reserved);

    let pull = IERC20::transferFromCall { from: alice.address(), to: bob.address(), value: U256::from(30_000_000) };
    session.call(&bob, USDC, pull).unwrap();
    assert_eq!(session.usdc(&bob), 30_000_000);
    assert_eq!((session.native_free(&alice), session.native_reserved(&alice)), (free, 0));
}

#[test]
fn transfer_from_beyond_allowance_is_refused() {
    let (mut session, alice, bob) = set_up();
    session.call(&alice, USDC, IERC20::approveCall { spender: bob.address(), value: U256::from(5_000_000) }).unwrap();
    let pull = IERC20::transferFromCall { from: alice.address(), to: bob.address(), value: U256::from(5_000_001) };
    let error = session.call(&bob, USDC, pull).unwrap_err();
    assert!(error.is_dispatch(AssetsError::Unapproved), "{error}");
    let allowance = IERC20::allowanceCall { owner: alice.address(), spender: bob.address() };
    assert_eq!(session.dry_run(&bob, USDC, allowance).unwrap().returned, U256::from(5_000_000));
}

#[test]
fn frozen_account_cannot_send_but_can_receive() {
    let (mut session, alice, bob) = set_up();
    session.call(&alice, USDC, transfer(&bob, 10_000_000)).unwrap();
    session.freeze(USDC, &bob).unwrap();
    let error = session.call(&bob, USDC, transfer(&alice, 1_000_000)).unwrap_err();
    assert!(matches!(error, CallError::Dispatch(_)), "{error}");
    assert!(error.is_dispatch(sp_runtime::TokenError::Frozen) || error.is_dispatch(AssetsError::Frozen), "{error}");
    session.call(&alice, USDC, transfer(&bob, 1_000_000)).unwrap();
    session.thaw(USDC, &bob).unwrap();
    session.call(&bob, USDC, transfer(&alice, 1_000_000)).unwrap();
}

#[test]
fn blocked_account_can_neither_send_nor_receive() {
    let (mut session, alice, bob) = set_up();
    session.call(&alice, USDC, transfer(&bob, 10_000_000)).unwrap();
    session.block(USDC, &bob).unwrap();
    session.call(&bob, USDC, transfer(&alice, 1_000_000)).unwrap_err();
    session.call(&alice, USDC, transfer(&bob, 1_000_000)).unwrap_err();
    session.thaw(USDC, &bob).unwrap();
    session.call(&alice, USDC, transfer(&bob, 1_000_000)).unwrap();
}

#[test]
fn frozen_asset_moves_for_nobody() {
    let (mut session, alice, bob) = set_up();
    session.freeze_asset(USDC).unwrap();
    let error = session.call(&alice, USDC, transfer(&bob, 1_000_000)).unwrap_err();
    assert!(error.is_dispatch(AssetsError::AssetNotLive), "{error}");
    session.thaw_asset(USDC).unwrap();
    session.call(&alice, USDC, transfer(&bob, 1_000_000)).unwrap();
}

#[test]
fn freeze_of_account_that_never_held_the_asset_is_refused() {
    let (mut session, _, bob) = set_up();
    assert_eq!(session.freeze(USDC, &bob).unwrap_err().to_string(), "Assets::NoAccount");
}

#[test]
fn issuer_can_burn_what_anyone_holds() {
    let (mut session, alice, _) = set_up();
    session.burn(USDC, &alice, 1_000_000).unwrap();
    assert_eq!((session.usdc(&alice), session.total_issuance(USDC)), (99_000_000, 99_000_000));
}

#[test]
fn assets_are_separate() {
    let (mut session, alice, _) = set_up();
    session.mint(USDT, &alice, 1_000_000).unwrap();
    assert_eq!((session.balance(USDC, &alice), session.balance(USDT, &alice)), (HUNDRED, 1_000_000));
}

#[test]
fn bare_address_can_hold_the_asset() {
    let (mut session, ..) = set_up();
    let nobody = Address::repeat_byte(0x42);
    session.mint_usdc(nobody, HUNDRED).unwrap();
    assert_eq!(session.usdc(nobody), HUNDRED);
}

#[test]
fn interface_is_the_one_the_precompile_is_built_from() {
    use alloy_sol_types::{SolEvent, SolInterface};
    use ethereum_standards::IERC20 as standard;
    for selector in IERC20::IERC20Calls::selectors() {
        assert!(standard::IERC20Calls::valid_selector(selector), "{selector:?}");
    }
    assert_eq!(IERC20::Transfer::SIGNATURE_HASH, standard::Transfer::SIGNATURE_HASH);
    assert_eq!(IERC20::Approval::SIGNATURE_HASH, standard::Approval::SIGNATURE_HASH);
}
