//! Scenarios of options from a history of implied volatility: joint with prices by date, filtered, and nothing else changes.

mod common;

use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::{DataPaths, Inputs};
use ringfence_oracle::model::{Book, ModelParams};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::pricing::{Black, Right};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::value::Valuer;
use serde_json::json;
use std::fmt::Write;

fn closes() -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(common::data_dir().join("btc-sol-daily.csv")).unwrap();
    let row = |line: &str| {
        let mut cells = line.split(',');
        (cells.next().unwrap().to_owned(), cells.next().unwrap().parse().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

/// A made-up history: volatility rises when prices fall, and has noise of its own.
fn made_up() -> String {
    let (mut text, mut level, mut before, mut state) = ("date,btc_atm\n".to_owned(), 0.6_f64, None, 1_u64);
    for (date, close) in closes() {
        let r = before.map_or(0.0, |before: f64| (close / before).ln());
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
        level = (level * (-1.2 * r + 0.06 * noise - 0.02 * (level / 0.6).ln()).exp()).clamp(0.2, 2.5);
        writeln!(text, "{date},{level:.6}").unwrap();
        before = Some(close);
    }
    text
}

fn inputs(implied: Option<&str>) -> Result<Inputs, String> {
    let directory = tempfile::tempdir().unwrap();
    let mut paths = DataPaths::in_dir(&common::data_dir());
    assert_eq!(paths.implied, None, "the project has no such history");
    if let Some(text) = implied {
        let path = directory.path().join("implied.csv");
        std::fs::write(&path, text).unwrap();
        assert_eq!(DataPaths::in_dir(directory.path()).implied.as_ref(), Some(&path), "found by its name");
        paths.implied = Some(path);
    }
    Inputs::load(&paths, ModelParams::STANDARD).map_err(|error| error.to_string())
}

fn portfolio(symbol: &str) -> Portfolio {
    let (strike, entry) = if symbol == "BTC" { ("100000", "117000") } else { ("4000", "4000") };
    let option = json!({ "symbol": symbol, "quantity": "-40", "entry_price": "1", "opened": "2025-10-10T18:05Z",
        "contract": "put", "expiry": "2025-12-26T08:00Z", "strike": strike });
    let linear = json!({ "symbol": symbol, "quantity": "5", "entry_price": entry, "opened": "2025-10-10T18:05Z" });
    let text = json!({ "pair": symbol, "positions": [option, linear] }).to_string();
    Portfolio::parse(&Source::new("p.json", text)).unwrap()
}

/// Profits of a pair in each scenario at the long-run volatility, options at the volatility of the scenario.
fn profits(inputs: &Inputs, symbol: &str) -> Vec<f64> {
    let bar = inputs.bars().as_slice()[20];
    let (marks, moment) = (bar.marks(), bar.close_time());
    let valuer = Valuer { moment, marks: &marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let book = Book::new(&portfolio(symbol), &valuer).unwrap();
    inputs.model().shocks(&inputs.model().initial_volatility().all_daily()).profits(&book, 0.0)
}

/// EWMA residuals with lambda 0.94 after 60 days, written out once more.
fn residuals(changes: &[f64]) -> Vec<f64> {
    let mut variance = changes[..60].iter().map(|x| x * x).sum::<f64>() / 60.0;
    changes[60..]
        .iter()
        .map(|x| {
            let z = x / variance.sqrt();
            variance = 0.94 * variance + 0.06 * x * x;
            z
        })
        .collect()
}

fn root_mean_square(changes: &[f64]) -> f64 {
    (changes.iter().map(|x| x * x).sum::<f64>() / changes.len() as f64).sqrt()
}

#[test]
fn a_scenario_is_one_day_of_prices_and_of_their_volatility() {
    let text = made_up();
    let inputs = inputs(Some(&text)).unwrap();
    let found = profits(&inputs, "BTC");
    let log_changes = |levels: Vec<f64>| levels.windows(2).map(|two| (two[1] / two[0]).ln()).collect::<Vec<f64>>();
    let returns = log_changes(closes().into_iter().map(|(_, close)| close).collect());
    let implied =
        log_changes(text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect());
    let (sigma, deviation) = (root_mean_square(&returns), root_mean_square(&implied));
    let bar = inputs.bars().as_slice()[20];
    let spot = bar.quotes[Symbol::Btc].unwrap().close.to_string().parse::<f64>().unwrap();
    let expiry = 1_766_736_000_u64;
    let years = (expiry - bar.close_time().get()) as f64 / (365.0 * 86_400.0);
    let forward = spot * inputs.curves().basis(Symbol::Btc).growth(years);
    let discount = inputs.curves().usd().discount(years);
    let volatility = inputs.surfaces().surface(Symbol::Btc).unwrap().volatility((1e5 / forward).ln(), years);
    let damping = (30.0 / (years * 365.0)).sqrt();
    let price = |forward, volatility| {
        Black { right: Right::Put, forward, strike: 100_000.0, volatility, years, discount }.price()
    };
    assert_eq!(found.len(), 1_602);
    let days = residuals(&returns).into_iter().zip(residuals(&implied)).zip(found);
    let (mut most, mut least) = (1.0_f64, 1.0_f64);
    for ((z, u), found) in days {
        let growth = (z * sigma).exp();
        let stretch = (u * deviation).exp().clamp(1.0 / 2.5, 2.5);
        (most, least) = (most.max(stretch), least.min(stretch));
        let option = price(forward * growth, volatility * (1.0 + damping * (stretch - 1.0)));
        let expected = -40.0 * (option - price(forward, volatility)) + 5.0 * spot * (growth - 1.0);
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e4), "{found} {expected}");
    }
    assert!(most > 1.2 && least < 0.9, "a history moves volatility both ways: {most} {least}");
}

#[test]
fn without_its_history_a_coin_goes_by_the_rule_and_nothing_else_changes() {
    let (bare, with) = (inputs(None).unwrap(), inputs(Some(&made_up())).unwrap());
    assert_eq!(profits(&bare, "ETH"), profits(&with, "ETH"), "bit for bit");
    assert_ne!(profits(&bare, "BTC"), profits(&with, "BTC"));
    // The table is committed to, by its own name, if it is there.
    let names = |inputs: &Inputs| inputs.digests().named().iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(names(&bare).len(), 8);
    assert_eq!(names(&with)[8], "implied");
    assert_eq!(bare.digests().named()[..], with.digests().named()[..8]);
    assert_ne!(bare.digests().digest(), with.digests().digest());
    let other = inputs(Some(&made_up().replacen("date,btc_atm", "date,sol_atm", 1))).unwrap();
    assert_ne!(other.digests().digest(), with.digests().digest(), "another coin");
}

#[test]
fn the_stressed_level_has_the_stressed_deviation() {
    let with = inputs(Some(&made_up())).unwrap();
    let bar = with.bars().as_slice()[20];
    let (marks, moment) = (bar.marks(), bar.close_time());
    let valuer = Valuer { moment, marks: &marks, curves: with.curves(), surfaces: with.surfaces() };
    let book = Book::new(&portfolio("BTC"), &valuer).unwrap();
    let daily = with.model().stressed_volatility();
    let set = with.model().set_at(&daily);
    // The same moves of prices; volatility moves as in the whole history and as in its stressed period.
    assert_ne!(set.current().profits(&book, 0.0), set.stressed().profits(&book, 0.0));
    let bare = inputs(None).unwrap();
    let set = bare.model().set_at(&daily);
    assert_eq!(set.current().profits(&book, 0.0), set.stressed().profits(&book, 0.0));
}

#[test]
fn a_history_that_does_not_fit_is_refused() {
    let text = made_up();
    let short = text.lines().take(1_000).collect::<Vec<_>>().join("\n");
    assert!(inputs(Some(&short)).unwrap_err().contains("must have every day of the daily closes"));
    let late: Vec<&str> = text.lines().take(1).chain(text.lines().skip(2)).collect();
    assert!(inputs(Some(&late.join("\n"))).unwrap_err().contains("every day"));
    let mut still = "date,btc_atm\n".to_owned();
    closes().iter().for_each(|(date, _)| writeln!(still, "{date},0.6").unwrap());
    assert!(inputs(Some(&still)).unwrap_err().contains("btc_atm must move during the burn-in"));
}
