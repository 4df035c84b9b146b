//! The chain client against a node that lies, sleeps, forgets and reorganises.

#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;

use ringfence_oracle::chain::{
    Chain, ChainError, Endpoint, Entry, Fate, MemoryOutbox, Node, NodeConfig, Outbox, OutboxError, Patience, Phase,
    Rpc, Sent, Wallet, REMEMBERED_BLOCKS,
};
use ringfence_oracle::instruction::NO_INTEREST;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::protocol::units::{Amount, Bps, SignedAmount, Timestamp};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::sign::LocalKey;
use ringfence_oracle::submit::{submit, Submission};
use ringfence_oracle::time::Clock;
use sim::{Fault, Sim, SimVault, CHAIN_ID};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const VAULT: [u8; 20] = [1; 20];
const START: u64 = 1_760_119_200;
const STUCK: u64 = 30;

#[derive(Debug, Default)]
struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::new(START + self.0.load(Ordering::SeqCst))
    }
}

/// An outbox that outlives the client: what a restart finds.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<MemoryOutbox>>);

impl Outbox for Disk {
    fn load(&mut self) -> Result<Vec<Entry>, OutboxError> {
        self.0.lock().unwrap().load()
    }

    fn put(&mut self, entry: &Entry) -> Result<(), OutboxError> {
        self.0.lock().unwrap().put(entry)
    }

    fn forget(&mut self, nonce: u64) -> Result<(), OutboxError> {
        self.0.lock().unwrap().forget(nonce)
    }
}

struct Stage {
    sim: Sim,
    disk: Disk,
    clock: Arc<TestClock>,
}

fn stage() -> Stage {
    let vault = SimVault {
        terms_hash: [2; 32].into(),
        portfolio_root: [3; 32].into(),
        max_move: 1_000,
        sequence: 4,
        valuation_time: START - 300,
        entitlement: -7,
        bond: [9; 20].into(),
    };
    let clock = Arc::new(TestClock::default());
    Stage { sim: Sim::start(vec![(VAULT.into(), vault)], START), disk: Disk::default(), clock }
}

impl Stage {
    fn node(&self) -> Node<Disk> {
        let patience = Patience { deadline: Duration::from_millis(400), tries: 3, pause: Duration::from_millis(5) };
        let rpc = Rpc::new(Endpoint::parse(&self.sim.url()).unwrap(), None, patience).unwrap();
        let wallet = Wallet::new(LocalKey::from_secret(&[7; 32]).unwrap(), CHAIN_ID);
        let config = NodeConfig { chain_id: CHAIN_ID, max_fee: 10_000, stuck_after: STUCK };
        Node::connect(rpc, wallet, self.disk.clone(), config, self.clock.clone()).unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn received(&self) -> usize {
        self.sim.state().received.len()
    }

    fn sequence(&self) -> u64 {
        self.sim.sequence(VAULT.into())
    }
}

fn instruction(sequence: u64) -> MarginInstruction {
    MarginInstruction {
        vault: Address(VAULT),
        terms_hash: Digest([2; 32]),
        sequence,
        valuation_time: Timestamp::new(START + sequence),
        expiry: Timestamp::new(START + 900),
        portfolio_root: Digest([3; 32]),
        entitlement_a: SignedAmount::new(5),
        initial_margin_a: Amount::new(1),
        initial_margin_b: Amount::new(2),
        tail_requirement: Amount::new(3),
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(0),
        collateral: Vec::new(),
        market_data_root: Digest([4; 32]),
        model_version: 2,
    }
}

const SIGNATURES: [u8; 130] = [1; 130];

fn hand_over(node: &mut Node<Disk>, sequence: u64) -> Digest {
    match submit(node, &instruction(sequence), &SIGNATURES).unwrap() {
        Submission::Pending(hash) => hash,
        other => panic!("{other:?}"),
    }
}

fn fates(node: &mut Node<Disk>) -> Vec<Fate> {
    node.pursue().unwrap().into_iter().map(|outcome| outcome.fate).collect()
}

#[test]
fn a_vault_is_read_at_the_finalised_block() {
    let stage = stage();
    let mut node = stage.node();
    let view = node.vault(Address(VAULT)).unwrap();
    assert_eq!((view.phase, view.sequence, view.entitlement_a), (Phase::Active, 4, SignedAmount::new(-7)));
    assert_eq!((view.max_move, view.tail.gap), (Amount::new(1_000), Amount::new(50)));
    assert_eq!(view.layers.len(), 1);
    assert_eq!(node.bond(view.layers[0].bond).unwrap().principal, Amount::new(800));
    hand_over(&mut node, 5);
    stage.sim.mine();
    assert_eq!(stage.sequence(), 5);
    assert_eq!(node.vault(Address(VAULT)).unwrap().sequence, 4, "not final yet");
    stage.sim.finalise();
    assert_eq!(node.vault(Address(VAULT)).unwrap().sequence, 5);
    let events = node.events(&[Address(VAULT)], 0, 1).unwrap();
    assert_eq!((events.len(), events[0].name.as_str(), events[0].block), (1, "Settled", 1));
    assert!(events[0].fields.contains("sequence: 5"), "{}", events[0].fields);
    assert_eq!(node.vault(Address([8; 20])), Err(ChainError::NoVault(Address([8; 20]))));
    assert_eq!(node.block(2), Ok(None));
}

#[test]
fn an_instruction_is_sent_once_however_often_it_is_given() {
    let stage = stage();
    let mut node = stage.node();
    let hash = hand_over(&mut node, 5);
    assert_eq!(hand_over(&mut node, 5), hash);
    assert_eq!(fates(&mut node), []);
    assert_eq!(stage.received(), 1);
    stage.sim.mine();
    assert_eq!(fates(&mut node), []);
    assert_eq!(hand_over(&mut node, 5), hash);
    stage.sim.finalise();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(block)] if block.number == 1));
    assert_eq!(submit(&mut node, &instruction(5), &SIGNATURES).unwrap(), Submission::AlreadySettled);
    assert_eq!((stage.received(), stage.sequence()), (1, 5));
    let mut other = instruction(6);
    hand_over(&mut node, 6);
    other.valuation_time = Timestamp::new(START + 99);
    let refused = node.settle(&other, &SIGNATURES).unwrap_err().to_string();
    assert!(refused.contains("another call with sequence 6 is under way"), "{refused}");
}

#[test]
fn a_restart_goes_on_with_what_was_sent() {
    let stage = stage();
    let hash = hand_over(&mut stage.node(), 5);
    let mut node = stage.node();
    assert_eq!(hand_over(&mut node, 5), hash, "the store tells");
    assert_eq!(stage.received(), 1);
    stage.sim.mine_and_finalise();
    drop(node);
    let mut node = stage.node();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(_)]));
    assert_eq!(stage.sequence(), 5);
}

#[test]
fn a_lost_transaction_is_sent_again_byte_for_byte() {
    let stage = stage();
    let mut node = stage.node();
    stage.sim.state().losing = true;
    let hash = hand_over(&mut node, 5);
    stage.sim.state().losing = false;
    assert_eq!(fates(&mut node), []);
    let received = stage.sim.state().received.clone();
    assert_eq!(received, vec![hash.0.into(), alloy_primitives::B256::from(hash.0)]);
    stage.sim.mine_and_finalise();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(_)]));
}

#[test]
fn a_lost_answer_is_not_a_lost_transaction() {
    let stage = stage();
    let mut node = stage.node();
    stage.sim.state().deaf = true;
    hand_over(&mut node, 5);
    stage.sim.state().deaf = false;
    assert_eq!(stage.sim.state().mempool.len(), 1, "the tries were of the same transaction");
    stage.sim.mine_and_finalise();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(_)]));
    assert_eq!(stage.sequence(), 5);
}

#[test]
fn a_stuck_transaction_is_replaced_by_the_same_call_for_more() {
    let stage = stage();
    let mut node = stage.node();
    let first = hand_over(&mut node, 5);
    stage.pass(STUCK - 1);
    fates(&mut node);
    assert_eq!(stage.received(), 1);
    stage.pass(1);
    fates(&mut node);
    assert_eq!(stage.received(), 2);
    let entry = node.entries().next().unwrap().clone();
    assert_eq!((entry.nonce, entry.attempts.len()), (0, 2));
    assert_eq!((entry.attempts[0].fees.max, entry.attempts[1].fees.max), (2_000, 2_500));
    assert_ne!(entry.attempts[1].hash, first);
    assert_eq!(stage.sim.state().mempool.len(), 1);
    stage.sim.mine_and_finalise();
    let outcome = node.pursue().unwrap().remove(0);
    assert_eq!((outcome.transaction, stage.sequence()), (entry.attempts[1].hash, 5));
}

#[test]
fn a_replacement_stops_at_the_fee_limit() {
    let stage = stage();
    let mut node = stage.node();
    hand_over(&mut node, 5);
    for _ in 0..20 {
        stage.pass(STUCK);
        fates(&mut node);
    }
    let entry = node.entries().next().unwrap();
    // 2,000 raised by a quarter stays below 10,000 seven times.
    assert_eq!((entry.attempts.len(), entry.attempts.last().unwrap().fees.max), (8, 9_540));
    stage.sim.state().gas_price = 5_001;
    stage.sim.mine_and_finalise();
    fates(&mut node);
    let error = node.settle(&instruction(6), &SIGNATURES).unwrap_err();
    assert!(matches!(error, ChainError::Fee(_)), "{error}");
    stage.sim.state().gas_price = 5_000;
    assert!(matches!(node.settle(&instruction(6), &SIGNATURES), Ok(Sent::Pending(_))));
}

#[test]
fn the_first_of_two_transactions_may_be_the_one_that_is_taken() {
    let stage = stage();
    let mut node = stage.node();
    let first = hand_over(&mut node, 5);
    let held = stage.sim.state().mempool.values().next().unwrap().clone();
    stage.pass(STUCK);
    fates(&mut node);
    let key = *stage.sim.state().mempool.keys().next().unwrap();
    stage.sim.state().mempool.insert(key, held);
    stage.sim.mine_and_finalise();
    let outcome = node.pursue().unwrap().remove(0);
    assert_eq!(outcome.transaction, first);
    assert!(matches!(outcome.fate, Fate::Final(_)));
}

#[test]
fn a_reorganisation_before_finality_is_waited_out() {
    let stage = stage();
    let mut node = stage.node();
    hand_over(&mut node, 5);
    stage.sim.mine();
    assert_eq!(fates(&mut node), []);
    // The new branch does not have it, and the node has forgotten it.
    stage.sim.reorganise(1);
    assert_eq!(stage.sequence(), 4);
    assert_eq!(fates(&mut node), []);
    assert_eq!(stage.received(), 2, "sent again");
    stage.sim.mine_and_finalise();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(block)] if block.number == 2));
    assert_eq!(stage.sequence(), 5);
}

#[test]
fn a_final_block_that_goes_away_puts_its_calls_under_way_again() {
    let stage = stage();
    let mut node = stage.node();
    hand_over(&mut node, 5);
    stage.sim.mine_and_finalise();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(_)]));
    assert_eq!(node.vault(Address(VAULT)).unwrap().sequence, 5);
    let block = node.block(1).unwrap().unwrap();
    stage.sim.reorganise(1);
    assert_ne!(node.block(1).unwrap().unwrap().hash, block.hash);
    assert_eq!(node.vault(Address(VAULT)).unwrap().sequence, 4, "state is read again");
    assert!(matches!(fates(&mut node)[..], [Fate::Reopened]));
    stage.sim.mine_and_finalise();
    assert!(matches!(fates(&mut node)[..], [Fate::Final(block)] if block.number == 2));
    assert_eq!(stage.sequence(), 5);
}

#[test]
fn what_was_final_long_ago_is_forgotten() {
    let stage = stage();
    let mut node = stage.node();
    hand_over(&mut node, 5);
    for _ in 0..=REMEMBERED_BLOCKS {
        stage.sim.mine();
    }
    stage.sim.finalise();
    fates(&mut node);
    fates(&mut node);
    assert_eq!(node.entries().count(), 1);
    stage.sim.mine_and_finalise();
    fates(&mut node);
    assert_eq!(node.entries().count(), 0);
}

#[test]
fn a_gap_of_nonces_is_filled() {
    let stage = stage();
    let mut node = stage.node();
    hand_over(&mut node, 5);
    // The nonces before it were used on a branch that is gone, and the outbox knows nothing of them.
    let mut moved = node.entries().next().unwrap().clone();
    stage.disk.clone().forget(moved.nonce).unwrap();
    stage.sim.state().mempool.clear();
    moved.nonce = 3;
    stage.disk.clone().put(&moved).unwrap();
    let mut node = stage.node();
    fates(&mut node);
    let nonces: Vec<u64> = stage.sim.state().mempool.keys().map(|(_, nonce)| *nonce).collect();
    assert_eq!(nonces, [0, 1, 2]);
}

#[test]
fn a_nonce_that_somebody_else_used_is_given_up() {
    let stage = stage();
    let mut node = stage.node();
    hand_over(&mut node, 5);
    let sender = *stage.sim.state().mempool.keys().next().unwrap();
    stage.sim.state().mempool.clear();
    // The same account from another machine.
    let wallet = LocalKey::from_secret(&[7; 32]).unwrap();
    let mut foreign = foreign_node(&stage, wallet);
    foreign.settle(&instruction(5), &[2; 65]).unwrap();
    assert_eq!(stage.sim.state().mempool.keys().next(), Some(&sender));
    stage.sim.mine();
    assert_eq!(fates(&mut node), [], "not final");
    stage.sim.finalise();
    assert_eq!(fates(&mut node), [Fate::Displaced]);
    assert_eq!(submit(&mut node, &instruction(5), &SIGNATURES).unwrap(), Submission::AlreadySettled);
    hand_over(&mut node, 6);
    stage.sim.mine_and_finalise();
    assert_eq!(stage.sequence(), 6);
}

fn foreign_node(stage: &Stage, key: LocalKey) -> Node<MemoryOutbox> {
    let rpc = Rpc::new(Endpoint::parse(&stage.sim.url()).unwrap(), None, Patience::STANDARD).unwrap();
    let config = NodeConfig { chain_id: CHAIN_ID, max_fee: 10_000, stuck_after: STUCK };
    Node::connect(rpc, Wallet::new(key, CHAIN_ID), MemoryOutbox::default(), config, stage.clock.clone()).unwrap()
}

#[test]
fn a_call_that_would_revert_is_refused_with_the_vaults_error_and_not_sent() {
    let stage = stage();
    let mut node = stage.node();
    let refused = node.settle(&instruction(7), &SIGNATURES).unwrap_err();
    assert!(refused.to_string().contains("SequenceSkipped"), "{refused}");
    let refused = node.settle(&instruction(5), &[]).unwrap_err();
    assert!(refused.to_string().contains("MalformedSignatures"), "{refused}");
    assert_eq!((stage.received(), node.entries().count()), (0, 0));
}

#[test]
fn a_node_that_stumbles_is_asked_again_and_one_that_stays_down_is_named() {
    let stage = stage();
    let mut node = stage.node();
    for fault in [Fault::Garbage, Fault::Close, Fault::Slow(600), Fault::Status, Fault::WrongId, Fault::Huge] {
        stage.sim.fault(fault, 2);
        assert_eq!(node.vault(Address(VAULT)).unwrap().sequence, 4, "{fault:?}");
        stage.sim.fault(fault, 3);
        let error = node.finalised().unwrap_err();
        assert!(matches!(error, ChainError::Unreachable(_)), "{fault:?} {error}");
        stage.sim.fault(fault, 0);
    }
    // A decision is not asked for twice.
    let before = stage.sim.state().questions;
    stage.sim.fault(Fault::Refuse, 1);
    assert!(node.finalised().unwrap_err().to_string().contains("too many requests"));
    assert_eq!(stage.sim.state().questions, before + 1);
    node.finalised().unwrap();
}

#[test]
fn another_chain_and_an_absent_node_are_named() {
    let stage = stage();
    let rpc =
        |url: &str| Rpc::new(Endpoint::parse(url).unwrap(), None, Patience { tries: 1, ..Patience::STANDARD }).unwrap();
    let connect = |url: &str, chain_id| {
        let wallet = Wallet::new(LocalKey::from_secret(&[7; 32]).unwrap(), chain_id);
        let config = NodeConfig { chain_id, max_fee: 1, stuck_after: 1 };
        Node::connect(rpc(url), wallet, MemoryOutbox::default(), config, stage.clock.clone()).map(drop)
    };
    assert_eq!(connect(&stage.sim.url(), 1), Err(ChainError::WrongChain { expected: 1, found: CHAIN_ID }));
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(connect(&format!("http://{free}"), 1), Err(ChainError::Unreachable(_))));
    assert!(Rpc::new(Endpoint::parse("https://127.0.0.1:1").unwrap(), None, Patience::STANDARD).is_err());
}
