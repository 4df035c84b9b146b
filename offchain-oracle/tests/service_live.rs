//! The service on live feeds, as a process: venues on websockets and over HTTP, signed instructions on a simulated node; what
//! bad and lost sources do, and to which pairs.

mod common;
#[path = "common/place.rs"]
#[allow(dead_code)]
mod place;
#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;
#[path = "common/stage.rs"]
#[allow(dead_code)]
mod stage;
#[path = "common/venues.rs"]
#[allow(dead_code)]
mod venues;

use place::{wait, Place, Running, Setup, OTHER};
use ringfence_oracle::feed::venue::Venue;
use serde_json::Value;
use stage::VAULT;
use venues::{feeds, Exchange, FakeVenue};

const BTC: f64 = 113_000.0;
const ETH: f64 = 3_800.0;

struct Market {
    btc: [FakeVenue; 4],
    eth: [FakeVenue; 3],
    _exchange: Exchange,
}

impl Market {
    fn open() -> Self {
        let exchange = Exchange::new();
        let btc = [
            exchange.websocket("okx", Venue::Okx, "BTC", BTC),
            exchange.websocket("kraken", Venue::Kraken, "BTC", BTC),
            exchange.polled("coinbase", "BTC", BTC),
            exchange.websocket("binance", Venue::BinanceUsdm, "BTC", BTC),
        ];
        let eth = [
            exchange.websocket("okx-eth", Venue::Okx, "ETH", ETH),
            exchange.websocket("deribit", Venue::Deribit, "ETH", ETH),
            exchange.websocket("bybit", Venue::BybitLinear, "ETH", ETH),
        ];
        Self { btc, eth, _exchange: exchange }
    }

    fn place(&self) -> Place {
        let all: Vec<&FakeVenue> = self.btc.iter().chain(&self.eth).collect();
        let marks = "feeds = \"feeds.json\"\n".to_owned();
        Place::new(&Setup { marks, two: true, files: vec![("feeds.json", feeds(&all))], ..Setup::default() })
    }
}

fn sequence(running: &Running, vault: [u8; 20]) -> u64 {
    running.last_of(vault).map_or(0, |last| last["instruction"]["sequence"].as_u64().unwrap())
}

/// Waits until an instruction after `before` is settled, and gives its number.
fn settled(running: &Running, vault: [u8; 20], before: u64) -> u64 {
    let done = || running.last_of(vault).filter(|last| last["stage"] == "settled");
    wait("settled", || done().and_then(|last| last["instruction"]["sequence"].as_u64()).filter(|found| *found > before))
}

fn mark(running: &Running, market: &str) -> Value {
    let all = running.get("/v1/marks").json();
    all["marks"].as_array().unwrap().iter().find(|mark| mark["market"] == market).unwrap().clone()
}

fn source(running: &Running, name: &str) -> Value {
    let all = running.get("/v1/marks").json();
    all["sources"].as_array().unwrap().iter().find(|source| source["source"] == name).unwrap().clone()
}

fn sources(mark: &Value) -> Vec<&str> {
    mark["sources"].as_array().unwrap().iter().map(|source| source.as_str().unwrap()).collect()
}

fn stopped(running: &Running) -> [Option<String>; 2] {
    [VAULT, OTHER].map(|vault| stopped_of(running, vault))
}

fn stopped_of(running: &Running, vault: [u8; 20]) -> Option<String> {
    let pair = running.get(&format!("/v1/vaults/0x{}", hex::encode(vault))).json();
    pair["stopped"].as_str().map(str::to_owned)
}

fn alarms(running: &Running, kind: &str) -> Vec<String> {
    running.alarms().into_iter().filter(|(name, _)| name == kind).map(|(_, text)| text).collect()
}

#[test]
fn live_feeds_lead_to_the_vault_and_one_bad_source_changes_nothing() {
    let market = Market::open();
    let place = market.place();
    let running = place.start();
    let mut last = settled(&running, VAULT, 0);
    settled(&running, OTHER, 0);
    assert_eq!(alarms(&running, "mark_lost"), [""; 0], "a start is no alarm");
    wait("ready", || (running.get("/ready").status == 200).then_some(()));
    let all = wait("four sources", || Some(mark(&running, "BTC")).filter(|mark| sources(mark).len() == 4));
    assert_eq!((sources(&all), all["price"].as_str()), (vec!["binance", "coinbase", "kraken", "okx"], Some("113000")));
    assert_eq!(source(&running, "coinbase")["way"], "poll");
    // 18 coins from 117,624.03 to 113,000, less funding.
    let x = running.last().unwrap()["instruction"]["entitlementA"].as_str().unwrap().parse::<i64>().unwrap();
    assert!((-85_000_000_000..-83_200_000_000).contains(&x), "{x}");

    // The fourth is crossed, far off, or old: it is left out by name, and the other three go on.
    let bad = &market.btc[3];
    type Fault = fn(&mut venues::Say);
    let faults: [(&str, Fault); 3] = [
        ("crossed, bid", |say| (say.bid, say.ask) = (BTC + 10.0, BTC)),
        ("moved 700", |say| (say.bid, say.ask) = (BTC * 1.07, BTC * 1.07)),
        ("stale, ", |say| say.old = 4_000),
    ];
    let mut price = BTC;
    for (said, fault) in faults {
        bad.change(|say| (say.bid, say.ask, say.old) = (price, price, 0));
        wait("four again", || Some(mark(&running, "BTC")).filter(|mark| sources(mark).len() == 4));
        bad.change(fault);
        let three = wait(said, || Some(mark(&running, "BTC")).filter(|mark| sources(mark).len() == 3));
        assert_eq!(sources(&three), ["coinbase", "kraken", "okx"], "{three}");
        if !said.starts_with("moved") {
            wait(said, || source(&running, "binance")["refused"].as_str().filter(|what| what.contains(said)).map(drop));
        }
        price += 300.0;
        market.btc[..3].iter().for_each(|venue| venue.price(price));
        last = settled(&running, VAULT, last);
    }
    assert_eq!(stopped(&running), [None, None]);
    assert_eq!(running.end(), Some(0));
}

#[test]
fn lost_sources_stop_their_pairs_only_and_their_return_starts_them() {
    let market = Market::open();
    let place = market.place();
    // The last of the four has never been there.
    market.btc[3].change(|say| say.down = true);
    let running = place.start();
    let (btc, mut eth) = (settled(&running, VAULT, 0), settled(&running, OTHER, 0));
    wait("ready", || (running.get("/ready").status == 200).then_some(()));
    for venue in &market.btc[1..3] {
        venue.change(|say| say.down = true);
    }
    let not = wait("not ready", || Some(running.get("/ready")).filter(|answer| answer.status == 503));
    assert!(not.body.contains("no fresh mark for BTC: "), "{}", not.body);
    // The two do not grow old at the same moment.
    wait("one left", || running.get("/ready").body.contains("1 of 3 needed sources left (okx)").then_some(()));
    assert_eq!(stopped(&running), [Some("no fresh mark for BTC".to_owned()), None]);
    let lost = mark(&running, "BTC");
    assert_eq!((lost["price"].as_str(), sources(&lost)), (None, vec!["okx"]));
    wait("trouble", || source(&running, "kraken")["trouble"].as_str().map(drop));
    // The one that is left moves, and so does the other coin: only the other pair gets instructions.
    for step in 1..=3 {
        market.btc[0].price(BTC + 300.0 * f64::from(step));
        market.eth.iter().for_each(|venue| venue.price(ETH + 10.0 * f64::from(step)));
        eth = settled(&running, OTHER, eth);
        assert_eq!(sequence(&running, VAULT), btc);
    }
    let of_btc = alarms(&running, "mark_lost").into_iter().filter(|text| text.contains("no fresh mark for BTC"));
    assert!(of_btc.count() >= 1);
    let pair: Vec<String> = alarms(&running, "pair_stopped");
    assert!(pair.iter().any(|text| text.contains("no fresh mark for BTC")), "{pair:?}");
    let metrics = running.get("/metrics").body;
    for sample in
        ["ringfence_mark_fresh{market=\"BTC\"} 0", "ringfence_mark_fresh{market=\"ETH\"} 1", "ringfence_ready 0"]
    {
        assert!(metrics.contains(sample), "{sample}");
    }
    assert!(metrics.contains("ringfence_source_troubles_total{source=\"kraken\"}"));
    let log = std::fs::read_to_string(place.path("log")).unwrap();
    assert!(log.contains("signing stops for pairs in BTC"), "{log}");

    for venue in &market.btc {
        venue.change(|say| (say.bid, say.ask, say.down) = (BTC + 900.0, BTC + 900.0, false));
    }
    let last = settled(&running, VAULT, btc);
    assert_eq!(last, btc + 1, "no number is left out");
    wait("ready again", || (running.get("/ready").status == 200).then_some(()));
    assert!(!alarms(&running, "mark_back").is_empty() && !alarms(&running, "pair_back").is_empty());

    // The end closes what is open, and the next start goes on where it was.
    let (before, events) = (running.last().unwrap(), running.events(0));
    assert_eq!(running.end(), Some(0));
    // Those that were cut may still have been waiting for their next attempt.
    for venue in market.btc[..1].iter().chain(&market.eth) {
        wait("a goodbye", || (venue.goodbyes() == 1).then_some(()));
    }
    let connections = market.btc[0].connections();
    let running = place.start();
    assert_eq!(running.events(0)[..events.len()], events[..], "what was told stays told");
    wait("connected again", || (market.btc[0].connections() > connections).then_some(()));
    let again = running.last().unwrap();
    assert_eq!(again["instruction"], before["instruction"]);
    market.btc.iter().for_each(|venue| venue.price(BTC + 1_200.0));
    assert_eq!(settled(&running, VAULT, last), last + 1);
}

#[test]
fn a_bar_of_live_marks_outlives_a_kill_and_is_closed_once() {
    let market = Market::open();
    let close_in = 15;
    let place = Place::new(&Setup {
        instruct: "closes",
        marks: "feeds = \"feeds.json\"\n".to_owned(),
        files: vec![("feeds.json", feeds(&market.btc.iter().collect::<Vec<_>>()))],
        close_in,
        ..Setup::default()
    });
    let running = place.start();
    let told = |running: &Running| -> Vec<Value> {
        let events = running.events(0).into_iter().map(|text| serde_json::from_str::<Value>(&text).unwrap());
        events.filter(|event| event["kind"] == "marks").collect()
    };
    wait("a close", || (!told(&running).is_empty()).then_some(()));
    // Somewhere between the signatures and the block.
    drop(running);
    let running = place.start();
    settled(&running, VAULT, 0);
    let last = running.last().unwrap();
    assert_eq!((last["stage"].as_str(), last["instruction"]["sequence"].as_u64()), (Some("settled"), Some(1)));
    let marks = told(&running);
    assert_eq!((marks.len(), marks[0]["data"]["marks"]["BTC"].as_str()), (1, Some("113000")));
    assert_eq!(marks[0]["data"]["time"], last["instruction"]["valuationTime"]);
    assert_eq!(stopped_of(&running, VAULT), None);
    assert_eq!(place.sim.sequence(VAULT.into()), 1);
}

#[test]
fn the_doctor_listens_to_every_feed() {
    let market = Market::open();
    let place = market.place();
    let text = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let good = place.run(&["doctor"]);
    let said = text(&good);
    assert_eq!(good.status.code(), Some(0), "{said}");
    for check in ["feed okx", "feed coinbase", "live mark of BTC", "113000 of 4 sources", "live mark of ETH"] {
        assert!(said.contains(check), "{check}: {said}");
    }
    for venue in &market.btc[1..3] {
        venue.change(|say| say.down = true);
    }
    let bad = place.run(&["doctor"]);
    let said = text(&bad);
    assert_eq!(bad.status.code(), Some(10), "{said}");
    for finding in ["no good quote of BTC within 10 s", "2 of 3 needed sources left"] {
        assert!(said.contains(finding), "{finding}: {said}");
    }
    assert!(!said.contains("no fresh mark for ETH"), "{said}");
}
