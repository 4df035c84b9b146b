use crate::decimal::DecimalError;
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::time::{format_timestamp, parse_date, parse_timestamp};
use crate::units::Price;
use ringfence_protocol::units::{Seconds, Timestamp};

/// Most rows of any table: five-minute bars of almost ten years.
const MAX_ROWS: usize = 1_000_000;

/// A CSV file whose rows all have as many cells as the header.
pub(crate) struct Table<'a> {
    pub(crate) name: &'a str,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Row<'a>>,
}

/// One row and where it is.
pub(crate) struct Row<'a> {
    name: &'a str,
    line: u64,
    cells: csv::StringRecord,
}

impl<'a> Table<'a> {
    pub(crate) fn parse(source: &'a Source, min_rows: usize) -> Result<Self, InputError> {
        let name = source.name.as_str();
        let file = |problem| InputError::new(name, Place::File, problem);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.text.as_bytes());
        let mut records = reader.records();
        let header = match records.next() {
            None => return Err(file(Problem::Empty)),
            Some(record) => record.map_err(|_| InputError::new(name, Place::Row(1), Problem::NotUtf8))?,
        };
        let header: Vec<String> = header.iter().map(str::to_owned).collect();
        if let Some(line) = blank_line(&source.text) {
            let problem = Problem::Columns { found: 0, expected: header.len() };
            return Err(InputError::new(name, Place::Row(line), problem));
        }
        let mut rows = Vec::new();
        // Blank lines and cells of several lines are refused, so that rows can be counted. (The reader's own line numbers are
        // one short where lines end in CR LF.)
        for (record, line) in records.zip(2_u64..) {
            let fail = |problem| InputError::new(name, Place::Row(line), problem);
            let cells = record.map_err(|_| fail(Problem::NotUtf8))?;
            if cells.iter().any(|cell| cell.contains(['\n', '\r'])) {
                return Err(fail(Problem::MultiLine));
            }
            if cells.len() != header.len() {
                return Err(fail(Problem::Columns { found: cells.len(), expected: header.len() }));
            }
            if rows.len() >= MAX_ROWS {
                return Err(file(Problem::TooMany { what: "rows", limit: MAX_ROWS }));
            }
            rows.push(Row { name, line, cells });
        }
        if rows.len() < min_rows {
            return Err(file(Problem::TooFewRows { found: rows.len(), needed: min_rows }));
        }
        Ok(Self { name, header, rows })
    }

    /// Refuses any header but `expected`.
    pub(crate) fn expect_header(&self, expected: &[&str]) -> Result<(), InputError> {
        if self.header == expected {
            return Ok(());
        }
        Err(self.header_error(&expected.join(",")))
    }

    pub(crate) fn header_error(&self, expected: &str) -> InputError {
        let problem = Problem::Header { found: quote(&self.header.join(",")), expected: expected.to_owned() };
        self.error_in_header(problem)
    }

    pub(crate) fn error_in_header(&self, problem: Problem) -> InputError {
        InputError::new(self.name, Place::Row(1), problem)
    }
}

/// The first blank line that is followed by content. The CSV reader would skip it and misnumber the next row.
fn blank_line(text: &str) -> Option<u64> {
    let blank = text.trim_end().lines().position(|line| line.trim().is_empty())?;
    u64::try_from(blank).ok()?.checked_add(1)
}

impl Row<'_> {
    pub(crate) fn error(&self, problem: Problem) -> InputError {
        InputError::new(self.name, Place::Row(self.line), problem)
    }

    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }

    /// Reads a cell with the parser of its unit.
    pub(crate) fn number<T>(
        &self,
        column: usize,
        name: &str,
        parse: impl Fn(&str) -> Result<T, DecimalError>,
    ) -> Result<T, InputError> {
        let text = self.cell(column);
        parse(text).map_err(|error| {
            self.error(Problem::Number { name: name.to_owned(), value: quote(text), error, what: "the row" })
        })
    }

    pub(crate) fn price(&self, column: usize, name: &str) -> Result<Price, InputError> {
        self.number(column, name, Price::parse)
    }

    pub(crate) fn time(&self, column: usize, name: &str) -> Result<Timestamp, InputError> {
        parse_timestamp(self.cell(column)).ok_or_else(|| self.time_error(column, name, "2025-10-10T18:00Z"))
    }

    pub(crate) fn date(&self, column: usize, name: &str) -> Result<Timestamp, InputError> {
        parse_date(self.cell(column)).ok_or_else(|| self.time_error(column, name, "2025-10-10"))
    }

    /// A tenor in whole days.
    pub(crate) fn days(&self, column: usize) -> Result<u32, InputError> {
        let days = self.cell(column).parse().ok().filter(|days| (1..=super::MAX_TENOR_DAYS).contains(days));
        let rule = "must be 1 to 3650";
        days.ok_or_else(|| self.error(Problem::Rule { name: "days".to_owned(), rule }))
    }

    fn time_error(&self, column: usize, name: &str, example: &'static str) -> InputError {
        self.error(Problem::Time { name: name.to_owned(), value: quote(self.cell(column)), example })
    }

    /// Refuses a time that is not exactly one `step` after the row before.
    pub(crate) fn expect_step(
        &self,
        previous: Option<Timestamp>,
        found: Timestamp,
        step: Seconds,
    ) -> Result<(), InputError> {
        let Some(previous) = previous else { return Ok(()) };
        if found <= previous {
            return Err(
                self.error(Problem::TimeOrder { found: format_timestamp(found), previous: format_timestamp(previous) })
            );
        }
        if found.since(previous) == step {
            return Ok(());
        }
        let expected = Timestamp::new(previous.get().saturating_add(step.get()));
        Err(self.error(Problem::Gap {
            found: format_timestamp(found),
            previous: format_timestamp(previous),
            expected: format_timestamp(expected),
        }))
    }
}
