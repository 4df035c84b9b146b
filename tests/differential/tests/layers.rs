//! Layers of a tail-risk bond against numpy, on the scenarios of the project's own desks: figures to 1e-9, standard errors as
//! near as two bootstraps with different random numbers come.

use ringfence_differential::{interpreter, script_on};
use ringfence_oracle::bond::{price, Layer, Proposal, Resampling};
use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::{DataPaths, Inputs};
use ringfence_oracle::model::{Book, ModelParams};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::replay::value_at;
use ringfence_oracle::units::MicroUsd;
use ringfence_oracle::value::Valuer;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// 10 October 2025, 21:20 UTC.
const TROUGH: Timestamp = Timestamp::new(1_760_131_200);

/// Margin (none: the model's), attachment and limit, dollars. The first crosses the threshold of the fitted tail.
const LAYERS: [(Option<i128>, i128, i128); 4] =
    [(Some(400_000), 0, 2_500_000), (None, 0, 500_000), (None, 500_000, 1_500_000), (None, 3_000_000, 1_000_000)];

/// One layer of one side: what this project says.
struct Case {
    name: String,
    line: String,
    figures: [f64; 3],
    errors: [f64; 2],
}

fn main() -> ExitCode {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = match interpreter(scratch) {
        Ok(python) => python,
        Err(reason) => {
            eprintln!("SKIPPED: layers of a bond were NOT compared with numpy: {}", reason.0);
            eprintln!("         install python3 with venv, and a package registry that pip can reach");
            return ExitCode::SUCCESS;
        }
    };
    let cases = cases();
    let file = scratch.join("layers.csv");
    std::fs::write(&file, cases.iter().map(|case| case.line.as_str()).collect::<String>()).unwrap();
    let answers = script_on(&python, "layers.py", &file);
    assert_eq!(answers.lines().count(), cases.len());
    let (mut worst, mut worst_error) = (0.0_f64, 0.0_f64);
    for (case, answer) in cases.iter().zip(answers.lines()) {
        let numbers: Vec<f64> = answer.split(',').map(|cell| cell.parse().unwrap()).collect();
        for (found, expected) in case.figures.iter().zip(&numbers) {
            let gap = if found == expected { 0.0 } else { (found / expected - 1.0).abs() };
            assert!(gap <= 1e-9, "{}: {found} {expected}", case.name);
            worst = worst.max(gap);
        }
        for (found, expected) in case.errors.iter().zip(&numbers[3..]) {
            let gap = (found / expected - 1.0).abs();
            assert!(gap <= 0.15, "{}: standard error {found} {expected}", case.name);
            worst_error = worst_error.max(gap);
        }
    }
    println!(
        "numpy: {} layers differ by at most {worst:.1e}, standard errors by {:.1} %",
        cases.len(),
        worst_error * 100.0
    );
    ExitCode::SUCCESS
}

fn cases() -> Vec<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let inputs = Inputs::load(&DataPaths::in_dir(&data), ModelParams::STANDARD).unwrap();
    let mut cases = vec![];
    for desk in ["btc", "eth", "sol", "xrp"] {
        let source = Source::read(&data.join(format!("portfolios/{desk}.json"))).unwrap();
        let portfolio = Portfolio::parse(&source).unwrap();
        let (step, _) = value_at(&inputs, &portfolio, TROUGH).unwrap();
        let (moment, marks) = (step.valuation_time, &step.marks);
        let valuer = Valuer { moment, marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
        let book = Book::new(&portfolio, &valuer).unwrap();
        let set = inputs.model().set_at(&step.volatility);
        for (margin, attachment, limit) in LAYERS {
            let usd = |dollars: i128| MicroUsd::new(dollars * 1_000_000);
            let proposal = Proposal {
                layer: Layer { first_loss: MicroUsd::ZERO, attachment: usd(attachment), limit: usd(limit) },
                margin: margin.map(usd),
                resampling: Resampling { count: 6_000, seed: 1 },
                defaults: None,
            };
            let price = price(&inputs, &book, &set, moment, &proposal).unwrap();
            for (party, side) in [("A", &price.sides.a), ("B", &price.sides.b)] {
                let peaks = inputs.model().params().peak_ppm;
                let start = side.attaches_at - price.close_out_cost;
                let mut line = format!("{peaks},{start:?},{:?}", limit as f64);
                for loss in side.curve.scenarios() {
                    write!(line, ",{loss:?}").unwrap();
                }
                line.push('\n');
                let (attach, exhaust) = (side.attachment().unwrap(), side.exhaustion().unwrap());
                let error = |estimate: &ringfence_oracle::bond::Estimate| estimate.standard_error.unwrap();
                cases.push(Case {
                    name: format!("{desk}, default of {party}, {limit} above {attachment}"),
                    line,
                    figures: [side.expected_loss.value, attach.value, exhaust.value],
                    errors: [error(&side.expected_loss), error(attach)],
                });
            }
        }
    }
    cases
}
