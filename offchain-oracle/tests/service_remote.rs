//! The service with signers as processes of their own, each on live feeds of its own, over mutual TLS: one is away, one does not
//! agree, too few are left, and all are back.

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
#[path = "common/tls.rs"]
mod tls;
#[path = "common/venues.rs"]
#[allow(dead_code)]
mod venues;

use place::{wait, Place, Running, Setup, BIN};
use ringfence_oracle::feed::venue::Venue;
use serde_json::{json, Value};
use sim::CHAIN_ID;
use stage::VAULT;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;
use tls::{Authority, Usage};
use venues::{feeds, Exchange, FakeVenue};

const BTC: f64 = 113_000.0;
/// Seconds from the start to the close at which the only instruction of a test is made.
const CLOSE_IN: u64 = 15;

/// A door before a signer: while it is shut nobody gets through.
struct Door {
    port: u16,
    open: Arc<AtomicBool>,
}

impl Door {
    fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let door = Self { port: listener.local_addr().unwrap().port(), open: Arc::new(AtomicBool::new(true)) };
        let open = Arc::clone(&door.open);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if open.load(Ordering::SeqCst) {
                    let to = TcpStream::connect(("127.0.0.1", port)).unwrap();
                    let (back, forth) = (to.try_clone().unwrap(), stream.try_clone().unwrap());
                    std::thread::spawn(move || pass(stream, to));
                    std::thread::spawn(move || pass(back, forth));
                }
            }
        });
        door
    }

    fn set(&self, open: bool) {
        self.open.store(open, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Three signers, the third of which listens to venues with other prices if it is told to.
struct Desk {
    place: Place,
    doors: Vec<Door>,
    addresses: Vec<String>,
    _signers: Vec<Process>,
    _exchanges: Vec<Exchange>,
}

fn three(exchange: &Exchange, price: f64) -> [FakeVenue; 3] {
    [
        exchange.websocket("okx", Venue::Okx, "BTC", price),
        exchange.websocket("kraken", Venue::Kraken, "BTC", price),
        exchange.polled("coinbase", "BTC", price),
    ]
}

impl Desk {
    fn new(price_of_the_third: f64) -> Self {
        let (exchange, elsewhere) = (Exchange::new(), Exchange::new());
        let text = |venues: &[FakeVenue; 3]| feeds(&venues.iter().collect::<Vec<_>>());
        let terms = format!("0x{}", "02".repeat(32));
        let vault = format!("0x{}", hex::encode(VAULT));
        let policy = json!({
            "tolerance": { "absolute": "1000000", "relative_bps": 0, "other_market_data": true },
            "vaults": [{ "chain_id": CHAIN_ID, "vault": vault, "terms_hash": terms, "portfolio": "pair.json",
                         "max_validity_seconds": 900 }],
        });
        let state = json!({ "vaults": [{ "chain_id": CHAIN_ID, "vault": vault, "instruction": 0, "close_out": 0,
                                         "portfolio": 1, "rotation": 0 }] });
        let signing = "roster = \"roster.json\"\ncertificate = \"aggregator.pem\"\nkey = \"aggregator-tls.key\"\n\
                       authority = \"aggregator-ca.pem\"\ndeadline_seconds = 2\n";
        let place = Place::new(&Setup {
            instruct: "closes",
            marks: "feeds = \"feeds.json\"\n".to_owned(),
            signing: signing.to_owned(),
            close_in: CLOSE_IN,
            files: vec![
                ("feeds.json", text(&three(&exchange, BTC))),
                ("others.json", text(&three(&elsewhere, price_of_the_third))),
                ("policy.json", policy.to_string()),
                ("chain.json", state.to_string()),
            ],
            ..Setup::default()
        });
        let authority = Authority::new();
        authority.issue(place.directory.path(), "aggregator", "aggregator", Usage::Client);
        let mut desk =
            Self { place, doors: vec![], addresses: vec![], _signers: vec![], _exchanges: vec![exchange, elsewhere] };
        let mut roster = Vec::new();
        for number in 1..=3 {
            authority.issue(desk.place.directory.path(), &format!("tls{number}"), "localhost", Usage::Server);
            let (signer, address, port) = desk.signer(number);
            let door = Door::before(port);
            roster.push(json!({ "address": address, "host": "localhost", "port": door.port }));
            desk.doors.push(door);
            desk.addresses.push(address);
            desk._signers.push(signer);
        }
        let roster = json!({ "threshold": 2, "signers": roster });
        std::fs::write(desk.place.path("roster.json"), roster.to_string()).unwrap();
        desk
    }

    fn signer(&self, number: usize) -> (Process, String, u16) {
        let feeds = if number == 3 { "others.json" } else { "feeds.json" };
        let arguments = format!(
            "signer --json --key s{number} --policy policy.json --chain-state chain.json --listen 127.0.0.1:0 \
             --feeds {feeds} --tls-cert tls{number}.pem --tls-key tls{number}-tls.key --tls-ca tls{number}-ca.pem"
        );
        let log = std::fs::File::create(self.place.path(&format!("signer-{number}.log"))).unwrap();
        let mut child = Command::new(BIN)
            .current_dir(self.place.directory.path())
            .env("RINGFENCE_DATA", self.place.path("data"))
            .args(arguments.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said: String = lines.take(4).collect();
        let document: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
        let port = document["listening"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        (Process(child), document["signer"].as_str().unwrap().to_owned(), port)
    }

    /// What the service says of a signer.
    fn said(&self, running: &Running, number: usize) -> Option<Value> {
        let all = running.get("/v1/signers").json();
        all.as_array().unwrap().iter().find(|signer| signer["signer"] == self.addresses[number - 1]).cloned()
    }

    fn alarm(&self, running: &Running, kind: &str, number: usize) -> Option<String> {
        let of = |(name, text): (String, String)| {
            (name == kind && text.contains(&self.addresses[number - 1])).then_some(text)
        };
        running.alarms().into_iter().find_map(of)
    }

    fn settled(&self, running: &Running) -> Value {
        wait("settled", || running.last().filter(|last| last["stage"] == "settled"))
    }
}

#[test]
fn one_signer_that_is_away_does_not_matter_and_is_named() {
    let desk = Desk::new(BTC);
    desk.doors[1].set(false);
    let running = desk.place.start();
    let last = desk.settled(&running);
    assert_eq!(last["instruction"]["sequence"], 1);
    assert_eq!(desk.place.sim.sequence(VAULT.into()), 1);
    let away = wait("named", || desk.said(&running, 2));
    assert_eq!(away["signs"], false);
    assert!(away["away"].as_str().unwrap().contains("can't be reached"), "{away}");
    assert!(desk.alarm(&running, "signer_away", 2).is_some(), "{:?}", running.alarms());
    for number in [1, 3] {
        assert_eq!(wait("heard", || desk.said(&running, number))["signs"], true);
    }
    let metrics = running.get("/metrics").body;
    let sample = |number: usize, value: u8| {
        format!("ringfence_signer_trouble{{signer=\"{}\"}} {value}", desk.addresses[number - 1])
    };
    assert!(metrics.contains(&sample(2, 1)) && metrics.contains(&sample(1, 0)), "{metrics}");
    assert_eq!(running.end(), Some(0));
}

#[test]
fn one_that_does_not_agree_is_named_too_few_sign_nothing_and_their_return_settles_it() {
    let desk = Desk::new(BTC * 1.005);
    desk.doors[1].set(false);
    let running = desk.place.start();
    let held = wait("held up", || running.last().filter(|last| last["trouble"].is_string()));
    assert_eq!((held["stage"].as_str(), held["instruction"]["sequence"].as_u64()), (Some("proposed"), Some(1)));
    let trouble = held["trouble"].as_str().unwrap();
    assert!(trouble.contains("1 of 2 signatures"), "{trouble}");
    let refused = wait("named", || desk.said(&running, 3).filter(|said| said["signs"] == false));
    let words = refused["refused"][0]["what"].as_str().unwrap();
    assert!(words.contains("Declined") && refused["refused"][0]["conflict"] == false, "{refused}");
    assert!(desk.alarm(&running, "signer_refused", 3).is_some(), "{:?}", running.alarms());
    assert!(desk.alarm(&running, "signer_away", 2).is_some());
    let held_up = running.alarms().into_iter().find(|(name, text)| name == "instruction" && text.contains("1 of 2"));
    assert!(held_up.is_some(), "{:?}", running.alarms());
    // It is asked for again and again, and nothing goes to the chain.
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(desk.place.sim.state().received.len(), 0);
    assert_eq!(running.alarms().iter().filter(|(name, _)| name == "signer_refused").count(), 1, "once is enough");

    desk.doors[1].set(true);
    let last = desk.settled(&running);
    assert_eq!(last["instruction"], held["instruction"], "the same bytes that the first one signed");
    wait("back", || desk.alarm(&running, "signer_back", 2));
    assert_eq!(desk.said(&running, 2).unwrap()["signs"], true);
    assert_eq!(desk.said(&running, 3).unwrap()["signs"], false, "it still does not agree");
    assert_eq!(desk.place.sim.sequence(VAULT.into()), 1);
}
