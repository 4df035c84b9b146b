//! The service in this process: the oracle on a simulated node, its routes on a real socket.

use crate::sim::{Sim, SimVault, CHAIN_ID};
use ringfence_oracle::chain::{Endpoint, Node, NodeConfig, Patience, Rpc, Wallet};
use ringfence_oracle::cycle::PairTerms;
use ringfence_oracle::feed::transport::FeedEvent;
use ringfence_oracle::feed::{LiveBars, MarkBook, MarkRules, Millis, PriceKind, Quote, SourceId, SourceRules, MAX_GAP};
use ringfence_oracle::files::Source;
use ringfence_oracle::instruction::NO_INTEREST;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::{Amount, Bps, Seconds, Timestamp};
use ringfence_oracle::protocol::Address;
use ringfence_oracle::service::http::{app, serve, Access, Http, Limits, Rate, Scope, Token};
use ringfence_oracle::service::{tick, Freshness, Oracle, PairPlan, Shared, Sources, Store, When};
use ringfence_oracle::sign::{LocalKey, LocalSigner, Quorum};
use ringfence_oracle::symbol::{BySymbol, Symbol};
use ringfence_oracle::time::Clock;
use ringfence_oracle::units::Price;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{sync_channel, Receiver};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The close of the last bar of the table.
pub(crate) const START: u64 = 1_760_140_800;
pub(crate) const VAULT: [u8; 20] = [0x11; 20];
pub(crate) const BOND: [u8; 20] = [0x99; 20];
pub(crate) const READER: &str = "reader-token";
pub(crate) const FEEDER: &str = "feeder-token";

#[derive(Debug)]
pub(crate) struct TestClock(pub(crate) AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::new(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) type TestOracle = Oracle<Node<Store>, Quorum<LocalSigner>>;

pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) portfolio: Arc<Portfolio>,
    pub(crate) directory: tempfile::TempDir,
    when: When,
}

pub(crate) fn portfolio() -> Portfolio {
    let position = |symbol: &str, quantity: &str, entry: &str| {
        format!(
            r#"{{"symbol":"{symbol}","quantity":"{quantity}","entry_price":"{entry}","opened":"2025-10-10T18:05Z"}}"#
        )
    };
    let list = [position("BTC", "18", "117624.03"), position("SOL", "-3000", "209.1"), position("BTC", "-2", "113000")];
    Portfolio::parse(&Source::new("pair.json", format!(r#"{{"pair":"btc-sol","positions":[{}]}}"#, list.join(","))))
        .unwrap()
}

impl Stage {
    pub(crate) fn new(when: When) -> Self {
        let portfolio = Arc::new(portfolio());
        let vault = SimVault {
            terms_hash: [2; 32].into(),
            portfolio_root: portfolio.root().0.into(),
            max_move: 1_000_000_000_000,
            sequence: 0,
            valuation_time: 0,
            entitlement: 0,
            bond: BOND.into(),
        };
        let sim = Sim::start(vec![(VAULT.into(), vault)], START);
        let clock = Arc::new(TestClock(AtomicU64::new(START)));
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("oracle.redb"), CHAIN_ID, clock.clone()).unwrap();
        let shared = Arc::new(Shared::new(store, Arc::new(crate::common::inputs()), clock.clone(), FRESH));
        Self { sim, clock, shared, portfolio, directory, when }
    }

    pub(crate) fn oracle(&self) -> TestOracle {
        self.oracle_signed_by([1, 2, 3])
    }

    pub(crate) fn oracle_signed_by(&self, secrets: [u8; 3]) -> TestOracle {
        let patience = Patience { deadline: Duration::from_secs(2), tries: 2, pause: Duration::from_millis(5) };
        let rpc = Rpc::new(Endpoint::parse(&self.sim.url()).unwrap(), None, patience).unwrap();
        let wallet = Wallet::new(LocalKey::from_secret(&[7; 32]).unwrap(), CHAIN_ID);
        let config = NodeConfig { chain_id: CHAIN_ID, max_fee: 1_000_000, stuck_after: 60 };
        let node = Node::connect(rpc, wallet, self.shared.store.clone(), config, self.clock.clone()).unwrap();
        let signer = |secret: u8| LocalSigner::from_secret(&[secret; 32]).unwrap();
        let quorum = Quorum::new(secrets.map(signer).into(), 2).unwrap();
        let terms = PairTerms {
            chain_id: CHAIN_ID,
            vault: Address(VAULT),
            validity: Seconds::new(900),
            interest_index: NO_INTEREST,
            fee_rate: Bps::new(25),
        };
        let plan = PairPlan {
            terms,
            portfolio: Arc::clone(&self.portfolio),
            trigger: Amount::new(1_000_000_000),
            every: Seconds::new(3_600),
        };
        Oracle::new(node, quorum, vec![plan], Arc::clone(&self.shared), self.when).unwrap()
    }

    /// Marks and bars as the loop has them, going on where the oracle does.
    pub(crate) fn bars(&self, oracle: &TestOracle) -> LiveBars {
        let source = |name| SourceRules {
            id: SourceId::new(name).unwrap(),
            price: PriceKind::Last,
            markets: Symbol::ALL.to_vec(),
        };
        let book = MarkBook::new(MarkRules::STANDARD, ["a", "b", "c"].map(source).to_vec()).unwrap();
        let now = Millis::new(self.clock.millis());
        LiveBars::after("t.csv", oracle.bars_end(), book, now, MAX_GAP).unwrap()
    }

    /// What the loop does when three sources quote these prices at a second after [`START`]. Gives how many were signed.
    pub(crate) fn tick(
        &self,
        oracle: &mut TestOracle,
        bars: &mut LiveBars,
        seconds: u64,
        prices: &BySymbol<Option<Price>>,
    ) -> usize {
        let at = Millis::from(self.at(seconds));
        for name in ["a", "b", "c"] {
            for market in Symbol::ALL {
                let Some(price) = prices[market] else { continue };
                let source = SourceId::new(name).unwrap();
                let (bid, ask, last, mark, index) = (None, None, Some(price), None, None);
                let quote = Quote { source, market, bid, ask, last, mark, index, exchange_time: at, receive_time: at };
                // After a move beyond the bound the sources have to say it twice; these tests do not.
                let _ = bars.update(&quote);
            }
        }
        tick(oracle, bars, &Sources::default(), at).unwrap()
    }

    /// Sets the time, and gives it.
    pub(crate) fn at(&self, seconds: u64) -> Timestamp {
        self.clock.0.store(START + seconds, Ordering::SeqCst);
        self.sim.state().time = START + seconds;
        Timestamp::new(START + seconds)
    }

    pub(crate) fn record(&self) -> ringfence_oracle::cycle::Record {
        self.shared.store.newest_record(Address(VAULT)).unwrap().unwrap()
    }
}

pub(crate) const FRESH: Freshness = Freshness { answer: Seconds::new(60), block: Seconds::new(120) };

pub(crate) fn marks(btc: &str, sol: &str) -> BySymbol<Option<Price>> {
    BySymbol::from_fn(|symbol| match symbol {
        Symbol::Btc => Some(Price::parse(btc).unwrap()),
        Symbol::Sol => Some(Price::parse(sol).unwrap()),
        _ => None,
    })
}

/// The routes on a socket, until it is stopped or dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) quotes: Receiver<FeedEvent>,
    pub(crate) thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    pub(crate) fn new(shared: &Arc<Shared>, per_second: u32) -> Self {
        let token = |name: &str, scope| Token {
            name: name.to_owned(),
            sha256: Sha256::digest(name).into(),
            scopes: vec![scope],
        };
        let tokens = vec![token(READER, Scope::Read), token(FEEDER, Scope::Feed)];
        let rate = NonZeroU32::new(per_second).unwrap();
        let (stopping, stopped) = watch::channel(false);
        let (sender, quotes) = sync_channel(300);
        let http = Arc::new(Http {
            shared: Arc::clone(shared),
            access: Access::new(tokens, Rate { per_second: rate, burst: rate }),
            limits: Limits { request: Duration::from_millis(1_000) },
            quotes: sender,
            posted: ["a", "b", "c"].into_iter().filter_map(SourceId::new).collect(),
            stopping: stopped.clone(),
            streams: Arc::new(tokio::sync::Semaphore::new(2)),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || runtime.block_on(serve(listener, None, app(http), stopped)));
        Self { address, stopping, quotes, thread: Some(thread) }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, &[("Authorization", &format!("Bearer {READER}"))], b"")
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &[u8]) -> Answer {
        request(self.address, "POST", path, &[("Authorization", &format!("Bearer {token}"))], body)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The kind of problem, after checking that it is a problem document.
    pub(crate) fn problem(&self) -> String {
        assert!(self.head.to_lowercase().contains("content-type: application/problem+json"), "{}", self.head);
        let json = self.json();
        assert_eq!(json["status"], self.status);
        assert!(json["title"].is_string() && json["detail"].is_string());
        json["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    }
}

pub(crate) fn request(at: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(at).unwrap();
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    // A server that has refused already may have closed its side.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    answer(&mut stream)
}

pub(crate) fn answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Answer { status, head: head.to_owned(), body }
}

fn unchunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = text.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        if length == 0 || rest.len() < length {
            break;
        }
        whole.push_str(&rest[..length]);
        text = rest[length..].trim_start_matches("\r\n");
    }
    whole
}
