//! Margin scenarios of an option from a history of implied volatility, against numpy: expected shortfall of both sides at both
//! levels to 1e-9. The history is made up, because there is no licensed one; numpy gets the same.

use ringfence_differential::{interpreter, script_on};
use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::{DataPaths, Inputs};
use ringfence_oracle::model::{expected_shortfall, Book, ModelParams, Shocks};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::value::Valuer;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

const POSITIONS: &str = r#"{"pair":"p","positions":[
    {"symbol":"BTC","quantity":"-40","entry_price":"1","opened":"2025-10-10T18:05Z","contract":"put",
     "expiry":"2025-12-26T08:00Z","strike":"100000"},
    {"symbol":"BTC","quantity":"5","entry_price":"117000","opened":"2025-10-10T18:05Z"}]}"#;

fn main() -> ExitCode {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = match interpreter(scratch) {
        Ok(python) => python,
        Err(reason) => {
            eprintln!("SKIPPED: scenarios of implied volatility were NOT compared with numpy: {}", reason.0);
            eprintln!("         install python3 with venv, and a package registry that pip can reach");
            return ExitCode::SUCCESS;
        }
    };
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let closes = std::fs::read_to_string(data.join("btc-sol-daily.csv")).unwrap();
    let (mut table, mut both) = ("date,btc_atm\n".to_owned(), String::new());
    let (mut level, mut before, mut state) = (0.6_f64, None, 7_u64);
    for line in closes.lines().skip(1) {
        let mut cells = line.split(',');
        let (date, close) = (cells.next().unwrap(), cells.next().unwrap());
        let price: f64 = close.parse().unwrap();
        let r = before.map_or(0.0, |before: f64| (price / before).ln());
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
        level = (level * (-1.2 * r + 0.06 * noise - 0.02 * (level / 0.6).ln()).exp()).clamp(0.2, 2.5);
        writeln!(table, "{date},{level:.6}").unwrap();
        writeln!(both, "{close},{level:.6}").unwrap();
        before = Some(price);
    }
    let implied = scratch.join("implied-history.csv");
    std::fs::write(&implied, table).unwrap();
    let paths = DataPaths { implied: Some(implied), ..DataPaths::in_dir(&data) };
    let inputs = Inputs::load(&paths, ModelParams::STANDARD).unwrap();
    let bar = inputs.bars().as_slice()[20];
    let (marks, moment) = (bar.marks(), bar.close_time());
    let valuer = Valuer { moment, marks: &marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let portfolio = Portfolio::parse(&Source::new("p.json", POSITIONS)).unwrap();
    let book = Book::new(&portfolio, &valuer).unwrap();
    let set = inputs.model().scenario_set(&inputs.model().initial_volatility());
    let spot: f64 = bar.quotes[Symbol::Btc].unwrap().close.to_string().parse().unwrap();
    let years = (1_766_736_000 - moment.get()) as f64 / (365.0 * 86_400.0);
    let forward = spot * inputs.curves().basis(Symbol::Btc).growth(years);
    let discount = inputs.curves().usd().discount(years);
    let volatility = inputs.surfaces().surface(Symbol::Btc).unwrap().volatility((1e5 / forward).ln(), years);
    let head = format!("{spot:?},{forward:?},100000,{volatility:?},{years:?},{discount:?},-40,5\n");
    let file = scratch.join("implied.csv");
    std::fs::write(&file, head + &both).unwrap();
    let mut worst = 0.0_f64;
    let answers = script_on(&python, "implied.py", &file);
    assert_eq!(answers.lines().count(), 2);
    for (answer, shocks) in answers.lines().zip([set.current(), set.stressed()]) {
        for (expected, sign) in answer.split(',').zip([-1.0, 1.0]) {
            let (expected, found): (f64, f64) = (expected.parse().unwrap(), shortfall(shocks, &book, sign));
            assert!(expected > 1e4, "{expected}");
            worst = worst.max((found / expected - 1.0).abs());
        }
    }
    println!("numpy: four expected shortfalls on 1,602 days of prices and volatilities differ by at most {worst:.1e}");
    assert!(worst <= 1e-9);
    ExitCode::SUCCESS
}

fn shortfall(shocks: &Shocks, book: &Book, sign: f64) -> f64 {
    let mut losses: Vec<f64> = shocks.profits(book, 0.0).into_iter().map(|profit| sign * profit).collect();
    losses.sort_by(|a, b| b.total_cmp(a));
    expected_shortfall(losses.iter().copied(), losses.len(), 10_000)
}
