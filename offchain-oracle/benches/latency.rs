//! From a tick to a signed instruction with 1,000 pairs loaded: `cargo bench -p ringfence-oracle --bench latency`.
//!
//! The oracle of the service with real journals and a real store on this disk, three keys in this process. Each tick
//! moves one coin by up to five basis points. Every pair that holds the coin is looked at; those that moved by their trigger since
//! their last instruction are valued in full, written down, signed by all three behind their journals, checked and noted in the store.
//! What is measured is the time from the tick until then. That the signatures, too, are on the disk is waited for after it, in
//! the whole tick; signers would repeat them. The chain settles between ticks and is not part of it.
//!
//! Beside it, after each of these ticks: as many bytes in two bare writes, each with its sync, which is what the path waits
//! for in a row. What the disk takes for them no program could save.

mod common;

use ringfence_oracle::chain::{Block, BondView, Chain, ChainError, ChainEvent, Outcome, Phase, Sent, VaultView};
use ringfence_oracle::cycle::PairTerms;
use ringfence_oracle::instruction::NO_INTEREST;
use ringfence_oracle::journal::Journal;
use ringfence_oracle::market::Bar;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::protocol::units::{Amount, Bps, Seconds, Timestamp};
use ringfence_oracle::protocol::Address;
use ringfence_oracle::service::{Freshness, Oracle, PairPlan, Shared, Store, When};
use ringfence_oracle::sign::{Anchored, ChainCounters, Counter, Guarded, LocalKey, Quorum, SignError, SigningKey};
use ringfence_oracle::symbol::{BySymbol, Symbol};
use ringfence_oracle::time::Clock;
use ringfence_oracle::units::Price;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;

const PAIRS: usize = 1_000;
const TICKS: usize = 3_000;
const LIMIT_MS: f64 = 10.0;
/// Store, then journals side by side.
const SYNCS: usize = 2;
/// 10,000 dollars, as `init` writes it, for books of about ten million gross: the limit holds for it.
const TRIGGER: u128 = 10_000_000_000;
/// 1,000 dollars, one basis point of a book: every tick is a burst.
const TIGHT_TRIGGER: u128 = 1_000_000_000;
/// Ticks that are not measured: until they have passed all pairs stand where they were signed at once.
const WARM_UP: usize = 200;
const CHAIN: u64 = 420;

#[derive(Debug)]
struct Set(AtomicU64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::new(self.0.load(Ordering::SeqCst))
    }
}

/// A chain that settles at once: the bench is not about chains.
struct Instant0 {
    vaults: BTreeMap<Address, VaultView>,
    clock: Arc<Set>,
}

impl Chain for Instant0 {
    type Receipt = ();

    fn chain_id(&mut self) -> Result<u64, ChainError> {
        Ok(CHAIN)
    }

    fn finalised(&mut self) -> Result<Block, ChainError> {
        Ok(Block { number: 1, time: self.clock.now(), ..Block::default() })
    }

    fn block(&mut self, number: u64) -> Result<Option<Block>, ChainError> {
        Ok(Some(Block { number, ..Block::default() }))
    }

    fn vault(&mut self, vault: Address) -> Result<VaultView, ChainError> {
        self.vaults.get(&vault).cloned().ok_or(ChainError::NoVault(vault))
    }

    fn bond(&mut self, bond: Address) -> Result<BondView, ChainError> {
        Err(ChainError::NoVault(bond))
    }

    fn events(&mut self, _: &[Address], _: u64, _: u64) -> Result<Vec<ChainEvent>, ChainError> {
        Ok(Vec::new())
    }

    fn settle(&mut self, instruction: &MarginInstruction, _: &[u8]) -> Result<Sent<()>, ChainError> {
        let vault = self.vaults.get_mut(&instruction.vault).ok_or(ChainError::NoVault(instruction.vault))?;
        vault.sequence = instruction.sequence;
        vault.valuation_time = instruction.valuation_time;
        vault.entitlement_a = instruction.entitlement_a;
        Ok(Sent::Final(()))
    }

    fn pursue(&mut self) -> Result<Vec<Outcome>, ChainError> {
        Ok(Vec::new())
    }
}

/// Counters as the service's own signers see them.
struct Counters(Arc<Shared>);

impl ChainCounters for Counters {
    fn counter(&mut self, counter: &Counter) -> Result<u64, SignError> {
        let board = self.0.board();
        let pair = board.pairs.iter().find(|pair| pair.vault == counter.vault);
        Ok(pair.and_then(|pair| pair.view.as_ref()).map_or(0, |view| view.sequence))
    }
}

fn vault(index: usize) -> Address {
    let mut bytes = [1; 20];
    bytes[..8].copy_from_slice(&(index as u64).to_be_bytes());
    Address(bytes)
}

fn plan(index: usize, portfolio: Arc<Portfolio>, trigger: u128) -> PairPlan {
    let (validity, fee_rate) = (Seconds::new(900), Bps::new(25));
    let terms = PairTerms { chain_id: CHAIN, vault: vault(index), validity, interest_index: NO_INTEREST, fee_rate };
    PairPlan { terms, portfolio, trigger: Amount::new(trigger), every: Seconds::new(86_400) }
}

/// Milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn push_since(&mut self, started: Instant) {
        self.0.push(started.elapsed().as_secs_f64() * 1e3);
    }

    /// Median, 90 %, 99 %, greatest: the smallest time that so many are not above.
    fn quantiles(&mut self) -> [f64; 4] {
        self.0.sort_by(f64::total_cmp);
        let count = self.0.len();
        [0.5, 0.9, 0.99, 1.0].map(|share| {
            let rank = (count as f64 * share).ceil() as usize;
            self.0.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
        })
    }
}

#[derive(Default)]
struct Measured {
    /// From the tick to each signature.
    signed: Times,
    /// Whole ticks that led to one.
    ticks: Times,
    /// Bare writes with syncs after each of them.
    disk: Times,
}

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it runs.
    let full = std::env::args().any(|argument| argument == "--bench");
    let (pairs, ticks, tight) = if full { (PAIRS, TICKS, TICKS / 30) } else { (20, 20, 20) };
    let (linear, mixed) = (("20 linear", 20, 0), ("10 linear, 10 options", 10, 10));
    println!("{pairs} pairs of 20 positions, {ticks} ticks of one coin, 3 keys behind journals on disk; milliseconds");
    println!("load average before: {}", load());
    println!("{:<34} {:>7} {:>8} {:>8} {:>8} {:>8}", "", "count", "p50", "p90", "p99", "max");
    let mut late = Vec::new();
    for (trigger, ticks, bound) in [(TRIGGER, ticks, true), (TIGHT_TRIGGER, tight, false)] {
        for (name, linear, options) in [linear, mixed] {
            println!("{name}, trigger {} dollars", trigger / 1_000_000);
            let mut measured = measure(pairs, ticks, linear, options, trigger);
            let Measured { signed, ticks, disk } = &mut measured;
            let rows = [("tick to signed instruction", signed), ("whole tick", ticks), ("bare writes and syncs", disk)];
            for (index, (what, times)) in rows.into_iter().enumerate() {
                let [p50, p90, p99, max] = times.quantiles();
                println!("  {what:<32} {:>7} {p50:>8.2} {p90:>8.2} {p99:>8.2} {max:>8.2}", times.0.len());
                if full && bound && index == 0 && (p99.is_nan() || p99 >= LIMIT_MS) {
                    late.push(format!("{name}: p99 {p99:.2} ms"));
                }
            }
        }
    }
    println!("load average after: {}", load());
    if late.is_empty() {
        println!("1 passed, 0 failed");
        return ExitCode::SUCCESS;
    }
    println!("0 passed, 1 failed: beyond {LIMIT_MS} ms: {}", late.join("; "));
    ExitCode::FAILURE
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| "unknown".to_owned()).trim().to_owned()
}

/// Bytes that this process has sent to disks.
fn written() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
}

/// So many bytes over a file that is there, in as many writes and syncs in a row as the path has.
fn bare(file: &mut std::fs::File, bytes: u64) {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(0)).unwrap();
    let part = vec![7; usize::try_from(bytes).unwrap() / SYNCS];
    for _ in 0..SYNCS {
        file.write_all(&part).unwrap();
        file.sync_data().unwrap();
    }
}

fn measure(pairs: usize, ticks: usize, linear: usize, options: usize, trigger: u128) -> Measured {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let inputs = Arc::new(common::inputs(1_000));
    let start = inputs.bars().as_slice().last().map(Bar::close_time).unwrap();
    let clock = Arc::new(Set(AtomicU64::new(start.get())));
    let portfolios: Vec<_> = (0..pairs).map(|seed| Arc::new(common::portfolio(seed, linear, options))).collect();
    let view = |portfolio: &Portfolio| VaultView {
        phase: Phase::Active,
        portfolio_root: portfolio.root(),
        max_move: Amount::MAX,
        max_staleness: Seconds::new(900),
        ..VaultView::default()
    };
    let vaults = portfolios.iter().enumerate().map(|(index, portfolio)| (vault(index), view(portfolio))).collect();
    let store = Store::open(&directory.path().join("oracle.redb"), CHAIN, clock.clone()).unwrap();
    let freshness = Freshness { answer: Seconds::new(60), block: Seconds::new(60) };
    let shared = Arc::new(Shared::new(store, inputs, clock.clone(), freshness));
    let signers = (1..=3_u8).map(|secret| {
        let key = LocalKey::from_secret(&[secret; 32]).unwrap();
        let journal = Journal::create(&directory.path().join(secret.to_string()), key.address()).unwrap();
        Anchored::new(Guarded::new(key, journal), Counters(Arc::clone(&shared)))
    });
    let quorum = Quorum::new(signers.collect(), 2).unwrap();
    let plans = portfolios.into_iter().enumerate().map(|(index, portfolio)| plan(index, portfolio, trigger)).collect();
    let chain = Instant0 { vaults, clock: clock.clone() };
    let mut oracle = Oracle::new(chain, quorum, plans, Arc::clone(&shared), When::Ticks).unwrap();
    oracle.on_chain().unwrap();
    let mut prices = BySymbol::of(112_700.0_f64, 3_940.0, 190.6, 2.54);
    let marks = |prices: &BySymbol<f64>| {
        BySymbol::from_fn(|symbol| Some(Price::parse(&format!("{:.4}", prices[symbol])).unwrap()))
    };
    // The first instruction of every pair, which is not measured.
    let mut time = start.get() + 1;
    clock.0.store(time, Ordering::SeqCst);
    let first = oracle.on_marks(Timestamp::new(time), marks(&prices)).unwrap();
    let board = shared.board();
    let held_up = board.pairs.iter().find_map(|pair| pair.stopped.as_ref().or(pair.trouble.as_ref()));
    assert_eq!(first, pairs, "{held_up:?}");
    oracle.on_chain().unwrap();
    oracle.refresh_all().unwrap();
    oracle.on_chain().unwrap();
    let (mut measured, mut state) = (Measured::default(), 1_u64);
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    bare(&mut file, 16 << 20);
    let warm_up = if pairs == PAIRS { WARM_UP } else { 0 };
    for tick in 0..warm_up + ticks {
        // A random walk of one coin after the other, by a fixed generator.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let step = ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 1e-3;
        let symbol = Symbol::ALL[tick % 4];
        *prices.get_mut(symbol) *= 1.0 + step;
        time += 1;
        // Bars are kept open: their closing is another thing than a tick.
        clock.0.store(time, Ordering::SeqCst);
        let before = written();
        let started = Instant::now();
        oracle.on_marks(Timestamp::new(time), marks(&prices)).unwrap();
        let pass = started.elapsed();
        let latencies = oracle.take_latencies();
        if latencies.is_empty() {
            // The chain answers whether anything was signed or not.
            oracle.on_chain().unwrap();
            continue;
        }
        if tick >= warm_up {
            measured.ticks.0.push(pass.as_secs_f64() * 1e3);
            measured.signed.0.extend(latencies.into_iter().map(|latency| latency.as_secs_f64() * 1e3));
            let bytes = written() - before;
            let started = Instant::now();
            bare(&mut file, bytes);
            measured.disk.push_since(started);
        }
        oracle.on_chain().unwrap();
        oracle.refresh_all().unwrap();
        oracle.on_chain().unwrap();
    }
    measured
}
