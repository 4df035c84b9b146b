//! `history fetch` against a server on a real socket that behaves well and badly.

mod common;
#[path = "common/front.rs"]
mod front;
#[path = "common/server.rs"]
#[allow(dead_code)] // `transports` uses the rest.
mod server;
#[path = "common/tls.rs"]
#[allow(dead_code)] // `remote` uses the rest.
mod tls;

use ringfence_oracle::files::Source;
use ringfence_oracle::history::{
    fetch, Fetched, HistoryError, Interval, Market, Plan, Progress, Retry, Series, MAX_UNPACKED_BYTES,
};
use ringfence_oracle::market::{Bars, History};
use ringfence_oracle::net::{Address, Client, Limits};
use ringfence_oracle::symbol::Symbol;
use server::{Reply, Server};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

const DAY: u64 = 86_400;
/// 1 February 2024.
const FEBRUARY: u64 = 1_706_745_600;

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Klines from a moment on; the close is the price and the row's number in cents.
fn klines(start: u64, step: u64, rows: u64, price: u64, unit: u64) -> String {
    let row = |row: u64| {
        let open = (start + row * step) * unit;
        let close = format!("{price}.{:02}", row % 100);
        format!("{open},{price},{},{price},{close},1,{},1,1,1,1,0\n", price + 1, open + step * unit - 1)
    };
    (0..rows).map(row).collect()
}

fn daily(instrument: &str, date: &str, start: u64, rows: u64, price: u64) -> (String, Vec<u8>) {
    let stem = format!("{instrument}-1d-{date}");
    let period = if date.len() == 7 { "monthly" } else { "daily" };
    let text = klines(start, DAY, rows, price, 1_000);
    let bytes = zip_of(&[(&format!("{stem}.csv"), text.as_bytes())]);
    (format!("/data/spot/{period}/klines/{instrument}/1d/{stem}.zip"), bytes)
}

fn checksum(path: &str, bytes: &[u8]) -> Vec<u8> {
    let name = path.rsplit('/').next().unwrap();
    format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))).into_bytes()
}

fn publish(server: &Server, (path, bytes): &(String, Vec<u8>)) {
    server.answer(&format!("{path}.CHECKSUM"), [Reply::File(checksum(path, bytes))]);
    server.answer(path, [Reply::File(bytes.clone())]);
}

/// Both coins of February and March 2024.
fn two_months(server: &Server) -> Vec<(String, Vec<u8>)> {
    let archives = vec![
        daily("BTCUSDT", "2024-02", FEBRUARY, 29, 43_000),
        daily("BTCUSDT", "2024-03", FEBRUARY + 29 * DAY, 31, 62_000),
        daily("SOLUSDT", "2024-02", FEBRUARY, 29, 97),
        daily("SOLUSDT", "2024-03", FEBRUARY + 29 * DAY, 31, 130),
    ];
    for archive in &archives {
        publish(server, archive);
    }
    archives
}

struct Desk {
    dir: tempfile::TempDir,
    server: Server,
    attempts: u32,
    idle: Duration,
}

impl Desk {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), server: Server::start(), attempts: 3, idle: Duration::from_secs(5) }
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out.csv")
    }

    fn cache(&self) -> PathBuf {
        self.dir.path().join("cache")
    }

    fn fetch(&self, from: &str, to: &str) -> Result<Fetched, HistoryError> {
        let series = Interval::Day.coins().iter();
        let series = series.map(|symbol| Series { symbol: *symbol, instrument: format!("{symbol}USDT") }).collect();
        self.fetch_plan(&Plan::new(Market::Spot, Interval::Day, series, from, to).unwrap(), &mut |_| {})
    }

    fn fetch_plan(&self, plan: &Plan, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<Fetched, HistoryError> {
        let base = Address::parse(&self.server.url()).unwrap();
        let limits =
            Limits { connect: self.idle, idle: self.idle, total: Duration::from_secs(60), body: 64 * 1024 * 1024 };
        let client = Client::new(base.clone(), None, limits);
        let retry = Retry { attempts: self.attempts, first_pause: Duration::from_millis(2), seed: 1 };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(fetch(plan, (&base, client), (&self.cache(), &self.out()), retry, progress))
    }

    fn table(&self) -> Option<String> {
        std::fs::read_to_string(self.out()).ok()
    }

    /// Every file below the desk, by its name from there.
    fn files(&self) -> Vec<String> {
        fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.dir.path(), &mut found);
        let mut names: Vec<String> =
            found.iter().map(|path| path.strip_prefix(self.dir.path()).unwrap().display().to_string()).collect();
        names.sort();
        names
    }
}

#[test]
fn daily_closes_of_both_coins_make_the_models_table() {
    let desk = Desk::new();
    two_months(&desk.server);
    let fetched = desk.fetch("2024-02-10", "2024-03-02").unwrap();
    let table = desk.table().unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 23);
    assert_eq!(lines[0], "date,btc_close,sol_close");
    assert_eq!(lines[1], "2024-02-10,43000.09,97.09");
    assert_eq!(lines[22], "2024-03-02,62000.01,130.01");
    assert_eq!(fetched.sha256, <[u8; 32]>::from(Sha256::digest(&table)));
    assert_eq!((fetched.summary.downloaded, fetched.summary.kept, fetched.summary.expected_rows), (4, 0, 22));
    // The engine's own reader wants a year, and finds nothing else wrong.
    let error = History::parse(&Source::new("h.csv", table)).unwrap_err().to_string();
    assert!(error.contains("22 data rows, at least 366 needed"), "{error}");
}

#[test]
fn second_run_transfers_nothing_and_writes_the_same() {
    let desk = Desk::new();
    two_months(&desk.server);
    let first = desk.fetch("2024-02-01", "2024-03-31").unwrap();
    let asked = desk.server.log().len();
    let second = desk.fetch("2024-02-01", "2024-03-31").unwrap();
    assert_eq!(desk.server.log().len(), asked);
    assert_eq!(second.sha256, first.sha256);
    assert_eq!((second.summary.kept, second.summary.bytes), (4, 0));
    // An archive that was damaged on this machine is fetched again.
    let path = desk.cache().join("data/spot/monthly/klines/BTCUSDT/1d/BTCUSDT-1d-2024-02.zip");
    std::fs::write(&path, b"damaged").unwrap();
    let third = desk.fetch("2024-02-01", "2024-03-31").unwrap();
    assert_eq!((third.summary.kept, third.summary.downloaded, third.sha256), (3, 1, first.sha256));
}

#[test]
fn five_minute_bars_in_microseconds_make_the_engines_table() {
    let desk = Desk::new();
    // 10 October 2025; its month is not published, so the day is used.
    let start = 1_760_054_400;
    for (instrument, price) in [("BTCUSDT", 121_000), ("ETHUSDC", 4_300)] {
        let stem = format!("{instrument}-5m-2025-10-10");
        let text = klines(start, 300, 288, price, 1_000_000);
        let path = format!("/data/futures/um/daily/klines/{instrument}/5m/{stem}.zip");
        publish(&desk.server, &(path, zip_of(&[(&format!("{stem}.csv"), text.as_bytes())])));
    }
    let series = |symbol, instrument: &str| Series { symbol, instrument: instrument.to_owned() };
    let series = vec![series(Symbol::Btc, "BTCUSDT"), series(Symbol::Eth, "ETHUSDC")];
    let plan = Plan::new(Market::UsdmFutures, Interval::FiveMinutes, series, "2025-10-10", "2025-10-10").unwrap();
    let mut seen = Vec::new();
    let fetched = desk.fetch_plan(&plan, &mut |progress| seen.push(progress)).unwrap();
    let bars = Bars::parse(&Source::new("b.csv", desk.table().unwrap())).unwrap();
    assert_eq!(bars.as_slice().len(), 288);
    assert_eq!(bars.start().get(), start);
    assert_eq!(bars.as_slice()[5].quotes[Symbol::Eth].unwrap().close.to_string(), "4300.05");
    assert_eq!(fetched.summary.absent, ["BTCUSDT-5m-2025-10.zip", "ETHUSDC-5m-2025-10.zip"]);
    assert_eq!(seen, [Progress::Months { done: 1, of: 2 }, Progress::Months { done: 2, of: 2 }]);
}

#[test]
fn wrong_checksum_leaves_nothing_behind() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let path = &archives[0].0;
    desk.server.answer(&format!("{path}.CHECKSUM"), [Reply::File(checksum(path, b"something else"))]);
    let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
    assert!(matches!(error, HistoryError::Checksum { .. }), "{error}");
    assert_eq!(error.exit_code(), 14);
    assert!(error.to_string().contains(path.as_str()), "{error}");
    assert_eq!(desk.files(), ["cache/.lock"]);
}

#[test]
fn checksum_file_that_is_none_is_refused() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let path = &archives[0].0;
    let other = checksum("other.zip", &archives[0].1);
    for text in [b"<html>busy</html>".to_vec(), Vec::new(), other] {
        desk.server.answer(&format!("{path}.CHECKSUM"), [Reply::File(text)]);
        let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
        assert!(error.to_string().contains("no SHA-256 of this archive"), "{error}");
        assert_eq!(error.exit_code(), 13);
    }
    desk.server.answer(&format!("{path}.CHECKSUM"), [Reply::Endless]);
    assert!(desk.fetch("2024-02-01", "2024-03-31").unwrap_err().to_string().contains("checksum file is too long"));
    assert_eq!(desk.server.asked("2024-02.zip"), 0, "no archive was asked for");
}

#[test]
fn cut_transfer_goes_on_where_it_stopped_within_a_run() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let (path, bytes) = &archives[0];
    desk.server
        .answer(path, [Reply::Cut(bytes.clone(), 100), Reply::Cut(bytes.clone(), 50), Reply::File(bytes.clone())]);
    let mut again = 0;
    let series = Interval::Day.coins().iter();
    let series = series.map(|symbol| Series { symbol: *symbol, instrument: format!("{symbol}USDT") }).collect();
    let plan = Plan::new(Market::Spot, Interval::Day, series, "2024-02-01", "2024-03-31").unwrap();
    desk.fetch_plan(&plan, &mut |progress| again += usize::from(matches!(progress, Progress::Again { .. }))).unwrap();
    assert_eq!(again, 2);
    let log = desk.server.log();
    let parts: Vec<Option<u64>> = log.iter().filter(|(asked, _)| asked == path).map(|(_, from)| *from).collect();
    assert_eq!(parts, [None, Some(100), Some(150)]);
}

#[test]
fn interrupted_run_goes_on_in_the_next() {
    let desk = Desk { attempts: 1, ..Desk::new() };
    let archives = two_months(&desk.server);
    let (path, bytes) = &archives[1];
    desk.server.answer(path, [Reply::Cut(bytes.clone(), 120), Reply::File(bytes.clone())]);
    let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
    assert!(matches!(error, HistoryError::Unreachable { attempts: 1, .. }), "{error}");
    assert_eq!(desk.table(), None);
    let fetched = desk.fetch("2024-02-01", "2024-03-31").unwrap();
    assert_eq!((fetched.summary.kept, fetched.summary.resumed, fetched.summary.downloaded), (1, 1, 2));
    assert!(desk.server.log().contains(&(path.clone(), Some(120))));
    assert!(!desk.files().iter().any(|name| name.ends_with(".part") || name.ends_with(".tmp")));
}

#[test]
fn leftover_of_another_version_is_thrown_away() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let (path, bytes) = &archives[0];
    let part = desk.cache().join(&path[1..]).with_extension("zip.part");
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    for leftover in [vec![0; 40], vec![0; bytes.len()], vec![0; bytes.len() + 1], bytes.clone()] {
        std::fs::write(&part, leftover).unwrap();
        desk.fetch("2024-02-01", "2024-03-31").unwrap();
        assert!(!part.exists());
        std::fs::remove_dir_all(desk.cache().join("data")).unwrap();
        std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    }
    // A server that knows no parts sends all of it.
    std::fs::write(&part, &bytes[..60]).unwrap();
    desk.server.answer(path, [Reply::Whole(bytes.clone())]);
    let fetched = desk.fetch("2024-02-01", "2024-03-31").unwrap();
    assert_eq!((fetched.summary.resumed, fetched.summary.downloaded), (0, 4));
}

#[test]
fn month_that_is_not_there_is_a_gap_and_no_table_is_written() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    desk.server.answer(&format!("{}.CHECKSUM", archives[3].0), [Reply::Status(404, "")]);
    // Two of its days are published by themselves.
    let march = FEBRUARY + 29 * DAY;
    publish(&desk.server, &daily("SOLUSDT", "2024-03-01", march, 1, 130));
    publish(&desk.server, &daily("SOLUSDT", "2024-03-03", march + 2 * DAY, 1, 131));
    std::fs::write(desk.out(), "an older table").unwrap();
    let error = desk.fetch("2024-02-01", "2024-03-05").unwrap_err();
    let HistoryError::Gaps(summary) = &error else { panic!("{error}") };
    assert_eq!((summary.gap_count, summary.missing_rows, summary.expected_rows), (2, 3, 34));
    assert_eq!((summary.gaps[0].first.get(), summary.gaps[0].rows), (march + DAY, 1));
    assert_eq!((summary.gaps[1].last.get(), summary.gaps[1].rows), (march + 4 * DAY, 2));
    assert_eq!(summary.gaps[0].missing, [Symbol::Sol]);
    assert!(error.to_string().contains("the first: SOL from 2024-03-02T00:00:00Z to 2024-03-02T00:00:00Z, 1 rows"));
    assert_eq!(error.exit_code(), 15);
    assert_eq!(desk.table().unwrap(), "an older table");
    assert!(desk.fetch("2024-02-01", "2024-03-01").is_ok(), "up to the gap it can be made");
}

#[test]
fn corrupt_archives_are_named_and_not_used() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let path = &archives[0].0;
    let stem = "BTCUSDT-1d-2024-02";
    let good = klines(FEBRUARY, DAY, 29, 43_000, 1_000);
    let csv = format!("{stem}.csv");
    let mut torn = archives[0].1.clone();
    let middle = torn.len() / 3;
    torn[middle] ^= 0xff;
    let bomb = vec![b'0'; usize::try_from(MAX_UNPACKED_BYTES).unwrap() + 1];
    for (bytes, what) in [
        (b"<html></html>".to_vec(), "no archive"),
        (archives[0].1[..100].to_vec(), "no archive"),
        (torn, "can't be unpacked"),
        (zip_of(&[]), "holds 0 files"),
        (zip_of(&[(&csv, good.as_bytes()), ("more.csv", b"")]), "holds 2 files"),
        (zip_of(&[("../../../escaped.csv", good.as_bytes())]), "holds \"../../../escaped.csv\", expected"),
        (zip_of(&[("/tmp/escaped.csv", good.as_bytes())]), "holds \"/tmp/escaped.csv\""),
        (zip_of(&[("BTCUSDT-1d-2024-03.csv", good.as_bytes())]), "holds \"BTCUSDT-1d-2024-03.csv\""),
        (zip_of(&[(&csv, good.replacen("43000.05", "-1", 1).as_bytes())]), "row 6: close is negative"),
        (zip_of(&[(&csv, &bomb)]), "unpacks to more than 67108864 bytes"),
    ] {
        publish(&desk.server, &(path.clone(), bytes));
        let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
        assert!(matches!(&error, HistoryError::Corrupt { what: found, .. } if found.contains(what)), "{error}");
        assert_eq!(error.exit_code(), 14);
        assert_eq!(desk.table(), None);
        assert!(!desk.files().iter().any(|name| name.contains("escaped")), "{:?}", desk.files());
        std::fs::remove_dir_all(desk.cache()).unwrap();
    }
}

#[test]
fn server_that_fails_is_asked_again_and_then_given_up() {
    let desk = Desk { idle: Duration::from_millis(300), ..Desk::new() };
    let archives = two_months(&desk.server);
    let (path, bytes) = &archives[0];
    desk.server
        .answer(path, [Reply::Status(503, ""), Reply::Status(429, "retry-after: 0\r\n"), Reply::File(bytes.clone())]);
    assert!(desk.fetch("2024-02-01", "2024-03-31").is_ok());
    for (reply, reason) in [
        (Reply::Status(500, ""), "status 500"),
        (Reply::Garbage(b"\0\xff not http\r\n\r\n".to_vec()), "connection failed"),
        (Reply::Late(Duration::from_millis(900), bytes.clone()), "no answer in time"),
        (Reply::Cut(bytes.clone(), 0), "connection failed"),
    ] {
        std::fs::remove_dir_all(desk.cache()).unwrap();
        let before = desk.server.asked("BTCUSDT-1d-2024-02.zip");
        desk.server.answer(path, [reply]);
        let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
        let found = matches!(&error, HistoryError::Unreachable { attempts: 3, reason: r, .. } if r.contains(reason));
        assert!(found, "{error}");
        assert!(desk.server.asked("BTCUSDT-1d-2024-02.zip") >= before + 3);
    }
    desk.server.answer(path, [Reply::Status(403, "")]);
    let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
    assert!(matches!(error, HistoryError::Unexpected { .. }), "{error}");
}

#[test]
fn wish_to_stay_away_is_respected_up_to_a_bound() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let (path, bytes) = &archives[0];
    desk.server.answer(path, [Reply::Status(418, "retry-after: 1\r\n"), Reply::File(bytes.clone())]);
    let before = std::time::Instant::now();
    desk.fetch("2024-02-01", "2024-03-31").unwrap();
    assert!(before.elapsed() >= Duration::from_secs(1));
    std::fs::remove_dir_all(desk.cache()).unwrap();
    desk.server.answer(path, [Reply::Status(429, "retry-after: 121\r\n")]);
    let error = desk.fetch("2024-02-01", "2024-03-31").unwrap_err();
    assert!(matches!(error, HistoryError::RateLimited { seconds: 121, .. }), "{error}");
}

#[test]
fn two_runs_do_not_share_a_directory() {
    let desk = Desk::new();
    two_months(&desk.server);
    std::fs::create_dir_all(desk.cache()).unwrap();
    let held = std::fs::File::create(desk.cache().join(".lock")).unwrap();
    held.lock().unwrap();
    assert!(matches!(desk.fetch("2024-02-01", "2024-03-31"), Err(HistoryError::Locked(_))));
    drop(held);
    desk.fetch("2024-02-01", "2024-03-31").unwrap();
}

fn oracle(desk: &Desk, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
    command.current_dir(desk.dir.path()).args(["history", "fetch"]).args(arguments).output().unwrap()
}

#[test]
fn command_writes_a_summary_and_no_bar_without_a_terminal() {
    let desk = Desk::new();
    two_months(&desk.server);
    let url = desk.server.url();
    let arguments =
        ["--interval", "1d", "--from", "2024-02-01", "--to", "2024-03-31", "--out", "t.csv", "--base-url", &url];
    let output = oracle(&desk, &[&arguments[..], &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["written"]["file"], "t.csv");
    let table = std::fs::read(desk.dir.path().join("t.csv")).unwrap();
    assert_eq!(summary["written"]["sha256"], hex::encode(Sha256::digest(table)));
    assert_eq!((summary["rows"].as_u64(), summary["downloaded"].as_u64()), (Some(60), Some(4)));
    let text = oracle(&desk, &arguments);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("t.csv: 60 rows, SHA-256 ") && text.contains("4 kept, 0 bytes transferred"), "{text}");
}

#[test]
fn command_has_an_exit_code_for_each_way_it_can_fail() {
    let desk = Desk::new();
    let archives = two_months(&desk.server);
    let url = desk.server.url();
    let run = |from: &str, to: &str, more: &[&str]| {
        let base =
            ["--interval", "1d", "--from", from, "--to", to, "--out", "t.csv", "--base-url", &url, "--attempts", "1"];
        let output = oracle(&desk, &[&base[..], more].concat());
        (output.status.code(), String::from_utf8(output.stderr).unwrap(), output.stdout)
    };
    assert_eq!(run("2024-02-01", "yesterday", &[]).0, Some(3));
    assert_eq!(run("2024-02-01", "2024-03-31", &["--symbol", "DOGE"]).0, Some(3));
    assert_eq!(run("2024-02-01", "2024-03-31", &["--attempts", "0"]).0, Some(2));
    let (code, _, stdout) = run("2024-02-01", "2024-04-01", &["--json"]);
    assert_eq!(code, Some(15));
    let summary: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!((summary["written"].is_null(), summary["missing_rows"].as_u64()), (true, Some(1)));
    std::fs::remove_dir_all(desk.dir.path().join("history-cache")).unwrap();
    desk.server.answer(&archives[0].0, [Reply::File(b"other bytes".to_vec())]);
    assert_eq!(run("2024-02-01", "2024-03-31", &[]).0, Some(14));
    desk.server.answer(&archives[0].0, [Reply::Status(500, "")]);
    let (code, text, _) = run("2024-02-01", "2024-03-31", &[]);
    assert_eq!(code, Some(13));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!desk.dir.path().join("t.csv").exists());
    let insecure = oracle(
        &desk,
        &[
            "--interval",
            "1d",
            "--from",
            "2024-02-01",
            "--to",
            "2024-02-02",
            "--out",
            "t.csv",
            "--base-url",
            "http://example.org",
        ],
    );
    assert_eq!(insecure.status.code(), Some(3));
    let help = oracle(&desk, &["--help"]);
    assert!(String::from_utf8(help.stdout).unwrap().contains("Examples:"));
}

#[test]
fn archives_over_tls_come_from_a_server_that_is_believed_and_from_no_other() {
    let desk = Desk::new();
    two_months(&desk.server);
    let (authority, stranger) = (tls::Authority::new(), tls::Authority::new());
    let at = desk.dir.path();
    let good = authority.issue(at, "good", "localhost", tls::Usage::Server);
    let other_name = authority.issue(at, "other", "elsewhere", tls::Usage::Server);
    let unknown = stranger.issue(at, "unknown", "localhost", tls::Usage::Server);
    let expired = authority.issue_with(at, "old", "localhost", tls::Usage::Server, |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let port = |files| runtime.block_on(front::front(files, desk.server.port));
    let fetch = |port: u16, authority: Option<&Path>| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        let command = command.current_dir(at).args(["history", "fetch", "--interval", "1d", "--out", "out.csv"]);
        command.args(["--from", "2024-02-01", "--to", "2024-03-31", "--attempts", "1", "--timeout", "5"]);
        command.arg("--base-url").arg(format!("https://localhost:{port}"));
        if let Some(file) = authority {
            command.arg("--tls-ca").arg(file);
        }
        command.output().unwrap()
    };
    let ca = Some(good.authority.as_path());
    // Without a file the machine's own authorities are asked, and they have never heard of this one; or there are none.
    for (files, believed, said) in [
        (&unknown, ca, "BadSignature"),
        (&other_name, ca, "not valid for name"),
        (&expired, ca, "certificate expired"),
        (&good, None, "certificate"),
    ] {
        let refused = fetch(port(files), believed);
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(13), "{said}: {text}");
        assert!(text.contains("certificate") && text.contains(said), "{said}: {text}");
        assert!(!desk.out().exists() && desk.server.log().is_empty(), "nothing was asked for");
    }
    let fetched = fetch(port(&good), ca);
    assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    let table = std::fs::read_to_string(desk.out()).unwrap();
    assert_eq!((table.lines().count(), table.lines().nth(1)), (61, Some("2024-02-01,43000,97")), "{table}");
}
