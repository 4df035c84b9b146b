//! Instructions that the hot paths execute, counted by valgrind: `cargo bench -p ringfence-oracle --bench instructions`.
//!
//! Times differ from run to run and with whatever else a machine does; counts don't. Each path runs once, in one thread, in a
//! process of its own under `valgrind --tool=callgrind`, which counts only between entry and exit of its function. Counts are
//! compared with `benches/instructions.txt`: one that differs by more than one per cent fails, in either direction, so that the
//! committed figures stay true. `UPDATE_SNAPSHOTS=1` writes them anew.
//!
//! The figures hold for the compiler and the release profile that the file names, and for AVX2, which is what valgrind offers at most:
//! with AVX-512 the loops of revaluation take fewer. Without valgrind nothing is measured, and that is a
//! failure, never a pass. `cargo test --benches` only runs every path once.

mod common;

use ringfence_oracle::chain::settle_call;
use ringfence_oracle::engine::{Engine, Market};
use ringfence_oracle::feed::{MarkBook, MarkRules, Millis, PriceKind, Quote, SourceId, SourceRules};
use ringfence_oracle::inputs::Inputs;
use ringfence_oracle::instruction::{build_at, VaultContext, NO_INTEREST};
use ringfence_oracle::model::expected_shortfall;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::protocol::units::{Bps, Seconds};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::sign::{LocalSigner, Signer, SigningRequest};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::units::Price;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Relative difference from a committed count that fails.
const TOLERANCE: f64 = 0.01;

/// A path: prepares, and gives what is to be counted.
type HotPath = (&'static str, fn() -> Box<dyn FnOnce()>);

const PATHS: [HotPath; 7] = [
    ("value 20 options", || value(0, 20, false)),
    ("margin of 20 linear positions", || value(20, 0, true)),
    ("margin of 20 options", || value(0, 20, true)),
    ("expected shortfall of 1,602 losses", shortfall),
    ("mark of one coin from five quotes", mark),
    ("instruction and settle call", settle),
    ("digest and signature", sign),
];

/// What valgrind looks for: all that is counted happens below this function, and nothing else does.
#[inline(never)]
fn counted(run: Box<dyn FnOnce()>) {
    black_box(run)();
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(name) = arguments.iter().position(|argument| argument == "--path").and_then(|at| arguments.get(at + 1))
    {
        let (_, prepare) = PATHS.iter().find(|(known, _)| known == name).unwrap();
        counted(prepare());
        return ExitCode::SUCCESS;
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        PATHS.iter().for_each(|(_, prepare)| counted(prepare()));
        println!("ran {} paths once; NOT COUNTED: cargo bench -p ringfence-oracle --bench instructions", PATHS.len());
        return ExitCode::SUCCESS;
    }
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("0 passed, 1 failed: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<(), String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let counts = PATHS.iter().map(|(name, _)| Ok((*name, count(name)?))).collect::<Result<Vec<_>, String>>()?;
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text(&counts)).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let committed = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let committed = read(&committed);
    let mut off = Vec::new();
    println!("{:<38} {:>12} {:>12} {:>8}", "instructions", "committed", "counted", "");
    for (name, counted) in &counts {
        let known = committed.get(*name).copied().ok_or_else(|| format!("{name} is not in {}", file.display()))?;
        let change = *counted as f64 / known as f64 - 1.0;
        println!("{name:<38} {known:>12} {counted:>12} {:>7.2}%", 100.0 * change);
        if change.abs() > TOLERANCE {
            off.push(format!("{name} by {:.2}%", 100.0 * change));
        }
    }
    if off.is_empty() {
        println!("1 passed, 0 failed");
        return Ok(());
    }
    let what = "of the committed counts; see what changed, then run with UPDATE_SNAPSHOTS=1";
    Err(format!("beyond {}% {what}: {}", 100.0 * TOLERANCE, off.join(", ")))
}

/// Instructions of one path.
fn count(name: &str) -> Result<u64, String> {
    let missing = |error| format!("NOT COUNTED: valgrind does not start ({error}); apt-get install valgrind");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*instructions::counted*"])
        .arg(std::env::current_exe().map_err(missing)?)
        .args(["--path", name])
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .map_err(missing)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    let counted = line.and_then(|count| count.parse().ok()).filter(|count| *count > 0);
    counted.filter(|_| output.status.success()).ok_or_else(|| format!("valgrind counted nothing of {name}: {said}"))
}

fn text(counts: &[(&str, u64)]) -> String {
    let compiler = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let mut text = format!("# {compiler}, {}, release profile, AVX2\n", std::env::consts::ARCH);
    for (name, count) in counts {
        let _ = writeln!(text, "{count:>12} {name}");
    }
    text
}

fn read(text: &str) -> BTreeMap<&str, u64> {
    let rows = text.lines().filter_map(|line| line.trim().split_once(' '));
    rows.filter_map(|(count, name)| Some((name, count.parse().ok()?))).collect()
}

/// An engine that has seen the committed bars but the last, with one pair, and the market of the last.
fn engine(linear: usize, options: usize) -> (Engine<Inputs, Portfolio>, Market) {
    let inputs = common::inputs(1_602);
    let bars = inputs.bars().as_slice().to_vec();
    let mut engine = Engine::new(inputs, [common::portfolio(1, linear, options)]).unwrap();
    let (last, before) = bars.split_last().unwrap();
    before.iter().for_each(|bar| engine.advance(bar));
    let market = engine.market(last.close_time(), last.marks()).unwrap();
    (engine, market)
}

fn value(linear: usize, options: usize, margin: bool) -> Box<dyn FnOnce()> {
    let (engine, market) = engine(linear, options);
    if margin {
        Box::new(move || {
            black_box(engine.value(&market, 0).unwrap());
        })
    } else {
        Box::new(move || {
            black_box(engine.entitlement(&market, 0).unwrap());
        })
    }
}

fn shortfall() -> Box<dyn FnOnce()> {
    let mut losses: Vec<f64> = (0..1_602).map(|i| f64::from((i * 7_919) % 1_602)).collect();
    Box::new(move || {
        losses.sort_unstable_by(|a, b| b.total_cmp(a));
        black_box(expected_shortfall(losses.iter().copied(), losses.len(), 10_000));
    })
}

fn mark() -> Box<dyn FnOnce()> {
    let names = ["binance", "bybit", "deribit", "kraken", "okx"].map(|name| SourceId::new(name).unwrap());
    let rules =
        names.iter().map(|id| SourceRules { id: id.clone(), price: PriceKind::Mid, markets: vec![Symbol::Btc] });
    let mut book = MarkBook::new(MarkRules::STANDARD, rules.collect()).unwrap();
    let now = 1_760_119_200_000_u64;
    let quotes = |millis: u64| -> Vec<Quote> {
        let of = |(index, id): (usize, &SourceId)| {
            let price = |text: String| Some(Price::parse(&text).unwrap());
            let (bid, ask) = (price(format!("112700.{index}")), price(format!("112701.{index}")));
            let time = Millis::new(millis);
            let (last, mark, index) = (None, None, None);
            let source = id.clone();
            Quote { source, market: Symbol::Btc, bid, ask, last, mark, index, exchange_time: time, receive_time: time }
        };
        names.iter().enumerate().map(of).collect()
    };
    // The clocks of the sources are known by then.
    for second in 0..60 {
        quotes(now + 1_000 * second).iter().for_each(|quote| book.update(quote).unwrap());
    }
    let at = now + 60_000;
    let quotes = quotes(at);
    Box::new(move || {
        quotes.iter().for_each(|quote| book.update(quote).unwrap());
        black_box(book.mark(Symbol::Btc, Millis::new(at)));
    })
}

fn context() -> VaultContext {
    VaultContext {
        chain_id: 420,
        vault: Address([9; 20]),
        terms_hash: Digest([2; 32]),
        sequence: 5,
        validity: Seconds::new(900),
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(25),
    }
}

fn settle() -> Box<dyn FnOnce()> {
    let (engine, market) = engine(4, 0);
    let step = engine.value(&market, 0).unwrap();
    Box::new(move || {
        let message = build_at(&context(), &market.moment, &step).unwrap();
        black_box(settle_call(420, &message, &[7; 130]));
    })
}

fn sign() -> Box<dyn FnOnce()> {
    let (engine, market) = engine(4, 0);
    let message: MarginInstruction = build_at(&context(), &market.moment, &engine.value(&market, 0).unwrap()).unwrap();
    let mut signer = LocalSigner::from_secret(&[7; 32]).unwrap();
    // The tables of the curve are made once in a process.
    signer.sign(&SigningRequest::instruction(&MarginInstruction { sequence: 4, ..message.clone() }, 420)).unwrap();
    Box::new(move || {
        black_box(signer.sign(&SigningRequest::instruction(&message, 420)).unwrap());
    })
}
