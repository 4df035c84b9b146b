//! `bond price` from outside: what it prints and writes, and what it refuses.

mod common;

use std::fs;
use std::process::{Command, Output};
use tempfile::TempDir;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
    command.env("RINGFENCE_DATA", common::data_dir()).env_remove("NO_COLOR").args(["bond", "price", "--portfolio"]);
    command.arg(common::data_dir().join("portfolios/btc.json")).args(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = run(&[&["--json"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_price_has_every_figure_with_its_error() {
    let rates = ["--default-rate", "200,400", "--risk-days", "90", "--spread", "800"];
    let price = json(&[&["--limit", "2000000", "--attachment", "100000.5"], &rates[..]].concat());
    assert_eq!((&price["limit"], &price["attachment"]), (&"2000000000000".into(), &"100000500000".into()));
    for side in ["a", "b"] {
        let side = &price["given_default"][side];
        for name in ["expected_loss_usd", "attachment_probability", "exhaustion_probability"] {
            let estimate = &side[name];
            let number = |value: &serde_json::Value| value.as_f64().unwrap();
            let (low, high) = (number(&estimate["interval_95"][0]), number(&estimate["interval_95"][1]));
            assert!(
                number(&estimate["standard_error"]) > 0.0 && low < number(&estimate["value"]),
                "{name}: {estimate}"
            );
            assert!(number(&estimate["value"]) < high);
        }
        assert_eq!(side["exceedance"].as_array().unwrap().len(), 21);
        assert_eq!(side["exceedance"][0]["probability"], side["attachment_probability"]);
    }
    let rate = price["period"]["expected_loss_per_year"]["value"].as_f64().unwrap();
    let multiple = price["spread"]["multiple"].as_f64().unwrap();
    assert!((multiple * rate / 0.08 - 1.0).abs() < 1e-12, "a multiple is the spread over expected loss a year");
    let published = &price["published_multiples"][0];
    let spread = published["spread_share"].as_f64().unwrap();
    assert!((spread / rate - published["multiple"].as_f64().unwrap()).abs() < 1e-9);
    assert!(published["source"].as_str().unwrap().contains("Artemis"));
}

#[test]
fn without_a_default_rate_nothing_is_annual() {
    let price = json(&["--limit", "2000000", "--resamples", "0"]);
    assert!(price["period"].is_null() && price["spread"].is_null());
    assert!(price["published_multiples"][0]["spread_share"].is_null());
    assert!(price["given_default"]["a"]["expected_loss_usd"]["standard_error"].is_null());
    let text = run(&["--limit", "2000000", "--resamples", "0"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("All figures are given a default; --default-rate brings them to a year."), "{text}");
    assert!(text.contains("the layer ends beyond the worst scenario"), "{text}");
    assert!(text.contains("Sources: Artemis"));
}

#[test]
fn tables_fit_a_terminal() {
    let text = run(&["--limit", "123456789.123456", "--default-rate", "10000", "--volatility", "stressed"]);
    let text = String::from_utf8(text.stdout).unwrap();
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 140, "{widest}\n{text}");
}

#[test]
fn chart_and_page_are_written_once() {
    let dir = TempDir::new().unwrap();
    let (svg, html) = (dir.path().join("layer.svg"), dir.path().join("layer.html"));
    let files = ["--svg", svg.to_str().unwrap(), "--html", html.to_str().unwrap()];
    let arguments = [&["--limit", "2000000"], &files[..]].concat();
    assert!(run(&arguments).status.success());
    let (chart, page) = (fs::read_to_string(&svg).unwrap(), fs::read_to_string(&html).unwrap());
    assert!(chart.starts_with("<svg") && chart.contains("default of A") && !chart.contains("NaN"));
    assert!(page.contains(chart.trim()) && page.contains("attachment probability") && !page.contains("<script"));
    let again = run(&arguments);
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stdout.is_empty());
}

#[test]
fn bad_proposals_are_refused_in_one_line() {
    for (arguments, code, message) in [
        (&["--limit", "0"][..], 3, "error: command line: limit must be above zero; fix it"),
        (&["--limit", "-1"], 3, "error: command line: limit must be between 0 and 1000000000000 USD; fix it"),
        (&["--limit", "1000000000000.000001"], 3, "error: command line: limit must be between"),
        (
            &["--limit", "1e6"],
            3,
            "error: command line: --limit is not a decimal number (\"1e6\"); fix or remove the value",
        ),
        (&["--limit", "NaN"], 3, "error: command line: --limit is NaN; fix or remove the value"),
        (
            &["--limit", "1", "--attachment", "0.0000001"],
            3,
            "error: command line: --attachment has more than 6 decimals",
        ),
        (&["--limit", "1", "--margin", "-5"], 3, "error: command line: margin must be between"),
        (&["--limit", "1", "--first-loss", "x"], 3, "error: command line: --first-loss is not a decimal number"),
        (
            &["--limit", "1", "--resamples", "199"],
            3,
            "error: command line: resamples must be 0, or between 200 and 100000",
        ),
        (&["--limit", "1", "--default-rate", "10001"], 3, "error: command line: default rate must be at most"),
        (&["--limit", "1", "--default-rate", "0"], 3, "error: command line: default rate must be at most"),
        (
            &["--limit", "1", "--default-rate", "1", "--risk-days", "0"],
            3,
            "error: command line: risk period must be between",
        ),
        (&["--limit", "1", "--at", "noon"], 3, "error: command line: --at is not a UTC time"),
        (&["--limit", "1", "--default-rate", "1.5"], 2, "error: invalid value '1.5' for '--default-rate <BPS>'"),
        (&["--limit", "1", "--spread", "100"], 2, "error: the following required arguments were not provided"),
        (&[], 2, "error: the following required arguments were not provided"),
    ] {
        let output = run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {error}");
        assert!(error.starts_with(message), "{arguments:?}: {error}");
        assert!(code == 2 || error.lines().count() == 1, "{error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_has_examples() {
    let output = run(&["--help"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("Examples:") && text.contains("--default-rate"));
}

#[test]
fn processes_with_any_number_of_threads_print_the_same_bytes() {
    let with = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.env("RAYON_NUM_THREADS", threads).env("RINGFENCE_DATA", common::data_dir());
        command.args(["--json", "bond", "price", "--limit", "1000000", "--default-rate", "100", "--portfolio"]);
        command.arg(common::data_dir().join("portfolios/sol.json")).output().unwrap().stdout
    };
    let one = with("1");
    assert!(one.len() > 5_000);
    assert!(["2", "16"].into_iter().all(|threads| with(threads) == one));
}
