//! Taking in an export.

use super::record::put_marks;
use super::schema::{put_header, Header};
use super::{Export, Journal, JournalError, Mark, Record};
use crate::sign::Counter;
use rusqlite::params;
use std::collections::BTreeMap;

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Records that were new.
    pub added: u64,
    /// Records that were there already.
    pub known: u64,
}

impl Journal {
    /// Adds what an export holds, all of it or nothing.
    ///
    /// From then on every counter, when it is next anchored, leaves one number to the other signers: the export may be
    /// older than the last signature.
    ///
    /// # Errors
    /// [`JournalError::WrongSigner`]; [`JournalError::Contradiction`] if a slot stands for another digest, which is noted as
    /// a refusal; the journal can't be written.
    pub fn import(&mut self, export: &Export) -> Result<Imported, JournalError> {
        self.check_usable()?;
        if export.signer != self.signer {
            return Err(JournalError::WrongSigner { file: self.name(), found: self.signer, wanted: export.signer });
        }
        self.write_marks()?;
        let mut fresh = BTreeMap::new();
        for (slot, digest) in &export.records {
            match self.lookup(slot)?.or_else(|| fresh.get(slot).copied()) {
                Some(ours) if ours != *digest => {
                    self.note_refusal(slot, digest)?;
                    return Err(JournalError::Contradiction { slot: *slot, ours, theirs: *digest });
                }
                Some(_) => {}
                None => {
                    fresh.insert(*slot, *digest);
                }
            }
        }
        let new = export.records.iter().filter(|(slot, _)| fresh.remove(slot).is_some());
        let mut head = self.head;
        let rows: Vec<_> = new
            .map(|(slot, digest)| {
                head = head.after(slot, digest);
                (*slot, *digest, head)
            })
            .collect();
        let added = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let (before, epoch) = (self.epoch, self.epoch.saturating_add(1));
        let marks = self.merged(export)?;
        let header = Header { signer: self.signer, epoch, in_use: true };
        self.commit(|db| {
            let sql = "INSERT INTO record (idx, chain_id, vault, kind, sequence, digest, link)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let mut insert = db.prepare_cached(sql)?;
            for (slot, digest, head) in &rows {
                let (chain_id, vault, kind, sequence) = super::read::slot_parameters(slot);
                let index = i64::try_from(head.count).unwrap_or(i64::MAX);
                insert.execute(params![index, chain_id, vault, kind, sequence, digest.0, head.link.0])?;
            }
            // Under the epoch before: these marks are known, but they don't lift what the import holds back.
            put_marks(db, &marks, before)?;
            put_header(db, &header)
        })?;
        self.epoch = epoch;
        self.marks.clear();
        self.unwritten.clear();
        self.head = head;
        let remembered = self.lock.remember(head);
        self.poison_on_error(remembered)?;
        let total = u64::try_from(export.records.len()).unwrap_or(u64::MAX);
        Ok(Imported { added, known: total.saturating_sub(added) })
    }

    /// Marks only ever grow, whichever side knows more.
    fn merged(&self, export: &Export) -> Result<BTreeMap<Counter, Mark>, JournalError> {
        let mut marks: BTreeMap<Counter, Mark> = self.all_marks()?.into_iter().collect();
        for theirs in &export.marks {
            let ours = marks.entry(theirs.counter).or_default();
            *ours = Mark { seen: ours.seen.max(theirs.seen), floor: ours.floor.max(theirs.floor) };
        }
        Ok(marks)
    }

    /// Checks that everything in an export is in the journal, as it was.
    ///
    /// # Errors
    /// [`JournalError::WrongSigner`], [`JournalError::Contradiction`], or [`JournalError::OlderCopy`] if records are missing.
    pub fn contains(&self, export: &Export) -> Result<(), JournalError> {
        if export.signer != self.signer {
            return Err(JournalError::WrongSigner { file: self.name(), found: self.signer, wanted: export.signer });
        }
        let mut found = 0_u64;
        for (slot, theirs) in &export.records {
            match self.lookup(slot)? {
                Some(ours) if ours == *theirs => found = found.saturating_add(1),
                Some(ours) => return Err(JournalError::Contradiction { slot: *slot, ours, theirs: *theirs }),
                None => {}
            }
        }
        let known = u64::try_from(export.records.len()).unwrap_or(u64::MAX);
        if found < known {
            return Err(JournalError::OlderCopy { file: self.name(), found, known });
        }
        Ok(())
    }
}
