//! 10,000 contracts against QuantLib, 2,000 far from the money against 50 digits, every Greek of 300 against slopes of the
//! price at 50 digits, expected shortfall against numpy.
//!
//! Within three standard deviations of the forward the bound is 1e-10 relative against QuantLib. Beyond, QuantLib's own
//! distribution function `0.5 (1 + erf)` keeps ever fewer digits (5e-8 relative is common), so the reference there is
//! arbitrary-precision arithmetic, with a bound of 1e-11.

use ringfence_differential::{interpreter, script};
use ringfence_oracle::model::expected_shortfall;
use ringfence_oracle::pricing::{Black, Right};
use std::path::Path;
use std::process::ExitCode;

const NAMES: [&str; 8] = ["price", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga"];

fn main() -> ExitCode {
    let python = match interpreter(Path::new(env!("CARGO_TARGET_TMPDIR"))) {
        Ok(python) => python,
        Err(reason) => {
            eprintln!("SKIPPED: prices and expected shortfall were NOT compared with QuantLib and numpy: {}", reason.0);
            eprintln!("         install python3 with venv, and a package registry that pip can reach");
            return ExitCode::SUCCESS;
        }
    };
    let grid = script(&python, "grid.py");
    check("quantlib", 10_000, 1e-10, &grid);
    check("mpmath", 2_000, 1e-11, &grid);
    check("slopes", 300, 1e-10, &grid);
    shortfall(&script(&python, "shortfall.py"));
    println!("4 passed, 0 failed");
    ExitCode::SUCCESS
}

fn check(source: &str, count: usize, bound: f64, grid: &str) {
    let mut worst: [(f64, String); 8] = Default::default();
    let rows: Vec<&str> = grid.lines().filter(|line| line.starts_with(source)).collect();
    assert_eq!(rows.len(), count, "{source}");
    for row in rows {
        let numbers: Vec<f64> = row.split(',').skip(2).map(|cell| cell.parse().unwrap()).collect();
        let [forward, strike, volatility, years, discount, expected @ ..] = numbers.as_slice() else { panic!("{row}") };
        let right = if row.split(',').nth(1) == Some("C") { Right::Call } else { Right::Put };
        let option = Black {
            right,
            forward: *forward,
            strike: *strike,
            volatility: *volatility,
            years: *years,
            discount: *discount,
        };
        let greeks = option.greeks();
        let first = [option.price(), greeks.delta, greeks.gamma, greeks.vega, greeks.theta];
        let found = first.into_iter().chain([greeks.rho, greeks.vanna, greeks.volga]);
        for ((found, expected), worst) in found.zip(expected).zip(&mut worst) {
            let gap = if found == *expected { 0.0 } else { (found / expected - 1.0).abs() };
            // A NaN is the worst of all.
            if gap.is_nan() || gap > worst.0 || worst.1.is_empty() {
                *worst = (gap, row.to_owned());
            }
        }
    }
    for (name, (gap, row)) in NAMES.iter().zip(&worst).filter(|(_, (_, row))| !row.is_empty()) {
        println!("{source}: {name} of {count} contracts differs by at most {gap:.1e}");
        assert!(*gap <= bound, "{name}: {gap} at {row}");
    }
}

fn shortfall(cases: &str) {
    let mut worst = 0.0_f64;
    for case in cases.lines() {
        let mut cells = case.split(',');
        let tail_ppm: u32 = cells.next().unwrap().parse().unwrap();
        let mut numbers = cells.map(|cell| cell.parse::<f64>().unwrap());
        let expected = numbers.next().unwrap();
        let mut losses: Vec<f64> = numbers.collect();
        losses.sort_by(|a, b| b.total_cmp(a));
        let found = expected_shortfall(losses.iter().copied(), losses.len(), tail_ppm);
        let size = losses.iter().map(|loss| loss.abs()).sum::<f64>() / losses.len() as f64;
        let gap = (found - expected).abs() / expected.abs().max(size);
        assert!(gap <= 1e-12, "{gap}: tail {tail_ppm}, {} losses", losses.len());
        worst = worst.max(gap);
    }
    println!("numpy: expected shortfall of {} samples differs by at most {worst:.1e}", cases.lines().count());
}
