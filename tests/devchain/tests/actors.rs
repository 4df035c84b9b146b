//! Actors: deterministic accounts of both kinds, and signatures that the chain recovers.

use alloy_primitives::{address, keccak256, Address, B256};
use ringfence_devchain::{Actor, Located, NoSigningKey, Session, ENDOWMENT, H160};

const ECRECOVER: H160 = H160([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// The precompile's input: digest, `v` as a word, `r`, `s`.
fn ecrecover_input(digest: B256, signature: [u8; 65]) -> Vec<u8> {
    let mut v = [0; 32];
    v[31] = signature[64];
    [digest.as_slice(), &v, &signature[..64]].concat()
}

#[test]
fn ecrecover_answers_with_the_signers_address() {
    let mut session = Session::new();
    let (alice, keeper) = (session.eth_actor("alice"), session.substrate_actor("keeper"));
    let digest = keccak256("an instruction");
    let signature = alice.sign(digest).unwrap();

    let answer = session.call_raw(&keeper, ECRECOVER, ecrecover_input(digest, signature)).unwrap().returned;

    assert_eq!(answer.len(), 32);
    assert_eq!(Address::from_slice(&answer[12..]), alice.address());
}

#[test]
fn ecrecover_answers_with_nothing_for_a_bad_recovery_id() {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    let digest = keccak256("an instruction");
    let mut signature = alice.sign(digest).unwrap();
    signature[64] -= 27;
    let answer = session.call_raw(&alice, ECRECOVER, ecrecover_input(digest, signature)).unwrap().returned;
    assert!(answer.is_empty());
}

#[test]
fn signatures_have_low_s_and_ethereum_v() {
    let half_order =
        B256::from(alloy_primitives::hex!("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"));
    for name in ["alice", "bob", "carol", "dave", "erin", "frank"] {
        let signature = Actor::ethereum(name).sign(keccak256(name)).unwrap();
        assert!(B256::from_slice(&signature[32..64]) <= half_order);
        assert!(matches!(signature[64], 27 | 28));
    }
}

#[test]
fn ethereum_key_is_the_hash_of_the_name() {
    let alice = Actor::ethereum("alice");
    assert_eq!(&alice.signing_key().unwrap().to_bytes()[..], keccak256("alice").as_slice());
    // Computed independently of this code base.
    assert_eq!(alice.address(), address!("328809bc894f92807417d2dad6b7c998c1afdac6"));
    let account: &[u8; 32] = alice.account().as_ref();
    assert_eq!((&account[..20], &account[20..]), (alice.h160().as_bytes(), [0xEE; 12].as_slice()));
}

#[test]
fn native_actor_has_no_ethereum_key() {
    assert_eq!(Actor::substrate("bob").sign(B256::ZERO), Err(NoSigningKey("bob".into())));
}

#[test]
fn same_name_is_the_same_account_in_every_session() {
    let (mut one, mut two) = (Session::new(), Session::new());
    assert_eq!(one.eth_actor("x").account(), two.eth_actor("x").account());
    assert_eq!(one.substrate_actor("x").account(), two.substrate_actor("x").account());
    assert_ne!(one.eth_actor("x").h160(), one.substrate_actor("x").h160());
}

#[test]
fn enrolling_twice_changes_nothing() {
    let mut session = Session::new();
    let alice = session.substrate_actor("alice");
    let before = session.state_root();
    session.substrate_actor("alice");
    assert_eq!(session.state_root(), before);
    assert_eq!(session.native_total(&alice), ENDOWMENT);
    assert!(session.native_reserved(&alice) > 0, "a mapping takes a deposit");
}

#[test]
fn debug_output_hides_the_key() {
    let alice = Actor::ethereum("alice");
    let printed = format!("{alice:?}");
    assert!(!printed.contains(&alloy_primitives::hex::encode(keccak256("alice"))));
}
