//! The binary from outside: bad input ends in one line, a documented code and no signature; good input in the right output.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const BARS: &str = "crash-2025-10-10.csv";
const TABLES: [&str; 8] = [
    BARS,
    "btc-sol-daily.csv",
    "proxy.csv",
    "stress.csv",
    "funding.csv",
    "curves.csv",
    "surfaces.csv",
    "liquidity.csv",
];

/// A copy of the project's data that a test may spoil, with three keys.
struct Desk {
    dir: TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        for name in TABLES {
            fs::copy(common::data_dir().join(name), dir.path().join(name)).unwrap();
        }
        fs::copy(common::data_dir().join("portfolios/btc.json"), dir.path().join("btc.json")).unwrap();
        let context = fs::read_to_string(common::data_dir().join("contexts/btc-2120.json")).unwrap();
        fs::write(dir.path().join("context.json"), context.replace("../portfolios/", "")).unwrap();
        let desk = Self { dir };
        for index in 1..=3 {
            let name = format!("{index}.key");
            desk.key(&name, &format!("{index:064x}\n"), 0o600);
            assert!(desk.run(&["journal", "init", "--key", &name]).status.success());
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn key(&self, name: &str, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Replaces line `row` (the header is row 1) of a file.
    fn spoil(&self, name: &str, row: usize, change: impl Fn(&str) -> Option<String>) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        let lines = text.lines().enumerate();
        let changed = lines.filter_map(|(i, line)| if i + 1 == row { change(line) } else { Some(line.to_owned()) });
        fs::write(self.path(name), changed.map(|line| line + "\n").collect::<String>()).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-oracle"));
        command.current_dir(self.dir.path()).env("RINGFENCE_DATA", ".").env_remove("NO_COLOR");
        command.env_remove("RINGFENCE_PASSPHRASE_FILE");
        command.args(arguments).output().unwrap()
    }

    fn sign(&self) -> Output {
        let keys = ["--key", "1.key", "--key", "2.key", "--key", "3.key"];
        self.run(&[&["sign", "--json", "--context", "context.json"][..], &keys[..]].concat())
    }

    /// Signing must fail with exactly this line and leave nothing on standard output.
    fn refuses(&self, code: i32, message: &str) {
        let output = self.sign();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.starts_with(&format!("error: {message}")), "{error}\nexpected {message}");
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(output.stdout.is_empty());
    }
}

fn cell(line: &str, column: usize, value: &str) -> Option<String> {
    let mut cells: Vec<_> = line.split(',').collect();
    cells[column] = value;
    Some(cells.join(","))
}

#[test]
fn missing_files_are_named() {
    for name in TABLES {
        let desk = Desk::new();
        fs::remove_file(desk.path(name)).unwrap();
        desk.refuses(3, &format!("./{name}: file not found; check the path"));
    }
    let desk = Desk::new();
    fs::remove_file(desk.path("btc.json")).unwrap();
    desk.refuses(3, "btc.json: file not found");
    fs::remove_file(desk.path("context.json")).unwrap();
    desk.refuses(3, "context.json: file not found");
}

#[test]
fn every_bad_bar_is_named_by_file_and_row() {
    type Change = fn(&str) -> Option<String>;
    let cases: [(Change, &str); 12] = [
        (|l| cell(l, 1, "NaN"), "row 17: btc_close is NaN; fix or remove the row"),
        (|l| cell(l, 3, "inf"), "row 17: eth_close is infinite; fix or remove the row"),
        (|l| cell(l, 5, "-208.1"), "row 17: sol_close is negative (\"-208.1\"); fix or remove the row"),
        (|l| cell(l, 8, "0"), "row 17: xrp_low is zero; fix or remove the row"),
        (|l| cell(l, 1, ""), "row 17: btc_close is empty; fix or remove the row"),
        (|l| cell(l, 1, "12e4"), "row 17: btc_close is not a decimal number (\"12e4\"); fix"),
        (|l| cell(l, 0, "2025-10-10T19:10Z"), "row 17: time 2025-10-10T19:10:00Z is not after 2025-10-10T19:10:00Z; sort"),
        (|l| cell(l, 0, "10/10/2025"), "row 17: open_time is not a UTC time such as 2025-10-10T18:00Z (\"10/10/2025\"); fix"),
        (|_| Some("garbage".to_owned()), "row 17: 1 columns, expected 9; fix or remove the row"),
        (|l| Some(format!("{l},1")), "row 17: 10 columns, expected 9; fix or remove the row"),
        (|_| Some(String::new()), "row 17: 0 columns, expected 9; fix or remove the row"),
        (
            |_| None,
            "row 17: gap: 2025-10-10T19:20:00Z follows 2025-10-10T19:10:00Z, expected 2025-10-10T19:15:00Z; supply the missing rows",
        ),
    ];
    for (change, message) in cases {
        let desk = Desk::new();
        desk.spoil(BARS, 17, change);
        desk.refuses(3, &format!("./{BARS}: {message}"));
    }
}

#[test]
fn rows_are_counted_right_with_windows_line_ends() {
    let desk = Desk::new();
    desk.spoil(BARS, 17, |line| cell(line, 1, "NaN"));
    let text = fs::read_to_string(desk.path(BARS)).unwrap();
    fs::write(desk.path(BARS), text.replace('\n', "\r\n")).unwrap();
    desk.refuses(3, &format!("./{BARS}: row 17: btc_close is NaN"));
}

#[test]
fn unknown_symbols_are_named_wherever_they_are() {
    let desk = Desk::new();
    desk.spoil(BARS, 1, |line| Some(line.replace("xrp", "doge")));
    desk.refuses(3, &format!("./{BARS}: row 1: unknown symbol \"doge\"; known symbols are BTC, ETH, SOL, XRP"));

    let desk = Desk::new();
    desk.spoil("btc.json", 4, |line| Some(line.replace("BTC", "DOGE")));
    desk.refuses(3, "btc.json: positions[0].symbol: unknown symbol \"DOGE\"; known symbols are BTC, ETH, SOL, XRP");

    let desk = Desk::new();
    let text = fs::read_to_string(desk.path(BARS)).unwrap();
    let without: String = text
        .lines()
        .map(|line| {
            line.splitn(4, ',').nth(3).map(|rest| format!("{},{rest}\n", line.split(',').next().unwrap())).unwrap()
        })
        .collect();
    fs::write(desk.path(BARS), without).unwrap();
    desk.refuses(3, "btc.json: positions[0].symbol: no price columns in ./crash-2025-10-10.csv for BTC; add it");
}

#[test]
fn empty_short_and_binary_files_are_named() {
    let desk = Desk::new();
    fs::write(desk.path(BARS), "").unwrap();
    desk.refuses(3, &format!("./{BARS}: file is empty; expected a header and rows"));
    fs::write(desk.path(BARS), b"open_time,btc_close,btc_low\n\xff\xfe,1,1\n").unwrap();
    desk.refuses(3, &format!("./{BARS}: row 2: not UTF-8 text"));
    fs::write(desk.path(BARS), "open_time,btc_close,btc_low\n").unwrap();
    desk.refuses(3, &format!("./{BARS}: 0 data rows, at least 1 needed"));
    fs::remove_file(desk.path(BARS)).unwrap();
    fs::create_dir(desk.path(BARS)).unwrap();
    desk.refuses(3, &format!("./{BARS}: can't be read (is a directory)"));
}

#[test]
fn other_tables_are_checked_as_strictly() {
    for (name, row, line, message) in [
        ("btc-sol-daily.csv", 900, "2023-01-25,NaN,1", "row 900: btc_close is NaN"),
        ("proxy.csv", 2, "ETH,x,0.5", "row 2: beta is not a decimal number (\"x\")"),
        ("stress.csv", 3, "a,2020-01-01T00:00Z,-1.5,0,0,0", "row 3: btc is out of range (\"-1.5\")"),
        ("funding.csv", 5, "DOGE,0,0,0,0", "row 5: unknown symbol \"DOGE\""),
    ] {
        let desk = Desk::new();
        desk.spoil(name, row, |old| Some(line.replace("2023-01-25", old.split(',').next().unwrap())));
        desk.refuses(3, &format!("./{name}: {message}"));
    }
    let desk = Desk::new();
    desk.spoil("btc-sol-daily.csv", 500, |_| None);
    desk.refuses(3, "./btc-sol-daily.csv: row 500: gap: ");
}

#[test]
fn bad_contexts_are_named_by_their_member() {
    for (from, to, message) in [
        (
            "21:20Z",
            "21:22Z",
            "./crash-2025-10-10.csv: no bar closes at 2025-10-10T21:22:00Z; closes run from 2025-10-10T18:05:00Z",
        ),
        ("0x0000", "0x", "context.json: vault: vault must be 0x and 40 hexadecimal digits; fix it"),
        ("\"sequence\": 1", "\"sequence\": 0", "context.json: sequence: sequence must be at least 1"),
    ] {
        let desk = Desk::new();
        let text = fs::read_to_string(desk.path("context.json")).unwrap();
        fs::write(desk.path("context.json"), text.replacen(from, to, 1)).unwrap();
        desk.refuses(3, message);
    }
    let desk = Desk::new();
    let text = fs::read_to_string(desk.path("context.json")).unwrap();
    let agreed = format!("\"agreed_portfolio_root\": \"0x{}\", \"at\"", "11".repeat(32));
    fs::write(desk.path("context.json"), text.replace("\"at\"", &agreed)).unwrap();
    desk.refuses(3, "context.json: agreed_portfolio_root: agreed_portfolio_root is 0x1111");
}

#[test]
fn keys_that_others_can_read_or_that_are_wrong_are_refused() {
    let desk = Desk::new();
    desk.key("2.key", &format!("{:064x}\n", 2), 0o644);
    desk.refuses(5, "2.key: key file has mode 0644, others can read it; run chmod 600 2.key");
    desk.key("2.key", "not a key\n", 0o600);
    desk.refuses(5, "2.key: not a secp256k1 key of 64 hexadecimal digits");
    desk.key("2.key", &format!("{:064x}\n", 0), 0o600);
    desk.refuses(5, "2.key: not a secp256k1 key");
    desk.key("2.key", &format!("{:064x}\n", 4), 0o600);
    desk.refuses(
        8,
        "2.key.journal: journal of signer 0x2b5ad5c4795c026514f8317c7a215e218dccd6cf, the key is 0x1eff47bc",
    );
    fs::remove_file(desk.path("2.key.journal")).unwrap();
    desk.refuses(8, "2.key.journal: journal not found; restore it with `journal import`, or use `journal init`");
    fs::remove_file(desk.path("2.key")).unwrap();
    desk.refuses(5, "2.key: key file not found");
}

#[test]
fn input_is_checked_before_a_key_is_opened() {
    let desk = Desk::new();
    desk.spoil(BARS, 17, |line| cell(line, 1, "NaN"));
    fs::remove_file(desk.path("1.key")).unwrap();
    desk.refuses(3, &format!("./{BARS}: row 17: btc_close is NaN"));
}

#[test]
fn signing_prints_the_instruction_its_digest_and_two_signatures() {
    let desk = Desk::new();
    let output = desk.sign();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "no progress where there is no terminal");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["instruction"]["sequence"], 1);
    assert_eq!(json["instruction"]["valuationTime"], 1_760_131_200);
    assert_eq!(json["signatures"].as_array().unwrap().len(), 2);
    assert_eq!(json["packed"].as_str().unwrap().len(), 2 + 2 * 130);
    assert_eq!(desk.sign().stdout, output.stdout, "the same again");
    let value = desk.run(&["value", "--json", "--portfolio", "btc.json", "--at", "2025-10-10T21:20Z"]);
    let value: serde_json::Value = serde_json::from_slice(&value.stdout).unwrap();
    assert_eq!(value["entitlement_a"], json["instruction"]["entitlementA"]);
    assert_eq!(value["market_data_root"], json["instruction"]["marketDataRoot"]);
}

/// The context with another sequence.
fn context(desk: &Desk, from: &str, to: &str) {
    let text = fs::read_to_string(desk.path("context.json")).unwrap();
    fs::write(desk.path("context.json"), text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_second_message_for_a_sequence_is_refused_by_another_process() {
    let desk = Desk::new();
    let first = desk.sign();
    context(&desk, "21:20Z", "21:25Z");
    let output = desk.sign();
    assert_eq!(output.status.code(), Some(6));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("ALARM second digest refused: signer 0x"), "{error}");
    assert!(error.contains("\nerror: signer 0x") && error.contains("has already signed another message"), "{error}");
    let list = desk.run(&["journal", "list", "--json", "--journal", "2.key.journal"]);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let first: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(list["records"][0]["digest"], first["digest"]);
    assert!(list["refused"].as_array().unwrap().len() <= 1);
    context(&desk, "21:25Z", "21:20Z");
    assert_eq!(desk.sign().stdout, first_again(&first), "the first is signed again");
}

fn first_again(document: &serde_json::Value) -> Vec<u8> {
    format!("{}\n", serde_json::to_string_pretty(document).unwrap()).into_bytes()
}

#[test]
fn a_journal_behind_the_chain_is_refused_until_it_has_caught_up() {
    let desk = Desk::new();
    context(&desk, "\"sequence\": 1", "\"sequence\": 8");
    desk.refuses(
        8,
        "journal ends at 0, the chain shows 7 for instruction of vault 0x00000000000000000000000000000000000000b1",
    );
    let vault = "0x00000000000000000000000000000000000000b1";
    let state = |instruction: u64| {
        let text = format!(
            r#"{{"vaults":[{{"chain_id":420420420,"vault":"{vault}","instruction":{instruction},"close_out":0,"portfolio":0,"rotation":0}}]}}"#
        );
        fs::write(desk.path("chain.new"), text).unwrap();
        fs::rename(desk.path("chain.new"), desk.path("chain.json")).unwrap();
    };
    state(7);
    for journal in ["1.key.journal", "2.key.journal", "3.key.journal"] {
        let verify = ["journal", "verify", "--journal", journal, "--chain-state", "chain.json"];
        assert_eq!(desk.run(&verify).status.code(), Some(8));
        let output = desk.run(&["journal", "catch-up", "--journal", journal, "--chain-state", "chain.json"]);
        assert!(output.status.success(), "{output:?}");
        assert!(desk.run(&verify).status.success());
    }
    desk.refuses(6, "instruction 8 of vault 0x00000000000000000000000000000000000000b1 on chain 420420420 is not signed: this journal signs from number 9 on");
    context(&desk, "\"sequence\": 8", "\"sequence\": 9");
    let keys = ["--key", "1.key", "--key", "2.key", "--key", "3.key", "--chain-state", "chain.json"];
    let sign = [&["sign", "--context", "context.json"][..], &keys[..]].concat();
    assert_eq!(desk.run(&sign).status.code(), Some(6), "the chain itself says 7");
    // Not running when the chain went on, so behind once more; a process that stays sees it happen.
    state(8);
    assert_eq!(desk.run(&sign).status.code(), Some(8));
    std::thread::scope(|scope| {
        for journal in ["1.key.journal", "2.key.journal", "3.key.journal"] {
            let wait =
                ["journal", "catch-up", "--journal", journal, "--chain-state", "chain.json", "--wait", "60", "--json"];
            let desk = &desk;
            scope.spawn(move || {
                let output = desk.run(&wait);
                let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(document["caught_up"], true);
            });
        }
        std::thread::sleep(std::time::Duration::from_secs(2));
        state(9);
    });
    context(&desk, "\"sequence\": 9", "\"sequence\": 10");
    let output = desk.run(&sign);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn journals_move_by_export_and_import() {
    let desk = Desk::new();
    assert!(desk.sign().status.success());
    let exported = desk.run(&["journal", "export", "--journal", "2.key.journal", "--out", "2.export"]);
    assert!(exported.status.success(), "{exported:?}");
    assert_eq!(
        desk.run(&["journal", "export", "--journal", "2.key.journal", "--out", "2.export"]).status.code(),
        Some(1)
    );
    let import = desk.run(&["journal", "import", "--json", "--journal", "new.journal", "--from", "2.export"]);
    let import: serde_json::Value = serde_json::from_slice(&import.stdout).unwrap();
    assert_eq!((import["added"].as_u64(), import["known"].as_u64()), (Some(1), Some(0)));
    let verify = ["journal", "verify", "--against", "2.export", "--journal"];
    assert!(desk.run(&[&verify[..], &["new.journal"]].concat()).status.success());
    assert_eq!(desk.run(&[&verify[..], &["1.key.journal"]].concat()).status.code(), Some(8), "another key's");
    let text = fs::read_to_string(desk.path("2.export")).unwrap();
    fs::write(desk.path("bad.export"), text.replacen("\"sequence\":\"1\"", "\"sequence\":\"2\"", 1)).unwrap();
    let output = desk.run(&["journal", "import", "--journal", "new.journal", "--from", "bad.export"]);
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: bad.export: row 2: head does not fit the records"), "{error}");
}

#[test]
fn every_command_speaks_text_and_json() {
    let desk = Desk::new();
    for command in ["value", "margin", "replay"] {
        let text = desk.run(&[command, "--portfolio", "btc.json"]);
        assert!(text.status.success() && text.stderr.is_empty());
        assert!(String::from_utf8(text.stdout).unwrap().contains("btc-desk"));
        let json = desk.run(&[command, "--portfolio", "btc.json", "--json"]);
        let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert!(json.is_object());
    }
}

#[test]
fn new_keys_are_private_and_never_overwrite() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let made = desk.run(&["keys", "new", "--out", "new.key"]);
    assert!(made.status.success());
    assert_eq!(fs::metadata(desk.path("new.key")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(desk.run(&["keys", "address", "new.key"]).stdout, made.stdout);
    let again = desk.run(&["keys", "new", "--out", "new.key"]);
    assert_eq!(again.status.code(), Some(5));
    assert_eq!(
        String::from_utf8(again.stderr).unwrap(),
        "error: new.key: file exists and is not overwritten; choose another name\n"
    );
}

#[test]
fn init_makes_a_keystore_and_a_journal_that_sign() {
    let desk = Desk::new();
    for index in 1..=2 {
        let (key, pass) = (format!("s{index}.json"), "signer.pass");
        desk.key(pass, "correct horse battery staple\n", 0o600);
        let output = desk.run(&["init", "--json", "--out", &key, "--passphrase-file", pass]);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(fs::read_to_string(desk.path("s1.json")).unwrap().contains("\"kdf\": \"scrypt\""));
    let sign = ["sign", "--context", "context.json", "--key", "s1.json", "--key", "s2.json"];
    let with = |pass: &str| desk.run(&[&sign[..], &["--passphrase-file", pass]].concat());
    assert!(with("signer.pass").status.success());
    let without = desk.run(&sign);
    assert_eq!(without.status.code(), Some(5));
    assert!(String::from_utf8(without.stderr).unwrap().starts_with("error: s1.json: keystore needs its passphrase"));
    desk.key("wrong.pass", "incorrect\n", 0o600);
    assert_eq!(with("wrong.pass").status.code(), Some(5));
    desk.key("open.pass", "correct horse battery staple\n", 0o644);
    assert_eq!(with("open.pass").status.code(), Some(5));
}

#[test]
fn wrong_usage_is_code_2_and_help_is_code_0() {
    let desk = Desk::new();
    for arguments in [&["value"][..], &["dance"], &["journal"], &["sign", "--context", "context.json"], &[]] {
        assert_eq!(desk.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let help = desk.run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.contains("Exit codes:") && text.contains("Examples:"));
}

#[test]
fn colours_only_when_asked() {
    let desk = Desk::new();
    let error = |arguments: &[&str]| desk.run(&[arguments, &["value", "--portfolio", "none.json"]].concat()).stderr;
    assert!(!error(&[]).contains(&0x1b));
    assert!(error(&["--color", "always"]).contains(&0x1b));
    assert!(!error(&["--color=never"]).contains(&0x1b));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    let shell = format!("{} replay --json --portfolio btc.json | head -c 10", env!("CARGO_BIN_EXE_ringfence-oracle"));
    let output = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(Path::new(&desk.path("")))
        .env("RINGFENCE_DATA", ".")
        .output();
    assert!(output.unwrap().stderr.is_empty());
}
