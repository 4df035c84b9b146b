//! Reading a journal.

use super::links::{mark_tag, Tag};
use super::schema::read_error;
use super::{Journal, JournalError, Mark};
use crate::sign::{Counter, MessageKind, SignatureBytes, Slot};
use ringfence_protocol::{Address, Digest};
use rusqlite::{OptionalExtension, Row};

/// Most refusals that are kept; a flood of them must not fill the disk that signing needs.
pub const MAX_REFUSALS: u64 = 1_000;

/// A record: what a slot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, counted from 1.
    pub index: u64,
    /// The slot.
    pub slot: Slot,
    /// What it stands for.
    pub digest: Digest,
    /// The hash over all records up to this one.
    pub link: Digest,
}

/// A request that was refused because its slot stands for another digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The slot.
    pub slot: Slot,
    /// The digest that was not signed.
    pub digest: Digest,
}

impl Journal {
    /// Calls `each` with every record, oldest first, until it fails.
    ///
    /// # Errors
    /// The journal can't be read, or what `each` returns.
    pub fn for_each(&self, each: &mut dyn FnMut(Entry) -> Result<(), JournalError>) -> Result<(), JournalError> {
        let fail = |error: rusqlite::Error| read_error(&self.name(), &error);
        let sql = "SELECT chain_id, vault, kind, sequence, digest, idx, link FROM record ORDER BY idx";
        let mut statement = self.db.prepare_cached(sql).map_err(fail)?;
        let mut rows = statement.query(()).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let (slot, digest) = slot_and_digest(row).map_err(fail)?;
            let (index, link) = row.get::<_, i64>(5).and_then(|index| Ok((index, row.get(6)?))).map_err(fail)?;
            let index = u64::try_from(index).unwrap_or(0);
            each(Entry { index, slot, digest, link: Digest(link) })?;
        }
        Ok(())
    }

    /// What a slot stands for.
    ///
    /// # Errors
    /// The journal can't be read.
    pub fn lookup(&self, slot: &Slot) -> Result<Option<Digest>, JournalError> {
        let sql = "SELECT digest FROM record WHERE chain_id = ?1 AND vault = ?2 AND kind = ?3 AND sequence = ?4";
        let row = self.db.prepare_cached(sql).and_then(|mut statement| {
            statement.query_row(slot_parameters(slot), |row| row.get(0).map(Digest)).optional()
        });
        row.map_err(|error| read_error(&self.name(), &error))
    }

    /// Refused requests, oldest first; at most [`MAX_REFUSALS`].
    ///
    /// # Errors
    /// The journal can't be read.
    pub fn refusals(&self) -> Result<Vec<Refusal>, JournalError> {
        let sql = "SELECT chain_id, vault, kind, sequence, digest FROM refusal ORDER BY idx";
        let refusals = self.db.prepare_cached(sql).and_then(|mut statement| {
            let rows =
                statement.query_map((), |row| slot_and_digest(row).map(|(slot, digest)| Refusal { slot, digest }));
            rows?.collect::<Result<Vec<_>, _>>()
        });
        refusals.map_err(|error| read_error(&self.name(), &error))
    }

    /// The highest recorded number of a counter; zero if there is none.
    pub(super) fn highest(&self, counter: &Counter) -> Result<u64, JournalError> {
        let sql = "SELECT sequence FROM record WHERE chain_id = ?1 AND vault = ?2 AND kind = ?3
                   ORDER BY sequence DESC LIMIT 1";
        let row = self.db.prepare_cached(sql).and_then(|mut statement| {
            statement.query_row(counter_parameters(counter), |row| row.get(0).map(u64::from_be_bytes)).optional()
        });
        row.map(Option::unwrap_or_default).map_err(|error| read_error(&self.name(), &error))
    }

    /// The mark of a counter on disk, and the epoch it is from.
    pub(super) fn mark(&self, counter: &Counter) -> Result<Option<(Mark, u64)>, JournalError> {
        let sql = "SELECT chain_id, vault, kind, seen, floor, epoch, tag FROM mark
                   WHERE chain_id = ?1 AND vault = ?2 AND kind = ?3";
        let row = self
            .db
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(counter_parameters(counter), mark_row).optional());
        let row = row.map_err(|error| read_error(&self.name(), &error))?;
        row.map(|row| self.checked(row).map(|(_, mark, epoch)| (mark, epoch))).transpose()
    }

    /// True if a signature was ever kept.
    pub(super) fn has_signatures(&self) -> Result<bool, JournalError> {
        let row = self.db.query_row("SELECT EXISTS (SELECT 1 FROM signature)", (), |row| row.get(0));
        row.map_err(|error| read_error(&self.name(), &error))
    }

    /// Every mark on disk.
    pub(super) fn all_marks(&self) -> Result<Vec<(Counter, Mark)>, JournalError> {
        let sql = "SELECT chain_id, vault, kind, seen, floor, epoch, tag FROM mark ORDER BY chain_id, vault, kind";
        let rows = self
            .db
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map((), mark_row)?.collect::<Result<Vec<_>, _>>());
        let rows = rows.map_err(|error| read_error(&self.name(), &error))?;
        rows.into_iter().map(|row| self.checked(row).map(|(counter, mark, _)| (counter, mark))).collect()
    }

    /// A floor that a flipped bit has lowered would let a forgotten number be signed.
    fn checked(&self, (counter, mark, epoch, tag): MarkRow) -> Result<(Counter, Mark, u64), JournalError> {
        if tag == mark_tag(&counter, &mark, epoch) {
            return Ok((counter, mark, epoch));
        }
        Err(JournalError::Damaged { file: self.name(), what: format!("the mark of {counter} does not read") })
    }
}

/// A counter as the statements take it.
pub(super) type CounterParameters = ([u8; 8], [u8; 20], u8);

pub(super) fn counter_parameters(counter: &Counter) -> CounterParameters {
    (counter.chain_id.to_be_bytes(), counter.vault.0, counter.kind.code())
}

pub(super) fn slot_parameters(slot: &Slot) -> ([u8; 8], [u8; 20], u8, [u8; 8]) {
    let (chain_id, vault, kind) = counter_parameters(&slot.counter());
    (chain_id, vault, kind, slot.sequence.to_be_bytes())
}

fn counter(row: &Row<'_>) -> rusqlite::Result<Counter> {
    let code: u8 = row.get(2)?;
    // A kind of a later version: refused as unreadable, never skipped.
    let kind = MessageKind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, code.into()))?;
    Ok(Counter { chain_id: u64::from_be_bytes(row.get(0)?), vault: Address(row.get(1)?), kind })
}

fn slot_and_digest(row: &Row<'_>) -> rusqlite::Result<(Slot, Digest)> {
    Ok((counter(row)?.slot(u64::from_be_bytes(row.get(3)?)), Digest(row.get(4)?)))
}

type MarkRow = (Counter, Mark, u64, Tag);

fn mark_row(row: &Row<'_>) -> rusqlite::Result<MarkRow> {
    let number = |column| row.get(column).map(u64::from_be_bytes);
    Ok((counter(row)?, Mark { seen: number(3)?, floor: number(4)? }, number(5)?, row.get(6)?))
}

/// The kept signature of a slot.
pub(super) fn kept_signature(journal: &Journal, slot: &Slot) -> Result<Option<SignatureBytes>, JournalError> {
    let sql = "SELECT bytes FROM signature JOIN record USING (idx)
               WHERE chain_id = ?1 AND vault = ?2 AND kind = ?3 AND sequence = ?4";
    let row = journal.db.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row(slot_parameters(slot), |row| row.get(0).map(SignatureBytes)).optional()
    });
    row.map_err(|error| read_error(&journal.name(), &error))
}
