//! A portfolio of 1,000 options over 1,000 scenarios, revalued in full by this project and by QuantLib's C++
//! `blackFormula`, one after the other on the same core of the same machine, and the results compared.
//!
//! `cargo bench -p ringfence-differential`. Needs g++ and Debian's `libquantlib0-dev`; says so where they are missing.

use ringfence_oracle::pricing::{Black, OptionLeg, Right, ScenarioRow};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

const LEGS: usize = 1_000;
const SCENARIOS: usize = 1_000;
const ROUNDS: usize = 20;

fn main() -> ExitCode {
    let Some(program) = compile() else {
        eprintln!("SKIPPED: not compared with QuantLib's C++: needs g++ and libquantlib0-dev (apt-get install both)");
        return ExitCode::SUCCESS;
    };
    let (options, growth, stretch) = market();
    let (theirs, their_values) = quantlib(&program, &options, &growth, &stretch);
    let (ours, our_values) = revalue(&options, &growth, &stretch);
    let gaps = our_values.iter().zip(&their_values).map(|(a, b)| (a / b - 1.0).abs());
    let gap = gaps.max_by(f64::total_cmp).expect("at least one scenario");
    println!("{LEGS} options x {SCENARIOS} scenarios, best of {ROUNDS} rounds, one core");
    println!("QuantLib blackFormula  {theirs:>7.2} ns a revaluation");
    println!("ringfence              {ours:>7.2} ns a revaluation");
    println!("ratio                  {:>7.1}", theirs / ours);
    println!("largest relative difference of a scenario's value {gap:.1e}");
    let good = gap < 1e-10 && theirs / ours >= 10.0;
    println!("{}", if good { "1 passed, 0 failed" } else { "0 passed, 1 failed" });
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Numbers that look random and are the same everywhere: the low bits of Weyl's sequence.
fn uniform(index: usize, stream: f64) -> f64 {
    (index as f64 * 0.618_033_988_749_894_9 + stream * 0.414_213_562_373_095).fract()
}

fn market() -> (Vec<(Black, f64)>, Vec<f64>, Vec<f64>) {
    let options = (0..LEGS).map(|i| {
        let forward = 110_000.0 * (1.0 + 0.02 * uniform(i, 1.0));
        let volatility = 0.35 + 0.6 * uniform(i, 2.0);
        let years = (1.0 + (i % 12) as f64 * 20.0) / 365.0;
        let strike = forward * (2.5 * (uniform(i, 3.0) - 0.5) * 2.0 * volatility * years.sqrt()).exp();
        let right = if i % 2 == 0 { Right::Call } else { Right::Put };
        (Black { right, forward, strike, volatility, years, discount: (-0.04 * years).exp() }, 1.0 + uniform(i, 4.0))
    });
    let growth = (0..SCENARIOS).map(|i| (0.3 * (uniform(i, 5.0) - 0.5)).exp()).collect();
    let stretch = (0..SCENARIOS).map(|i| 0.8 + 0.8 * uniform(i, 6.0)).collect();
    (options.collect(), growth, stretch)
}

fn revalue(options: &[(Black, f64)], growth: &[f64], stretch: &[f64]) -> (f64, Vec<f64>) {
    let mut best = f64::INFINITY;
    let mut values = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let log_growth: Vec<f64> = growth.iter().map(|g| g.ln()).collect();
        let inverse_stretch: Vec<f64> = stretch.iter().map(|m| 1.0 / m).collect();
        let row = ScenarioRow { growth, log_growth: &log_growth, stretch, inverse_stretch: &inverse_stretch };
        values = vec![0.0; growth.len()];
        for (option, quantity) in options {
            OptionLeg::new(option, *quantity).add_values(&row, &mut values);
        }
        best = best.min(start.elapsed().as_nanos() as f64 / (options.len() * growth.len()) as f64);
    }
    (best, values)
}

fn compile() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/black.cpp");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("black");
    let status =
        Command::new("g++").args(["-O3", "-march=native", "-o"]).arg(&program).arg(source).arg("-lQuantLib").status();
    status.ok()?.success().then_some(program)
}

fn quantlib(program: &Path, options: &[(Black, f64)], growth: &[f64], stretch: &[f64]) -> (f64, Vec<f64>) {
    let mut text = format!("{} {} {ROUNDS}\n", options.len(), growth.len());
    for (option, quantity) in options {
        let (call, weight) = (u8::from(option.right == Right::Call), quantity * option.discount);
        writeln!(text, "{call} {:e} {:e} {:e} {weight:e}", option.forward, option.strike, option.deviation()).unwrap();
    }
    for (g, m) in growth.iter().zip(stretch) {
        writeln!(text, "{g:e} {m:e}").unwrap();
    }
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let mut numbers = output.lines().map(|line| line.parse::<f64>().unwrap());
    (numbers.next().unwrap(), numbers.collect())
}
