//! Venues on real sockets that speak the documented forms in `tests/data/feeds`, at prices and with faults that a test sets.

use futures_util::{SinkExt, StreamExt};
use ringfence_oracle::feed::venue::Venue;
use ringfence_oracle::feed::Millis;
use ringfence_oracle::time::{Clock, SystemClock};
use serde_json::{json, Value};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// What a venue says, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Say {
    pub(crate) bid: f64,
    pub(crate) ask: f64,
    /// How old its messages are, milliseconds.
    pub(crate) old: u64,
    /// Connections are cut, and cut again.
    pub(crate) down: bool,
}

#[derive(Clone)]
pub(crate) struct FakeVenue {
    pub(crate) id: &'static str,
    venue: Venue,
    market: &'static str,
    polled: bool,
    port: u16,
    say: Arc<Mutex<Say>>,
    connections: Arc<AtomicUsize>,
    goodbyes: Arc<AtomicUsize>,
}

/// A runtime for venues.
pub(crate) struct Exchange(Runtime);

impl Exchange {
    pub(crate) fn new() -> Self {
        Self(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
    }

    /// A venue that sends the coin's price by itself.
    pub(crate) fn websocket(&self, id: &'static str, venue: Venue, market: &'static str, price: f64) -> FakeVenue {
        self.open(id, venue, market, price, false)
    }

    /// A venue that is asked.
    pub(crate) fn polled(&self, id: &'static str, market: &'static str, price: f64) -> FakeVenue {
        self.open(id, Venue::Coinbase, market, price, true)
    }

    fn open(&self, id: &'static str, venue: Venue, market: &'static str, price: f64, polled: bool) -> FakeVenue {
        let listener = self.0.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let say = Arc::new(Mutex::new(Say { bid: price, ask: price, old: 0, down: false }));
        let (connections, goodbyes) = (Arc::default(), Arc::default());
        let fake = FakeVenue { id, venue, market, polled, port, say, connections, goodbyes };
        let shared = fake.clone();
        self.0.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                if shared.now().down {
                    continue;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(shared.clone().serve(stream));
            }
        });
        fake
    }
}

impl FakeVenue {
    pub(crate) fn change(&self, change: impl FnOnce(&mut Say)) {
        change(&mut self.say.lock().unwrap());
    }

    pub(crate) fn price(&self, price: f64) {
        self.change(|say| (say.bid, say.ask) = (price, price));
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Websockets that were closed by the rules.
    pub(crate) fn goodbyes(&self) -> usize {
        self.goodbyes.load(Ordering::SeqCst)
    }

    /// Its entry in a file of feeds.
    pub(crate) fn source(&self) -> Value {
        let (scheme, path) = if self.polled { ("http", "") } else { ("ws", "/ws") };
        let url = format!("{scheme}://localhost:{}{path}", self.port);
        json!({ "id": self.id, "venue": self.venue.name(), "price": "mid", "url": url, "interval_ms": 100,
                "instruments": { self.instrument(): self.market } })
    }

    fn now(&self) -> Say {
        *self.say.lock().unwrap()
    }

    fn instrument(&self) -> String {
        let coin = self.market;
        match self.venue {
            Venue::BinanceUsdm | Venue::BybitLinear => format!("{coin}USDT"),
            Venue::Okx => format!("{coin}-USDT-SWAP"),
            Venue::Deribit => format!("{coin}-PERPETUAL"),
            Venue::Coinbase => format!("{coin}-USD"),
            Venue::Kraken => format!("{coin}/USD"),
        }
    }

    async fn serve(self, stream: TcpStream) -> Option<()> {
        if self.polled {
            return self.answer(stream).await;
        }
        let mut socket = accept_async(stream).await.ok()?;
        let wanted = self.instrument().to_lowercase();
        while !socket.next().await?.ok()?.to_text().ok()?.to_lowercase().contains(&wanted) {}
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Close(_))) => {
                        self.goodbyes.fetch_add(1, Ordering::SeqCst);
                        return None;
                    }
                    Some(Ok(_)) => {}
                    _ => return None,
                },
                _ = pace.tick() => {
                    if self.now().down {
                        return None;
                    }
                    socket.send(Message::text(self.message().to_string())).await.ok()?;
                }
            }
        }
    }

    async fn answer(self, mut stream: TcpStream) -> Option<()> {
        let mut head = Vec::new();
        loop {
            head.push(stream.read_u8().await.ok()?);
            if !head.ends_with(b"\r\n\r\n") {
                continue;
            }
            if self.now().down {
                return None;
            }
            let wanted = format!("GET /products/{}/ticker ", self.instrument());
            assert!(head.starts_with(wanted.as_bytes()), "{}", String::from_utf8_lossy(&head));
            head.clear();
            let body = self.message().to_string();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.ok()?;
        }
    }

    /// The venue's documented message with this coin, these prices and this time.
    fn message(&self) -> Value {
        let (say, name) = (self.now(), self.instrument());
        let millis = SystemClock.millis() - say.old;
        let (text, date) = (millis.to_string(), Millis::new(millis).to_string());
        let (bid, ask) = (say.bid, say.ask);
        let (bid_text, ask_text) = (format!("{bid:.2}"), format!("{ask:.2}"));
        let set = |file: &str, members: &[(&str, Value)]| {
            let mut message = recorded(self.venue, file);
            for (pointer, value) in members {
                *message.pointer_mut(pointer).unwrap_or_else(|| panic!("{file}{pointer}")) = value.clone();
            }
            message
        };
        match self.venue {
            Venue::Okx => set(
                "ws-tickers.json",
                &[
                    ("/arg/instId", json!(name)),
                    ("/data/0/instId", json!(name)),
                    ("/data/0/bidPx", json!(bid_text)),
                    ("/data/0/askPx", json!(ask_text)),
                    ("/data/0/ts", json!(text)),
                ],
            ),
            Venue::Kraken => set(
                "ws-ticker.json",
                &[
                    ("/data/0/symbol", json!(name)),
                    ("/data/0/bid", json!(bid)),
                    ("/data/0/ask", json!(ask)),
                    ("/data/0/timestamp", json!(date)),
                ],
            ),
            Venue::Deribit => set(
                "ws-ticker.json",
                &[
                    ("/params/channel", json!(format!("ticker.{name}.100ms"))),
                    ("/params/data/instrument_name", json!(name)),
                    ("/params/data/best_bid_price", json!(bid)),
                    ("/params/data/best_ask_price", json!(ask)),
                    ("/params/data/timestamp", json!(millis)),
                ],
            ),
            Venue::BinanceUsdm => set(
                "ws-book-ticker.json",
                &[("/s", json!(name)), ("/b", json!(bid_text)), ("/a", json!(ask_text)), ("/E", json!(millis))],
            ),
            Venue::BybitLinear => set(
                "ws-snapshot.json",
                &[
                    ("/topic", json!(format!("tickers.{name}"))),
                    ("/data/symbol", json!(name)),
                    ("/data/bid1Price", json!(bid_text)),
                    ("/data/ask1Price", json!(ask_text)),
                    ("/ts", json!(millis)),
                ],
            ),
            Venue::Coinbase => {
                set("http-ticker.json", &[("/bid", json!(bid_text)), ("/ask", json!(ask_text)), ("/time", json!(date))])
            }
        }
    }
}

fn recorded(venue: Venue, file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/feeds").join(venue.name()).join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A file of feeds.
pub(crate) fn feeds(venues: &[&FakeVenue]) -> String {
    let sources: Vec<Value> = venues.iter().map(|venue| venue.source()).collect();
    json!({ "rules": { "max_age_ms": 2_500 }, "sources": sources }).to_string()
}
