//! What the integration tests share.
#![allow(dead_code)] // Each test binary uses its own part.

use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::{DataPaths, Inputs};
use ringfence_oracle::model::ModelParams;
use ringfence_oracle::portfolio::Portfolio;
use std::path::PathBuf;
use std::process::{Child, Command};

/// The project's own tables.
pub(crate) fn data_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data")
}

pub(crate) fn inputs() -> Inputs {
    Inputs::load(&DataPaths::in_dir(&data_dir()), ModelParams::STANDARD).unwrap()
}

/// Asks a process to end. By the shell's own `kill`: the program of that name is not on every machine.
pub(crate) fn terminate(child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status().unwrap().success());
}

/// A portfolio opened at the first close.
pub(crate) fn portfolio(pair: &str, positions: &[(&str, &str, &str)]) -> Portfolio {
    let positions: Vec<_> = positions
        .iter()
        .map(|(symbol, quantity, entry)| {
            serde_json::json!({
                "symbol": symbol, "quantity": quantity, "entry_price": entry, "opened": "2025-10-10T18:05Z"
            })
        })
        .collect();
    let text = serde_json::json!({ "pair": pair, "positions": positions }).to_string();
    Portfolio::parse(&Source::new("test.json", text)).unwrap()
}

/// Four desks of the demo's sizes.
pub(crate) fn desks() -> Vec<Portfolio> {
    vec![
        portfolio("btc", &[("BTC", "180", "117624.03")]),
        portfolio("eth", &[("ETH", "3000", "4094.61")]),
        portfolio("sol", &[("SOL", "30000", "209.109")]),
        portfolio("xrp", &[("XRP", "2000000", "2.7217")]),
    ]
}
