//! The service as a process: killed at any moment it goes on where it was; asked to end it ends well; the doctor finds what
//! is wrong.

mod common;
#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;
#[path = "common/stage.rs"]
#[allow(dead_code)]
mod stage;

use ringfence_oracle::files::Source;
use ringfence_oracle::journal::Journal;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::service::journal_of;
use ringfence_oracle::sign::keyfile;
use ringfence_oracle::time::{format_timestamp, Clock, SystemClock};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use sim::{Sim, SimVault, CHAIN_ID};
use stage::{request, Answer, FEEDER, READER, VAULT};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BIN: &str = env!("CARGO_BIN_EXE_ringfence-oracle");

/// Everything a service needs, in a directory, and a chain that makes blocks.
struct Place {
    directory: tempfile::TempDir,
    sim: Sim,
    ends: Arc<AtomicBool>,
}

fn now() -> u64 {
    SystemClock.now().get()
}

impl Place {
    fn new() -> Self {
        // A bar that closes while the service is down is a gap, and a pair with funding stops: not what is tested here.
        let left = 300 - now() % 300;
        if left < 60 {
            std::thread::sleep(Duration::from_secs(left + 1));
        }
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let first = tables(&at("data"));
        let opened = format_timestamp(Timestamp::new(first + 300));
        let text = json!({ "pair": "btc", "positions": [{ "symbol": "BTC", "quantity": "18", "entry_price": "117624.03", "opened": opened }] });
        std::fs::write(at("pair.json"), text.to_string()).unwrap();
        let portfolio = Portfolio::parse(&Source::read(&at("pair.json")).unwrap()).unwrap();
        for name in ["s1", "s2", "s3"] {
            let address = keyfile::create(&at(name), None).unwrap();
            Journal::create(&journal_of(&at(name)), address).unwrap();
        }
        keyfile::create(&at("submitter"), None).unwrap();
        let vault = SimVault {
            terms_hash: [2; 32].into(),
            portfolio_root: portfolio.root().0.into(),
            max_move: u128::MAX,
            sequence: 0,
            valuation_time: 0,
            entitlement: 0,
            bond: [9; 20].into(),
        };
        let sim = Sim::start(vec![(VAULT.into(), vault)], now());
        let ends = Arc::new(AtomicBool::new(false));
        let (miner, stop) = (sim.clone(), Arc::clone(&ends));
        std::thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                miner.state().time = now();
                miner.mine_and_finalise();
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let hash = |token: &str| hex::encode(Sha256::digest(token));
        let source =
            |name: &str| format!("[[marks.sources]]\nname = \"{name}\"\nprice = \"mid\"\nmarkets = [\"BTC\"]\n");
        let config = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"oracle.redb\"\ndata_dir = \"data\"\nlog = \"json\"\ninstruct = \"ticks\"\n\
             [chain]\nurl = \"{}\"\nchain_id = {CHAIN_ID}\nsubmitter_key = \"submitter\"\nmax_fee_wei = \"1000000\"\npoll_seconds = 1\n\
             [signing]\nkeys = [\"s1\", \"s2\", \"s3\"]\nthreshold = 2\n{}\
             [[pairs]]\nvault = \"0x{}\"\nportfolio = \"pair.json\"\nvalidity_seconds = 900\ntrigger = \"1000000\"\nevery_seconds = 3600\n\
             [[tokens]]\nname = \"reader\"\nsha256 = \"{}\"\nscopes = [\"read\"]\n[[tokens]]\nname = \"feeder\"\nsha256 = \"{}\"\nscopes = [\"feed\"]\n\
             [limits]\nrequests_per_second = 1000\nburst = 1000\n",
            sim.url(), ["a", "b", "c"].map(source).concat(), hex::encode(VAULT), hash(READER), hash(FEEDER),
        );
        std::fs::write(at("oracle.toml"), config).unwrap();
        Self { directory, sim, ends }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn start(&self) -> Running {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.path("log")).unwrap();
        let mut child = Command::new(BIN)
            .args(["--json", "serve", "--config"])
            .arg(self.path("oracle.toml"))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let log = || std::fs::read_to_string(self.path("log")).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}{}", log()));
        Running { child, address: said["listening"].as_str().unwrap().parse().unwrap() }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(BIN).args(arguments).arg("--config").arg(self.path("oracle.toml")).output().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
    }
}

struct Running {
    child: Child,
    address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, &[("Authorization", &format!("Bearer {READER}"))], b"")
    }

    /// Three venues that agree.
    fn quote(&self, price: u64) {
        let time = SystemClock.millis();
        let quote = |source: &str| json!({ "source": source, "market": "BTC", "bid": price.to_string(), "ask": (price + 1).to_string(), "exchange_time": time });
        let body = json!(["a", "b", "c"].map(quote)).to_string();
        let answer = request(
            self.address,
            "POST",
            "/v1/quotes",
            &[("Authorization", &format!("Bearer {FEEDER}"))],
            body.as_bytes(),
        );
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    fn last(&self) -> Option<Value> {
        let answer = self.get(&format!("/v1/vaults/0x{}/instructions/last", hex::encode(VAULT)));
        (answer.status == 200).then(|| answer.json())
    }

    /// All events so far.
    fn events(&self, count: usize) -> Vec<String> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        let head = format!("GET /v1/events?after=0 HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {READER}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut events = Vec::new();
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            events.extend(line.strip_prefix("data: ").map(str::to_owned));
        }
        assert!(events.len() >= count, "{} of {count}", events.len());
        events
    }
}

/// The project's tables with the bars moved so that they reach to now; gives the first bar's opening.
fn tables(to: &Path) -> u64 {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(common::data_dir()).unwrap().flatten() {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let table = to.join("crash-2025-10-10.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let first = now() / 300 * 300 - 300 * rows.len() as u64;
    let mut moved = text.lines().next().unwrap().to_owned();
    for (row, index) in rows.iter().zip(0_u64..) {
        let (_, cells) = row.split_once(',').unwrap();
        moved.push_str(&format!("\n{},{cells}", format_timestamp(Timestamp::new(first + 300 * index))));
    }
    std::fs::write(&table, moved + "\n").unwrap();
    first
}

fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn killed_at_any_moment_it_goes_on_where_it_was() {
    kills(8);
}

#[test]
#[ignore = "the long run: six minutes"]
fn a_hundred_and_fifty_kills() {
    kills(150);
}

fn kills(rounds: u64) {
    let place = Place::new();
    let mut seen: BTreeMap<u64, Value> = BTreeMap::new();
    let mut events: Vec<String> = Vec::new();
    for round in 0..rounds {
        let running = place.start();
        let now = running.events(events.len());
        assert_eq!(now[..events.len()], events[..], "what was told stays told");
        let ids: Vec<u64> =
            now.iter().map(|event| serde_json::from_str::<Value>(event).unwrap()["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>(), "round {round}");
        if let Some((sequence, message)) = seen.last_key_value() {
            let last = running.last().unwrap();
            let found = last["instruction"]["sequence"].as_u64().unwrap();
            assert!(found >= *sequence, "round {round}: {found} after {sequence}");
            if found == *sequence {
                assert_eq!(last["instruction"], *message, "another instruction for the same number");
            }
        }
        let before = seen.last_key_value().map_or(0, |(sequence, _)| *sequence);
        // A new price, and a kill somewhere between the quote and the block.
        let deadline = Instant::now() + Duration::from_millis(1_200 + 250 * (round * 7 % 8));
        let mut price = 112_000 + 100 * round;
        while Instant::now() < deadline {
            running.quote(price);
            price += 7;
            if let Some(last) = running.last() {
                let sequence = last["instruction"]["sequence"].as_u64().unwrap();
                let kept = seen.entry(sequence).or_insert_with(|| last["instruction"].clone());
                assert_eq!(*kept, last["instruction"]);
            }
            std::thread::sleep(Duration::from_millis(60));
        }
        events = running.events(events.len());
        assert!(seen.last_key_value().is_some_and(|(sequence, _)| *sequence >= before));
        drop(running);
    }
    let running = place.start();
    let last = wait("the last instruction is settled", || running.last().filter(|last| last["stage"] == "settled"));
    let sequence = last["instruction"]["sequence"].as_u64().unwrap();
    assert!(sequence >= 4, "too few instructions for a test of this: {sequence}");
    assert_eq!(place.sim.sequence(VAULT.into()), sequence);
    println!("{rounds} kills, {} instructions seen, {sequence} settled", seen.len());
    let log = std::fs::read_to_string(place.path("log")).unwrap();
    assert!(!log.contains("has already signed another message"), "{log}");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(entry["time"].is_string() && entry["level"].is_string());
    }
}

#[test]
fn it_ends_well_and_holds_its_store_alone() {
    let place = Place::new();
    let mut running = place.start();
    running.quote(112_000);
    wait("settled", || running.last().filter(|last| last["stage"] == "settled"));
    wait("ready", || (running.get("/ready").status == 200).then_some(()));
    let second = place.run(&["serve"]);
    assert_eq!(second.status.code(), Some(11), "{}", String::from_utf8_lossy(&second.stderr));
    // A stream is open and ends with the process.
    let mut stream = TcpStream::connect(running.address).unwrap();
    let head = format!("GET /v1/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {READER}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let id = running.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let status = running.child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{}", std::fs::read_to_string(place.path("log")).unwrap());
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let place = Place::new();
    let good = place.run(&["--json", "doctor"]);
    let findings: Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!((good.status.code(), &findings["good"]), (Some(0), &json!(true)), "{findings:#}");
    assert!(findings["findings"].as_array().unwrap().len() > 15);
    let bad = |expected: &str| {
        let output = place.run(&["doctor"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(10), "{text}");
        // The table wraps nothing: it has no terminal.
        assert!(text.contains(expected), "{expected}: {text}");
    };
    use std::os::unix::fs::PermissionsExt;
    let mode = |mode| std::fs::set_permissions(place.path("s1"), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    bad("run chmod 600");
    mode(0o600);
    let config = std::fs::read_to_string(place.path("oracle.toml")).unwrap();
    let change = |from: &str, to: &str| std::fs::write(place.path("oracle.toml"), config.replace(from, to)).unwrap();
    change("validity_seconds = 900", "validity_seconds = 901");
    bad("lower it");
    change("submitter_key = \"submitter\"", "submitter_key = \"s2\"");
    bad("is a signer's key as well");
    change("chain_id = 420", "chain_id = 421");
    bad("the node is on chain 420");
    change(&place.sim.url(), "http://127.0.0.1:1");
    bad("chain can't be reached");
    std::fs::remove_file(journal_of(&place.path("s3"))).unwrap();
    change("nothing", "nothing");
    bad("journal");
    // What does not read at all is bad input.
    change("[chain]", "[chian]");
    let output = place.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn init_writes_a_configuration_that_reads_once_its_files_are_there() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("oracle.toml");
    let init = || Command::new(BIN).args(["init", "--config"]).arg(&file).output().unwrap();
    let first = init();
    assert_eq!(first.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&first.stdout).contains("doctor --config"));
    assert_eq!(init().status.code(), Some(1), "never overwritten");
    std::fs::create_dir_all(directory.path().join("data/portfolios")).unwrap();
    std::fs::copy(common::data_dir().join("portfolios/btc.json"), directory.path().join("data/portfolios/btc.json"))
        .unwrap();
    let config = ringfence_oracle::service::Config::read(&file).unwrap();
    assert_eq!((config.pairs.len(), config.tokens.len(), config.sources.len()), (1, 2, 3));
    let completions = Command::new(BIN).args(["completions", "bash"]).output().unwrap();
    assert!(String::from_utf8_lossy(&completions.stdout).contains("ringfence-oracle"));
}
