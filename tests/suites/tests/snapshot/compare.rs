//! Measured against committed.

use crate::ledger::Cost;
use ringfence_devchain::MAX_BLOCK_WEIGHT;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// The figures of one contract.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// What built the blob.
    pub(crate) toolchain: String,
    /// Size of the blob.
    pub(crate) blob_bytes: u64,
    /// Cost of each message.
    pub(crate) messages: BTreeMap<String, Cost>,
}

/// How far another toolchain's figures may be off, per cent.
const TOLERANCE: u64 = 2;

/// Compares with the committed file, or writes it if the environment says so.
pub(crate) fn check(contract: &str, measured: Snapshot) {
    show(contract, &measured);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(format!("{contract}.json"));
    if std::env::var_os("RINGFENCE_UPDATE_SNAPSHOTS").is_some() {
        let text = serde_json::to_string_pretty(&measured).expect("figures are plain JSON");
        std::fs::write(&path, text + "\n").unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let committed: Snapshot = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let differences = differences(&committed, &measured);
    assert!(
        differences.is_empty(),
        "{contract} costs something else than {} says (committed -> measured):\n{}\n\
         If that is meant: RINGFENCE_UPDATE_SNAPSHOTS=1 cargo test --release -p ringfence-suites --test snapshot",
        path.display(),
        differences.join("\n")
    );
}

fn differences(committed: &Snapshot, measured: &Snapshot) -> Vec<String> {
    let tolerance = if committed.toolchain == measured.toolchain { 0 } else { TOLERANCE };
    let (before, after) = (figures(committed), figures(measured));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let line = |name: &String| match (before.get(name), after.get(name)) {
        (Some(old), Some(new)) if within(*old, *new, tolerance) => None,
        (Some(old), Some(new)) => Some(format!("  {name}: {old} -> {new} ({:+.2} %)", change(*old, *new))),
        (Some(old), None) => Some(format!("  {name}: {old} -> nothing")),
        (None, Some(new)) => Some(format!("  {name}: nothing -> {new}")),
        (None, None) => None,
    };
    names.into_iter().filter_map(line).collect()
}

/// All figures under one name each.
fn figures(snapshot: &Snapshot) -> BTreeMap<String, i128> {
    let costs = snapshot.messages.iter().flat_map(|(message, cost)| {
        let named = |what: &str, figure: i128| (format!("{message}, {what}"), figure);
        [
            named("ref_time", cost.ref_time.into()),
            named("proof_size", cost.proof_size.into()),
            named("deposit", cost.deposit.into()),
        ]
    });
    costs.chain([("blob_bytes".to_string(), snapshot.blob_bytes.into())]).collect()
}

fn within(old: i128, new: i128, percent: u64) -> bool {
    (new - old).unsigned_abs() * 100 <= old.unsigned_abs() * u128::from(percent)
}

/// For people only.
#[allow(clippy::cast_precision_loss)]
fn change(old: i128, new: i128) -> f64 {
    if old == 0 {
        return f64::INFINITY;
    }
    (new - old) as f64 * 100.0 / old as f64
}

/// A table in the test's output (`--nocapture`).
#[allow(clippy::cast_precision_loss)]
fn show(contract: &str, snapshot: &Snapshot) {
    println!("{contract}: {} bytes, {}", snapshot.blob_bytes, snapshot.toolchain);
    for (message, cost) in &snapshot.messages {
        let share = |part: u64, whole: u64| part as f64 * 100.0 / whole as f64;
        println!(
            "  {message:<36} {:>14} ps {:>6.2} %  {:>8} B {:>6.2} %  deposit {:>13}",
            cost.ref_time,
            share(cost.ref_time, MAX_BLOCK_WEIGHT.ref_time()),
            cost.proof_size,
            share(cost.proof_size, MAX_BLOCK_WEIGHT.proof_size()),
            cost.deposit
        );
    }
}
