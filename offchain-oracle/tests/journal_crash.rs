//! The journal under `kill -9`, failing writes and syncs, a full disk, power loss and torn pages.
//!
//! A child process signs random messages, two counters of two vaults, alone and in groups that are one transaction, and prints
//! each signature that leaves it. It dies or
//! its disk fails at a random point; the next child starts on what is left and asks for *other* digests for the same slots.
//! Whatever happens, no two digests may ever have left for one slot.
//!
//! `cargo test` runs a short version; `cargo test --release -p ringfence-oracle --test journal_crash -- --ignored
//! two_thousand_kills` the long one. `tests/faults/faults.c` is the failing disk.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use ringfence_oracle::journal::{Behind, Export, Journal, JournalError, Record};
use ringfence_oracle::keccak::{address_of, keccak256};
use ringfence_oracle::protocol::eip712::Domain;
use ringfence_oracle::protocol::message::{CloseOutDetermination, PortfolioAgreement};
use ringfence_oracle::protocol::units::{SignedAmount, Timestamp};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::sign::{
    Alarm, Alert, Counter, Guarded, LocalKey, MessageKind, SignError, Signer, SigningKey, SigningRequest,
};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const SECRET: [u8; 32] = [7; 32];
const CHAIN_ID: u64 = 420;
const KINDS: [MessageKind; 2] = [MessageKind::CloseOut, MessageKind::Portfolio];
const VAULTS: [u8; 2] = [1, 2];

fn counters() -> Vec<Counter> {
    let of = |vault| KINDS.map(|kind| Counter { chain_id: CHAIN_ID, vault: Address([vault; 20]), kind });
    VAULTS.into_iter().flat_map(of).collect()
}

/// A small generator of repeatable randomness (xorshift64*).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// A message for a slot; `variety` makes it one of many.
fn request(counter: &Counter, sequence: u64, variety: u64) -> SigningRequest {
    let domain = Domain { chain_id: counter.chain_id, verifying_contract: counter.vault };
    let root = keccak256(&variety.to_be_bytes());
    let expiry = Timestamp::new(1_760_000_000);
    if counter.kind == MessageKind::Portfolio {
        let message = PortfolioAgreement { version: sequence, portfolio_root: root, terms_hash: root, expiry };
        return SigningRequest::portfolio(&message, &domain);
    }
    let defaulter = Address([5; 20]);
    let amount = SignedAmount::new(i128::from(variety));
    let message = CloseOutDetermination { sequence, defaulter, amount, evidence_root: root, expiry };
    SigningRequest::close_out(&message, &domain)
}

#[derive(Debug)]
struct Quiet;

impl Alarm for Quiet {
    fn raise(&mut self, _: &Alert) {}
}

// The child.

fn address() -> Address {
    LocalKey::from_secret(&SECRET).unwrap().address()
}

fn number(name: &str) -> u64 {
    std::env::var(name).unwrap().parse().unwrap()
}

fn say(line: String) {
    // One write a line: a killed child never leaves half of one between two others.
    std::io::stdout().lock().write_all(format!("\n{line}\n").as_bytes()).unwrap();
}

/// Not a test: what the parents below start. Without their environment it does nothing.
#[test]
#[ignore = "the child process of the tests below"]
fn child() {
    let Ok(path) = std::env::var("RF_JOURNAL") else { return };
    let key = LocalKey::from_secret(&SECRET).unwrap();
    let address = key.address();
    match std::env::var("RF_MODE").as_deref() {
        Ok("create") => return child_creates(Path::new(&path), address),
        Ok("import") => return child_imports(Path::new(&path), address),
        _ => {}
    }
    let journal = match Journal::open(Path::new(&path), address) {
        Ok(journal) => journal,
        Err(error) => return say(format!("E {error:?}")),
    };
    let mut signer = Guarded::with_alarm(key, journal, Box::new(Quiet));
    let mut random = Random::new(number("RF_SEED"));
    let chain: Vec<u64> = std::env::var("RF_CHAIN").unwrap().split(',').map(|text| text.parse().unwrap()).collect();
    let mut state: Vec<(Counter, u64)> = counters().into_iter().zip(chain).collect();
    for (counter, seen) in &mut state {
        match signer.record_mut().anchor(counter, *seen, Behind::Refuse) {
            Ok(()) => {}
            Err(JournalError::ChainWentBack { seen: known, .. }) => {
                *seen = known;
                signer.record_mut().anchor(counter, known, Behind::Refuse).unwrap();
            }
            // The parent only ever names counters for which a signature left.
            Err(error @ JournalError::Behind { .. }) => return say(format!("LOST {error:?}")),
            Err(error) => return say(format!("E {error:?}")),
        }
    }
    say("READY".to_owned());
    for _ in 0..number("RF_ROUNDS") {
        // One request, or a group in one transaction, sometimes with two digests for one slot.
        let size = if random.below(2) == 0 { 1 } else { 1 + random.below(6) };
        let places: Vec<usize> = (0..size).map(|_| usize::try_from(random.below(4)).unwrap()).collect();
        let requests: Vec<_> =
            places.iter().map(|place| request(&state[*place].0, state[*place].1 + 1, random.next())).collect();
        let answers = if size == 1 { vec![signer.sign(&requests[0])] } else { signer.sign_many(&requests) };
        let mut advance = [false; 4];
        for ((request, answer), place) in requests.iter().zip(answers).zip(places) {
            match answer {
                Ok(signature) => {
                    let (slot, digest) = (request.slot(), request.digest());
                    let (kind, vault) = (slot.kind.name(), slot.vault.0[0]);
                    say(format!("S {vault}:{kind}:{} {digest:?} {}", slot.sequence, hex::encode(signature.0)));
                    advance[place] |= random.below(2) == 0;
                }
                Err(SignError::Conflict { .. }) => advance[place] = true,
                // It is asked for again, as a hurried operator would: that may work only if the record is on disk.
                Err(error) => say(format!("E {error:?}")),
            }
        }
        for ((counter, seen), _) in state.iter_mut().zip(advance).filter(|(_, advance)| *advance) {
            *seen += 1;
            if let Err(error) = signer.record_mut().anchor(counter, *seen, Behind::Refuse) {
                say(format!("E {error:?}"));
            }
        }
    }
    say("DONE".to_owned());
}

fn child_creates(path: &Path, address: Address) {
    if Journal::create(path, address).is_ok() {
        say("DONE".to_owned());
    }
}

fn child_imports(path: &Path, address: Address) {
    let bytes = std::fs::read(std::env::var("RF_EXPORT").unwrap()).unwrap();
    let export = Export::read("export", &mut &bytes[..]).unwrap();
    if Journal::open(path, address).and_then(|mut journal| journal.import(&export)).is_ok() {
        say("DONE".to_owned());
    }
}

// The parent.

/// Everything that ever left, over all lives of one journal.
struct Desk {
    dir: TempDir,
    faults: Option<PathBuf>,
    signed: BTreeMap<(Counter, u64), (String, String)>,
    violations: Vec<String>,
    errors: Vec<String>,
    lives: u64,
    ready: u64,
}

struct Fault<'a> {
    kind: &'a str,
    at: u64,
    lie: bool,
}

impl Desk {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::create_dir(dir.path().join("disk")).unwrap();
        let desk = Self {
            dir,
            faults: None,
            signed: BTreeMap::new(),
            violations: Vec::new(),
            errors: Vec::new(),
            lives: 0,
            ready: 0,
        };
        Journal::create(&desk.journal(), address()).unwrap();
        desk
    }

    /// With the failing disk, which takes the C compiler that the bundled SQLite takes, too.
    fn with_faults() -> Self {
        let mut desk = Self::new();
        desk.faults = Some(failing_disk().to_owned());
        desk
    }

    fn journal(&self) -> PathBuf {
        self.dir.path().join("disk").join("signer.journal")
    }

    fn start(&mut self, random: &mut Random, rounds: u64, fault: Option<&Fault<'_>>) -> Child {
        let chain: Vec<String> = counters()
            .iter()
            .map(|counter| {
                let last = self.signed.range((*counter, 0)..=(*counter, u64::MAX)).next_back().map_or(0, |e| e.0 .1);
                // The last one may not have landed.
                last.saturating_sub(random.below(2)).to_string()
            })
            .collect();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "child", "--nocapture"]);
        command.env("RF_JOURNAL", self.journal()).env("RF_SEED", random.next().to_string());
        command.env("RF_ROUNDS", rounds.to_string()).env("RF_CHAIN", chain.join(","));
        self.fail(&mut command, random, fault);
        self.lives += 1;
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Puts a failing disk under a child.
    fn fail(&self, command: &mut Command, random: &mut Random, fault: Option<&Fault<'_>>) {
        if let (Some(library), Some(fault)) = (&self.faults, fault) {
            command
                .env("LD_PRELOAD", library)
                .env("RF_FAULT_DIR", self.dir.path().join("disk").canonicalize().unwrap());
            command.env("RF_FAULT_UNDO", self.dir.path().join("undo")).env("RF_FAULT_KIND", fault.kind);
            command.env("RF_FAULT_AT", fault.at.to_string()).env("RF_FAULT_SEED", random.next().to_string());
            if fault.lie {
                command.env("RF_FAULT_LIE", "1");
            }
        }
    }

    /// A child that does one thing; true if it says that it has done it.
    fn once(&self, mode: &str, random: &mut Random, fault: &Fault<'_>) -> bool {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "child", "--nocapture"]);
        command.env("RF_MODE", mode).env("RF_JOURNAL", self.journal()).env("RF_EXPORT", self.dir.path().join("export"));
        self.fail(&mut command, random, Some(fault));
        let output = command.stderr(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).contains("\nDONE\n")
    }

    /// Reads what a child printed to its end, and checks every signature that left it.
    fn hear(&mut self, output: impl BufRead) {
        for line in output.lines().map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("S ") {
                self.check(rest);
            } else if line.starts_with("LOST") {
                self.violations.push(line);
            } else if let Some(error) = line.strip_prefix("E ") {
                self.errors.push(error.to_owned());
            } else if line == "READY" {
                self.ready += 1;
            }
        }
    }

    fn check(&mut self, line: &str) {
        let mut words = line.split(' ');
        let (slot, digest, signature) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let mut parts = slot.split(':');
        let vault = Address([parts.next().unwrap().parse().unwrap(); 20]);
        let kind = MessageKind::from_name(parts.next().unwrap()).unwrap();
        let sequence = parts.next().unwrap().parse().unwrap();
        let counter = Counter { chain_id: CHAIN_ID, vault, kind };
        assert!(recovers(digest, signature), "{line}");
        let found = (digest.to_owned(), signature.to_owned());
        let first = self.signed.entry((counter, sequence)).or_insert_with(|| found.clone());
        if *first != found {
            self.violations.push(format!("{slot}: {} and then {digest}", first.0));
        }
    }

    /// One life that ends by SIGKILL from outside after `delay`, counted from the start or from the first sign of life.
    fn killed(&mut self, random: &mut Random) {
        let mut child = self.start(random, 1_000_000, None);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        if random.below(4) > 0 {
            let mut line = String::new();
            while output.read_line(&mut line).unwrap() > 0 && !line.ends_with("READY\n") {
                line.clear();
            }
            self.ready += u64::from(line.ends_with("READY\n"));
        }
        std::thread::sleep(Duration::from_micros(random.below(40_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        self.hear(output);
    }

    /// One life that ends by a fault of its disk.
    fn faulty(&mut self, random: &mut Random, fault: &Fault<'_>) {
        let mut child = self.start(random, 40, Some(fault));
        let output = BufReader::new(child.stdout.take().unwrap());
        self.hear(output);
        child.wait().unwrap();
    }

    /// What is left opens, holds together, and has everything that ever left.
    fn finish(&self) {
        assert_eq!(self.violations, Vec::<String>::new());
        let journal = reopen(&self.journal());
        for ((counter, sequence), (digest, _)) in &self.signed {
            let held = journal.lookup(&counter.slot(*sequence)).unwrap();
            assert_eq!(held.map(|held| format!("{held:?}")), Some(digest.clone()), "{counter} {sequence}");
        }
    }
}

/// Opens what this process or a child has just let go. Another test of this process may be between fork and exec of its own
/// child, which holds every descriptor, the lock's too, for that moment.
fn reopen(path: &Path) -> Journal {
    for _ in 0..200 {
        match Journal::open(path, address()) {
            Err(JournalError::InUse(_)) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} stays in use", path.display());
}

/// The failing disk, built once.
fn failing_disk() -> &'static Path {
    static LIBRARY: std::sync::OnceLock<(TempDir, PathBuf)> = std::sync::OnceLock::new();
    let (_, library) = LIBRARY.get_or_init(|| {
        let dir = TempDir::new().unwrap();
        let library = dir.path().join("faults.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/faults.c");
        let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
        command.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(command.status().unwrap().success(), "the failing disk does not compile");
        (dir, library)
    });
    library
}

fn recovers(digest: &str, signature: &str) -> bool {
    let bytes = hex::decode(signature).unwrap();
    let digest: Digest = Digest(hex::decode(digest.trim_start_matches("0x")).unwrap().try_into().unwrap());
    let id = RecoveryId::from_byte(bytes[64] - 27).unwrap();
    let signature = Signature::from_slice(&bytes[..64]).unwrap();
    let key = VerifyingKey::recover_from_prehash(digest.as_bytes(), &signature, id).unwrap();
    address_of(&key) == address()
}

fn kills(runs: u64) {
    let (mut desk, mut random) = (Desk::new(), Random::new(1));
    for _ in 0..runs {
        desk.killed(&mut random);
    }
    desk.finish();
    println!("{} kills, {} of them after the start, {} slots signed", desk.lives, desk.ready, desk.signed.len());
    assert!(desk.ready * 2 > runs && desk.signed.len() as u64 * 2 > runs, "the children hardly lived");
}

fn faults(kind: &str, runs: u64) -> Desk {
    let (mut desk, mut random) = (Desk::with_faults(), Random::new(2));
    for _ in 0..runs {
        let fault = Fault { kind, at: 1 + random.below(90), lie: false };
        desk.faulty(&mut random, &fault);
        // Every other life ends by a power loss, too: what the first fault left in the page cache must not count.
        let fault = Fault { kind: "power", at: 1 + random.below(90), lie: false };
        desk.faulty(&mut random, &fault);
    }
    println!(
        "{kind}: {} lives, {} started, {} slots, {} errors",
        desk.lives,
        desk.ready,
        desk.signed.len(),
        desk.errors.len()
    );
    desk.finish();
    assert!(desk.signed.len() as u64 > runs, "the children hardly lived");
    desk
}

#[test]
fn no_slot_is_signed_twice_across_fifty_kills() {
    kills(50);
}

#[test]
#[ignore = "the long run: two minutes"]
fn two_thousand_kills() {
    kills(2_000);
}

#[test]
fn no_slot_is_signed_twice_when_the_disk_fails() {
    for kind in ["kill", "power", "eio", "full", "sync"] {
        let desk = faults(kind, 8);
        let expected = matches!(kind, "eio" | "full" | "sync");
        assert!(!expected || desk.errors.iter().any(|error| error.contains("Poisoned")), "{kind}: {:?}", desk.errors);
    }
}

#[test]
#[ignore = "the long run: five minutes"]
fn a_thousand_lives_on_failing_disks() {
    for kind in ["kill", "power", "eio", "full", "sync"] {
        faults(kind, 100);
    }
}

const KINDS_OF_FAULT: [&str; 5] = ["kill", "power", "eio", "full", "sync"];

#[test]
fn creation_leaves_a_whole_journal_or_none() {
    let mut random = Random::new(4);
    let (mut whole, mut none) = (0, 0);
    for kind in KINDS_OF_FAULT {
        for at in (1..50).step_by(6) {
            let desk = Desk::with_faults();
            std::fs::remove_dir_all(desk.dir.path().join("disk")).unwrap();
            std::fs::create_dir(desk.dir.path().join("disk")).unwrap();
            let done = desk.once("create", &mut random, &Fault { kind, at, lie: false });
            if desk.journal().exists() {
                assert!(reopen(&desk.journal()).is_empty(), "{kind} at {at}");
                whole += 1;
            } else {
                assert!(!done, "{kind} at {at}");
                Journal::create(&desk.journal(), address()).unwrap();
                none += 1;
            }
        }
    }
    assert!(whole > 5 && none > 5, "{whole} {none}");
}

#[test]
fn an_import_is_whole_with_its_caution_or_not_there() {
    let mut random = Random::new(5);
    let counter = counters()[0];
    let digest = |sequence: u64| keccak256(&sequence.to_be_bytes());
    let (mut whole, mut none) = (0, 0);
    for kind in KINDS_OF_FAULT {
        for at in (1..60).step_by(6) {
            let desk = Desk::with_faults();
            let mut journal = reopen(&desk.journal());
            for sequence in 1..=5 {
                journal.anchor(&counter, sequence - 1, Behind::Refuse).unwrap();
                journal.record(&counter.slot(sequence), &digest(sequence)).unwrap();
            }
            let mut export = std::fs::File::create(desk.dir.path().join("export")).unwrap();
            journal.export(&mut export).unwrap();
            drop(journal);
            std::fs::remove_dir_all(desk.dir.path().join("disk")).unwrap();
            std::fs::create_dir(desk.dir.path().join("disk")).unwrap();
            drop(Journal::create(&desk.journal(), address()).unwrap());
            let done = desk.once("import", &mut random, &Fault { kind, at, lie: false });
            let mut journal = reopen(&desk.journal());
            if journal.is_empty() {
                assert!(!done, "{kind} at {at}");
                none += 1;
                continue;
            }
            assert_eq!(journal.len(), 5, "{kind} at {at}");
            journal.anchor(&counter, 5, Behind::Refuse).unwrap();
            let next = journal.record(&counter.slot(6), &digest(6));
            assert!(matches!(next, Err(JournalError::Passed { first: 7, .. })), "{kind} at {at}: {next:?}");
            whole += 1;
        }
    }
    assert!(whole > 5 && none > 5, "{whole} {none}");
}

#[test]
fn a_disk_that_lies_about_syncs_is_noticed_by_these_tests() {
    let (mut desk, mut random) = (Desk::with_faults(), Random::new(3));
    for _ in 0..40 {
        let fault = Fault { kind: "power", at: 30 + random.below(90), lie: true };
        desk.faulty(&mut random, &fault);
        if !desk.violations.is_empty() {
            return;
        }
    }
    panic!("power losses without syncs went unnoticed: the tests above prove nothing");
}
