//! What was handed to the chain, written down before it leaves.

use super::Fees;
use ringfence_protocol::{Address, Digest};
use std::collections::BTreeMap;
use thiserror::Error;

/// A call under one nonce of the submitting account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account's nonce. One call has one nonce, whatever it pays.
    pub nonce: u64,
    /// The contract that is called.
    pub vault: Address,
    /// The instruction's sequence; zero for a call that only fills a gap.
    pub sequence: u64,
    /// The call.
    pub data: Vec<u8>,
    /// Units of gas it may use.
    pub gas: u64,
    /// The transactions that carried it, cheapest first; never empty.
    pub attempts: Vec<Attempt>,
    /// How it stands.
    pub standing: Standing,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its hash.
    pub hash: Digest,
    /// Its signed bytes.
    pub raw: Vec<u8>,
    /// What it pays.
    pub fees: Fees,
    /// When it was made, seconds.
    pub at: u64,
}

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not in a finalised block.
    Live,
    /// In a finalised block, kept until no reorganisation can reach it.
    Final {
        /// The block's height.
        number: u64,
        /// The block's hash.
        hash: Digest,
    },
}

impl Entry {
    /// True until it is in a finalised block.
    pub fn is_live(&self) -> bool {
        self.standing == Standing::Live
    }
}

/// Where entries are kept.
pub trait Outbox: std::fmt::Debug + Send {
    /// Every entry, by nonce.
    ///
    /// # Errors
    /// They can't be read.
    fn load(&mut self) -> Result<Vec<Entry>, OutboxError>;

    /// Writes an entry in the place of the one with its nonce; durable when it returns.
    ///
    /// # Errors
    /// It can't be written; it must not be sent then.
    fn put(&mut self, entry: &Entry) -> Result<(), OutboxError>;

    /// Forgets an entry.
    ///
    /// # Errors
    /// It can't be written.
    fn forget(&mut self, nonce: u64) -> Result<(), OutboxError>;
}

/// The outbox can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("what was sent can't be remembered ({0}); check the disk of the store, nothing is sent until then")]
pub struct OutboxError(pub String);

/// An outbox that lasts as long as the process.
#[derive(Clone, Debug, Default)]
pub struct MemoryOutbox(BTreeMap<u64, Entry>);

impl Outbox for MemoryOutbox {
    fn load(&mut self) -> Result<Vec<Entry>, OutboxError> {
        Ok(self.0.values().cloned().collect())
    }

    fn put(&mut self, entry: &Entry) -> Result<(), OutboxError> {
        self.0.insert(entry.nonce, entry.clone());
        Ok(())
    }

    fn forget(&mut self, nonce: u64) -> Result<(), OutboxError> {
        self.0.remove(&nonce);
        Ok(())
    }
}
