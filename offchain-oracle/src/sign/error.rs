use super::{KeyError, Slot};
use crate::error::InputError;
use crate::journal::JournalError;
use ringfence_protocol::signature::{SignatureError, SignerSetError};
use ringfence_protocol::Address;
use thiserror::Error;

/// Why a key can't be used or a signature is not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignError {
    /// There is no such key file.
    #[error("{0}: key file not found; check the path or make one with `ringfence-oracle keys new`")]
    KeyMissing(String),
    /// The key file could not be read or written.
    #[error("{file}: key file can't be used ({kind}); check its type and permissions")]
    KeyUnreadable {
        /// The file.
        file: String,
        /// The system's reason.
        kind: std::io::ErrorKind,
    },
    /// Others than the owner may read the key file.
    #[error("{file}: key file has mode {mode:04o}, others can read it; run chmod 600 {file}")]
    KeyPermissions {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file is not 64 hexadecimal digits of a valid key.
    #[error("{0}: not a secp256k1 key of 64 hexadecimal digits; restore the file from its backup")]
    KeyMalformed(String),
    /// The keystore is not one that can be read.
    #[error("{file}: keystore {what}; restore the file from its backup")]
    KeystoreMalformed {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The keystore needs a passphrase.
    #[error("{0}: keystore needs its passphrase; name the file that holds it with --passphrase-file")]
    PassphraseNeeded(String),
    /// The passphrase is wrong, or the keystore was changed.
    #[error("{0}: wrong passphrase, or the keystore was changed; check both")]
    WrongPassphrase(String),
    /// A passphrase that is empty or too long.
    #[error("{0}: a passphrase has 1 to 1024 bytes; choose another")]
    PassphraseUnusable(String),
    /// A new key would overwrite a file.
    #[error("{0}: file exists and is not overwritten; choose another name")]
    KeyExists(String),
    /// The system has no randomness to offer.
    #[error("no randomness for a new key; check the system's random source")]
    NoRandomness,
    /// Journals and keys don't pair up.
    #[error("{journals} journals for {keys} keys; name one --journal for each --key, in the same order, or none")]
    JournalCount {
        /// Keys given.
        keys: usize,
        /// Journals given.
        journals: usize,
    },
    /// The signers do not make a valid set.
    #[error("these signers can't form a quorum ({0:?}); use distinct keys and a threshold above half of them")]
    SignerSet(SignerSetError),
    /// The signer has signed another message for the same slot.
    #[error(
        "signer {signer:?} has already signed another message for {slot}; refuse and investigate, never sign twice"
    )]
    Conflict {
        /// Who refuses.
        signer: Address,
        /// For what.
        slot: Slot,
    },
    /// The journal can't be used, or does not let the request be signed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The chain state can't be used.
    #[error(transparent)]
    ChainState(#[from] InputError),
    /// The key gave no signature.
    #[error("signer {signer:?}: {error}")]
    Key {
        /// Whose key.
        signer: Address,
        /// Why.
        error: KeyError,
    },
    /// The finished signatures don't verify, which would be a fault of this program.
    #[error("the signatures made do not verify ({0:?}); report this, nothing was sent")]
    SelfCheck(SignatureError),
}

impl SignError {
    /// True if it concerns the keys themselves rather than a refusal to sign.
    pub const fn is_key_problem(&self) -> bool {
        matches!(
            self,
            Self::KeyMissing(_)
                | Self::KeyUnreadable { .. }
                | Self::KeyPermissions { .. }
                | Self::KeyMalformed(_)
                | Self::KeyExists(_)
                | Self::KeystoreMalformed { .. }
                | Self::PassphraseNeeded(_)
                | Self::WrongPassphrase(_)
                | Self::PassphraseUnusable(_)
                | Self::NoRandomness
                | Self::JournalCount { .. }
                | Self::SignerSet(_)
        )
    }
}
