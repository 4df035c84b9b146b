//! The service as a process: killed at any moment it goes on where it was; asked to end it ends well; the doctor finds what
//! is wrong.

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

use place::{wait, Place, Setup, BIN};
use ringfence_oracle::service::journal_of;
use serde_json::{json, Value};
use stage::{READER, VAULT};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

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
    let place = Place::new(&Setup::default());
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
    let place = Place::new(&Setup::default());
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
    common::terminate(&running.child);
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let status = running.child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{}", std::fs::read_to_string(place.path("log")).unwrap());
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let place = Place::new(&Setup::default());
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
    assert_eq!((config.pairs.len(), config.tokens.len(), config.all_sources().count()), (1, 2, 4));
    assert!(String::from_utf8_lossy(&first.stdout).contains("feeds.json"));
    let completions = Command::new(BIN).args(["completions", "bash"]).output().unwrap();
    assert!(String::from_utf8_lossy(&completions.stdout).contains("ringfence-oracle"));
}
