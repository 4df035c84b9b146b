//! 10,000 pairs of 20 positions over 1,000 scenarios on two threads: the whole margin, with the peak of memory.
//!
//! Half the positions are options, revalued in full in three cases of implied volatility at two levels of price
//! volatility: six million revaluations for every hundred pairs. `cargo bench --bench capacity`.

mod common;

use rayon::prelude::*;
use ringfence_oracle::model::{Book, Margin};
use ringfence_oracle::value::Valuer;
use std::process::ExitCode;
use std::time::Instant;

const PAIRS: usize = 10_000;
const THREADS: usize = 2;
const LIMIT_SECONDS: f64 = 10.0;
const LIMIT_MIB: f64 = 2_048.0;

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it runs.
    let pairs = if std::env::args().any(|argument| argument == "--bench") { PAIRS } else { 20 };
    let inputs = common::inputs(1_000);
    assert_eq!(inputs.model().days(), 1_000);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().unwrap();
    let portfolios: Vec<_> =
        pool.install(|| (0..pairs).into_par_iter().map(|seed| common::portfolio(seed, 10, 10)).collect());
    let bar = inputs.bars().as_slice()[20];
    let (marks, moment) = (bar.marks(), bar.close_time());
    let valuer = Valuer { moment, marks: &marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let volatility = inputs.model().initial_volatility();

    let (start, before) = (Instant::now(), cpu_seconds());
    let set = inputs.model().scenario_set(&volatility);
    let margins: Vec<Margin> = pool.install(|| {
        let margin = |portfolio| {
            let book = Book::new(portfolio, &valuer).unwrap();
            inputs.model().margin(&book, &set, inputs.scenarios(), moment).unwrap().0
        };
        portfolios.par_iter().map(margin).collect()
    });
    let seconds = start.elapsed().as_secs_f64();

    let total: i128 = margins.iter().map(|margin| margin.initial.a.get() + margin.initial.b.get()).sum();
    let mib = peak_mib();
    println!("{pairs} pairs of 20 positions (10 options) over 1,000 scenarios, {THREADS} threads");
    println!("time          {seconds:>8.2} s");
    println!("CPU time      {:>8.2} s", cpu_seconds() - before);
    println!("pairs/s       {:>8.0}", pairs as f64 / seconds);
    println!("peak memory   {mib:>8.0} MiB");
    println!("initial margin in all, USD {}", total / 1_000_000);
    let good = seconds < LIMIT_SECONDS && mib < LIMIT_MIB && total > 0;
    println!("{}", if good { "1 passed, 0 failed" } else { "0 passed, 1 failed" });
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// User and system time of the process so far, as Linux counts it in hundredths of a second; zero elsewhere. On a machine
/// that has other work, this is what the time would be on one free core.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory the process ever had, as Linux counts it; zero elsewhere.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()).unwrap_or(0.0) / 1_024.0
}
