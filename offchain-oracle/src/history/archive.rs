use crate::error::quote;
use crate::units::Price;
use ringfence_protocol::units::{Seconds, Timestamp};
use std::io::{Cursor, Read};

/// Largest content of an archive, bytes: many times that of a month of five-minute klines.
pub const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;
/// Columns of a kline.
const COLUMNS: usize = 12;
/// The provider stamps spot klines in microseconds from 2025 on, and in milliseconds before: no millisecond of this
/// millennium is as large as this, and no microsecond of it as small.
const FIRST_MICROSECONDS: u64 = 100_000_000_000_000;

/// What the tables need of a kline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kline {
    /// When it opens.
    pub open_time: Timestamp,
    /// Its last price.
    pub close: Price,
    /// Its lowest price.
    pub low: Price,
}

/// Unpacks and reads an archive: one file, `<stem>.csv`, of klines on the grid of `step` in ascending order. Names in the
/// archive are compared, never used as paths.
///
/// # Errors
/// What is wrong, and where.
pub fn read_archive(bytes: &[u8], stem: &str, step: Seconds) -> Result<Vec<Kline>, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("no archive: {error}"))?;
    if archive.len() != 1 {
        return Err(format!("holds {} files, expected one", archive.len()));
    }
    let file = archive.by_index(0).map_err(|error| format!("can't be unpacked: {error}"))?;
    let expected = format!("{stem}.csv");
    if file.name() != expected || !file.is_file() {
        return Err(format!("holds {}, expected {expected}", quote(file.name())));
    }
    let mut text = Vec::new();
    let mut limited = file.take(MAX_UNPACKED_BYTES.saturating_add(1));
    limited.read_to_end(&mut text).map_err(|error| format!("can't be unpacked: {error}"))?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_UNPACKED_BYTES {
        return Err(format!("unpacks to more than {MAX_UNPACKED_BYTES} bytes"));
    }
    klines(&text, step)
}

fn klines(text: &[u8], step: Seconds) -> Result<Vec<Kline>, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut klines: Vec<Kline> = Vec::new();
    for (record, row) in reader.records().zip(1_u64..) {
        let record = record.map_err(|_| format!("row {row}: not UTF-8 text"))?;
        if row == 1 && record.get(0) == Some("open_time") {
            continue;
        }
        let kline = kline(&record, step).map_err(|what| format!("row {row}: {what}"))?;
        if klines.last().is_some_and(|last| last.open_time >= kline.open_time) {
            return Err(format!("row {row}: times do not increase"));
        }
        klines.push(kline);
    }
    Ok(klines)
}

fn kline(record: &csv::StringRecord, step: Seconds) -> Result<Kline, String> {
    if record.len() != COLUMNS {
        return Err(format!("{} columns, expected {COLUMNS}", record.len()));
    }
    let cell = |column: usize| record.get(column).unwrap_or_default();
    let price =
        |column, name| Price::parse(cell(column)).map_err(|error| format!("{name} {error} ({})", quote(cell(column))));
    let open_time =
        open_time(cell(0), step).ok_or_else(|| format!("open_time {} is not on the grid", quote(cell(0))))?;
    let (low, close) = (price(3, "low")?, price(4, "close")?);
    if low > close {
        return Err(format!("low {low} is above close {close}"));
    }
    Ok(Kline { open_time, close, low })
}

fn open_time(text: &str, step: Seconds) -> Option<Timestamp> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let stamp: u64 = text.parse().ok().filter(|_| plain)?;
    let unit = if stamp >= FIRST_MICROSECONDS { 1_000_000 } else { 1_000 };
    let (seconds, rest) = (stamp.checked_div(unit)?, stamp.checked_rem(unit)?);
    (rest == 0 && seconds.checked_rem(step.get()) == Some(0)).then(|| Timestamp::new(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "1733011200000,96407.99,97888.00,95100.10,97185.18,17000.1,1733097599999,1600000000.0,3500000,8500.5,800000000.0,0";

    fn read(text: &str) -> Result<Vec<Kline>, String> {
        klines(text.as_bytes(), Seconds::DAY)
    }

    #[test]
    fn both_units_and_both_heads_read() {
        let expected = Kline {
            open_time: Timestamp::new(1_733_011_200),
            close: Price::parse("97185.18").unwrap(),
            low: Price::parse("95100.10").unwrap(),
        };
        let head = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore";
        for text in [ROW.to_owned(), format!("{head}\n{ROW}"), ROW.replace("1733011200000", "1733011200000000")] {
            assert_eq!(read(&text), Ok(vec![expected]), "{text}");
        }
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn every_bad_row_is_named() {
        let later = ROW.replace("1733011200000", "1733097600000");
        for (text, message) in [
            (format!("{later}\n{ROW}"), "row 2: times do not increase"),
            (format!("{ROW}\n{ROW}"), "row 2: times do not increase"),
            (ROW.replace(",0", ""), "row 1: 11 columns, expected 12"),
            (ROW.replace("1733011200000", "1733011200001"), "row 1: open_time \"1733011200001\" is not on the grid"),
            (ROW.replace("1733011200000", "1733011201000"), "row 1: open_time \"1733011201000\" is not on the grid"),
            (ROW.replace("1733011200000", "+733011200000"), "row 1: open_time"),
            (ROW.replace("97185.18", "NaN"), "row 1: close is NaN (\"NaN\")"),
            (ROW.replace("95100.10", "99999"), "row 1: low 99999 is above close 97185.18"),
            (ROW.replace("95100.10", "0"), "row 1: low is zero"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
        assert!(klines(b"\xff\xfe", Seconds::DAY).unwrap_err().starts_with("row 1: not UTF-8"));
    }
}
