//! `verify` and `backtest` from outside.

mod common;

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A signed instruction, and the commitments to the tables it was made from.
struct Signed {
    dir: TempDir,
}

impl Signed {
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let signed = Self { dir: TempDir::new().unwrap() };
        let key = signed.path("1.key");
        fs::write(&key, format!("{:064x}\n", 1)).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let context = common::data_dir().join("contexts/btc-2120.json");
        signed.good(&["journal", "init", "--key", key.to_str().unwrap()]);
        let arguments = [
            "sign",
            "--json",
            "--threshold",
            "1",
            "--key",
            key.to_str().unwrap(),
            "--context",
            context.to_str().unwrap(),
        ];
        fs::write(signed.path("instruction.json"), signed.good(&arguments)).unwrap();
        let portfolio = signed.portfolio();
        let margin = signed.good(&["margin", "--json", "--portfolio", &portfolio, "--at", "2025-10-10T21:20Z"]);
        fs::write(signed.path("margin.json"), margin).unwrap();
        signed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn portfolio(&self) -> String {
        common::data_dir().join("portfolios/btc.json").display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.env("RINGFENCE_DATA", common::data_dir()).current_dir(self.dir.path()).args(arguments).output().unwrap()
    }

    fn good(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Verifies, with further arguments, and gives exit code, standard output and standard error.
    fn verify(&self, more: &[&str]) -> (Option<i32>, String, String) {
        let portfolio = self.portfolio();
        let base = ["verify", "--instruction", "instruction.json", "--portfolio", &portfolio];
        let output = self.run(&[&base[..], more].concat());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn tamper(&self, change: impl FnOnce(&mut Value)) {
        let mut document: Value = serde_json::from_slice(&fs::read(self.path("instruction.json")).unwrap()).unwrap();
        change(&mut document);
        fs::write(self.path("instruction.json"), document.to_string()).unwrap();
    }
}

#[test]
fn an_honest_instruction_is_found_again() {
    let signed = Signed::new();
    let (code, text, error) = signed.verify(&[]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(!text.contains("DIFFERS") && text.contains("digest"));
    let (_, json, _) = signed.verify(&["--json", "--tables", "margin.json"]);
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["agrees"], true);
    assert_eq!(document["differing_tables"], serde_json::json!([]));
    assert_eq!(document["members"].as_array().unwrap().len(), 16, "every member and the digest");
}

#[test]
fn a_wrong_number_is_shown_against_inputs_that_agree() {
    let signed = Signed::new();
    signed.tamper(|document| document["instruction"]["initialMarginB"] = "1".into());
    let (code, text, error) = signed.verify(&[]);
    assert_eq!(code, Some(10));
    assert!(
        error.starts_with("error: first difference: initialMarginB is 1, the inputs give 3190323468263;"),
        "{error}"
    );
    assert!(error.contains("the committed inputs agree: the instruction is wrong"));
    assert_eq!(text.matches("DIFFERS").count(), 1);
}

#[test]
fn another_table_is_named() {
    let signed = Signed::new();
    let stress = fs::read_to_string(common::data_dir().join("stress.csv")).unwrap();
    fs::write(signed.path("stress.csv"), stress.replace("-0.3950,-0.4529", "-0.3951,-0.4529")).unwrap();
    let (code, _, error) = signed.verify(&["--stress", "stress.csv", "--tables", "margin.json"]);
    assert_eq!(code, Some(10));
    assert!(error.contains("first difference: marketDataRoot"), "{error}");
    assert!(error.contains("these tables differ: stress"), "{error}");
    let bars = fs::read_to_string(common::data_dir().join("crash-2025-10-10.csv")).unwrap();
    fs::write(signed.path("bars.csv"), bars.replace("117550.00,117468.90", "117550.01,117468.90")).unwrap();
    let (_, _, error) = signed.verify(&["--bars", "bars.csv", "--tables", "margin.json"]);
    assert!(error.contains("every table agrees: the bars differ"), "{error}");
}

#[test]
fn other_models_portfolios_and_digests_are_named() {
    let cases: [(&str, Value, &str); 3] = [
        ("modelVersion", 1.into(), "first difference: modelVersion is 1, the inputs give 2; use the release"),
        ("portfolioRoot", format!("0x{}", "0".repeat(64)).into(), "use the portfolio that both parties signed"),
        ("sequence", 2.into(), "first difference: digest is"),
    ];
    for (member, value, message) in cases {
        let signed = Signed::new();
        signed.tamper(|document| document["instruction"][member] = value);
        let (code, _, error) = signed.verify(&[]);
        assert_eq!(code, Some(10));
        assert!(error.contains(message), "{error}");
    }
    let signed = Signed::new();
    signed.tamper(|document| document["instruction"]["valuationTime"] = "soon".into());
    let (code, text, error) = signed.verify(&[]);
    assert_eq!((code, text.as_str()), (Some(3), ""));
    assert!(error.contains("instruction.valuationTime: valuationTime must be a whole number"), "{error}");
}

#[test]
fn the_back_test_prints_a_verdict_json_and_a_page() {
    let signed = Signed::new();
    let text = String::from_utf8(signed.good(&["backtest", "--html", "page.html"])).unwrap();
    assert_eq!(text.matches("not rejected").count(), 8);
    let page = fs::read_to_string(signed.path("page.html")).unwrap();
    assert_eq!(page.matches("<svg").count(), 8);
    assert!(!page.contains("<script"));
    assert_eq!(page.matches("http").count(), page.matches("http://www.w3.org/2000/svg").count(), "nothing is loaded");
    let json = signed.good(&["backtest", "--json", "--days"]);
    let document: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(document["rejected"], serde_json::json!([]));
    assert_eq!(document["exposures"][0]["series"].as_array().unwrap().len(), 425);
    let again = signed.run(&["backtest", "--html", "page.html"]);
    assert_eq!(again.status.code(), Some(1), "a page that is there is left alone");
}

/// A model that is fitted to calm days and tested in a crash is rejected, loudly.
#[test]
fn a_rejected_model_ends_with_code_10() {
    let signed = Signed::new();
    let history = fs::read_to_string(common::data_dir().join("btc-sol-daily.csv")).unwrap();
    // From 2024 on every twentieth close of Bitcoin is a third of what it was.
    let wild = history.lines().enumerate().map(|(row, line)| {
        let cells: Vec<&str> = line.split(',').collect();
        match cells[1].parse::<f64>() {
            Ok(btc) if cells[0] >= "2024-01-01" && row.is_multiple_of(20) => {
                format!("{},{:.2},{}\n", cells[0], btc / 3.0, cells[2])
            }
            _ => format!("{line}\n"),
        }
    });
    let wild: String = wild.collect();
    fs::write(signed.path("wild.csv"), wild).unwrap();
    let output = signed.run(&["backtest", "--history", "wild.csv"]);
    assert_eq!(output.status.code(), Some(10));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: the back-test rejects the model at 5 %: long BTC: Kupiec"), "{error}");
}

#[test]
fn stress_lists_every_scenario_and_whether_it_counts_yet() {
    let signed = Signed::new();
    let portfolio = signed.portfolio();
    let arguments = ["stress", "--json", "--portfolio", &portfolio, "--at", "2025-10-10T21:20Z"];
    let document: Value = serde_json::from_slice(&signed.good(&arguments)).unwrap();
    let scenarios = document["scenarios"].as_array().unwrap();
    let of = |name: &str| scenarios.iter().find(|s| s["name"].as_str().unwrap().starts_with(name)).unwrap();
    for day in ["2020-03-12", "2021-05-19", "2022-11-08", "2025-10-10"] {
        assert!(of(day)["profit_a_usd"].as_f64().unwrap() < 0.0, "{day}");
    }
    assert_eq!(of("2025-10-10")["used"], false);
    // The worst of them is the one that the margin explains itself with.
    let lost = of("2020-03-12")["profit_a_usd"].as_f64().unwrap();
    let margin: Value = serde_json::from_slice(&fs::read(signed.path("margin.json")).unwrap()).unwrap();
    assert_eq!(-lost, margin["explanation_usd"]["a"]["worst_stress"].as_f64().unwrap());
}
