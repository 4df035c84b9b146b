//! Writing a journal: what must be on disk before a signature leaves.

use super::links::mark_tag;
use super::read::{kept_signature, slot_parameters, MAX_REFUSALS};
use super::schema::sql_error;
use super::{Journal, JournalError, Mark, Record};
use crate::sign::{Counter, SignatureBytes, Slot};
use ringfence_protocol::Digest;
use rusqlite::Connection;
use std::collections::BTreeMap;

impl Record for Journal {
    fn record(&mut self, slot: &Slot, digest: &Digest) -> Result<(), JournalError> {
        self.record_many(&[(*slot, *digest)]).pop().unwrap_or(Ok(()))
    }

    fn record_many(&mut self, entries: &[(Slot, Digest)]) -> Vec<Result<(), JournalError>> {
        let mut new = BTreeMap::new();
        let mut answers: Vec<_> = entries.iter().map(|(slot, digest)| self.admit(slot, digest, &mut new)).collect();
        if let Err(error) = self.append(&new) {
            // Nothing of the group is known to be on disk.
            for answer in answers.iter_mut().filter(|answer| answer.is_ok()) {
                *answer = Err(error.clone());
            }
        }
        answers
    }

    fn signature(&mut self, slot: &Slot) -> Result<Option<SignatureBytes>, JournalError> {
        self.check_usable()?;
        if self.keeps_signatures {
            kept_signature(self, slot)
        } else {
            Ok(None)
        }
    }

    fn keep_signature(&mut self, slot: &Slot, signature: &SignatureBytes) -> Result<(), JournalError> {
        self.check_usable()?;
        let rows = self.commit(|db| {
            let sql = "INSERT INTO signature (idx, bytes) SELECT idx, ?5 FROM record
                       WHERE chain_id = ?1 AND vault = ?2 AND kind = ?3 AND sequence = ?4";
            let (chain_id, vault, kind, sequence) = slot_parameters(slot);
            db.prepare_cached(sql)?.execute((chain_id, vault, kind, sequence, signature.0))
        })?;
        self.keeps_signatures = true;
        if rows == 1 {
            Ok(())
        } else {
            Err(JournalError::NotRecorded(*slot))
        }
    }

    fn note_refusal(&mut self, slot: &Slot, digest: &Digest) -> Result<(), JournalError> {
        self.check_usable()?;
        self.commit(|db| {
            let sql = "INSERT OR IGNORE INTO refusal (chain_id, vault, kind, sequence, digest)
                       SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM refusal) < ?6";
            let (chain_id, vault, kind, sequence) = slot_parameters(slot);
            let limit = i64::try_from(MAX_REFUSALS).unwrap_or(i64::MAX);
            db.prepare_cached(sql)?.execute((chain_id, vault, kind, sequence, digest.0, limit))
        })?;
        Ok(())
    }
}

impl Journal {
    /// Lets an entry pass that may be signed, and puts it among the new ones if it is not on disk yet.
    fn admit(&self, slot: &Slot, digest: &Digest, new: &mut BTreeMap<Slot, Digest>) -> Result<(), JournalError> {
        self.check_usable()?;
        let known = match new.get(slot) {
            Some(taken) => Some(*taken),
            // Whatever a lookup finds is on disk: synced when it was opened, or by a commit of this run.
            None => self.lookup(slot)?,
        };
        match known {
            Some(signed) if signed == *digest => Ok(()),
            Some(signed) => Err(JournalError::Conflict { slot: *slot, signed }),
            None => {
                self.check_next(slot)?;
                new.insert(*slot, *digest);
                Ok(())
            }
        }
    }

    /// Writes new entries in one transaction, in the order of their slots, and moves the witness behind them.
    fn append(&mut self, new: &BTreeMap<Slot, Digest>) -> Result<(), JournalError> {
        if new.is_empty() {
            return Ok(());
        }
        let mut head = self.head;
        let mut rows = Vec::with_capacity(new.len());
        for (slot, digest) in new {
            head = head.after(slot, digest);
            rows.push((i64::try_from(head.count).map_err(|_| JournalError::Full)?, *slot, *digest, head.link));
        }
        let (marks, epoch) = (std::mem::take(&mut self.unwritten), self.epoch);
        self.commit(|db| {
            let sql = "INSERT INTO record (idx, chain_id, vault, kind, sequence, digest, link)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let mut statement = db.prepare_cached(sql)?;
            for (index, slot, digest, link) in &rows {
                let (chain_id, vault, kind, sequence) = slot_parameters(slot);
                statement.execute((index, chain_id, vault, kind, sequence, digest.0, link.0))?;
            }
            put_marks(db, &marks, epoch)
        })?;
        self.head = head;
        let remembered = self.lock.remember(head);
        self.poison_on_error(remembered)
    }

    pub(super) fn check_usable(&self) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned(self.name()));
        }
        Ok(())
    }

    /// Runs `write` in a transaction that is on disk when this returns. After a failure nothing is written or read again:
    /// the system may have dropped the pages of a failed sync and report success for the next.
    pub(super) fn commit<T>(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let written = self.db.unchecked_transaction().and_then(|transaction| {
            let value = write(&transaction)?;
            transaction.commit().map(|()| value)
        });
        let written = written.map_err(|error| sql_error(&self.name(), "written", &error));
        self.poison_on_error(written)
    }

    /// Writes the marks that no record has carried to disk.
    pub(super) fn write_marks(&mut self) -> Result<(), JournalError> {
        let (marks, epoch) = (std::mem::take(&mut self.unwritten), self.epoch);
        self.commit(|db| put_marks(db, &marks, epoch))
    }

    pub(super) fn poison_on_error<T>(&mut self, result: Result<T, JournalError>) -> Result<T, JournalError> {
        self.poisoned = self.poisoned || result.is_err();
        result
    }
}

pub(super) fn put_marks(db: &Connection, marks: &BTreeMap<Counter, Mark>, epoch: u64) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO mark (chain_id, vault, kind, seen, floor, epoch, tag)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut statement = db.prepare_cached(sql)?;
    for (counter, mark) in marks {
        let (chain_id, vault, kind) = super::read::counter_parameters(counter);
        let tag = mark_tag(counter, mark, epoch);
        let (seen, floor, epoch) = (mark.seen.to_be_bytes(), mark.floor.to_be_bytes(), epoch.to_be_bytes());
        statement.execute((chain_id, vault, kind, seen, floor, epoch, tag))?;
    }
    Ok(())
}
