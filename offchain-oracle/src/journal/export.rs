//! The export: one JSON document a line, so that a journal of any length reads in one pass.
//!
//! ```text
//! {"ringfence_journal":1,"signer":"0x...","records":2,"marks":1,"head":"0x..."}
//! {"chain_id":"420","vault":"0x...","kind":"instruction","sequence":"1","digest":"0x..."}
//! {"chain_id":"420","vault":"0x...","kind":"instruction","sequence":"2","digest":"0x..."}
//! {"chain_id":"420","vault":"0x...","kind":"instruction","seen":"2","floor":"2"}
//! ```
//! Modelled on EIP-3076: numbers of 64 bits are decimal strings. Records come in the order in which they were made; `head`
//! is the hash over all of them, so that a line lost, changed or moved is noticed.

use super::links::Head;
use super::{Journal, JournalError};
use crate::error::{quote, InputError, Place, Problem};
use crate::sign::{Counter, MessageKind, Slot};
use ringfence_protocol::{Address, Digest};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Read, Write};
use thiserror::Error;

/// Most records one import takes: 380 years of a pair that is valued every hour, or six weeks of a thousand every quarter.
pub const MAX_EXPORT_RECORDS: u64 = 4_000_000;
/// Longest line.
pub const MAX_LINE_BYTES: usize = 512;
const FORMAT: u32 = 1;

/// A journal outside of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The address of the key it belongs to.
    pub signer: Address,
    /// What was signed, in order.
    pub records: Vec<(Slot, Digest)>,
    /// What was known of the chain.
    pub marks: Vec<ExportedMark>,
}

/// What was known of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportedMark {
    /// The counter.
    pub counter: Counter,
    /// The chain's counter as last seen.
    pub seen: u64,
    /// The highest number that is never signed anew.
    pub floor: u64,
}

/// Why an export could not be made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file to write.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine {
    ringfence_journal: u32,
    signer: String,
    records: u64,
    marks: u64,
    head: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine {
    chain_id: String,
    vault: String,
    kind: String,
    sequence: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkLine {
    chain_id: String,
    vault: String,
    kind: String,
    seen: String,
    floor: String,
}

impl Journal {
    /// Writes everything it holds.
    ///
    /// # Errors
    /// The journal can't be read, or the output not written.
    pub fn export(&mut self, out: &mut dyn Write) -> Result<(), ExportError> {
        self.check_usable()?;
        self.write_marks()?;
        let marks = self.all_marks()?;
        let header = HeaderLine {
            ringfence_journal: FORMAT,
            signer: hex0x(self.signer().as_bytes()),
            records: self.len(),
            marks: u64::try_from(marks.len()).unwrap_or(u64::MAX),
            head: hex0x(self.head().as_bytes()),
        };
        line(out, &header)?;
        let mut failed = None;
        let read = self.for_each(&mut |entry| {
            line(out, &record_line(&entry.slot, &entry.digest)).map_err(|error| {
                failed = Some(error);
                JournalError::Full
            })
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        read?;
        for (counter, mark) in marks {
            let Counter { chain_id, vault, kind } = counter;
            line(
                out,
                &MarkLine {
                    chain_id: chain_id.to_string(),
                    vault: hex0x(vault.as_bytes()),
                    kind: kind.name().to_owned(),
                    seen: mark.seen.to_string(),
                    floor: mark.floor.to_string(),
                },
            )?;
        }
        out.flush()?;
        Ok(())
    }
}

impl Export {
    /// Reads an export; `name` stands in messages.
    ///
    /// # Errors
    /// The first line that is wrong, or an end that does not fit the header.
    pub fn read(name: &str, input: &mut dyn BufRead) -> Result<Self, InputError> {
        let mut lines = Lines { name, input, row: 0 };
        let header: HeaderLine = lines.next()?;
        if header.ringfence_journal != FORMAT {
            return Err(lines.rule("ringfence_journal", "must be 1"));
        }
        let signer = Address(lines.bytes("signer", &header.signer)?);
        let expected = Digest(lines.bytes("head", &header.head)?);
        if header.records > MAX_EXPORT_RECORDS || header.marks > MAX_EXPORT_RECORDS {
            return Err(lines.rule("records", "must be at most 4000000"));
        }
        let mut head = Head::empty(signer);
        let mut records = Vec::new();
        for _ in 0..header.records {
            let text: RecordLine = lines.next()?;
            let counter = lines.counter(&text.chain_id, &text.vault, &text.kind)?;
            let slot = counter.slot(lines.number("sequence", &text.sequence)?);
            let digest = Digest(lines.bytes("digest", &text.digest)?);
            head = head.after(&slot, &digest);
            records.push((slot, digest));
        }
        if head.link != expected {
            return Err(lines.rule("head", "does not fit the records: a line was lost, changed or moved"));
        }
        let mut marks = Vec::new();
        for _ in 0..header.marks {
            let text: MarkLine = lines.next()?;
            let counter = lines.counter(&text.chain_id, &text.vault, &text.kind)?;
            let (seen, floor) = (lines.number("seen", &text.seen)?, lines.number("floor", &text.floor)?);
            marks.push(ExportedMark { counter, seen, floor });
        }
        lines.end()?;
        Ok(Self { signer, records, marks })
    }
}

fn record_line(slot: &Slot, digest: &Digest) -> RecordLine {
    RecordLine {
        chain_id: slot.chain_id.to_string(),
        vault: hex0x(slot.vault.as_bytes()),
        kind: slot.kind.name().to_owned(),
        sequence: slot.sequence.to_string(),
        digest: hex0x(digest.as_bytes()),
    }
}

fn line(out: &mut dyn Write, document: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(document)?;
    text.push(b'\n');
    out.write_all(&text)
}

fn hex0x(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// Lines of bounded length, counted from 1.
struct Lines<'a> {
    name: &'a str,
    input: &'a mut dyn BufRead,
    row: u64,
}

impl Lines<'_> {
    fn fail(&self, problem: Problem) -> InputError {
        InputError::new(self.name, Place::Row(self.row), problem)
    }

    fn rule(&self, name: &str, rule: &'static str) -> InputError {
        self.fail(Problem::Rule { name: name.to_owned(), rule })
    }

    /// The next line, without its end; nothing at the end of the input.
    fn raw(&mut self) -> Result<Option<Vec<u8>>, InputError> {
        self.row = self.row.saturating_add(1);
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let read = (&mut *self.input).take(limit).read_until(b'\n', &mut bytes);
        match read {
            Err(error) => Err(self.fail(Problem::Unreadable(error.kind()))),
            Ok(0) => Ok(None),
            Ok(_) if bytes.last() == Some(&b'\n') => {
                bytes.pop();
                Ok(Some(bytes))
            }
            Ok(_) => Err(self.rule("line", "must end within 512 bytes; is the file complete?")),
        }
    }

    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, InputError> {
        let bytes = self.raw()?.ok_or_else(|| self.rule("line", "is missing: the export is not complete"))?;
        serde_json::from_slice(&bytes).map_err(|error| self.fail(Problem::Json(quote(&error.to_string()))))
    }

    fn end(&mut self) -> Result<(), InputError> {
        match self.raw()? {
            None => Ok(()),
            Some(_) => Err(self.rule("line", "is more than the first line announces")),
        }
    }

    fn bytes<const N: usize>(&self, name: &str, text: &str) -> Result<[u8; N], InputError> {
        let mut bytes = [0; N];
        let digits = text.strip_prefix("0x").unwrap_or_default();
        hex::decode_to_slice(digits, &mut bytes)
            .map_err(|_| self.rule(name, "must be 0x and hexadecimal digits of the right number"))?;
        Ok(bytes)
    }

    /// Plain decimal: what `to_string` writes and nothing else.
    fn number(&self, name: &str, text: &str) -> Result<u64, InputError> {
        let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
        number.ok_or_else(|| self.rule(name, "must be a plain number below 2^64 in quotation marks"))
    }

    fn counter(&self, chain_id: &str, vault: &str, kind: &str) -> Result<Counter, InputError> {
        let named = MessageKind::from_name(kind);
        let kind = named
            .ok_or_else(|| self.rule("kind", "must be instruction, close_out, portfolio, termination or rotation"))?;
        Ok(Counter { chain_id: self.number("chain_id", chain_id)?, vault: Address(self.bytes("vault", vault)?), kind })
    }
}
