//! Anchoring a counter to the chain: what keeps an old copy of a journal from signing.

use super::{Journal, JournalError, Mark};
use crate::sign::{Counter, Slot};
use std::collections::BTreeMap;

/// What to do with a journal that ends before the chain does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Refuse it.
    Refuse,
    /// Let it sign from the number after the next. What an old copy has forgotten is at most the next number, because only
    /// a number that follows the chain is ever signed, and the chain's counter does not go back.
    CatchUp,
}

impl Journal {
    /// Tells the journal the chain's finalised counter. Nothing is signed for a counter before that was done in this run.
    ///
    /// The first call for a counter in a run compares it with the journal; later ones only move it forward. After an
    /// import the next number of every counter is left to the other signers.
    ///
    /// # Errors
    /// [`JournalError::Behind`], [`JournalError::ChainWentBack`], or the journal can't be read or written.
    pub fn anchor(&mut self, counter: &Counter, chain: u64, behind: Behind) -> Result<(), JournalError> {
        self.check_usable()?;
        let mark = match self.marks.get(counter) {
            Some(mark) => forward(counter, *mark, chain)?,
            None => self.first(counter, chain, behind)?,
        };
        if self.marks.insert(*counter, mark) != Some(mark) {
            self.unwritten.insert(*counter, mark);
        }
        Ok(())
    }

    /// The comparison at the start of a run.
    fn first(&mut self, counter: &Counter, chain: u64, behind: Behind) -> Result<Mark, JournalError> {
        let (known, epoch) = self.mark(counter)?.unwrap_or_default();
        let mark = forward(counter, known, chain)?;
        // The floor does not count: a copy made while it held would otherwise pass for one that has seen the chain get there.
        let journal = self.highest(counter)?.max(known.seen);
        let imported = epoch < self.epoch;
        if !imported && chain <= journal {
            return Ok(mark);
        }
        let next = chain.max(journal).saturating_add(1);
        if !imported && behind == Behind::Refuse {
            return Err(JournalError::Behind { counter: *counter, journal, chain, next });
        }
        let mark = Mark { floor: mark.floor.max(next), ..mark };
        // This one must outlast a crash: it is what keeps the forgotten number from being signed.
        let (marks, epoch) = (BTreeMap::from([(*counter, mark)]), self.epoch);
        self.commit(|db| super::record::put_marks(db, &marks, epoch))?;
        Ok(mark)
    }

    /// True once the chain has taken every number that an anchored counter leaves to the other signers.
    pub fn has_caught_up(&self) -> bool {
        self.marks.values().all(|mark| mark.seen >= mark.floor)
    }

    /// Lets only the number that follows the chain's pass, and none below the floor.
    pub(super) fn check_next(&self, slot: &Slot) -> Result<(), JournalError> {
        let counter = slot.counter();
        let mark = self.marks.get(&counter).ok_or(JournalError::NotAnchored(counter))?;
        let next = mark.seen.saturating_add(1);
        if slot.sequence > next {
            return Err(JournalError::NotNext { slot: *slot, seen: mark.seen, next });
        }
        if slot.sequence <= mark.floor {
            return Err(JournalError::Passed { slot: *slot, first: mark.floor.saturating_add(1) });
        }
        Ok(())
    }
}

/// The chain's counter only grows; what it has passed is never signed anew.
fn forward(counter: &Counter, mark: Mark, chain: u64) -> Result<Mark, JournalError> {
    if chain < mark.seen {
        return Err(JournalError::ChainWentBack { counter: *counter, found: chain, seen: mark.seen });
    }
    Ok(Mark { seen: chain, floor: mark.floor.max(chain) })
}
