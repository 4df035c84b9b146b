use comfy_table::{presets, CellAlignment, Table};
use ringfence_oracle::decimal;
use ringfence_oracle::units::MicroUsd;
use ringfence_oracle::Error;
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// Prints text and a line break.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    written.map_err(|error| Error::Output { target: "standard output".to_owned(), kind: error.kind() })
}

/// Prints a document as indented JSON.
pub(super) fn print_json(document: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(document);
    print(&text.map_err(|error| Error::Output {
        target: "JSON".to_owned(),
        kind: error.io_error_kind().unwrap_or(std::io::ErrorKind::InvalidData),
    })?)
}

/// Prints a document as one line of JSON.
pub(super) fn print_json_line(document: &serde_json::Value) -> Result<(), Error> {
    print(&document.to_string())
}

/// Writes a new file; one that is there already is left alone.
pub(super) fn write_new(file: &Path, text: &str) -> Result<(), Error> {
    let fail = |error: std::io::Error| Error::Output { target: file.display().to_string(), kind: error.kind() };
    let mut out = std::fs::File::create_new(file).map_err(fail)?;
    out.write_all(text.as_bytes()).map_err(fail)
}

/// A table whose first column is text and whose others are numbers.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Dollars with thousands separators, cut to cents.
pub(super) fn usd(money: MicroUsd) -> String {
    let cents = money.get() / 10_000;
    let sign = if cents < 0 { "-" } else { "" };
    let digits = (cents.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{:02}", cents.unsigned_abs() % 100)
}

/// A float of dollars for people, cut to cents.
pub(super) fn usd_float(dollars: f64) -> String {
    decimal::parse(&format!("{dollars:.6}"), 6).map_or_else(|_| dollars.to_string(), |raw| usd(MicroUsd::new(raw)))
}

/// A share as per cent.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// Money for JSON: base units as a string, so that no reader loses digits.
pub(super) fn base_units(money: MicroUsd) -> String {
    money.get().to_string()
}

/// Bytes for JSON and people: `0x` and hexadecimal digits.
pub(super) fn hex0x(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}
