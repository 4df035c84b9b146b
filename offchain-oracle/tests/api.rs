//! The HTTP interface over a real socket: what it answers, and what it does with those who misbehave.

mod common;
#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;
#[path = "common/stage.rs"]
#[allow(dead_code)]
mod stage;

use ringfence_oracle::feed::transport::FeedEvent;
use ringfence_oracle::service::{EventKind, When};
use serde_json::{json, Value};
use sim::COVER_ENDS;
use stage::{answer, marks, request, Served, Stage, BOND, FEEDER, READER, VAULT};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn vault() -> String {
    format!("/v1/vaults/0x{}", hex::encode(VAULT))
}

/// A stage with one settled instruction and one that is signed.
fn ready() -> Stage {
    let stage = Stage::new(When::Ticks);
    let mut oracle = stage.oracle();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(7), marks("112700", "190")).unwrap();
    oracle.on_chain().unwrap();
    stage.sim.mine_and_finalise();
    oracle.on_chain().unwrap();
    oracle.on_marks(stage.at(20), marks("111000", "191")).unwrap();
    stage
}

#[test]
fn vaults_instructions_cover_and_bonds_are_served() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    let list = served.get("/v1/vaults").json();
    let one = served.get(&vault()).json();
    assert_eq!(list, json!([one]));
    assert_eq!(
        (&one["pair"], &one["valued"], &one["state"]["phase"]),
        (&json!("btc-sol"), &json!(true), &json!("active"))
    );
    assert_eq!((&one["state"]["sequence"], &one["state"]["a"]["margin"]), (&json!(1), &json!("5000000")));
    let last = served.get(&format!("{}/instructions/last", vault())).json();
    assert_eq!((&last["stage"], &last["instruction"]["sequence"]), (&json!("signed"), &json!(2)));
    let first = served.get(&format!("{}/instructions/1", vault())).json();
    assert_eq!(first["stage"], "settled");
    assert_eq!(served.get(&format!("{}/instructions", vault())).json(), json!([last, first]));
    assert_eq!(served.get(&format!("{}/instructions?before=2&limit=1", vault())).json(), json!([first]));
    assert_eq!(served.get(&format!("{}/instructions/3", vault())).problem(), "not-found");
    let cover = served.get(&format!("{}/cover", vault())).json();
    assert_eq!((&cover["gap"], &cover["layers"][0]["limit"]), (&json!("50"), &json!("900")));
    assert_eq!((&cover["gap_after_lapse"], &cover["layers"][0]["waiting"]), (&json!("850"), &json!(60)));
    assert_eq!((&cover["lapses"], &cover["attested_until"]), (&json!(COVER_ENDS), &json!(COVER_ENDS)));
    let told = served.get("/metrics").body;
    assert!(told.lines().any(|line| line.starts_with("ringfence_tail_gap_after_lapse{") && line.ends_with(" 850")));
    let lapse = format!(" {COVER_ENDS}");
    assert!(told.lines().any(|line| line.starts_with("ringfence_cover_lapse_time_seconds{") && line.ends_with(&lapse)));
    let bond = served.get(&format!("/v1/bonds/0x{}", hex::encode(BOND))).json();
    assert_eq!((&bond["principal"], &bond["spread_bps"]), (&json!("800"), &json!(850)));
    assert_eq!(served.get("/v1/bonds").json(), json!([bond]));
    assert_eq!(served.get(&format!("/v1/bonds/0x{}", hex::encode(VAULT))).problem(), "not-found");
}

#[test]
fn margin_is_explained_by_position_and_by_factor() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    let margin = served.get(&format!("{}/margin", vault())).json();
    let number = |value: &Value| value.as_f64().unwrap();
    let last = served.get(&format!("{}/instructions/last", vault())).json();
    for (member, name) in [
        ("entitlement_a", "entitlementA"),
        ("initial_margin_a", "initialMarginA"),
        ("tail_requirement", "tailRequirement"),
    ] {
        assert_eq!(margin[member], last["instruction"][name], "{member}");
    }
    for side in ["a", "b"] {
        let current = number(&margin[side]["current_usd"]);
        for part in ["positions", "factors"] {
            let sum: f64 = margin[part].as_array().unwrap().iter().map(|row| number(&row[format!("{side}_usd")])).sum();
            assert!((sum / current - 1.0).abs() < 1e-9, "{side} {part}: {sum} of {current}");
        }
    }
    assert_eq!(margin["positions"].as_array().unwrap().len(), 3);
    assert_eq!((&margin["factors"][0]["symbol"], &margin["positions"][1]["symbol"]), (&json!("BTC"), &json!("SOL")));
    // 16 coins net at 111,000.
    assert!((number(&margin["factors"][0]["delta_usd"]) - 1_776_000.0).abs() < 1.0);
    assert!(number(&margin["factors"][2]["delta_usd"]) < 0.0);
}

#[test]
fn health_is_public_and_readiness_says_why_not() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    let open = |path: &str| request(served.address, "GET", path, &[], b"");
    assert_eq!(open("/health").json()["status"], "live");
    assert_eq!(open("/ready").json(), json!({ "status": "ready", "finalised_block": 1 }));
    stage.at(1_000);
    let not = open("/ready");
    assert_eq!((not.status, not.problem().as_str()), (503, "unavailable"));
    assert!(not.body.contains("the chain has not answered for"), "{}", not.body);
    assert!(not.body.contains("the last finalised block is"), "{}", not.body);
    let metrics = served.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("ringfence_ready 0"), "{}", metrics.body);
    assert!(metrics.body.contains("ringfence_instructions_total{kind=\"settled\"} 1"), "{}", metrics.body);
    assert!(metrics.body.trim_end().ends_with("# EOF"));
}

#[test]
fn what_is_not_public_takes_a_token_with_the_scope() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    let with = |path: &str, header: &str| request(served.address, "GET", path, &[("Authorization", header)], b"");
    for path in ["/v1/vaults", "/metrics", "/v1/events", "/v1/bonds", "/nowhere"] {
        let none = request(served.address, "GET", path, &[], b"");
        assert_eq!((none.status, none.problem().as_str()), (401, "unauthorised"), "{path}");
        assert!(none.head.to_lowercase().contains("www-authenticate: bearer"), "{}", none.head);
        for bad in ["Bearer ", "Bearer wrong", "Basic cmVhZGVyLXRva2Vu", READER, "Bearer reader-token2"] {
            assert_eq!(with(path, bad).status, 401, "{path} {bad}");
        }
        assert_eq!(with(path, &format!("Bearer {FEEDER}")).problem(), "forbidden", "{path}");
    }
    assert_eq!(with("/v1/vaults", &format!("bearer {READER}")).status, 200);
    assert_eq!(served.post("/v1/quotes", READER, b"[]").problem(), "forbidden");
    assert_eq!(served.get("/nowhere").problem(), "not-found");
}

#[test]
fn malformed_requests_are_named() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    for (path, kind) in [
        ("/v1/vaults/0x12", "bad-request"),
        ("/v1/vaults/%ff%fe", "bad-request"),
        ("/v1/vaults/0x2222222222222222222222222222222222222222", "not-found"),
        (&*format!("{}/instructions/minus-one", vault()), "bad-request"),
        (&*format!("{}/instructions/-1", vault()), "bad-request"),
        (&*format!("{}/instructions?limit=0", vault()), "bad-request"),
        (&*format!("{}/instructions?limit=501", vault()), "bad-request"),
        (&*format!("{}/instructions?befor=1", vault()), "bad-request"),
        ("/v1/events?after=x", "bad-request"),
        ("/v1/events?after=99999", "bad-request"),
    ] {
        assert_eq!(served.get(path).problem(), kind, "{path}");
    }
    let quote = |change: &dyn Fn(&mut Value)| {
        let mut body = json!([{ "source": "a", "market": "BTC", "bid": "1", "exchange_time": 5 }]);
        change(&mut body);
        served.post("/v1/quotes", FEEDER, body.to_string().as_bytes())
    };
    let good = quote(&|_| ());
    assert_eq!((good.status, good.json()), (202, json!({ "taken": 1 })));
    let handed_on = served.quotes.recv().unwrap();
    assert!(matches!(&handed_on, FeedEvent::Quote(quote) if quote.source.as_str() == "a"), "{handed_on:?}");
    for (change, expected) in [
        (&(|body: &mut Value| body[0]["market"] = json!("DOGE")) as &dyn Fn(&mut Value), "[0].market"),
        (&|body: &mut Value| body[0]["bid"] = json!("-1"), "[0].bid"),
        (&|body: &mut Value| body[0]["bid"] = json!(1), "[0].bid"),
        (&|body: &mut Value| body[0]["source"] = json!("Venue A"), "[0].source"),
        (&|body: &mut Value| body[0]["source"] = json!("okx"), "[0].source: quotes of okx are not posted"),
        (&|body: &mut Value| body[0]["price"] = json!("1"), "price"),
        (&|body: &mut Value| body[0]["exchange_time"] = json!(u64::MAX), "[0].exchange_time"),
        (&|body: &mut Value| *body = json!({}), "map"),
        (&|body: &mut Value| *body = json!(vec![body[0].clone(); 257]), "at most 256"),
    ] {
        let answer = quote(change);
        assert_eq!(answer.problem(), "bad-request");
        assert!(answer.body.contains(expected), "{expected}: {}", answer.body);
    }
    for body in [&b""[..], b"[", b"\xff\xfe", b"null", b"[]x"] {
        assert_eq!(served.post("/v1/quotes", FEEDER, body).problem(), "bad-request", "{body:?}");
    }
    assert!(served.quotes.try_recv().is_err(), "all or none");
    // What is no HTTP at all is cut off, and the next caller is served.
    for garbage in [&b"\x16\x03\x01\x02\x00\x01"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n"] {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = answer(&mut stream);
        assert!(answer.status == 0 || answer.status == 400 || answer.status == 505, "{answer:?}");
    }
    assert_eq!(served.get("/health").status, 200);
}

#[test]
fn oversized_requests_are_refused() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    let limit = ringfence_oracle::service::http::MAX_BODY_BYTES;
    let at = served.post("/v1/quotes", FEEDER, &vec![b' '; limit]);
    assert_eq!((at.status, at.problem().as_str()), (400, "bad-request"), "read, and found empty");
    let beyond = served.post("/v1/quotes", FEEDER, &vec![b' '; limit + 1]);
    assert_eq!((beyond.status, beyond.problem().as_str()), (413, "too-large"));
    let long = request(served.address, "GET", "/health", &[("X-Long", &"x".repeat(1_000_000))], b"");
    assert!(matches!(long.status, 0 | 431), "{long:?}");
    assert_eq!(request(served.address, "GET", "/health", &[], b"").status, 200);
}

#[test]
fn wrong_methods_are_named() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    for (method, path) in [("POST", "/v1/vaults"), ("DELETE", "/v1/events"), ("PUT", "/health"), ("PATCH", "/metrics")]
    {
        let answer = request(served.address, method, path, &[("Authorization", &format!("Bearer {READER}"))], b"");
        assert_eq!((answer.status, answer.problem().as_str()), (405, "method"), "{method} {path}");
        assert!(answer.head.to_lowercase().contains("allow: get"), "{}", answer.head);
    }
}

#[test]
fn slow_callers_are_cut_off() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    // A body that never ends.
    let started = Instant::now();
    let mut stream = TcpStream::connect(served.address).unwrap();
    let head = format!("POST /v1/quotes HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {FEEDER}\r\nContent-Length: 100\r\nConnection: close\r\n\r\n[");
    stream.write_all(head.as_bytes()).unwrap();
    let slow = answer(&mut stream);
    assert_eq!((slow.status, slow.problem().as_str()), (408, "slow"));
    assert!((900..4_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    // A head that never ends.
    let started = Instant::now();
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost").unwrap();
    let mut rest = Vec::new();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.read_to_end(&mut rest);
    assert!((4_000..10_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

#[test]
fn who_asks_too_often_waits() {
    let stage = ready();
    let served = Served::new(&stage.shared, 5);
    let mut statuses: Vec<u16> = (0..8).map(|_| served.get("/v1/vaults").status).collect();
    assert_eq!(&statuses[..5], [200; 5]);
    statuses.retain(|status| *status == 429);
    assert!(!statuses.is_empty());
    let refused = served.get("/v1/vaults");
    assert_eq!((refused.status, refused.problem().as_str()), (429, "too-often"));
    assert!(refused.head.to_lowercase().contains("retry-after: 1"), "{}", refused.head);
    // Another token has its own count, and callers without one have theirs: guessing tokens is slow.
    assert_eq!(served.post("/v1/quotes", FEEDER, b"[]").status, 202);
    let guess =
        |n: u32| request(served.address, "GET", "/v1/vaults", &[("Authorization", &format!("Bearer {n}"))], b"").status;
    let guesses: Vec<u16> = (0..8).map(guess).collect();
    assert_eq!((&guesses[..5], guesses[7]), ([401; 5].as_slice(), 429));
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(served.get("/v1/vaults").status, 200);
}

/// One event of a stream: id, kind, data.
fn next_event(reader: &mut impl BufRead) -> Option<(Option<u64>, String, Value)> {
    let (mut id, mut kind, mut data) = (None, String::new(), Value::Null);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if let Some(text) = line.strip_prefix("id: ") {
            id = text.parse().ok();
        } else if let Some(text) = line.strip_prefix("event: ") {
            kind = text.to_owned();
        } else if let Some(text) = line.strip_prefix("data: ") {
            data = serde_json::from_str(text).unwrap();
        } else if line.is_empty() && !kind.is_empty() {
            return Some((id, kind, data));
        }
    }
}

fn stream(served: &Served, path: &str, header: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {READER}\r\n{header}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    BufReader::new(stream)
}

#[test]
fn a_stream_goes_on_after_the_last_number() {
    let stage = ready();
    let served = Served::new(&stage.shared, 1_000);
    let store = &stage.shared.store;
    let newest = store.newest_event().unwrap();
    assert!(newest > 5);
    let mut all = stream(&served, "/v1/events?after=0", "");
    let ids: Vec<u64> = (0..newest).map(|_| next_event(&mut all).unwrap().0.unwrap()).collect();
    assert_eq!(ids, (1..=newest).collect::<Vec<_>>());
    drop(all);
    // The header counts before the query.
    let mut rest = stream(&served, "/v1/events?after=0", "Last-Event-ID: 3\r\n");
    let (id, kind, data) = next_event(&mut rest).unwrap();
    assert_eq!((id, data["id"].as_u64(), kind.is_empty()), (Some(4), Some(4), false));
    drop(rest);
    // From now on: the next one comes by itself.
    let mut live = stream(&served, "/v1/events", "");
    std::thread::sleep(Duration::from_millis(300));
    let id = store.tell(EventKind::Alarm, None, json!({ "alarm": "test" })).unwrap();
    let (seen, kind, data) = next_event(&mut live).unwrap();
    assert_eq!((seen, kind.as_str(), &data["data"]["alarm"]), (Some(id), "alarm", &json!("test")));
    // Two places for streams, and both are taken once another is open.
    let mut second = stream(&served, "/v1/events", "");
    let mut line = String::new();
    second.read_line(&mut line).unwrap();
    assert!(line.contains("200"), "{line}");
    assert_eq!(served.get("/v1/events").problem(), "unavailable");
    assert!(served.get("/metrics").body.contains("ringfence_streams_open 2"));
}

#[test]
fn the_end_lets_requests_finish_and_streams_stop() {
    let stage = ready();
    let mut served = Served::new(&stage.shared, 1_000);
    let mut live = stream(&served, "/v1/events", "");
    let mut line = String::new();
    live.read_line(&mut line).unwrap();
    // A request of which half has arrived.
    let mut half = TcpStream::connect(served.address).unwrap();
    let head =
        format!("POST /v1/quotes HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {FEEDER}\r\nContent-Length: 2\r\n\r\n[");
    half.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    served.stopping.send_replace(true);
    std::thread::sleep(Duration::from_millis(200));
    half.write_all(b"]").unwrap();
    assert_eq!(answer(&mut half).status, 202, "answered all the same");
    while next_event(&mut live).is_some() {}
    served.thread.take().unwrap().join().unwrap();
    assert!(TcpStream::connect(served.address).is_err(), "nobody listens any more");
}
