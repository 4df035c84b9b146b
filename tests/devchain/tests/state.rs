//! Snapshots, isolation of sessions, reproducibility.

mod common;

use common::{blob, pokeCall, Behaviour};
use ringfence_devchain::{Session, Snapshot, START_TIME, USDC};

/// A chain with a contract, a balance and some time behind it.
fn lived_in() -> Session {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    let bob = session.substrate_actor("bob");
    session.mint_usdc(&bob, 5_000_000).unwrap();
    let contract = session.deploy(&alice, &blob(Behaviour::Store), [], [1; 32]).unwrap();
    session.call(&bob, &contract, pokeCall {}).unwrap();
    session.advance(3_600);
    session
}

#[test]
fn same_steps_give_the_same_state_bit_for_bit() {
    assert_eq!(lived_in().state_root(), lived_in().state_root());
}

#[test]
fn restore_brings_back_everything() {
    let mut session = lived_in();
    let (snapshot, root) = (session.snapshot(), session.state_root());

    let bob = session.substrate_actor("bob");
    let second = session.deploy(&bob, &blob(Behaviour::Store), [], [2; 32]).unwrap();
    session.call(&bob, &second, pokeCall {}).unwrap();
    session.mint_usdc(&bob, 1).unwrap();
    session.advance(10);
    assert_ne!(session.state_root(), root);

    session.restore(&snapshot);
    assert_eq!(session.state_root(), root);
    assert_eq!((session.now(), session.usdc(&bob)), (START_TIME + 3_600, 5_000_000));
    assert!(session.storage_of(&second).is_empty());
    assert_eq!(session.code_hash(&second), None);
    assert_eq!(session.block_weight().ref_time(), 0);
}

#[test]
fn snapshot_serves_many_times_and_in_another_session() {
    let mut session = lived_in();
    let (snapshot, root) = (session.snapshot(), session.state_root());
    for _ in 0..3 {
        session.advance(10);
        session.restore(&snapshot);
        assert_eq!(session.state_root(), root);
    }
    let mut other = Session::new();
    other.restore(&snapshot);
    assert_eq!(other.state_root(), root);
    other.advance(10);
    assert_eq!(session.state_root(), root);
}

#[test]
fn taking_a_snapshot_changes_nothing() {
    let mut session = lived_in();
    let root = session.state_root();
    session.snapshot();
    assert_eq!(session.state_root(), root);
}

#[test]
fn sessions_side_by_side_do_not_touch_each_other() {
    let (mut one, mut two) = (Session::new(), Session::new());
    let (alice, _) = (one.eth_actor("alice"), two.eth_actor("alice"));
    one.mint_usdc(&alice, 1_000_000).unwrap();
    two.advance(10);
    assert_eq!((one.usdc(&alice), two.usdc(&alice)), (1_000_000, 0));
    assert_eq!((one.now(), two.now()), (START_TIME, START_TIME + 10));
    assert_eq!((one.total_issuance(USDC), two.total_issuance(USDC)), (1_000_000, 0));
}

#[test]
fn sessions_run_on_many_threads_with_the_same_result() {
    let expected = lived_in().state_root();
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| lived_in().state_root())).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), expected);
    }
}

#[test]
fn sessions_and_snapshots_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Session>();
    is_send::<Snapshot>();
}

#[test]
fn fingerprint_of_no_contract_is_zero() {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    assert!(session.state_fingerprint(&alice).is_zero());
    assert!(session.storage_of(&alice).is_empty());
}
