use crate::sign::{Counter, Slot};
use ringfence_protocol::{Address, Digest};
use thiserror::Error;

/// Why a journal can't be used, or does not let a request be signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JournalError {
    /// There is no such file.
    #[error("{0}: journal not found; restore it with `journal import`, or use `journal init` for a key that has never signed")]
    Missing(String),
    /// The file is there already.
    #[error("{0}: file exists and is not overwritten; choose another name")]
    Exists(String),
    /// Another process has it open.
    #[error("{0}: journal is in use by another process; stop that signer first, one journal serves one process")]
    InUse(String),
    /// The file is no journal, or of another format.
    #[error("{file}: not a signing journal ({reason}); check the path")]
    NotAJournal {
        /// The file.
        file: String,
        /// What it is instead.
        reason: String,
    },
    /// The journal belongs to another key.
    #[error("{file}: journal of signer {found:?}, the key is {wanted:?}; use the journal of this key")]
    WrongSigner {
        /// The file.
        file: String,
        /// The journal's signer.
        found: Address,
        /// The key's address.
        wanted: Address,
    },
    /// What it holds contradicts itself.
    #[error("{file}: journal is damaged ({what}); don't sign with it, import the last export into a new journal")]
    Damaged {
        /// The file.
        file: String,
        /// What does not fit.
        what: String,
    },
    /// The lock file remembers more records than the database has.
    #[error("{file}: older copy, {found} records where there were {known}; don't sign with it, import it into a new journal")]
    OlderCopy {
        /// The file.
        file: String,
        /// Records in the database.
        found: u64,
        /// Records that the lock file remembers.
        known: u64,
    },
    /// The chain's counter is above everything the journal knows.
    #[error(
        "journal ends at {journal}, the chain shows {chain} for {counter}: an old copy or a long pause; \
         use the current journal, or run `journal catch-up`, which abstains from number {next}"
    )]
    Behind {
        /// The counter.
        counter: Counter,
        /// The highest number in the journal.
        journal: u64,
        /// The chain's.
        chain: u64,
        /// The number that is left to the other signers.
        next: u64,
    },
    /// The chain shows less than it did.
    #[error(
        "the chain shows {found} for {counter}, it has shown {seen}; use finalised state of a node that is in step"
    )]
    ChainWentBack {
        /// The counter.
        counter: Counter,
        /// What it shows now.
        found: u64,
        /// What it has shown.
        seen: u64,
    },
    /// The chain's counter is not known in this run.
    #[error("the chain's counter is not known for {0}; supply the chain state")]
    NotAnchored(Counter),
    /// The number does not follow the chain's counter.
    #[error("{slot} does not follow the chain's {seen}; only number {next} is signed")]
    NotNext {
        /// What was asked for.
        slot: Slot,
        /// The chain's counter.
        seen: u64,
        /// What may be signed.
        next: u64,
    },
    /// The number is one that this journal must not sign anew.
    #[error(
        "{slot} is not signed: this journal signs from number {first} on; the other signers have to sign this one"
    )]
    Passed {
        /// What was asked for.
        slot: Slot,
        /// The first number that may be signed.
        first: u64,
    },
    /// The slot stands for another digest.
    #[error("{slot} was signed as {signed:?}, another digest was asked for; refuse and investigate, never sign twice")]
    Conflict {
        /// The slot.
        slot: Slot,
        /// What it stands for.
        signed: Digest,
    },
    /// The memory of a journal without a file is full.
    #[error("no further message can be remembered; restart against the chain's counters")]
    Full,
    /// A signature was kept for a slot that is not recorded: a fault of this program.
    #[error("{0} is not recorded; report this, nothing was sent")]
    NotRecorded(Slot),
    /// Reading or writing failed.
    #[error("{file}: journal can't be {doing} ({reason}); check the disk, nothing was signed")]
    Storage {
        /// The file.
        file: String,
        /// What was being done, such as "written".
        doing: &'static str,
        /// The system's reason.
        reason: String,
    },
    /// An earlier write failed in this run.
    #[error("{0}: an earlier write failed, what is on disk is not certain; check the disk and restart the signer")]
    Poisoned(String),
    /// Two journals stand for different digests: the key has signed twice.
    #[error("{slot}: the journal has {ours:?}, the import has {theirs:?}; this key may have signed twice, rotate it")]
    Contradiction {
        /// The slot.
        slot: Slot,
        /// The journal's digest.
        ours: Digest,
        /// The import's.
        theirs: Digest,
    },
}

impl JournalError {
    /// True if the request is refused while the journal itself is well.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotAnchored(_) | Self::NotNext { .. } | Self::Passed { .. } | Self::Conflict { .. } | Self::Full
        )
    }
}
