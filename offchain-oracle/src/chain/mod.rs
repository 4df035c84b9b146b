//! What the oracle needs of a chain: finalised state of vaults and bonds, events, and a way to submit a call.
//!
//! Two chains implement [`Chain`]: [`Node`] speaks JSON-RPC to a node; the in-process chain of the tests and the demo answers
//! at once. Whatever is read is finalised state; nothing is decided on a block that can still go away.
//!
//! A call that was handed over is in an [`Outbox`] before it leaves, so that a restart sends the same bytes again or nothing.

mod event;
mod fees;
mod node;
mod outbox;
mod rpc;
mod view;
mod wallet;

pub use event::ChainEvent;
pub use fees::{raised_up, Fees};
pub use node::{settle_call, Node, NodeConfig, MAX_ATTEMPTS, REMEMBERED_BLOCKS};
pub use outbox::{Attempt, Entry, MemoryOutbox, Outbox, OutboxError, Standing};
pub use rpc::{sort as sort_answers, Endpoint, Patience, Rpc, RpcError, MAX_ANSWER_BYTES, MAX_BATCH};
pub use view::{BondView, LayerView, Phase, SideView, TailView, VaultView, MAX_LAYERS};
pub use wallet::Wallet;

use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Address, Digest};
use thiserror::Error;

/// A block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: Digest,
    /// Its timestamp, seconds.
    pub time: Timestamp,
}

/// A chain with vaults on it. Implemented by the in-process chain and by [`Node`], used by [`crate::submit`] and the service.
pub trait Chain {
    /// What a settled instruction leaves behind, such as a block and events.
    type Receipt;

    /// The chain's EIP-155 identifier.
    ///
    /// # Errors
    /// The chain can't be reached.
    fn chain_id(&mut self) -> Result<u64, ChainError>;

    /// The last finalised block.
    ///
    /// # Errors
    /// The chain can't be reached.
    fn finalised(&mut self) -> Result<Block, ChainError>;

    /// The block of a height as the chain has it now; none beyond the finalised head. A hash that was another before means
    /// that a reorganisation went deeper than finality.
    ///
    /// # Errors
    /// The chain can't be reached.
    fn block(&mut self, number: u64) -> Result<Option<Block>, ChainError>;

    /// A vault's finalised state.
    ///
    /// # Errors
    /// The chain can't be reached or has no such vault.
    fn vault(&mut self, vault: Address) -> Result<VaultView, ChainError>;

    /// A bond series' finalised state.
    ///
    /// # Errors
    /// The chain can't be reached or has no such series.
    fn bond(&mut self, bond: Address) -> Result<BondView, ChainError>;

    /// Events of these contracts in the blocks `from` to `to`, both included, in order.
    ///
    /// # Errors
    /// The chain can't be reached.
    fn events(&mut self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<ChainEvent>, ChainError>;

    /// Calls the vault's `settle` with packed signatures. The same instruction given again is not sent twice.
    ///
    /// # Errors
    /// The chain can't be reached, or the vault refuses.
    fn settle(&mut self, instruction: &MarginInstruction, signatures: &[u8])
        -> Result<Sent<Self::Receipt>, ChainError>;

    /// Looks after what was handed over and is not final: sends again what was lost, pays more for what is stuck. Gives what
    /// came to an end since the last time.
    ///
    /// # Errors
    /// The chain can't be reached; nothing is lost then.
    fn pursue(&mut self) -> Result<Vec<Outcome>, ChainError>;
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<Receipt> {
    /// In a finalised block.
    Final(Receipt),
    /// Handed over; [`Chain::pursue`] will say how it ends.
    Pending(Digest),
}

/// How a call that was handed over ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The vault that was called.
    pub vault: Address,
    /// The instruction's sequence.
    pub sequence: u64,
    /// The transaction.
    pub transaction: Digest,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It took effect in this finalised block.
    Final(Block),
    /// It was included and had no effect.
    Reverted(Block),
    /// Its nonce was used by another transaction: it has to be submitted anew.
    Displaced,
    /// It was final, and its block is gone: it is under way again.
    Reopened,
}

/// What a chain answers when it does not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// No answer, or none that could be read.
    #[error("chain can't be reached: {0}; check the node and try again")]
    Unreachable(String),
    /// Another chain than the configured one.
    #[error("the node is on chain {found}, the configuration says {expected}; check its address")]
    WrongChain {
        /// As configured.
        expected: u64,
        /// The node's.
        found: u64,
    },
    /// There is no vault at this address.
    #[error("no vault at {0:?}; check the address and the chain")]
    NoVault(Address),
    /// The vault refused, with the name of its error.
    #[error("the vault refused: {0}")]
    Refused(String),
    /// The chain's clock is behind the valuation; the next block will take it.
    #[error("the chain's last block is older than the valuation; it is sent with the next")]
    Early,
    /// The submitter can't pay, or may not pay as much as the chain asks.
    #[error("{0}; fund the submitting account or raise its limit")]
    Fee(String),
    /// What was sent can't be remembered, so nothing is sent.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}
