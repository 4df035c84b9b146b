//! Instructions that the service made on ticks, recomputed by `verify` from what the service gives: agreement, and the first
//! difference when any input is another one.

mod common;
#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;
#[path = "common/stage.rs"]
#[allow(dead_code)]
mod stage;

use ringfence_oracle::files::Source;
use ringfence_oracle::market::{Bar, Quote};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Seconds;
use ringfence_oracle::service::When;
use ringfence_oracle::symbol::BySymbol;
use serde_json::{json, Value};
use stage::{marks, Served, Stage, VAULT};
use std::path::PathBuf;
use std::process::Command;

const BIN: &str = env!("CARGO_BIN_EXE_ringfence-oracle");

/// The service's answers in files.
struct Desk {
    stage: Stage,
    /// Made before the first bar of the service's own closed.
    first: Value,
    /// Made after two of them.
    second: Value,
    bars: Value,
}

fn portfolio_text() -> String {
    let position = |symbol: &str, quantity: &str, entry: &str| json!({ "symbol": symbol, "quantity": quantity, "entry_price": entry, "opened": "2025-10-10T18:05Z" });
    let list = [position("BTC", "18", "117624.03"), position("SOL", "-3000", "209.1"), position("BTC", "-2", "113000")];
    json!({ "pair": "btc-sol", "positions": list }).to_string()
}

impl Desk {
    fn new() -> Self {
        let stage = Stage::new(When::Ticks);
        assert_eq!(Portfolio::parse(&Source::new("p", portfolio_text())).unwrap().root(), stage.portfolio.root());
        let mut oracle = stage.oracle();
        let mut tick = |seconds, btc, sol, closed: &[Bar], signed| {
            let now = stage.at(seconds);
            oracle.on_chain().unwrap();
            stage.sim.mine_and_finalise();
            oracle.on_chain().unwrap();
            assert_eq!(oracle.on_tick(closed, now, marks(btc, sol)).unwrap(), signed, "{seconds}");
        };
        let start = stage.at(0);
        let bar = |opens, [btc_close, btc_low]: [&str; 2], [sol_close, sol_low]: [&str; 2]| {
            let (close, low) = (marks(btc_close, sol_close), marks(btc_low, sol_low));
            let quote = |symbol| Some(Quote { close: close[symbol]?, low: low[symbol]? });
            Bar { open_time: start.after(Seconds::new(opens)).unwrap(), quotes: BySymbol::from_fn(quote) }
        };
        tick(7, "112700", "190", &[], 1);
        tick(299, "112690", "190.1", &[], 0);
        tick(301, "112695", "190.05", &[bar(0, ["112690", "112690"], ["190.1", "190"])], 0);
        tick(598, "112690", "190", &[], 0);
        tick(777, "111000.5", "189", &[bar(300, ["112690", "112690"], ["190", "190"])], 1);
        let served = Served::new(&stage.shared, 100);
        let get = |path: &str| {
            let answer = served.get(path);
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json()
        };
        let of = |sequence| get(&format!("/v1/vaults/0x{}/instructions/{sequence}", hex::encode(VAULT)));
        let (first, second, bars) = (of(1), of(2), get("/v1/bars"));
        assert_eq!(get("/v1/bars?from=1760141100&limit=1"), json!([bars[1]]));
        assert_eq!(served.get("/v1/bars?limit=0").problem(), "bad-request");
        drop(served);
        assert_eq!(bars.as_array().unwrap().len(), 2);
        std::fs::write(stage.directory.path().join("pair.json"), portfolio_text()).unwrap();
        Self { stage, first, second, bars }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.stage.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Exit code, and what was printed on both streams.
    fn verify(&self, instruction: &Value, bars: Option<&Value>, more: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(BIN);
        command.current_dir(self.stage.directory.path()).args(["verify", "--data-dir"]).arg(common::data_dir());
        command.arg("--instruction").arg(self.file("i.json", &instruction.to_string()));
        if !more.contains(&"--portfolio") {
            command.args(["--portfolio", "pair.json"]);
        }
        if let Some(bars) = bars {
            command.arg("--live-bars").arg(self.file("bars.json", &bars.to_string()));
        }
        let output = command.args(more).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    fn first_difference(&self, instruction: &Value, bars: &Value, more: &[&str]) -> String {
        let (code, text) = self.verify(instruction, Some(bars), more);
        assert_eq!(code, Some(10), "{text}");
        let (_, difference) = text.split_once("first difference: ").unwrap_or_else(|| panic!("{text}"));
        difference.trim().to_owned()
    }
}

fn changed(document: &Value, pointer: &str, value: impl Into<Value>) -> Value {
    let mut document = document.clone();
    let member = document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
    let value = value.into();
    assert_ne!(*member, value, "{pointer}");
    *member = value;
    document
}

#[test]
fn what_was_signed_on_ticks_is_what_the_inputs_give() {
    let desk = Desk::new();
    for (instruction, bars) in [(&desk.first, None), (&desk.first, Some(&desk.bars)), (&desk.second, Some(&desk.bars))]
    {
        let (code, text) = desk.verify(instruction, bars, &[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("market.bars") && text.contains("market.volatility_nano.XRP"), "{text}");
        assert!(!text.contains("DIFFERS"), "{text}");
    }
    // It is a tick's: not the close's, and none that a table of bars alone could give.
    assert_eq!(desk.second["instruction"]["valuationTime"], stage::START + 777);
    assert_eq!(desk.second["market"]["last_close"], stage::START + 600);
    assert_eq!(desk.second["market"]["marks"], json!({ "BTC": "111000.5", "SOL": "189" }));
    let (code, text) = desk.verify(&desk.second, None, &[]);
    assert_eq!(code, Some(3), "{text}");
    // Without its market it passes for one of a close, and there is no such close.
    let mut bare = desk.second.clone();
    bare.as_object_mut().unwrap().remove("market");
    assert_eq!(desk.verify(&bare, None, &[]).0, Some(3));
    let (code, text) = desk.verify(&bare, Some(&desk.bars), &[]);
    assert!(code == Some(3) && text.contains("market"), "{text}");
    // Events say what happened, not the market it happened on.
    let events = desk.stage.shared.store.events_after(0, 1_000).unwrap();
    assert!(events.iter().all(|event| event.data.get("market").is_none()));
}

#[test]
fn the_first_difference_is_named_whichever_input_is_changed() {
    let desk = Desk::new();
    let (second, bars) = (&desk.second, &desk.bars);
    let starts = |found: String, expected: &str| assert!(found.starts_with(expected), "{found}");
    // The marks, volatilities and roots of the document: the instruction does not commit to them.
    for (member, value) in [
        ("marks/BTC", json!("111000.6")),
        ("volatility_nano/SOL", json!(1)),
        ("bars", json!(format!("0x{}", "ab".repeat(32)))),
        ("static_inputs", json!(format!("0x{}", "ab".repeat(32)))),
    ] {
        let bent = changed(second, &format!("/market/{member}"), value);
        starts(desk.first_difference(&bent, bars, &[]), "market is 0x");
    }
    // Bars: the table's and the service's.
    let bent = changed(bars, "/0/prices/BTC/close", "112690.01");
    starts(desk.first_difference(second, &bent, &[]), "market.bars is 0x");
    let bent = changed(bars, "/1/prices/SOL/low", "189.9");
    starts(desk.first_difference(second, &bent, &[]), "market.bars is 0x");
    // A table, and with the signer's commitments which one.
    let table = std::fs::read_to_string(common::data_dir().join("liquidity.csv")).unwrap();
    let last = table.trim_end().rfind(|c: char| c.is_ascii_digit() && c != '9').unwrap();
    let mut other = table.clone();
    other.replace_range(last..=last, "9");
    desk.file("liquidity.csv", &other);
    let more = ["--liquidity", "liquidity.csv"];
    let found = desk.first_difference(second, bars, &more);
    assert!(found.starts_with("market.static_inputs is 0x") && found.contains("--tables names"), "{found}");
    let data = common::data_dir();
    let margin = Command::new(BIN)
        .args(["margin", "--json", "--at", "2025-10-11T00:00Z", "--data-dir"])
        .arg(&data)
        .arg("--portfolio")
        .arg(desk.stage.directory.path().join("pair.json"))
        .output()
        .unwrap();
    assert!(margin.status.success(), "{}", String::from_utf8_lossy(&margin.stderr));
    desk.file("tables.json", &String::from_utf8_lossy(&margin.stdout));
    let found = desk.first_difference(second, bars, &[&more[..], &["--tables", "tables.json"]].concat());
    assert!(found.contains("these tables differ: liquidity"), "{found}");
    // The portfolio.
    desk.file("other.json", &portfolio_text().replace("-3000", "-3001"));
    starts(desk.first_difference(second, bars, &["--portfolio", "other.json"]), "portfolioRoot is 0x");
    // What was computed from them: the inputs agree then, and the instruction is wrong.
    for member in ["entitlementA", "initialMarginA", "initialMarginB", "tailRequirement"] {
        let bent = changed(second, &format!("/instruction/{member}"), "123456789");
        let found = desk.first_difference(&bent, bars, &[]);
        assert!(found.starts_with(&format!("{member} is 123456789")), "{found}");
        assert!(found.contains("the committed inputs agree: the instruction is wrong"), "{found}");
    }
    // The time is committed to as well.
    let bent = changed(second, "/instruction/valuationTime", stage::START + 776);
    starts(desk.first_difference(&bent, bars, &[]), "market is 0x");
}
