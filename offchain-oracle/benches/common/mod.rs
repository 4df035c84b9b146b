//! Books of any size on the project's own tables.

use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::{DataPaths, Inputs, Tables};
use ringfence_oracle::market::{Bars, Curves, FundingRates, History, Liquidity, Proxies, Scenarios, Surfaces};
use ringfence_oracle::model::ModelParams;
use ringfence_oracle::portfolio::Portfolio;
use serde_json::json;
use std::path::PathBuf;

/// The project's tables, the history cut to so many days of residuals.
pub(crate) fn inputs(days: usize) -> Inputs {
    let paths = DataPaths::in_dir(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data"));
    let read = |path: &PathBuf| Source::read(path).unwrap();
    let mut history = read(&paths.history);
    let lines: Vec<&str> = history.text.lines().collect();
    // The header, and 61 closes before the first residual.
    let first = lines.len().saturating_sub(days + 61);
    history.text =
        std::iter::once(lines[0]).chain(lines[first.max(1)..].iter().copied()).collect::<Vec<_>>().join("\n");
    let tables = Tables {
        proxies: Proxies::parse(&read(&paths.proxies)).unwrap(),
        scenarios: Scenarios::parse(&read(&paths.scenarios)).unwrap(),
        funding: FundingRates::parse(&read(&paths.funding)).unwrap(),
        curves: Curves::parse(&read(&paths.curves)).unwrap(),
        surfaces: Surfaces::parse(&read(&paths.surfaces)).unwrap(),
        liquidity: Liquidity::parse(&read(&paths.liquidity)).unwrap(),
    };
    let history = History::parse(&history).unwrap();
    Inputs::new(Bars::parse(&read(&paths.bars)).unwrap(), &history, tables, ModelParams::STANDARD).unwrap()
}

/// A number that looks random (the finaliser of `SplitMix64`).
const fn mix(seed: u64) -> u64 {
    let mut word = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A pair with so many linear positions and so many options, different for every `seed`.
pub(crate) fn portfolio(seed: usize, linear: usize, options: usize) -> Portfolio {
    let coins = [("BTC", 117_000.0), ("ETH", 4_090.0), ("SOL", 209.0), ("XRP", 2.72)];
    let expiries = ["2025-10-31T08:00Z", "2025-11-28T08:00Z", "2025-12-26T08:00Z", "2026-03-27T08:00Z"];
    let position = |index: usize| {
        let (symbol, price) = coins[(seed + index) % 4];
        // No two books are alike, or all their triggers would be reached by the same ticks.
        let mixed = mix(seed as u64 * 64 + index as u64);
        let sign = if mixed.is_multiple_of(2) { "" } else { "-" };
        let quantity = format!("{sign}{:.4}", (20_000 + mixed / 2 % 980_001) as f64 / price);
        let opened = "2025-10-10T18:05Z";
        if index < linear {
            let contract = if index.is_multiple_of(3) { json!("future") } else { json!("perpetual") };
            let expiry = if index.is_multiple_of(3) { json!(expiries[index % 4]) } else { json!(null) };
            let entry = format!("{price:.2}");
            return json!({ "symbol": symbol, "quantity": quantity, "entry_price": entry, "opened": opened,
                "contract": contract, "expiry": expiry });
        }
        let strike = format!("{:.2}", price * (0.7 + 0.05 * ((seed + 5 * index) % 13) as f64));
        let right = if (seed + index).is_multiple_of(2) { "call" } else { "put" };
        json!({ "symbol": symbol, "quantity": quantity, "entry_price": "0.01", "opened": opened, "contract": right,
            "expiry": expiries[index % 4], "strike": strike })
    };
    let positions: Vec<_> = (0..linear + options).map(position).collect();
    let text = json!({ "pair": format!("pair-{seed}"), "positions": positions }).to_string();
    Portfolio::parse(&Source::new("bench.json", text)).unwrap()
}
