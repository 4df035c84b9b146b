//! Bad input ends the demo with one clear line naming file and row, before anything is signed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const BARS: &str = include_str!("../../../data/crash-2025-10-10.csv");

/// Exit code of bad input.
const BAD_INPUT: i32 = 3;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringfence-demo")).args(arguments).output().expect("the demo starts")
}

/// Runs the demo on `bars` and asserts that it refuses them: one line on standard error with the file's name and `place`.
fn refused(name: &str, bars: &str, place: &str) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(name);
    fs::write(&path, bars).expect("written");
    let report = dir.path().join("report");
    let output = demo(&["--bars", path.to_str().expect("UTF-8"), "--report", report.to_str().expect("UTF-8")]);
    assert_refusal(&output, &[name, place]);
    assert!(!report.exists(), "a report was written for bad input");
}

fn assert_refusal(output: &Output, parts: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(BAD_INPUT), "{error}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
    assert!(error.starts_with("error: "), "{error}");
    for part in parts {
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }
}

/// The bars with row `row` (1 is the header) changed.
fn with_row(row: usize, change: impl Fn(&str) -> String) -> String {
    let rows = BARS.lines().enumerate();
    rows.map(|(index, line)| if index + 1 == row { change(line) } else { line.to_string() } + "\n").collect()
}

fn with_cell(row: usize, column: usize, value: &str) -> String {
    with_row(row, |line| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells[column] = value;
        cells.join(",")
    })
}

#[test]
fn a_missing_file_is_named() {
    let output = demo(&["--bars", "no-such-bars.csv"]);
    assert_refusal(&output, &["no-such-bars.csv", "not found"]);
}

#[test]
fn a_malformed_row_is_named() {
    refused("cut.csv", &with_row(20, |line| line.split_once(',').expect("cells").0.to_string()), "row 20");
    refused("text.csv", &with_cell(9, 3, "much"), "row 9");
}

#[test]
fn not_a_number_is_named() {
    refused("nan.csv", &with_cell(12, 1, "NaN"), "row 12");
    refused("inf.csv", &with_cell(12, 1, "inf"), "row 12");
}

#[test]
fn a_price_that_is_not_positive_is_named() {
    refused("negative.csv", &with_cell(33, 7, "-2.1"), "row 33");
    refused("zero.csv", &with_cell(33, 7, "0"), "row 33");
}

#[test]
fn a_gap_is_named() {
    let bars: String =
        BARS.lines().enumerate().filter(|(index, _)| *index != 40).map(|(_, line)| format!("{line}\n")).collect();
    refused("gap.csv", &bars, "row 41");
}

#[test]
fn an_unknown_symbol_is_named() {
    refused("symbol.csv", &BARS.replacen("xrp_close", "doge_close", 1), "doge");
}

#[test]
fn an_empty_file_is_named() {
    refused("empty.csv", "", "empty");
}

#[test]
fn a_portfolio_with_an_unknown_symbol_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    copy(&data(), dir.path());
    let path = dir.path().join("portfolios/xrp.json");
    let text = fs::read_to_string(&path).expect("a portfolio").replace("\"XRP\"", "\"DOGE\"");
    fs::write(&path, text).expect("written");
    let output = demo(&["--data", dir.path().to_str().expect("UTF-8")]);
    assert_refusal(&output, &["xrp.json", "positions[0].symbol"]);
}

#[test]
fn missing_blobs_say_what_to_run() {
    let dir = tempfile::tempdir().expect("a directory");
    let output = demo(&["--artifacts", dir.path().to_str().expect("UTF-8")]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("run ./scripts/build.sh"), "{error}");
    assert!(output.stdout.is_empty());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
