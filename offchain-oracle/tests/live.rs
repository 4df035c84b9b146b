//! Bars that are made of live marks, and that nothing is signed on a coin without a fresh one.

mod common;

use ringfence_oracle::feed::{
    LiveMarket, MarkBook, MarkRules, Millis, PriceKind, Quote, Reason, SourceId, SourceRules,
};
use ringfence_oracle::files::Source;
use ringfence_oracle::instruction::{VaultContext, NO_INTEREST};
use ringfence_oracle::market::Bars;
use ringfence_oracle::protocol::units::{Bps, Seconds, Timestamp};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::replay::value_at;
use ringfence_oracle::signer::{Declined, LiveRecompute, Policy, Recompute};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::units::Price;
use ringfence_oracle::Error;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

/// Close of the last bar of the project's own table, 11 October 2025 at midnight.
const END: u64 = 1_760_140_800;
const CLOSE: u64 = END + 300;
const NAMES: [&str; 4] = ["binance", "deribit", "kraken", "okx"];

fn book() -> MarkBook {
    let source = |name: &&str| SourceRules {
        id: SourceId::new(name).unwrap(),
        price: PriceKind::Mid,
        markets: vec![Symbol::Btc, Symbol::Eth],
    };
    MarkBook::new(MarkRules::STANDARD, NAMES.iter().map(source).collect()).unwrap()
}

fn market() -> LiveMarket {
    LiveMarket::new(common::inputs(), book(), Millis::new(END * 1_000)).unwrap()
}

fn quote(name: &str, market: Symbol, price: &str, millis: u64) -> Quote {
    let price = Some(Price::parse(price).unwrap());
    Quote {
        source: SourceId::new(name).unwrap(),
        market,
        bid: price,
        ask: price,
        last: None,
        mark: None,
        index: None,
        exchange_time: Millis::new(millis),
        receive_time: Millis::new(millis),
    }
}

/// Three sources at the last close of the table, and a little below just before.
fn feed(live: &mut LiveMarket, coins: &[(Symbol, &str, &str)], close: u64) {
    for (back, low) in [(2_000, true), (1_000, false)] {
        for name in &NAMES[..3] {
            for (symbol, below, price) in coins {
                let price = if low { below } else { price };
                live.update(&quote(name, *symbol, price, close * 1_000 - back)).unwrap();
            }
        }
    }
}

const BTC: (Symbol, &str, &str) = (Symbol::Btc, "113000", "113100.5");
const ETH: (Symbol, &str, &str) = (Symbol::Eth, "3800", "3810.25");

fn vault() -> VaultContext {
    VaultContext {
        chain_id: 1,
        vault: Address([7; 20]),
        terms_hash: Digest([8; 32]),
        sequence: 1,
        validity: Seconds::new(900),
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(0),
    }
}

#[test]
fn table_ends_where_these_tests_begin() {
    assert_eq!(common::inputs().bars().end(), Timestamp::new(END));
}

#[test]
fn live_bar_values_as_the_same_bar_in_a_file() {
    let mut live = market();
    feed(&mut live, &[BTC, ETH], CLOSE);
    let missing = live.advance(Millis::new(CLOSE * 1_000));
    let coins: Vec<Symbol> = missing.iter().map(|stale| stale.market).collect();
    assert_eq!(coins, [Symbol::Sol, Symbol::Xrp], "no source quotes them");
    assert_eq!(live.without_sources(), coins);

    let bar = live.inputs().bars().as_slice().last().unwrap();
    assert_eq!(bar.quotes[Symbol::Btc].unwrap().low, Price::parse("113000").unwrap());
    assert_eq!(bar.quotes[Symbol::Btc].unwrap().close, Price::parse("113100.5").unwrap());

    let table = std::fs::read_to_string(common::data_dir().join("crash-2025-10-10.csv")).unwrap();
    let last = table.trim_end().lines().last().unwrap();
    let cells: Vec<&str> = last.split(',').collect();
    let row = format!("2025-10-11T00:00Z,113100.5,113000,3810.25,3800,{}\n", cells[5..].join(","));
    let mut file = common::inputs();
    let bars = Bars::parse(&Source::new("b.csv", table.trim_end().to_owned() + "\n" + &row)).unwrap();
    let mut whole = *bars.as_slice().last().unwrap();
    *whole.quotes.get_mut(Symbol::Sol) = None;
    *whole.quotes.get_mut(Symbol::Xrp) = None;
    assert!(file.push_bar(whole));

    let desk = common::portfolio("btc", &[("BTC", "180", "117624.03"), ("ETH", "-30", "4094.61")]);
    let (at, now) = (Timestamp::new(CLOSE), Millis::new(CLOSE * 1_000));
    let (step, pair) = live.value(&desk, at, now).unwrap();
    let (expected_step, expected_pair) = value_at(&file, &desk, at).unwrap();
    assert_eq!(pair, expected_pair);
    assert_eq!(step.market_data_root, expected_step.market_data_root);
    assert_eq!(live.instruction(&vault(), &desk, at, now).unwrap().valuation_time, at);
}

#[test]
fn stale_underlying_is_not_signed_and_the_error_says_why() {
    let mut live = market();
    feed(&mut live, &[BTC, ETH], CLOSE);
    let now = Millis::new(CLOSE * 1_000 + 9_001);
    live.advance(now);
    // With this one there is a mark for the last time: the other two are exactly as old as they may be.
    live.update(&quote("binance", Symbol::Btc, "113101", now.get() - 1)).unwrap();
    let mut crossed = quote("kraken", Symbol::Btc, "113101", now.get() - 1);
    crossed.ask = Some(Price::parse("113100").unwrap());
    live.update(&crossed).unwrap_err();
    let desk = common::portfolio("btc", &[("BTC", "180", "117624.03")]);
    let error = live.instruction(&vault(), &desk, Timestamp::new(CLOSE), now).unwrap_err();
    assert_eq!(
        error.to_string(),
        "btc: no fresh mark for BTC: the last is 0.001 s old, 1 of 3 needed sources left (binance); dropped: deribit \
         stale, 10.001 s old; kraken crossed, bid 113101 above ask 113100; okx silent; nothing is signed until enough \
         sources are back"
    );
    assert_eq!(error.exit_code(), 12);
}

#[test]
fn coin_without_a_mark_at_the_close_has_no_close_and_others_go_on() {
    let mut live = market();
    feed(&mut live, &[BTC], CLOSE);
    let now = Millis::new(CLOSE * 1_000);
    let missing = live.advance(now);
    assert_eq!(missing[0].market, Symbol::Eth);
    assert!(missing[0].dropped.contains(&(SourceId::new("okx").unwrap(), Reason::Silent)));
    let at = Timestamp::new(CLOSE);
    live.value(&common::portfolio("btc", &[("BTC", "1", "117624.03")]), at, now).unwrap();
    // ETH comes back after the close: it is fresh, but that bar stays without it.
    for name in &NAMES[..3] {
        live.update(&quote(name, Symbol::Eth, "3800", now.get() + 1)).unwrap();
    }
    let eth = common::portfolio("eth", &[("ETH", "1", "4094.61")]);
    let error = live.value(&eth, at, Millis::new(now.get() + 1)).unwrap_err();
    assert!(matches!(error, Error::Value(_)), "{error}");
}

#[test]
fn bar_closes_by_itself_when_a_quote_of_the_next_arrives() {
    let mut live = market();
    feed(&mut live, &[BTC], CLOSE);
    live.update(&quote("okx", Symbol::Btc, "113100", CLOSE * 1_000)).unwrap();
    assert_eq!(live.inputs().bars().end(), Timestamp::new(END), "at the close it still belongs to the bar");
    live.update(&quote("okx", Symbol::Btc, "113100", CLOSE * 1_000 + 1)).unwrap();
    assert_eq!(live.inputs().bars().end(), Timestamp::new(CLOSE));
}

#[test]
fn gap_between_table_and_now_is_refused() {
    let new = |millis| LiveMarket::new(common::inputs(), book(), Millis::new(millis));
    new(CLOSE * 1_000 + 999).unwrap();
    let error = new(CLOSE * 1_000 + 1_000).unwrap_err().to_string();
    assert!(error.contains("gap: 2025-10-11T00:05:01Z follows 2025-10-11T00:00:00Z"), "{error}");
    assert!(new(END * 1_000 - 1).is_err(), "the table is of the future");
}

fn write(dir: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

const PORTFOLIO: &str = r#"{"pair":"btc-desk","positions":[{"symbol":"BTC","quantity":"180","entry_price":"117624.03","opened":"2025-10-10T18:05Z"}]}"#;

fn policy() -> String {
    format!(
        r#"{{"tolerance":{{"absolute":"0","relative_bps":0,"other_market_data":false}},"vaults":[{{"chain_id":1,"vault":"0x{}","terms_hash":"0x{}","portfolio":"p.json","max_validity_seconds":900}}]}}"#,
        "07".repeat(20),
        "08".repeat(32)
    )
}

#[test]
fn signer_on_live_marks_declines_what_is_stale() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "p.json", PORTFOLIO);
    let policy = Policy::read(&write(dir.path(), "policy.json", &policy())).unwrap();
    let mut live = market();
    feed(&mut live, &[BTC], CLOSE);
    live.advance(Millis::new(CLOSE * 1_000));
    let desk = ringfence_oracle::portfolio::Portfolio::parse(&Source::new("p.json", PORTFOLIO)).unwrap();
    let at = Timestamp::new(CLOSE);
    let proposed = live.instruction(&vault(), &desk, at, Millis::new(CLOSE * 1_000)).unwrap();
    let market = Arc::new(Mutex::new(live));
    let at =
        |millis| LiveRecompute::new(Arc::clone(&market), policy.clone(), move || Millis::new(millis)).own(1, &proposed);
    assert_eq!(at(CLOSE * 1_000 + 9_000), Ok(proposed.clone()));
    let Err(Declined::Stale(stale)) = at(CLOSE * 1_000 + 9_001) else { panic!() };
    assert_eq!(stale.stale.left, []);
    let stranger =
        ringfence_oracle::protocol::message::MarginInstruction { vault: Address([9; 20]), ..proposed.clone() };
    let mut recompute = LiveRecompute::new(Arc::clone(&market), policy.clone(), || Millis::new(CLOSE * 1_000));
    assert!(matches!(recompute.own(1, &stranger), Err(Declined::UnknownVault { .. })));
}

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "p.json", PORTFOLIO);
        let context = format!(
            r#"{{"chain_id":1,"vault":"0x{}","terms_hash":"0x{}","sequence":1,"at":"2025-10-11T00:05Z","valid_for_seconds":900,"portfolio":"p.json"}}"#,
            "07".repeat(20),
            "08".repeat(32)
        );
        write(dir.path(), "c.json", &context);
        let source = |name: &str, venue: &str, instrument: &str| {
            format!(
                r#"{{"id":"{name}","venue":"{venue}","price":"mid","url":"wss://example.org/ws","instruments":{{"{instrument}":"BTC"}}}}"#
            )
        };
        let sources = [
            source("binance", "binance-usdm", "BTCUSDT"),
            source("deribit", "deribit", "BTC-PERPETUAL"),
            source("kraken", "kraken", "BTC/USD"),
        ];
        write(dir.path(), "feeds.json", &format!(r#"{{"sources":[{}]}}"#, sources.join(",")));
        Self(dir)
    }

    fn oracle(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.current_dir(self.0.path()).env("RINGFENCE_DATA", common::data_dir()).args(arguments).output().unwrap()
    }

    fn sign(&self, rows: &str) -> Output {
        let head = "source,market,bid,ask,last,mark,index,exchange_time_ms,receive_time_ms\n";
        write(self.0.path(), "q.csv", &format!("{head}{rows}"));
        self.oracle(&[
            "sign",
            "--context",
            "c.json",
            "--quotes",
            "q.csv",
            "--feeds",
            "feeds.json",
            "--key",
            "k",
            "--threshold",
            "1",
            "--json",
        ])
    }
}

#[test]
fn command_signs_on_fresh_quotes_and_refuses_stale_ones_with_its_own_exit_code() {
    let desk = Desk::new();
    for arguments in [&["keys", "new", "--out", "k"][..], &["journal", "init", "--key", "k"]] {
        assert!(desk.oracle(arguments).status.success());
    }
    let row = |name: &str, price: &str, back: u64| {
        let at = CLOSE * 1_000 - back;
        format!("{name},BTC,{price},{price},,,,{at},{at}\n")
    };
    let stale =
        [row("deribit", "113100", 11_000), row("binance", "113100", 500), row("kraken", "113101", 400)].concat();
    let refused = desk.sign(&stale);
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(12), "{text}");
    assert!(
        text.contains("btc-desk: no fresh mark for BTC: there never was one, 2 of 3")
            && text.contains("deribit stale, 11 s old"),
        "{text}"
    );
    let listed = desk.oracle(&["journal", "list", "--journal", "k.journal", "--json"]);
    assert!(String::from_utf8(listed.stdout).unwrap().contains("[]"), "nothing was signed");

    let fresh = [row("deribit", "113100", 9_000), row("binance", "113100", 500), row("kraken", "113101", 400)].concat();
    let signed = desk.sign(&fresh);
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    let document: serde_json::Value = serde_json::from_slice(&signed.stdout).unwrap();
    assert_eq!(document["signatures"].as_array().unwrap().len(), 1);
    // 180 coins from 117624.03 to 113100: -814325.4 dollars, less the funding of 21 bars.
    let x: i64 = document["instruction"]["entitlementA"].as_str().unwrap().parse().unwrap();
    assert!((-825_000_000_000..=-814_325_400_000).contains(&x), "{x}");
}

#[test]
fn quotes_and_feeds_go_together() {
    let desk = Desk::new();
    let output = desk.oracle(&["sign", "--context", "c.json", "--quotes", "q.csv", "--key", "k"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn live_signer_does_not_start_on_bars_that_ended_long_ago() {
    let desk = Desk::new();
    write(desk.0.path(), "policy.json", &policy());
    let output = desk.oracle(&[
        "signer",
        "--key",
        "k",
        "--policy",
        "policy.json",
        "--chain-state",
        "c",
        "--feeds",
        "feeds.json",
        "--tls-cert",
        "t",
        "--tls-key",
        "t",
        "--tls-ca",
        "t",
    ]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("gap: ") && text.contains("follows 2025-10-11T00:00:00Z"), "{text}");
}
