//! The same bits at any number of threads and on every run.

mod common;

use common::{desks, inputs, portfolio};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::replay::{Replay, Step};
use std::process::Command;

/// Four desks and a hundred more that mix coins, so that threads really share the work.
fn many() -> Vec<Portfolio> {
    let mut all = desks();
    for index in 1..=100_i64 {
        let (btc, sol) = (index.to_string(), (-17 * index).to_string());
        let eth = format!("{}.25", 3 * index);
        let rows = [("BTC", btc.as_str(), "117000"), ("SOL", sol.as_str(), "205.5"), ("ETH", eth.as_str(), "4100.01")];
        all.push(portfolio(&format!("pair-{index}"), &rows));
    }
    all
}

fn replay_with(threads: usize, portfolios: &[Portfolio]) -> Vec<Step> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| Replay::new(&inputs(), portfolios).unwrap().take(12).map(Result::unwrap).collect())
}

fn bits(steps: &[Step]) -> Vec<u64> {
    let pairs = steps.iter().flat_map(|step| &step.pairs);
    pairs
        .flat_map(|pair| {
            let sides = &pair.explanation.sides;
            let of = |side: &ringfence_oracle::model::SideExplanation| {
                [side.current, side.stressed, side.initial, side.tail_shortfall, side.worst_stress]
            };
            let close_out = pair.explanation.close_out;
            of(&sides.a).into_iter().chain(of(&sides.b)).chain([close_out.liquidity, close_out.concentration])
        })
        .map(f64::to_bits)
        .collect()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let portfolios = many();
    let one = replay_with(1, &portfolios);
    assert_eq!(one[0].pairs.len(), 104);
    for threads in [2, 3, 8, 33] {
        let other = replay_with(threads, &portfolios);
        assert_eq!(bits(&one), bits(&other), "{threads} threads");
        assert_eq!(one, other);
    }
    assert_eq!(one, replay_with(2, &portfolios), "and again");
}

#[test]
fn processes_with_any_number_of_threads_print_the_same_bytes() {
    let run = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.env("RAYON_NUM_THREADS", threads).env("RINGFENCE_DATA", common::data_dir()).args(["--json", "replay"]);
        for name in ["btc", "eth", "sol", "xrp"] {
            command.arg("--portfolio").arg(common::data_dir().join(format!("portfolios/{name}.json")));
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let one = run("1");
    assert!(one.len() > 10_000);
    assert_eq!(one, run("2"));
    assert_eq!(one, run("16"));
    assert_eq!(one, run("1"));
}
