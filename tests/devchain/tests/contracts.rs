//! Deployments and calls of real PolkaVM blobs.

mod common;

use alloy_primitives::U256;
use common::{blob, pokeCall, Behaviour, Other, Poked, Refused, VALUE};
use ringfence_devchain::{Actor, CallError, CallKind, Deployment, Located, Message, Outcome, Runtime, Session, Weight};

const SALT: [u8; 32] = [1; 32];

fn deployed(behaviour: Behaviour) -> (Session, Actor, Deployment) {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    let contract = session.deploy(&alice, &blob(behaviour), [], SALT).expect("the blob deploys");
    (session, alice, contract)
}

#[test]
fn call_returns_events_weight_and_deposit() {
    let (mut session, alice, contract) = deployed(Behaviour::Store);
    let free = session.native_free(&alice);

    let report = session.call(&alice, &contract, pokeCall {}).expect("it stores");

    assert_eq!(report.returned, U256::from(VALUE));
    assert_eq!(report.events_of::<Poked>(), [Poked { value: U256::from(VALUE) }]);
    assert_eq!(report.events_from::<Poked>(&contract).len(), 1);
    assert_eq!(report.events_from::<Poked>(&alice).len(), 0);
    assert!(report.weight.ref_time() > 0 && report.weight.proof_size() > 0, "{:?}", report.weight);
    assert!(report.total_weight().all_gt(report.weight));
    assert!(report.deposit.charged() > 0, "a new item takes a deposit");
    assert_eq!(session.native_free(&alice), free - report.deposit.charged());
    assert!(session.native_reserved(&contract) >= report.deposit.charged(), "the contract holds it");
}

#[test]
fn second_write_of_same_item_takes_no_deposit() {
    let (mut session, alice, contract) = deployed(Behaviour::Store);
    session.call(&alice, &contract, pokeCall {}).expect("it stores");
    let report = session.call(&alice, &contract, pokeCall {}).expect("it stores again");
    assert_eq!((report.deposit.charged(), report.deposit.refunded()), (0, 0));
}

#[test]
fn storage_of_shows_every_item_of_that_contract_only() {
    let (mut session, alice, contract) = deployed(Behaviour::Store);
    let other = session.deploy(&alice, &blob(Behaviour::Store), [], [2; 32]).expect("a second instance");
    let untouched = session.state_fingerprint(&other);
    assert!(session.storage_of(&contract).is_empty());

    session.call(&alice, &contract, pokeCall {}).expect("it stores");

    let items: Vec<_> = session.storage_of(&contract).into_values().collect();
    assert_eq!(items, [U256::from(VALUE).to_be_bytes_vec()]);
    assert!(session.storage_of(&other).is_empty());
    assert_eq!(session.state_fingerprint(&other), untouched);
    assert_ne!(session.state_fingerprint(&contract), untouched);
    assert_eq!(session.code_hash(&contract), session.code_hash(&other));
}

#[test]
fn revert_carries_solidity_error_and_changes_nothing() {
    let (mut session, alice, contract) = deployed(Behaviour::StoreThenRevert);
    let before = session.state_root();

    let error = session.call(&alice, &contract, pokeCall {}).expect_err("it reverts");

    assert!(error.is::<Refused>() && !error.is::<Other>(), "{error}");
    assert_eq!(error.revert_data().map(|data| data.len()), Some(36));
    assert!(error.to_string().starts_with("reverted: "), "{error}");
    assert_eq!(session.state_root(), before);
    assert!(session.block_events().is_empty());
}

#[test]
fn trap_changes_nothing() {
    let (mut session, alice, contract) = deployed(Behaviour::StoreThenTrap);
    let before = session.state_root();
    let error = session.call(&alice, &contract, pokeCall {}).expect_err("it traps");
    assert!(matches!(error, CallError::Trapped(_)), "{error}");
    assert_eq!(error.to_string(), "trapped: Revive::ContractTrapped");
    assert_eq!(session.state_root(), before);
    assert!(session.block_events().is_empty());
}

#[test]
fn endless_loop_runs_out_of_gas() {
    let (mut session, alice, contract) = deployed(Behaviour::Spin);
    let limit = Weight::from_parts(2_000_000_000, 1_000_000);
    let message = Message::new(&alice, &contract, []).weight_limit(limit);
    assert_eq!(session.send(message).expect_err("it never ends"), CallError::OutOfGas);
    assert!(session.block_weight().ref_time() > 0, "a failed call takes block space too");
}

#[test]
fn return_data_of_another_shape_is_refused_and_changes_nothing() {
    let (mut session, alice, contract) = deployed(Behaviour::ReturnGarbage);
    let before = session.state_root();
    let error = session.call(&alice, &contract, pokeCall {}).expect_err("one byte is no word");
    assert!(matches!(error, CallError::Undecodable { .. }), "{error}");
    assert_eq!(session.state_root(), before);
}

#[test]
fn deposit_limit_is_enforced() {
    let (mut session, alice, contract) = deployed(Behaviour::Store);
    let before = session.state_root();
    let error =
        session.send(Message::new(&alice, &contract, []).deposit_limit(1)).expect_err("one planck is too little");
    assert!(error.is_dispatch(pallet_revive::Error::<Runtime>::StorageDepositLimitExhausted), "{error}");
    assert_eq!(session.state_root(), before);
}

#[test]
fn dry_run_answers_and_changes_nothing() {
    let (mut session, alice, contract) = deployed(Behaviour::Store);
    let (before, entries) = (session.state_root(), session.journal().len());
    let report = session.dry_run(&alice, &contract, pokeCall {}).expect("it would store");
    assert_eq!((report.returned, report.events.len()), (U256::from(VALUE), 1));
    assert_eq!(session.state_root(), before);
    assert_eq!(session.journal().len(), entries);
    assert!(session.block_events().is_empty());
}

#[test]
fn typed_call_of_address_without_code_is_refused() {
    let mut session = Session::new();
    let (alice, bob) = (session.eth_actor("alice"), session.eth_actor("bob"));
    let error = session.call(&alice, &bob, pokeCall {}).expect_err("bob is no contract");
    assert_eq!(error, CallError::NoContract(bob.h160()));
    session.call_raw(&alice, &bob, []).expect("the chain itself accepts it");
}

#[test]
fn uploaded_code_opens_by_hash() {
    let mut session = Session::new();
    let alice = session.substrate_actor("alice");
    let hash = session.upload(&alice, &blob(Behaviour::Store)).expect("the blob uploads");
    let contract = session.instantiate(&alice, hash, [], SALT).expect("the code is there");
    assert_eq!(contract.code_hash, hash);
    session.call(&alice, &contract, pokeCall {}).expect("it works");
}

#[test]
fn instantiate_without_code_is_refused() {
    let mut session = Session::new();
    let alice = session.substrate_actor("alice");
    let error = session.instantiate(&alice, Default::default(), [], SALT).expect_err("no such code");
    assert!(error.is_dispatch(pallet_revive::Error::<Runtime>::CodeNotFound), "{error}");
}

#[test]
fn deployment_address_follows_from_caller_code_and_salt() {
    let (_, _, first) = deployed(Behaviour::Store);
    let (mut session, alice, second) = deployed(Behaviour::Store);
    assert_eq!(first.h160(), second.h160());
    let other_salt = session.deploy(&alice, &blob(Behaviour::Store), [], [2; 32]).expect("another salt");
    assert_ne!(other_salt.h160(), second.h160());
    let error = session.deploy(&alice, &blob(Behaviour::Store), [], SALT).expect_err("taken");
    assert!(error.is_dispatch(pallet_revive::Error::<Runtime>::DuplicateContract), "{error}");
}

#[test]
fn blob_that_is_no_program_is_refused() {
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    let before = session.state_root();
    session.deploy(&alice, b"PVM\0 but nothing after", [], SALT).expect_err("no program");
    assert_eq!(session.state_root(), before);
}

#[test]
fn journal_records_success_and_failure() {
    let (mut session, alice, contract) = deployed(Behaviour::StoreThenRevert);
    session.call(&alice, &contract, pokeCall {}).expect_err("it reverts");

    let [deploy, call] = session.journal() else { panic!("two entries") };
    assert_eq!((deploy.kind, deploy.succeeded()), (CallKind::Deploy, true));
    let selector = Some(<pokeCall as alloy_sol_types::SolCall>::SELECTOR);
    assert_eq!(call.kind, CallKind::Call { target: contract.h160(), selector });
    assert!(matches!(&call.outcome, Outcome::Failure(error) if error.is::<Refused>()));
    assert_eq!((call.caller.as_str(), call.deposit.charged()), ("alice", 0));
    assert!(call.weight.ref_time() > 0);
}
