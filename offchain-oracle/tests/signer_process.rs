//! Signers as processes of their own, from outside: start, collect, `kill -9`, restart, refuse to start, stop.

mod common;
#[path = "common/tls.rs"]
mod tls;

use ringfence_oracle::signer::TlsFiles;
use serde_json::{json, Value};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;
use tls::{Authority, Usage};

const VAULT: &str = "0x00000000000000000000000000000000000000b1";

struct Desk {
    dir: TempDir,
    authority: Authority,
}

/// A running signer; killed when the test ends, whichever way it does.
struct Running {
    child: Child,
    address: String,
    port: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: TempDir::new().unwrap(), authority: Authority::new() };
        let context = fs::read_to_string(common::data_dir().join("contexts/btc-2120.json")).unwrap();
        fs::write(desk.path("context.json"), context.replace("../portfolios/", "")).unwrap();
        fs::copy(common::data_dir().join("portfolios/btc.json"), desk.path("btc.json")).unwrap();
        let terms = format!("0x{}1", "0".repeat(63));
        let policy = json!({
            "tolerance": { "absolute": "0", "relative_bps": 0, "other_market_data": false },
            "vaults": [{ "chain_id": 420_420_420, "vault": VAULT, "terms_hash": terms, "portfolio": "btc.json",
                         "max_validity_seconds": 900 }],
        });
        fs::write(desk.path("policy.json"), policy.to_string()).unwrap();
        desk.chain(0);
        desk.authority.issue(desk.dir.path(), "aggregator", "aggregator", Usage::Client);
        for seed in 1..=3 {
            let key = desk.path(&format!("{seed}.key"));
            fs::write(&key, format!("{seed:064x}\n")).unwrap();
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(desk.run(&["journal", "init", "--key", &format!("{seed}.key")]).status.success());
            let _: TlsFiles = desk.authority.issue(desk.dir.path(), &format!("s{seed}"), "localhost", Usage::Server);
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn chain(&self, instruction: u64) {
        let state = json!({ "vaults": [{ "chain_id": 420_420_420, "vault": VAULT, "instruction": instruction,
                                         "close_out": 0, "portfolio": 0, "rotation": 0 }] });
        // As a node client should: never half a document under the name that is read.
        fs::write(self.path("chain.new"), state.to_string()).unwrap();
        fs::rename(self.path("chain.new"), self.path("chain.json")).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.current_dir(self.dir.path()).env("RINGFENCE_DATA", common::data_dir());
        command.env_remove("RINGFENCE_PASSPHRASE_FILE").args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn signer(&self, seed: u8) -> Command {
        let (key, name) = (format!("{seed}.key"), format!("s{seed}"));
        let [cert, tls_key, ca] = ["", "-tls", "-ca"].map(|part| format!("{name}{part}"));
        self.command(&[
            "signer",
            "--json",
            "--key",
            &key,
            "--policy",
            "policy.json",
            "--chain-state",
            "chain.json",
            "--listen",
            "127.0.0.1:0",
            "--tls-cert",
            &format!("{cert}.pem"),
            "--tls-key",
            &format!("{tls_key}.key"),
            "--tls-ca",
            &format!("{ca}.pem"),
        ])
    }

    fn start(&self, seed: u8) -> Running {
        let mut child = self.signer(seed).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut text = String::new();
        let output = BufReader::new(child.stdout.take().unwrap());
        for line in output.lines().map_while(Result::ok) {
            text += &line;
            if line == "}" {
                break;
            }
        }
        let document: Value = serde_json::from_str(&text).unwrap();
        let port = document["listening"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        Running { child, address: document["signer"].as_str().unwrap().to_owned(), port }
    }

    fn collect(&self, running: &[&Running]) -> Output {
        let signers: Vec<_> = running
            .iter()
            .map(|signer| json!({ "address": signer.address, "host": "localhost", "port": signer.port }))
            .collect();
        fs::write(self.path("roster.json"), json!({ "threshold": 2, "signers": signers }).to_string()).unwrap();
        let tls = ["--tls-cert", "aggregator.pem", "--tls-key", "aggregator-tls.key", "--tls-ca", "aggregator-ca.pem"];
        self.run(&[&["collect", "--json", "--context", "context.json", "--roster", "roster.json"][..], &tls].concat())
    }

    fn context(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("context.json")).unwrap();
        fs::write(self.path("context.json"), text.replacen(from, to, 1)).unwrap();
    }

    fn refuses_to_start(&self, seed: u8, code: i32, message: &str) {
        let output = self.signer(seed).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(error.starts_with(&format!("error: {message}")), "{error}\nexpected {message}");
        assert!(output.stdout.is_empty(), "it never listened");
    }
}

fn digest(output: &Output) -> String {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["signatures"].as_array().unwrap().len(), 2);
    document["digest"].as_str().unwrap().to_owned()
}

#[test]
fn signer_processes_sign_survive_kill_and_never_sign_a_second_proposal() {
    let desk = Desk::new();
    let (mut one, two, mut three) = (desk.start(1), desk.start(2), desk.start(3));
    let first = desk.collect(&[&one, &two, &three]);
    assert!(first.status.success(), "{first:?}");
    let first = digest(&first);

    // One goes down hard; the other two carry on with the same proposal.
    one.child.kill().unwrap();
    one.child.wait().unwrap();
    let again = desk.collect(&[&one, &two, &three]);
    assert_eq!(digest(&again), first);
    three.child.kill().unwrap();
    three.child.wait().unwrap();
    let alone = desk.collect(&[&one, &two, &three]);
    assert_eq!(alone.status.code(), Some(6));
    assert!(alone.stdout.is_empty());
    let error = String::from_utf8(alone.stderr).unwrap();
    assert!(error.contains("error: 1 of 2 signatures: 0x"), "{error}");

    // Back again, another proposal for the same sequence: all of them refuse.
    let (one, three) = (desk.start(1), desk.start(3));
    assert_eq!(digest(&desk.collect(&[&one, &two, &three])), first);
    desk.context("21:20Z", "21:25Z");
    let second = desk.collect(&[&one, &two, &three]);
    assert_eq!(second.status.code(), Some(6));
    let error = String::from_utf8(second.stderr).unwrap();
    assert!(error.contains("ALARM signer 0x") && error.contains("0 of 2 signatures"), "{error}");

    // The chain takes the first; the next sequence is signed.
    desk.chain(1);
    desk.context("\"sequence\": 1", "\"sequence\": 2");
    assert_ne!(digest(&desk.collect(&[&one, &two, &three])), first);
}

#[test]
fn a_signer_does_not_start_on_what_could_sign_twice() {
    let desk = Desk::new();
    let running = desk.start(1);
    desk.refuses_to_start(1, 8, "1.key.journal: journal is in use by another process");
    drop(running);
    desk.chain(7);
    desk.refuses_to_start(1, 8, "journal ends at 0, the chain shows 7 for instruction of vault 0x");
    assert!(desk
        .run(&["journal", "catch-up", "--journal", "1.key.journal", "--chain-state", "chain.json"])
        .status
        .success());
    drop(desk.start(1));
    fs::write(desk.path("chain.json"), "{\"vaults\":[]}").unwrap();
    desk.refuses_to_start(1, 6, "the chain's counter is not known for instruction of vault 0x");
    fs::remove_file(desk.path("chain.json")).unwrap();
    desk.refuses_to_start(1, 3, "chain.json: file not found");
    desk.chain(7);
    fs::remove_file(desk.path("1.key.journal")).unwrap();
    desk.refuses_to_start(1, 8, "1.key.journal: journal not found");
    fs::set_permissions(desk.path("s2-tls.key"), fs::Permissions::from_mode(0o644)).unwrap();
    desk.refuses_to_start(2, 5, "s2-tls.key: key file has mode 0644");
}

#[test]
fn a_signer_ends_at_sigterm() {
    let desk = Desk::new();
    let mut running = desk.start(1);
    common::terminate(&running.child);
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}
