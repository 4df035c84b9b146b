//! Handing a signed instruction to a chain, whichever chain that is.

use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Address, Digest};
use thiserror::Error;

/// What the oracle has to know of a vault before it submits. Read from finalised state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultView {
    /// The last sequence that was settled; zero before the first.
    pub sequence: u64,
    /// When the last settled instruction was valued; zero before the first.
    pub valuation_time: Timestamp,
    /// The portfolio that both parties signed.
    pub portfolio_root: Digest,
    /// Hash of the terms.
    pub terms_hash: Digest,
    /// True while the vault takes instructions.
    pub accepts_instructions: bool,
}

/// A chain with vaults on it: the in-process one, or a client of a node. Implemented by those, used by [`submit`].
pub trait Chain {
    /// What a settled instruction leaves behind, such as a block and events.
    type Receipt;

    /// The vault's state.
    ///
    /// # Errors
    /// The chain can't be reached or has no such vault.
    fn vault(&mut self, vault: Address) -> Result<VaultView, ChainError>;

    /// Calls the vault's `settle` with packed signatures.
    ///
    /// # Errors
    /// The chain can't be reached, or the vault refuses.
    fn settle(&mut self, instruction: &MarginInstruction, signatures: &[u8]) -> Result<Self::Receipt, ChainError>;
}

/// What a chain answers when it does not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// No answer, or none that could be read.
    #[error("chain can't be reached: {0}; check the node and try again")]
    Unreachable(String),
    /// There is no vault at this address.
    #[error("no vault at {0:?}; check the address and the chain")]
    NoVault(Address),
    /// The vault refused, with the name of its error.
    #[error("the vault refused: {0}")]
    Refused(String),
}

/// Why an instruction was not submitted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// The chain's answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The vault takes no instructions now.
    #[error("vault {0:?} takes no instructions in its present state")]
    Closed(Address),
    /// The instruction does not follow the vault's last.
    #[error("vault {vault:?} expects sequence {expected}, the instruction has {found}; value again and sign anew")]
    Sequence {
        /// The vault.
        vault: Address,
        /// Its next sequence.
        expected: u64,
        /// The instruction's.
        found: u64,
    },
    /// The instruction is for another portfolio or other terms than the vault's.
    #[error("vault {vault:?} has another {what} than the instruction; use the agreed one and sign anew")]
    Mismatch {
        /// The vault.
        vault: Address,
        /// What differs.
        what: &'static str,
    },
}

/// How a submission ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission<Receipt> {
    /// The vault settled it now.
    Settled(Receipt),
    /// The vault had already settled this sequence at this valuation time: a retry after a lost answer.
    AlreadySettled,
}

/// Submits an instruction unless the vault has it already.
///
/// # Errors
/// [`SubmitError`]: nothing that the vault is known to refuse is sent.
pub fn submit<C: Chain>(
    chain: &mut C,
    instruction: &MarginInstruction,
    signatures: &[u8],
) -> Result<Submission<C::Receipt>, SubmitError> {
    let vault = instruction.vault;
    let view = chain.vault(vault)?;
    if view.sequence == instruction.sequence && view.valuation_time == instruction.valuation_time {
        return Ok(Submission::AlreadySettled);
    }
    if !view.accepts_instructions {
        return Err(SubmitError::Closed(vault));
    }
    let expected = view.sequence.saturating_add(1);
    if instruction.sequence != expected {
        return Err(SubmitError::Sequence { vault, expected, found: instruction.sequence });
    }
    if instruction.portfolio_root != view.portfolio_root {
        return Err(SubmitError::Mismatch { vault, what: "portfolio" });
    }
    if instruction.terms_hash != view.terms_hash {
        return Err(SubmitError::Mismatch { vault, what: "terms hash" });
    }
    Ok(Submission::Settled(chain.settle(instruction, signatures)?))
}
