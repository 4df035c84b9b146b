//! A service as a process, with everything that it needs in a directory, and a chain that makes blocks.

use crate::sim::{Sim, SimVault, CHAIN_ID};
use crate::stage::{request, Answer, FEEDER, READER, VAULT};
use ringfence_oracle::files::Source;
use ringfence_oracle::journal::Journal;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::service::journal_of;
use ringfence_oracle::sign::keyfile;
use ringfence_oracle::time::{format_timestamp, Clock, SystemClock};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const BIN: &str = env!("CARGO_BIN_EXE_ringfence-oracle");
/// The vault of a pair in ETH.
pub(crate) const OTHER: [u8; 20] = [0x22; 20];

/// What differs between tests.
pub(crate) struct Setup {
    /// The member `instruct`.
    pub(crate) instruct: &'static str,
    /// What stands under `[marks]`.
    pub(crate) marks: String,
    /// What stands under `[signing]`.
    pub(crate) signing: String,
    /// A pair in ETH beside the one in BTC.
    pub(crate) two: bool,
    /// Seconds to the first close. Bars are made on the table's own grid.
    pub(crate) close_in: u64,
    /// Other files, by name.
    pub(crate) files: Vec<(&'static str, String)>,
}

impl Default for Setup {
    /// Keys in the process, quotes that are posted, and no close for a while: a bar that closes while the service is down is a
    /// gap, and a pair with funding stops.
    fn default() -> Self {
        let source =
            |name: &str| format!("[[marks.sources]]\nname = \"{name}\"\nprice = \"mid\"\nmarkets = [\"BTC\"]\n");
        Self {
            instruct: "ticks",
            marks: ["a", "b", "c"].map(source).concat(),
            signing: "keys = [\"s1\", \"s2\", \"s3\"]\nthreshold = 2\n".to_owned(),
            two: false,
            close_in: 300,
            files: Vec::new(),
        }
    }
}

pub(crate) struct Place {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) sim: Sim,
    ends: Arc<AtomicBool>,
}

fn now() -> u64 {
    SystemClock.now().get()
}

impl Place {
    pub(crate) fn new(setup: &Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let first = tables(&at("data"), now() + setup.close_in - 300);
        let opened = format_timestamp(Timestamp::new(first + 300));
        let mut vaults = Vec::new();
        for (name, symbol, price, vault) in [("pair", "BTC", "117624.03", VAULT), ("other", "ETH", "4094.61", OTHER)]
            .into_iter()
            .take(1 + usize::from(setup.two))
        {
            let text = json!({ "pair": symbol.to_lowercase(), "positions": [{ "symbol": symbol, "quantity": "18", "entry_price": price, "opened": opened }] });
            let file = at(&format!("{name}.json"));
            std::fs::write(&file, text.to_string()).unwrap();
            let portfolio = Portfolio::parse(&Source::read(&file).unwrap()).unwrap();
            let state = SimVault {
                terms_hash: [2; 32].into(),
                portfolio_root: portfolio.root().0.into(),
                max_move: u128::MAX,
                sequence: 0,
                valuation_time: 0,
                entitlement: 0,
                bond: [9; 20].into(),
            };
            vaults.push((vault.into(), state));
        }
        for (name, text) in &setup.files {
            std::fs::write(at(name), text).unwrap();
        }
        for name in ["s1", "s2", "s3"] {
            let address = keyfile::create(&at(name), None).unwrap();
            Journal::create(&journal_of(&at(name)), address).unwrap();
        }
        keyfile::create(&at("submitter"), None).unwrap();
        let sim = Sim::start(vaults, now());
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
        let pair = |name: &str, vault: [u8; 20]| {
            format!(
                "[[pairs]]\nvault = \"0x{}\"\nportfolio = \"{name}.json\"\nvalidity_seconds = 900\ntrigger = \"1000000\"\nevery_seconds = 3600\n",
                hex::encode(vault)
            )
        };
        let pairs = pair("pair", VAULT) + &if setup.two { pair("other", OTHER) } else { String::new() };
        let config = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"oracle.redb\"\ndata_dir = \"data\"\nlog = \"json\"\ninstruct = \"{}\"\n\
             [chain]\nurl = \"{}\"\nchain_id = {CHAIN_ID}\nsubmitter_key = \"submitter\"\nmax_fee_wei = \"1000000\"\npoll_seconds = 1\n\
             [signing]\n{}[marks]\n{}{pairs}\
             [[tokens]]\nname = \"reader\"\nsha256 = \"{}\"\nscopes = [\"read\"]\n[[tokens]]\nname = \"feeder\"\nsha256 = \"{}\"\nscopes = [\"feed\"]\n\
             [limits]\nrequests_per_second = 1000\nburst = 1000\n",
            setup.instruct, sim.url(), setup.signing, setup.marks, hash(READER), hash(FEEDER),
        );
        std::fs::write(at("oracle.toml"), config).unwrap();
        Self { directory, sim, ends }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn start(&self) -> Running {
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

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(BIN).args(arguments).arg("--config").arg(self.path("oracle.toml")).output().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub(crate) fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, &[("Authorization", &format!("Bearer {READER}"))], b"")
    }

    /// Three venues that agree.
    pub(crate) fn quote(&self, price: u64) {
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

    pub(crate) fn last(&self) -> Option<Value> {
        self.last_of(VAULT)
    }

    pub(crate) fn last_of(&self, vault: [u8; 20]) -> Option<Value> {
        let answer = self.get(&format!("/v1/vaults/0x{}/instructions/last", hex::encode(vault)));
        (answer.status == 200).then(|| answer.json())
    }

    /// The alarms so far: what each is called, and the whole.
    pub(crate) fn alarms(&self) -> Vec<(String, String)> {
        let events = self.events(0).into_iter().map(|text| serde_json::from_str::<Value>(&text).unwrap());
        let alarms = events.filter(|event| event["kind"] == "alarm");
        alarms.map(|event| (event["data"]["alarm"].as_str().unwrap().to_owned(), event.to_string())).collect()
    }

    /// Asks it to end, and gives its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        crate::common::terminate(&self.child);
        self.child.wait().unwrap().code()
    }

    /// All events so far.
    pub(crate) fn events(&self, count: usize) -> Vec<String> {
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

/// The project's tables with the bars moved so that they reach to `end`; gives the first bar's opening.
fn tables(to: &Path, end: u64) -> u64 {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(crate::common::data_dir()).unwrap().flatten() {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let table = to.join("crash-2025-10-10.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let first = end - 300 * rows.len() as u64;
    let mut moved = text.lines().next().unwrap().to_owned();
    for (row, index) in rows.iter().zip(0_u64..) {
        let (_, cells) = row.split_once(',').unwrap();
        moved.push_str(&format!("\n{},{cells}", format_timestamp(Timestamp::new(first + 300 * index))));
    }
    std::fs::write(&table, moved + "\n").unwrap();
    first
}

pub(crate) fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
