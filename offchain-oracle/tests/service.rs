//! The loop of the service on a simulated node: what it signs, what it does not, and what a restart finds.

mod common;
#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;
#[path = "common/stage.rs"]
#[allow(dead_code)]
mod stage;

use ringfence_oracle::cycle::{Ledger, Stage as Reached};
use ringfence_oracle::protocol::Address;
use ringfence_oracle::replay::value_at;
use ringfence_oracle::service::When;
use ringfence_oracle::symbol::BySymbol;
use ringfence_oracle::units::Price;
use sim::Fault;
use stage::{marks, Stage, TestOracle, VAULT};

fn kinds(stage: &Stage) -> Vec<String> {
    stage.shared.store.events_after(0, 1_000).unwrap().into_iter().map(|event| event.kind).collect()
}

fn settle(stage: &Stage, oracle: &mut TestOracle) {
    oracle.on_chain().unwrap();
    stage.sim.mine_and_finalise();
    oracle.on_chain().unwrap();
}

#[test]
fn an_instruction_goes_from_a_tick_to_the_vault() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    assert_eq!(oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap(), 1);
    let record = stage.record();
    assert_eq!((record.message.sequence, &record.stage), (1, &Reached::Signed));
    assert_eq!(record.signatures.len(), 130);
    // 18 (112,700 - 117,624.03) - 3,000 (190 - 209.1) - 2 (112,700 - 113,000), less funding since the opening.
    let x = record.message.entitlement_a.get();
    assert!((-30_900_000_000..-30_732_540_000).contains(&x), "{x}");
    settle(&stage, &mut oracle);
    assert_eq!(stage.record().stage, Reached::Settled);
    assert_eq!(stage.sim.sequence(VAULT.into()), 1);
    let board = stage.shared.board();
    assert_eq!(board.pairs[0].view.as_ref().unwrap().entitlement_a.get(), x);
    assert_eq!(kinds(&stage), ["instruction", "instruction", "instruction", "instruction", "chain"]);
}

#[test]
fn a_small_move_waits_and_a_large_one_does_not() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    assert_eq!(oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap(), 1);
    assert_eq!(oracle.on_marks(stage.at(8), marks("118000", "190")).unwrap(), 0, "one under way is enough");
    settle(&stage, &mut oracle);
    // 16 coins net: 1,000 dollars are a move of 62.5.
    assert_eq!(oracle.on_marks(stage.at(20), marks("112762", "190")).unwrap(), 0);
    assert_eq!(oracle.on_marks(stage.at(21), marks("112763", "190")).unwrap(), 1);
    assert_eq!(stage.record().message.sequence, 2);
    settle(&stage, &mut oracle);
    // Nothing moves for an hour: an instruction is due all the same.
    assert_eq!(oracle.on_marks(stage.at(3_000), marks("112763", "190")).unwrap(), 0);
}

#[test]
fn at_closes_an_instruction_is_what_verify_gives() {
    let stage = Stage::new(When::Closes);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    let all = |texts: [&str; 4]| {
        let mut texts = texts.into_iter();
        BySymbol::from_fn(|_| Some(Price::parse(texts.next().unwrap()).unwrap()))
    };
    let mut bars = stage.bars(&oracle);
    assert_eq!(stage.tick(&mut oracle, &mut bars, 10, &all(["112700", "3900", "190", "2.5"])), 0);
    assert_eq!(stage.tick(&mut oracle, &mut bars, 299, &all(["112000", "3950", "189", "2.6"])), 0);
    stage.sim.mine_and_finalise();
    oracle.on_chain().unwrap();
    assert_eq!(stage.tick(&mut oracle, &mut bars, 301, &all(["111900", "3940", "188", "2.59"])), 1);
    let message = stage.record().message;
    assert_eq!(message.valuation_time.get(), stage::START + 300);
    // The same bars in a table, valued from scratch.
    let mut text = std::fs::read_to_string(common::data_dir().join("crash-2025-10-10.csv")).unwrap();
    text.push_str("2025-10-11T00:00Z,112000,112000,3950,3900,189,189,2.6,2.5\n");
    let table = stage.directory.path().join("bars.csv");
    std::fs::write(&table, text).unwrap();
    let mut paths = ringfence_oracle::inputs::DataPaths::in_dir(&common::data_dir());
    paths.bars = table;
    let params = ringfence_oracle::model::ModelParams::STANDARD;
    let inputs = ringfence_oracle::inputs::Inputs::load(&paths, params).unwrap();
    let (step, pair) = value_at(&inputs, &stage.portfolio, message.valuation_time).unwrap();
    assert_eq!(step.market_data_root, message.market_data_root);
    assert_eq!(pair.entitlement_a.get(), message.entitlement_a.get());
    assert_eq!(pair.margin.initial.a.get().unsigned_abs(), message.initial_margin_a.get());
    assert_eq!(pair.margin.tail.get().unsigned_abs(), message.tail_requirement.get());
}

#[test]
fn a_restart_goes_on_where_the_store_says() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    let mut bars = stage.bars(&oracle);
    stage.tick(&mut oracle, &mut bars, 299, &marks("112700", "190"));
    stage.tick(&mut oracle, &mut bars, 310, &marks("112700", "190"));
    let (record, events) = (stage.record(), stage.shared.store.newest_event().unwrap());
    drop(oracle);
    // Signed and not sent: the restarted one sends this instruction, and makes no other. Its signers know nothing.
    let mut oracle = stage.oracle();
    assert_eq!(oracle.on_marks(stage.at(320), marks("115000", "190")).unwrap(), 0);
    settle(&stage, &mut oracle);
    let after = stage.record();
    assert_eq!((after.message, after.stage), (record.message, Reached::Settled));
    assert_eq!(stage.sim.sequence(VAULT.into()), 1);
    let ids: Vec<u64> = stage.shared.store.events_after(0, 1_000).unwrap().iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    assert!(ids.len() as u64 > events);
    // The bar that closed before the restart counts: the next one follows it without a gap.
    assert_eq!(stage.shared.store.bars().unwrap().len(), 1);
    assert_eq!(oracle.on_marks(stage.at(330), marks("115100", "190")).unwrap(), 1);
    assert!(stage.shared.board().pairs[0].stopped.is_none());
}

#[test]
fn a_chain_that_is_away_does_not_stop_signing_and_comes_back() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    stage.sim.fault(Fault::Close, 1_000);
    oracle.on_chain().unwrap();
    assert!(stage.shared.board().chain_error.is_some());
    assert_eq!(oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap(), 1);
    assert_eq!(stage.sim.state().received.len(), 0);
    stage.at(100);
    assert!(stage.shared.not_ready()[0].starts_with("the chain has not answered for 100 s"));
    stage.sim.fault(Fault::Close, 0);
    settle(&stage, &mut oracle);
    assert_eq!(stage.record().stage, Reached::Settled);
}

#[test]
fn a_missing_mark_stops_the_pair_and_a_missed_bar_stops_it_for_good() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    settle(&stage, &mut oracle);
    let mut without = marks("110000", "190");
    *without.get_mut(ringfence_oracle::symbol::Symbol::Btc) = None;
    assert_eq!(oracle.on_marks(stage.at(20), without).unwrap(), 0);
    let why = stage.shared.board().pairs[0].stopped.clone().unwrap();
    assert_eq!(why, "no fresh mark for BTC");
    assert_eq!(oracle.on_marks(stage.at(21), marks("110000", "190")).unwrap(), 1, "back again");
    assert!(stage.shared.board().pairs[0].stopped.is_none());
    settle(&stage, &mut oracle);
    // Two bars go by without a mark.
    let mut bars = stage.bars(&oracle);
    assert_eq!(stage.tick(&mut oracle, &mut bars, 901, &marks("109000", "190")), 0);
    assert!(stage.shared.board().pairs[0].stopped.as_ref().unwrap().contains("no mark for BTC"));
    assert_eq!(stage.tick(&mut oracle, &mut bars, 950, &marks("108900", "190")), 0);
    let events = stage.shared.store.events_after(0, 1_000).unwrap().into_iter();
    let alarms = events.filter_map(|event| event.data["alarm"].as_str().map(str::to_owned));
    let of_the_pair: Vec<String> = alarms.filter(|alarm| alarm.starts_with("pair_")).collect();
    assert_eq!(of_the_pair, ["pair_stopped", "pair_back", "pair_stopped"]);
}

fn alarms(stage: &Stage) -> Vec<String> {
    let events = stage.shared.store.events_after(0, 1_000).unwrap().into_iter();
    events.filter_map(|event| event.data["alarm"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_signed_instruction_that_expires_stops_its_pair_until_signers_are_rotated() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    stage.sim.state().losing = true;
    oracle.on_chain().unwrap();
    assert_eq!(alarms(&stage), [""; 0]);
    for (seconds, late) in [(7 + 449, 0), (7 + 450, 1), (7 + 900, 1)] {
        stage.at(seconds);
        stage.sim.mine_and_finalise();
        oracle.on_chain().unwrap();
        assert_eq!(alarms(&stage).iter().filter(|kind| *kind == "instruction_late").count(), late, "{seconds}");
    }
    assert!(matches!(stage.record().stage, Reached::Sent(_)), "it may still be taken at its last second");
    stage.at(7 + 901);
    stage.sim.mine_and_finalise();
    oracle.on_chain().unwrap();
    assert_eq!(stage.record().stage, Reached::Expired);
    assert_eq!(alarms(&stage), ["instruction_late", "instruction", "pair_stopped"]);
    let why = stage.shared.board().pairs[0].stopped.clone().unwrap();
    assert!(why.contains("instruction 1 expired") && why.contains("rotate signers"), "{why}");
    // Nobody is asked for another with its number: not now, and not by the next start.
    stage.sim.state().losing = false;
    assert_eq!(oracle.on_marks(stage.at(7 + 905), marks("111000", "190")).unwrap(), 0);
    drop(oracle);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    assert_eq!(oracle.on_marks(stage.at(7 + 906), marks("111000", "190")).unwrap(), 0);
    assert_eq!(stage.record().stage, Reached::Expired);
    assert!(!alarms(&stage).contains(&"signer_conflict".to_owned()));
    // With other keys it goes on, with the same number.
    drop(oracle);
    let mut oracle = stage.oracle_signed_by([1, 5, 6]);
    oracle.on_chain().unwrap();
    assert_eq!(oracle.on_marks(stage.at(7 + 907), marks("111000", "190")).unwrap(), 1);
    settle(&stage, &mut oracle);
    assert_eq!((stage.record().message.sequence, stage.record().stage), (1, Reached::Settled));
}

#[test]
fn a_call_that_reverts_is_sent_again_and_never_taken_for_settled() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    oracle.on_chain().unwrap();
    // In the block it is in, the vault refuses it for a reason that passes.
    stage.sim.state().reverting = true;
    stage.sim.mine_and_finalise();
    stage.sim.state().reverting = false;
    oracle.on_chain().unwrap();
    assert_eq!(stage.sim.sequence(VAULT.into()), 0);
    assert!(matches!(stage.record().stage, Reached::Sent(_)), "{:?}", stage.record());
    stage.sim.mine_and_finalise();
    oracle.on_chain().unwrap();
    assert_eq!((stage.sim.sequence(VAULT.into()), stage.record().stage), (1, Reached::Settled));
    assert_eq!(stage.sim.state().received.len(), 2);
}

#[test]
fn nothing_is_signed_for_a_chain_that_makes_no_blocks_and_no_number_is_lost() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    // A number that was signed for it would be lost after 900 s.
    let bound = stage::FRESH.block.get();
    stage.at(bound + 1);
    oracle.on_chain().unwrap();
    assert_eq!(oracle.on_marks(stage.at(bound + 1), marks("112700", "190")).unwrap(), 0);
    assert!(stage.shared.store.newest_record(Address(VAULT)).unwrap().is_none());
    assert!(stage.shared.not_ready()[0].starts_with("the last finalised block is 121 s old"));
    assert_eq!(oracle.on_marks(stage.at(bound), marks("112700", "190")).unwrap(), 1, "at the bound");
    settle(&stage, &mut oracle);
    assert_eq!(stage.record().stage, Reached::Settled);
}

#[test]
fn a_proposal_is_not_signed_while_a_mark_is_missing_or_the_chain_stands_still() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    let proposed = ringfence_oracle::cycle::Record { stage: Reached::Proposed, signatures: vec![], ..stage.record() };
    stage.shared.store.clone().keep(&proposed).unwrap();
    drop(oracle);
    // As a restart after a crash between the proposal and the signatures finds it: no marks yet.
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    assert_eq!(stage.record().stage, Reached::Proposed);
    oracle.on_marks(stage.at(8), marks("112700", "190")).unwrap();
    stage.at(200);
    oracle.on_chain().unwrap();
    assert_eq!(stage.record().stage, Reached::Proposed, "the last block is 200 s old");
    settle(&stage, &mut oracle);
    settle(&stage, &mut oracle);
    assert_eq!((stage.record().message, stage.record().stage), (proposed.message, Reached::Settled));
}

#[test]
fn blocks_that_go_away_are_read_again() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    settle(&stage, &mut oracle);
    assert_eq!(stage.record().stage, Reached::Settled);
    stage.sim.reorganise(1);
    oracle.on_chain().unwrap();
    assert_eq!(stage.shared.board().pairs[0].view.as_ref().unwrap().sequence, 0);
    assert!(matches!(stage.record().stage, Reached::Sent(_)), "{:?}", stage.record().stage);
    assert!(kinds(&stage).contains(&"alarm".to_owned()));
    settle(&stage, &mut oracle);
    assert_eq!(stage.record().stage, Reached::Settled);
    assert_eq!(stage.sim.sequence(VAULT.into()), 1);
}

#[test]
fn another_portfolio_on_chain_is_not_signed_for() {
    let stage = Stage::new(When::Ticks);
    stage.sim.state().set_portfolio(VAULT.into(), [9; 32].into());
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    assert_eq!(oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap(), 0);
    assert!(stage.shared.store.newest_record(Address(VAULT)).unwrap().is_none());
    let why = stage.shared.board().pairs[0].stopped.clone().unwrap();
    assert!(why.contains("another portfolio"), "{why}");
}

#[test]
fn the_store_keeps_one_instruction_for_a_number_until_it_expires() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    let (first, mut store) = (stage.record(), stage.shared.store.clone());
    let mut other = first.clone();
    other.message.entitlement_a = ringfence_oracle::protocol::units::SignedAmount::new(1);
    for reached in [Reached::Signed, Reached::Settled] {
        let mut first = first.clone();
        first.stage = reached;
        store.keep(&first).unwrap();
        assert!(store.keep(&other).unwrap_err().to_string().contains("another instruction with number 1"));
    }
    assert_eq!(stage.record().message, first.message);
    store.keep(&ringfence_oracle::cycle::Record { stage: Reached::Expired, ..first }).unwrap();
    store.keep(&other).unwrap();
    assert_eq!(stage.record().message, other.message);
}

/// What is noted may be lost until it is synced; nobody is told of it before, so no event's number is ever another's.
#[test]
fn what_is_only_noted_may_be_lost_and_is_not_told() {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    let mut store = stage.shared.store.clone();
    // The file as a crash at this moment leaves it.
    let after_a_crash = |name: &str| {
        let path = stage.directory.path().join(name);
        std::fs::copy(stage.directory.path().join("oracle.redb"), &path).unwrap();
        let store = ringfence_oracle::service::Store::open(&path, sim::CHAIN_ID, stage.clock.clone()).unwrap();
        let stage = store.newest_record(Address(VAULT)).unwrap().unwrap().stage;
        (stage, store.events_after(0, 1_000).unwrap())
    };
    let told = store.events_after(0, 1_000).unwrap();
    assert_eq!(after_a_crash("1.redb"), (Reached::Signed, told.clone()), "a tick leaves nothing that is only noted");
    let follower = store.follow();
    store.note_many(&[&ringfence_oracle::cycle::Record { stage: Reached::Settled, ..stage.record() }]).unwrap();
    assert_eq!(store.events_after(0, 1_000).unwrap(), told);
    assert!(!follower.has_changed().unwrap());
    assert_eq!(after_a_crash("2.redb"), (Reached::Signed, told.clone()));
    store.sync().unwrap();
    assert!(follower.has_changed().unwrap());
    let now_told = store.events_after(0, 1_000).unwrap();
    assert_eq!((now_told.len(), &now_told[..told.len()]), (told.len() + 1, &told[..]));
    assert_eq!(after_a_crash("3.redb"), (Reached::Settled, now_told));
}

#[test]
fn a_store_of_another_chain_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.redb");
    let clock = std::sync::Arc::new(stage::TestClock(0.into()));
    drop(ringfence_oracle::service::Store::open(&path, 1, clock.clone()).unwrap());
    let error = ringfence_oracle::service::Store::open(&path, 2, clock).unwrap_err().to_string();
    assert!(error.contains("its chain is 1, not 2"), "{error}");
}
