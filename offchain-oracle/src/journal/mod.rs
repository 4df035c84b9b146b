//! The signing journal: what a key has signed, on disk before a signature leaves, so that no slot is ever signed twice.
//!
//! The key of a record is (chain id, vault, kind of message, number) -> digest, the same for every kind that can be signed.
//! One journal belongs to one signing key. Models: EIP-3076 (slashing protection interchange) and tmkms' consensus state.
//!
//! # Durability
//! SQLite in WAL mode with `synchronous=FULL`: a record is fsynced when [`Record::record`] returns, and all of a group when
//! [`Record::record_many`] does, in one transaction. Opening checkpoints and
//! syncs everything a previous process left in the page cache, so that whatever a lookup can see is on disk. After any
//! failed write or sync the journal refuses everything until it is opened again: what such a failure leaves behind is
//! unknown, and a second sync may report success for pages the system has dropped.
//!
//! # One process
//! An advisory lock on `<journal>.lock` and SQLite's exclusive lock: a second process is refused, whichever path it uses.
//!
//! # Old copies
//! A journal restored from a backup has forgotten what was signed since. Three things stand against that:
//! - A number is signed only if it follows the chain's own (finalised) counter, so what was forgotten is at most the next
//!   number of each counter.
//! - [`Journal::anchor`] refuses a journal whose highest number is below the chain's. [`Behind::CatchUp`], like an import,
//!   lets such a journal sign again, but only from the number after the next: the next one is left to the other signers.
//! - The lock file remembers how many records there were; a database older than that is refused.
//! - A database that was copied or moved while it was in use, without its log, is refused.
//!
//! Warning: a copy of the database *and* its lock file that is not behind the chain can't be told from the original.
//! Restore with an import, which abstains from the next number of every counter, and never by copying files.
//!
//! # Integrity
//! Each record carries a hash over the one before and itself; opening recomputes all of them.

mod anchor;
mod error;
mod export;
mod import;
mod links;
mod lock;
mod memory;
mod open;
mod read;
mod record;
mod schema;

pub use anchor::Behind;
pub use error::JournalError;
pub use export::{Export, ExportError, ExportedMark, MAX_EXPORT_RECORDS, MAX_LINE_BYTES};
pub use import::Imported;
pub use memory::{MemoryRecord, MAX_REMEMBERED};
pub use read::{Entry, Refusal, MAX_REFUSALS};

use crate::sign::{Counter, SignatureBytes, Slot};
use links::Head;
use lock::LockFile;
use ringfence_protocol::{Address, Digest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a signer writes down what it is about to sign.
pub trait Record {
    /// Returns once it is durable that `slot` stands for `digest`, now or from before.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] if the slot stands for another digest; anything else that keeps the record from being
    /// durable. No signature may be made after an error.
    fn record(&mut self, slot: &Slot, digest: &Digest) -> Result<(), JournalError>;

    /// The same for several, with an answer for each, in order. A record that writes them in one transaction waits for its
    /// disk once; a failure of that transaction is the answer of all that were in it.
    fn record_many(&mut self, entries: &[(Slot, Digest)]) -> Vec<Result<(), JournalError>> {
        entries.iter().map(|(slot, digest)| self.record(slot, digest)).collect()
    }

    /// The signature kept for a slot, if one was.
    ///
    /// # Errors
    /// The journal can't be read.
    fn signature(&mut self, slot: &Slot) -> Result<Option<SignatureBytes>, JournalError>;

    /// Keeps the signature of a recorded slot, for keys that would make another one the next time.
    ///
    /// # Errors
    /// The journal can't be written, or has no such slot.
    fn keep_signature(&mut self, slot: &Slot, signature: &SignatureBytes) -> Result<(), JournalError>;

    /// Notes a request that was refused because its slot stands for another digest.
    ///
    /// # Errors
    /// The journal can't be written.
    fn note_refusal(&mut self, slot: &Slot, digest: &Digest) -> Result<(), JournalError>;
}

/// What is known of a counter in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    /// The chain's counter as last seen.
    seen: u64,
    /// The highest number that is never signed anew.
    floor: u64,
}

/// A journal on disk, open and locked.
#[derive(Debug)]
pub struct Journal {
    db: rusqlite::Connection,
    lock: LockFile,
    path: PathBuf,
    signer: Address,
    /// Imports so far: a mark of an earlier epoch does not let anything be signed.
    epoch: u64,
    head: Head,
    marks: BTreeMap<Counter, Mark>,
    /// Marks that go to disk with the next record; losing them only makes the journal look older than it is.
    unwritten: BTreeMap<Counter, Mark>,
    /// True once a signature was kept: keys that always make the same one never need to look for it.
    keeps_signatures: bool,
    poisoned: bool,
}

impl Journal {
    /// The address of the key it belongs to.
    pub const fn signer(&self) -> Address {
        self.signer
    }

    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many slots it holds.
    pub const fn len(&self) -> u64 {
        self.head.count
    }

    /// True if nothing was ever recorded.
    pub const fn is_empty(&self) -> bool {
        self.head.count == 0
    }

    /// The hash over all records.
    pub const fn head(&self) -> Digest {
        self.head.link
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if !self.poisoned {
            // A failure leaves the journal as a crash would: the next opening recovers it.
            let _ = self.finish();
        }
    }
}
