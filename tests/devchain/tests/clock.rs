//! Time and block number move together, and only when told to.

use alloy_primitives::U256;
use ringfence_devchain::{Session, BLOCK_SECONDS, IERC20, START_TIME, USDC};

#[test]
fn fresh_chain_is_at_block_one_and_start_time() {
    let mut session = Session::new();
    assert_eq!((session.block_number(), session.now()), (1, START_TIME));
    let mut session = Session::builder().start_time(1_760_054_400).build();
    assert_eq!((session.block_number(), session.now()), (1, 1_760_054_400));
}

#[test]
fn next_block_moves_number_by_one_and_time_by_block_seconds() {
    let mut session = Session::new();
    session.next_block();
    assert_eq!((session.block_number(), session.now()), (2, START_TIME + BLOCK_SECONDS));
    session.produce_blocks(3);
    assert_eq!((session.block_number(), session.now()), (5, START_TIME + 4 * BLOCK_SECONDS));
}

#[test]
fn advance_moves_number_by_the_blocks_that_fit() {
    let mut session = Session::new();
    session.advance(86_400);
    assert_eq!((session.block_number(), session.now()), (14_401, START_TIME + 86_400));
    session.advance(1);
    assert_eq!((session.block_number(), session.now()), (14_402, START_TIME + 86_401));
    session.advance(0);
    assert_eq!((session.block_number(), session.now()), (14_402, START_TIME + 86_401));
}

#[test]
#[should_panic(expected = "time must move on")]
fn time_never_goes_back() {
    let mut session = Session::new();
    session.set_time(START_TIME);
}

#[test]
fn block_weight_and_events_start_afresh_in_each_block() {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    let approve = IERC20::approveCall { spender: USDC_SPENDER, value: U256::from(1) };
    session.mint_usdc(&alice, 1_000_000).unwrap();
    let report = session.call(&alice, USDC, approve).unwrap();
    assert_eq!(session.block_weight(), report.total_weight());
    assert_eq!(session.block_events().len(), 1);
    session.next_block();
    assert_eq!(session.block_weight().ref_time(), 0);
    assert!(session.block_events().is_empty());
}

const USDC_SPENDER: alloy_primitives::Address = alloy_primitives::Address::repeat_byte(9);

#[test]
fn journal_carries_block_and_time() {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    session.advance(60);
    session.call_raw(&alice, USDC, []).unwrap_err();
    let [record] = session.journal() else { panic!("one entry") };
    assert_eq!((record.block, record.time), (11, START_TIME + 60));
    session.clear_journal();
    assert!(session.journal().is_empty());
}
