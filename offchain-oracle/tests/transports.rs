//! Venues on real sockets, well and badly behaved, and what becomes of the marks.

mod common;
#[path = "common/front.rs"]
mod front;
#[path = "common/server.rs"]
#[allow(dead_code)] // `history` uses the rest.
mod server;
#[path = "common/tls.rs"]
mod tls;

use front::{acceptor, front};
use futures_util::{SinkExt, StreamExt};
use ringfence_oracle::feed::transport::{drive, Clock, FeedEvent, Hub, Notice, Settings};
use ringfence_oracle::feed::venue::{Listing, Venue};
use ringfence_oracle::feed::{
    Feed, LiveMarket, MarkBook, MarkChange, MarkRules, MarkState, Millis, PriceKind, Reason, SourceId, SourceRules,
    Transport,
};
use ringfence_oracle::instruction::{VaultContext, NO_INTEREST};
use ringfence_oracle::net::{roots_config, Address};
use ringfence_oracle::protocol::units::{Bps, Seconds, Timestamp};
use ringfence_oracle::protocol::{Address as Vault, Digest};
use ringfence_oracle::symbol::Symbol;
use server::{Reply, Server};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, WebSocketStream};

/// Close of the last bar of the project's own table: the clock of these tests begins a second later.
const END: u64 = 1_760_140_800_000;

const QUICK: Settings = Settings {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(400),
    silence: Duration::from_millis(800),
    ping: Duration::from_millis(150),
    first_pause: Duration::from_millis(20),
    max_pause: Duration::from_millis(200),
    max_wait: Duration::from_secs(5),
    max_bytes: 4_096,
};

fn clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || Millis::new(END + 1_000 + u64::try_from(start.elapsed().as_millis()).unwrap()))
}

fn wall_clock() -> Clock {
    Arc::new(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Millis::new(u64::try_from(now.as_millis()).unwrap())
    })
}

/// The sources of a configuration.
fn sources(stages: &[Stage]) -> String {
    let source = |stage: &Stage| {
        let (name, url) = (stage.venue.name(), stage.address.to_string().replace("http", "ws"));
        format!(r#"{{"id":"{name}","venue":"{name}","price":"mid","url":"{url}","instruments":{{"BTC-X":"BTC"}}}}"#)
    };
    stages.iter().map(source).collect::<Vec<_>>().join(",")
}

/// What a venue on a websocket does after a subscription has come in.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Sends a ticker at a price, and with a clock that is ahead by so much.
    Tick(&'static str, i64),
    /// Sends a text.
    Text(&'static str),
    /// Sends a text of so many bytes.
    Long(usize),
    /// Sends a binary message.
    Binary,
    /// Sends the first bytes of a frame and ends the connection.
    Cut,
    /// Ends the connection by the rules.
    Close,
    /// Waits so many milliseconds, reading.
    Wait(u64),
    /// Sends a ping, and waits for its pong.
    Ping,
    /// Tickers every 50 ms for ever.
    Go(&'static str, i64),
}

#[derive(Clone, Debug)]
struct Stage {
    venue: Venue,
    address: Address,
    connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
    /// Ends [`Act::Go`], and then answers nobody.
    ended: Arc<AtomicBool>,
}

fn ticker(venue: Venue, price: &str, millis: u64) -> String {
    let time = Millis::new(millis).to_string();
    match venue {
        Venue::Okx => format!(
            r#"{{"arg":{{"channel":"tickers","instId":"BTC-X"}},"data":[{{"instId":"BTC-X","bidPx":"{price}","askPx":"{price}","ts":"{millis}"}}]}}"#
        ),
        Venue::Kraken => format!(
            r#"{{"channel":"ticker","type":"update","data":[{{"symbol":"BTC-X","bid":{price},"ask":{price},"timestamp":"{time}"}}]}}"#
        ),
        Venue::Deribit => format!(
            r#"{{"jsonrpc":"2.0","method":"subscription","params":{{"channel":"ticker.BTC-X.100ms","data":{{"timestamp":{millis},"instrument_name":"BTC-X","best_bid_price":{price},"best_ask_price":{price}}}}}}}"#
        ),
        Venue::BinanceUsdm => {
            format!(r#"{{"e":"bookTicker","E":{millis},"s":"BTC-X","b":"{price}","a":"{price}"}}"#)
        }
        Venue::BybitLinear => format!(
            r#"{{"topic":"tickers.BTC-X","type":"delta","data":{{"symbol":"BTC-X","bid1Price":"{price}","ask1Price":"{price}"}},"ts":{millis}}}"#
        ),
        Venue::Coinbase => {
            format!(
                r#"{{"type":"ticker","product_id":"BTC-X","best_bid":"{price}","best_ask":"{price}","time":"{time}"}}"#
            )
        }
    }
}

impl Stage {
    /// `script` says what each connection does, the first, the second and so on; the last goes on for all others.
    async fn open(venue: Venue, clock: &Clock, script: &'static [&'static [Act]]) -> Self {
        Self::open_with(venue, clock, script, None).await
    }

    async fn open_with(
        venue: Venue,
        clock: &Clock,
        script: &'static [&'static [Act]],
        tls: Option<tokio_rustls::TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "wss" } else { "ws" };
        let address = Address::parse(&format!("{scheme}://localhost:{port}/ws")).unwrap();
        let stage = Self { venue, address, connections: Arc::default(), heard: Arc::default(), ended: Arc::default() };
        let (shared, clock) = (stage.clone(), Arc::clone(clock));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = shared.connections.fetch_add(1, Ordering::SeqCst);
                let acts = script[number.min(script.len() - 1)];
                let (shared, clock, tls) = (shared.clone(), Arc::clone(&clock), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => shared.serve(stream, &clock, acts).await,
                        Some(tls) => shared.serve(tls.accept(stream).await.unwrap(), &clock, acts).await,
                    }
                });
            }
        });
        stage
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S, clock: &Clock, acts: &[Act]) {
        let Ok(mut socket) = accept_async(stream).await else { return };
        let first = socket.next().await.unwrap().unwrap();
        self.heard.lock().unwrap().push(first.to_text().unwrap().to_owned());
        for act in acts {
            if self.act(&mut socket, clock, *act).await.is_none() {
                return;
            }
        }
        // Stays open and silent, reading what comes.
        while let Some(Ok(message)) = socket.next().await {
            self.hear(&message);
        }
    }

    fn hear(&self, message: &Message) {
        let text = match message {
            Message::Ping(_) => "PING".to_owned(),
            Message::Pong(_) => "PONG".to_owned(),
            other => other.to_text().unwrap_or_default().to_owned(),
        };
        self.heard.lock().unwrap().push(text);
    }

    async fn act<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        socket: &mut WebSocketStream<S>,
        clock: &Clock,
        act: Act,
    ) -> Option<()> {
        let ticker = |price: &str, ahead: i64| {
            Message::text(ticker(self.venue, price, clock().get().saturating_add_signed(ahead)))
        };
        match act {
            Act::Tick(price, ahead) => socket.send(ticker(price, ahead)).await.ok(),
            Act::Text(text) => socket.send(Message::text(text)).await.ok(),
            Act::Long(bytes) => socket.send(Message::text("x".repeat(bytes))).await.ok(),
            Act::Binary => socket.send(Message::binary(vec![1, 2, 3])).await.ok(),
            Act::Cut => {
                // A text frame that announces 126 bytes, of which ten come.
                let _ = socket.get_mut().write_all(&[0x81, 126, 0, 126, b'{', b'"', b'a', b'r', b'g']).await;
                let _ = socket.get_mut().shutdown().await;
                None
            }
            Act::Close => {
                let _ = socket.close(None).await;
                None
            }
            Act::Wait(millis) => {
                let end = tokio::time::Instant::now() + Duration::from_millis(millis);
                while let Ok(Some(Ok(message))) = tokio::time::timeout_at(end, socket.next()).await {
                    self.hear(&message);
                }
                Some(())
            }
            Act::Ping => socket.send(Message::Ping(vec![7].into())).await.ok(),
            Act::Go(price, ahead) => loop {
                if self.ended.load(Ordering::SeqCst) {
                    return None;
                }
                socket.send(ticker(price, ahead)).await.ok()?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            },
        }
    }

    fn feed(&self, name: &str) -> Feed {
        feed(name, self.venue, Transport::Websocket { address: self.address.clone() })
    }

    fn heard(&self, piece: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|text| text.contains(piece)).count()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn feed(name: &str, venue: Venue, transport: Transport) -> Feed {
    let rules = SourceRules { id: SourceId::new(name).unwrap(), price: PriceKind::Mid, markets: vec![Symbol::Btc] };
    Feed { rules, venue, transport, listings: vec![Listing::new("BTC-X", Symbol::Btc).unwrap()] }
}

/// An address where nobody listens.
async fn nowhere() -> Address {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    Address::parse(&format!("ws://127.0.0.1:{port}/")).unwrap()
}

struct Run {
    market: Arc<Mutex<LiveMarket>>,
    clock: Clock,
    notices: Arc<Mutex<Vec<Notice>>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Run {
    fn start(feeds: &[Feed], clock: &Clock) -> Self {
        Self::start_with(feeds, clock, None)
    }

    fn start_with(feeds: &[Feed], clock: &Clock, tls: Option<&Arc<tokio_rustls::rustls::ClientConfig>>) -> Self {
        let rules = MarkRules { max_age: 600, ..MarkRules::STANDARD };
        let book = MarkBook::new(rules, feeds.iter().map(|feed| feed.rules.clone()).collect()).unwrap();
        let market = LiveMarket::new(common::inputs(), book, clock()).unwrap();
        let market = Arc::new(Mutex::new(market));
        let notices: Arc<Mutex<Vec<Notice>>> = Arc::default();
        let hub = Hub::start(feeds, tls, QUICK, clock, 1);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (shared, clock, log) = (Arc::clone(&market), Arc::clone(clock), Arc::clone(&notices));
        let time = Arc::clone(&clock);
        tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            drive(hub, &shared, &time, |notice| log.lock().unwrap().push(notice), stopped).await;
        });
        Self { market, clock, notices, stop: Some(stop) }
    }

    fn state(&self) -> MarkState {
        self.market.lock().unwrap().book().mark(Symbol::Btc, (self.clock)())
    }

    /// The sources of the mark, as soon as it has so many.
    async fn fresh(&self, sources: usize) -> Vec<String> {
        let wanted = |state: MarkState| match state {
            MarkState::Fresh(mark) if mark.sources.len() == sources => Some(mark.sources),
            _ => None,
        };
        for _ in 0..1_000 {
            if let Some(found) = wanted(self.state()) {
                return found.iter().map(ToString::to_string).collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{:?} {:?}", self.state(), self.notices.lock().unwrap());
    }

    async fn until(&self, what: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            if what(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{:?} {:?}", self.state(), self.notices.lock().unwrap());
    }

    /// What was said of a source.
    fn troubles(&self, name: &str) -> Vec<String> {
        let of = |notice: &Notice| match notice {
            Notice::Trouble(FeedEvent::Trouble { source, what, .. }) if source.as_str() == name => Some(what.clone()),
            _ => None,
        };
        self.notices.lock().unwrap().iter().filter_map(of).collect()
    }

    fn dropped(&self, name: &str) -> Option<Reason> {
        let MarkState::Stale { why, .. } = self.state() else { return None };
        why.dropped.iter().find(|(source, _)| source.as_str() == name).map(|(_, reason)| *reason)
    }
}

const STEADY: &[&[Act]] = &[&[Act::Go("113000", 0)]];
const BYBIT_SNAPSHOT: &str = r#"{"topic":"tickers.BTC-X","type":"snapshot","data":{"symbol":"BTC-X","bid1Price":"113000","ask1Price":"113000"},"ts":1760140801000}"#;

async fn three(clock: &Clock) -> Vec<Stage> {
    let mut stages = Vec::new();
    for venue in [Venue::Okx, Venue::Kraken, Venue::BinanceUsdm] {
        stages.push(Stage::open(venue, clock, STEADY).await);
    }
    stages
}

fn feeds_of(stages: &[Stage]) -> Vec<Feed> {
    stages.iter().map(|stage| stage.feed(stage.venue.name())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_venue_gives_a_mark_over_its_websocket() {
    let clock = clock();
    let mut stages = three(&clock).await;
    stages.push(Stage::open(Venue::Deribit, &clock, STEADY).await);
    stages.push(Stage::open(Venue::Coinbase, &clock, STEADY).await);
    stages.push(Stage::open(Venue::BybitLinear, &clock, &[&[Act::Text(BYBIT_SNAPSHOT), Act::Go("113000", 0)]]).await);
    let run = Run::start(&feeds_of(&stages), &clock);
    let names = ["binance-usdm", "bybit-linear", "coinbase", "deribit", "kraken", "okx"];
    assert_eq!(run.fresh(6).await, names);
    assert!(stages[0].heard("\"instId\":\"BTC-X\"") == 1, "subscribed");
    run.until(|run| run.notices.lock().unwrap().iter().any(|notice| matches!(notice, Notice::Mark(_)))).await;
}

/// One more venue beside three good ones: what it does wrong is said, and then it is back.
async fn comes_back(venue: Venue, script: &'static [&'static [Act]], said: &str) {
    let clock = clock();
    let good = three(&clock).await;
    let bad = Stage::open(venue, &clock, script).await;
    let run = Run::start(&[feeds_of(&good), vec![bad.feed("bad")]].concat(), &clock);
    assert!(run.fresh(4).await.contains(&"bad".to_owned()));
    let troubles = run.troubles("bad");
    assert!(!troubles.is_empty() && troubles.iter().all(|what| what.contains(said)), "{troubles:?}");
    assert!(bad.connections() >= 2);
    assert_eq!(bad.heard("BTC-X"), bad.connections(), "subscribed anew on each connection");
    for stage in good {
        assert_eq!(stage.connections(), 1, "the others are not disturbed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_in_the_middle_of_a_frame() {
    comes_back(Venue::Okx, &[&[Act::Cut], &[Act::Go("113000", 0)]], "connection failed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage() {
    comes_back(Venue::Okx, &[&[Act::Text("\u{0}{]garbage")], &[Act::Go("113000", 0)]], "message of bad").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binary_message() {
    comes_back(Venue::Okx, &[&[Act::Binary], &[Act::Go("113000", 0)]], "a binary message").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_message_and_one_at_the_bound() {
    // A text at the bound is read, and found to be no JSON; one byte more is not read at all.
    comes_back(Venue::Okx, &[&[Act::Long(4_096)], &[Act::Go("113000", 0)]], "message of bad").await;
    comes_back(Venue::Okx, &[&[Act::Long(4_097)], &[Act::Go("113000", 0)]], "4097 > 4096").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_closed_by_the_venue() {
    comes_back(Venue::Kraken, &[&[Act::Close], &[Act::Go("113000", 0)]], "closed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence() {
    comes_back(Venue::Okx, &[&[Act::Text("pong")], &[Act::Go("113000", 0)]], "no quote for too long").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_subscription() {
    const NO: &str = r#"{"event":"error","code":"60018","msg":"no such instrument"}"#;
    comes_back(Venue::Okx, &[&[Act::Text(NO)], &[Act::Go("113000", 0)]], "the venue refused: \"no such").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_after_a_cut_need_a_new_snapshot() {
    let script: &'static [&'static [Act]] = &[
        &[Act::Text(BYBIT_SNAPSHOT), Act::Tick("113000", 0), Act::Cut],
        // A connection that begins with a change is given up.
        &[Act::Tick("113000", 0)],
        &[Act::Text(BYBIT_SNAPSHOT), Act::Go("113000", 0)],
    ];
    let clock = clock();
    let good = three(&clock).await;
    let bybit = Stage::open(Venue::BybitLinear, &clock, script).await;
    let run = Run::start(&[feeds_of(&good), vec![bybit.feed("bybit")]].concat(), &clock);
    run.until(|run| run.troubles("bybit").iter().any(|what| what.contains("delta before any snapshot"))).await;
    assert!(run.fresh(4).await.contains(&"bybit".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_go_both_ways() {
    let clock = clock();
    let good = three(&clock).await;
    let script: &'static [&'static [Act]] = &[&[
        Act::Ping,
        Act::Text(r#"{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}"#),
        Act::Wait(400),
    ]];
    let deribit = Stage::open(Venue::Deribit, &clock, script).await;
    let okx = Stage::open(Venue::Okx, &clock, &[&[Act::Wait(400)]]).await;
    let run = Run::start(&[feeds_of(&good), vec![deribit.feed("one"), okx.feed("two")]].concat(), &clock);
    run.until(|_| deribit.heard("PONG") == 1 && deribit.heard("public/test") == 1).await;
    run.until(|_| deribit.heard("PING") >= 1 && okx.heard("ping") >= 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_clock_is_dropped_and_the_others_go_on() {
    let clock = clock();
    let mut stages = three(&clock).await;
    stages.push(Stage::open(Venue::Deribit, &clock, &[&[Act::Go("113000", 1_500)]]).await);
    stages.push(Stage::open(Venue::Coinbase, &clock, &[&[Act::Go("113000", -700)]]).await);
    let run = Run::start(&feeds_of(&stages), &clock);
    run.fresh(3).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(run.fresh(3).await, ["binance-usdm", "kraken", "okx"]);
    assert_eq!(run.troubles("deribit"), Vec::<String>::new(), "the line is good, only the clock is not");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_but_two_dead_stops_signing_and_their_return_starts_it() {
    let clock = clock();
    let mut stages = three(&clock).await;
    // The third speaks for a short while, is gone for a second, and comes back.
    const T: Act = Act::Tick("113000", 0);
    const W: Act = Act::Wait(50);
    let script: &'static [&'static [Act]] = &[&[T, W, T, W, T, W, T, Act::Wait(1_500)], &[Act::Go("113000", 0)]];
    stages[2] = Stage::open(Venue::BinanceUsdm, &clock, script).await;
    let dead = feed("dead", Venue::Deribit, Transport::Websocket { address: nowhere().await });
    let run = Run::start(&[feeds_of(&stages), vec![dead]].concat(), &clock);
    assert_eq!(run.fresh(3).await, ["binance-usdm", "kraken", "okx"], "one dead is no harm");
    assert!(run.troubles("dead").iter().all(|what| what.starts_with("connection failed")));

    let desk = common::portfolio("btc", &[("BTC", "180", "117624.03")]);
    let vault = VaultContext {
        chain_id: 1,
        vault: Vault([7; 20]),
        terms_hash: Digest([8; 32]),
        sequence: 1,
        validity: Seconds::new(900),
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(0),
    };
    let at = Timestamp::new(END / 1_000);
    let sign = |run: &Run| run.market.lock().unwrap().instruction(&vault, &desk, at, (run.clock)());
    sign(&run).unwrap();

    let lost = |notice: &Notice| match notice {
        Notice::Mark(alarm) => match &alarm.0 {
            MarkChange::Lost(stale) if stale.age.is_some() => Some(stale.left.len()),
            _ => None,
        },
        _ => None,
    };
    run.until(|run| run.notices.lock().unwrap().iter().any(|notice| lost(notice) == Some(2))).await;
    let error = sign(&run).unwrap_err();
    assert_eq!(error.exit_code(), 12);
    let text = error.to_string();
    assert!(text.starts_with("btc: no fresh mark for BTC: the last is "), "{text}");
    assert!(text.contains("2 of 3 needed sources left (kraken, okx); dropped: binance-usdm stale, "), "{text}");
    assert!(text.contains("; dead silent;"), "{text}");
    assert!(matches!(run.dropped("binance-usdm"), Some(Reason::Stale { .. })));

    run.fresh(3).await;
    sign(&run).unwrap();
    let back = |notice: &Notice| matches!(notice, Notice::Mark(alarm) if matches!(alarm.0, MarkChange::Back(_)));
    run.until(|run| run.notices.lock().unwrap().iter().filter(|notice| back(notice)).count() == 2).await;
}

fn coinbase(clock: &Clock) -> Vec<u8> {
    let time = clock();
    format!(r#"{{"ask":"113000","bid":"113000","price":"113000","time":"{time}"}}"#).into_bytes()
}

fn poll(server: &Server, interval: u64) -> Feed {
    let transport =
        Transport::Poll { base: Address::parse(&server.url()).unwrap(), interval: Duration::from_millis(interval) };
    feed("polled", Venue::Coinbase, transport)
}

const PATH: &str = "/products/BTC-X/ticker";

/// Answers with the time of the answer, until the end.
fn keep_answering(server: &Server, clock: &Clock) -> std::thread::JoinHandle<()> {
    let (server, clock) = (server.clone(), Arc::clone(clock));
    std::thread::spawn(move || {
        for _ in 0..100 {
            server.answer(PATH, [Reply::File(coinbase(&clock))]);
            std::thread::sleep(Duration::from_millis(30));
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polled_venue_gives_a_mark_at_its_own_pace() {
    let clock = clock();
    let good = three(&clock).await;
    let server = Server::start();
    let _answers = keep_answering(&server, &clock);
    let run = Run::start(&[feeds_of(&good), vec![poll(&server, 100)]].concat(), &clock);
    assert!(run.fresh(4).await.contains(&"polled".to_owned()));
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let asked = server.asked("ticker");
    assert!((5..=14).contains(&asked), "{asked} questions in a good second");
    assert_eq!(run.troubles("polled"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polled_venue_that_is_slow_cut_garbled_oversized_or_failing_is_asked_again() {
    for (replies, said) in [
        (vec![Reply::Late(Duration::from_millis(900), b"{}".to_vec())], "no answer in time"),
        (vec![Reply::Cut(vec![b' '; 100], 10)], "connection failed"),
        (vec![Reply::Garbage(b"\0\0\0\r\n\r\n".to_vec())], "connection failed"),
        (vec![Reply::File(b"<html>".to_vec())], "answer of polled: expected value"),
        (vec![Reply::File(vec![b' '; 4_097])], "answer of more than 4096 bytes"),
        (vec![Reply::Endless], "answer of more than 4096 bytes"),
        (vec![Reply::Status(503, "")], "status 503 for /products/BTC-X/ticker"),
        (vec![Reply::Status(301, "location: http://127.0.0.1:1/\r\n")], "status 301"),
    ] {
        let clock = clock();
        let good = three(&clock).await;
        let server = Server::start();
        server.answer(PATH, replies);
        let run = Run::start(&[feeds_of(&good), vec![poll(&server, 100)]].concat(), &clock);
        run.until(|run| run.troubles("polled").len() >= 2).await;
        let troubles = run.troubles("polled");
        assert!(troubles.iter().all(|what| what.contains(said)), "{said}: {troubles:?}");
        let _answers = keep_answering(&server, &clock);
        assert!(run.fresh(4).await.contains(&"polled".to_owned()));
        assert!(good.iter().all(|stage| stage.connections() == 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wish_to_stay_away_is_respected() {
    for status in [429, 418] {
        let clock = clock();
        let good = three(&clock).await;
        let server = Server::start();
        server.answer(PATH, [Reply::Status(status, "retry-after: 1\r\n")]);
        let run = Run::start(&[feeds_of(&good), vec![poll(&server, 100)]].concat(), &clock);
        run.until(|run| run.troubles("polled").len() == 1).await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(server.asked("ticker"), 1, "not asked before the second is over");
        let _answers = keep_answering(&server, &clock);
        assert!(run.fresh(4).await.contains(&"polled".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn websocket_over_tls_needs_an_authority_that_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let authority = tls::Authority::new();
    let files = authority.issue(dir.path(), "venue", "localhost", tls::Usage::Server);
    let acceptor = acceptor(&files);
    let clock = clock();
    let mut stages = three(&clock).await;
    stages.push(Stage::open_with(Venue::Deribit, &clock, STEADY, Some(acceptor.clone())).await);
    let believed = roots_config(Some(&files.authority)).unwrap();
    let run = Run::start_with(&feeds_of(&stages), &clock, Some(&believed));
    run.fresh(4).await;

    let other = tls::Authority::new().issue(dir.path(), "other", "localhost", tls::Usage::Server);
    let stranger = roots_config(Some(&other.authority)).unwrap();
    let run = Run::start_with(&feeds_of(&stages), &clock, Some(&stranger));
    run.until(|run| !run.troubles("deribit").is_empty()).await;
    assert!(run.troubles("deribit")[0].contains("certificate"), "{:?}", run.troubles("deribit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polled_venue_over_tls_needs_a_certificate_that_is_believed_valid_and_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (authority, clock) = (tls::Authority::new(), clock());
    let server = Server::start();
    let _answers = keep_answering(&server, &clock);
    let good = three(&clock).await;
    let good_files = authority.issue(dir.path(), "venue", "localhost", tls::Usage::Server);
    let believed = roots_config(Some(&good_files.authority)).unwrap();
    let stranger = tls::Authority::new();
    let stranger_files = stranger.issue(dir.path(), "stranger", "localhost", tls::Usage::Server);
    let other_name = authority.issue(dir.path(), "other", "elsewhere", tls::Usage::Server);
    let expired = authority.issue_with(dir.path(), "old", "localhost", tls::Usage::Server, |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let run = |port: u16| {
        let base = Address::parse(&format!("https://localhost:{port}")).unwrap();
        let polled = feed("polled", Venue::Coinbase, Transport::Poll { base, interval: Duration::from_millis(100) });
        Run::start_with(&[feeds_of(&good), vec![polled]].concat(), &clock, Some(&believed))
    };
    for (files, said) in
        [(stranger_files, "BadSignature"), (other_name, "not valid for name"), (expired, "certificate expired")]
    {
        let asked = server.asked("ticker");
        let refused = run(front(&files, server.port).await);
        refused.until(|run| run.troubles("polled").len() >= 2).await;
        let troubles = refused.troubles("polled");
        assert!(troubles.iter().all(|what| what.contains("certificate") && what.contains(said)), "{troubles:?}");
        assert_eq!(refused.fresh(3).await, ["binance-usdm", "kraken", "okx"]);
        assert_eq!(server.asked("ticker"), asked, "nothing was asked of whoever that is");
    }
    let run = run(front(&good_files, server.port).await);
    assert!(run.fresh(4).await.contains(&"polled".to_owned()));
    assert_eq!(run.troubles("polled"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_end_with_the_run() {
    let clock = clock();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::parse(&format!("ws://{}/", listener.local_addr().unwrap())).unwrap();
    let good = three(&clock).await;
    let silent = feed("silent", Venue::Okx, Transport::Websocket { address });
    let mut run = Run::start(&[feeds_of(&good), vec![silent]].concat(), &clock);
    let (stream, _): (TcpStream, _) = listener.accept().await.unwrap();
    let mut socket = accept_async(stream).await.unwrap();
    socket.next().await.unwrap().unwrap();
    drop(run.stop.take());
    let ended = async { while let Some(Ok(_)) = socket.next().await {} };
    tokio::time::timeout(Duration::from_millis(700), ended).await.expect("ends before its own silence would end it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn command_watches_records_and_says_by_its_exit_code_whether_marks_are_fresh() {
    let clock = wall_clock();
    let mut stages = three(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    for (stage, code) in [(None, 0), (Some(Stage::open(Venue::BinanceUsdm, &clock, &[&[Act::Cut]]).await), 12)] {
        stages[2] = stage.unwrap_or_else(|| stages[2].clone());
        std::fs::write(dir.path().join("feeds.json"), format!(r#"{{"sources":[{}]}}"#, sources(&stages))).unwrap();
        let record = format!("quotes-{code}.csv");
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        let command = command.current_dir(dir.path()).args(["feed", "watch", "--feeds", "feeds.json", "--json"]);
        let output = command.args(["--seconds", "3", "--record", &record]).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        let lines = String::from_utf8(output.stdout).unwrap();
        let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        if code == 0 {
            assert_eq!((last["market"].as_str(), last["mark"].as_str()), (Some("BTC"), Some("113000")), "{lines}");
            assert!(said.contains("BTC has a mark again: 113000 of 3 sources"), "{said}");
        } else {
            assert!(last["stale"].as_str().unwrap().contains("2 of 3 needed sources left (kraken, okx)"), "{lines}");
            assert!(said.contains("warning: binance-usdm: connection failed"), "{said}");
        }
        let source = ringfence_oracle::files::Source::read(&dir.path().join(record)).unwrap();
        assert!(ringfence_oracle::feed::file::parse(&source).unwrap().len() > 50);
    }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A signer's directory, with bars that end at the last whole five minutes.
struct SignerDesk(tempfile::TempDir);

impl SignerDesk {
    fn new(stages: &[Stage]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let end = wall_clock()().get() / 300_000 * 300;
        let table = std::fs::read_to_string(common::data_dir().join("crash-2025-10-10.csv")).unwrap();
        let rows: Vec<&str> = table.trim_end().lines().collect();
        let time = |seconds: u64| ringfence_oracle::time::format_timestamp(Timestamp::new(seconds));
        let first = end - 300 * (rows.len() as u64 - 1);
        let shifted = rows[1..]
            .iter()
            .enumerate()
            .map(|(index, row)| format!("{},{}\n", time(first + 300 * index as u64), row.split_once(',').unwrap().1));
        desk.write("bars.csv", &format!("{}\n{}", rows[0], shifted.collect::<String>()));
        let opened = time(first + 300);
        desk.write("p.json", &format!(r#"{{"pair":"btc","positions":[{{"symbol":"BTC","quantity":"180","entry_price":"117624.03","opened":"{opened}"}}]}}"#));
        let (vault, terms, at) = ("07".repeat(20), "08".repeat(32), time(end));
        let vault = format!(r#""chain_id":1,"vault":"0x{vault}","terms_hash":"0x{terms}","portfolio":"p.json""#);
        desk.write("c.json", &format!(r#"{{{vault},"sequence":1,"at":"{at}","valid_for_seconds":900}}"#));
        desk.write("policy.json", &format!(r#"{{"tolerance":{{"absolute":"0","relative_bps":0,"other_market_data":false}},"vaults":[{{{vault},"max_validity_seconds":900}}]}}"#));
        let counters = format!(
            r#"{{"vaults":[{{"chain_id":1,"vault":"0x{}","instruction":0,"close_out":0,"portfolio":0,"rotation":0}}]}}"#,
            "07".repeat(20)
        );
        desk.write("chain.json", &counters);
        let rules = r#"{"max_age_ms":1500}"#;
        desk.write("feeds.json", &format!(r#"{{"rules":{rules},"sources":[{}]}}"#, sources(stages)));
        let authority = tls::Authority::new();
        authority.issue(desk.0.path(), "s", "localhost", tls::Usage::Server);
        authority.issue(desk.0.path(), "a", "aggregator", tls::Usage::Client);
        desk.write("k", &format!("{:064x}\n", 7));
        std::fs::set_permissions(desk.0.path().join("k"), std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(desk.command("journal init --key k").output().unwrap().status.success());
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.current_dir(self.0.path()).env("RINGFENCE_DATA", common::data_dir()).args(arguments.split(' '));
        command
    }

    /// Starts the signer and writes the roster.
    fn start(&self) -> Killed {
        let mut command = self.command(
            "signer --json --key k --policy policy.json --chain-state chain.json --listen 127.0.0.1:0 --bars bars.csv \
             --feeds feeds.json --tls-cert s.pem --tls-key s-tls.key --tls-ca s-ca.pem",
        );
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let text: String = lines.take(4).collect();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let port: u16 = document["listening"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        let signer = &document["signer"];
        self.write(
            "roster.json",
            &format!(r#"{{"threshold":1,"signers":[{{"address":{signer},"host":"localhost","port":{port}}}]}}"#),
        );
        Killed(child)
    }

    fn collect(&self) -> Output {
        let arguments = "collect --json --context c.json --roster roster.json --bars bars.csv --deadline 5 --tls-cert \
                         a.pem --tls-key a-tls.key --tls-ca a-ca.pem";
        self.command(arguments).output().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signer_process_signs_on_live_marks_and_declines_when_they_are_gone() {
    let clock = wall_clock();
    let stages = three(&clock).await;
    let desk = SignerDesk::new(&stages);
    let signer = desk.start();
    let signed = |output: &Output| output.status.success();
    let mut output = desk.collect();
    for _ in 0..20 {
        if signed(&output) {
            break;
        }
        // The first marks take a moment.
        tokio::time::sleep(Duration::from_millis(200)).await;
        output = desk.collect();
    }
    assert!(signed(&output), "{}", String::from_utf8_lossy(&output.stderr));
    for stage in &stages {
        stage.ended.store(true, Ordering::SeqCst);
    }
    tokio::time::sleep(Duration::from_millis(1_700)).await;
    let output = desk.collect();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{text}");
    assert!(text.contains("no fresh mark for BTC: the last is ") && text.contains("0 of 3 needed"), "{text}");
    drop(signer);
}
