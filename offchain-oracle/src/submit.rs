//! Handing a signed instruction to a chain, whichever chain that is.

use crate::chain::{Chain, ChainError, Sent, VaultView};
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::{Address, Digest};
use thiserror::Error;

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
    /// The vault settled it, in a finalised block.
    Settled(Receipt),
    /// It was handed over in this transaction and is not final.
    Pending(Digest),
    /// The vault had already settled this sequence at this valuation time: a retry after a lost answer.
    AlreadySettled,
}

/// Reads the vault, and submits an instruction unless the vault has it already.
///
/// # Errors
/// [`SubmitError`]: nothing that the vault is known to refuse is sent.
pub fn submit<C: Chain>(
    chain: &mut C,
    instruction: &MarginInstruction,
    signatures: &[u8],
) -> Result<Submission<C::Receipt>, SubmitError> {
    let view = chain.vault(instruction.vault)?;
    submit_to(chain, &view, instruction, signatures)
}

/// The same for whoever has just read the vault.
///
/// # Errors
/// As [`submit`].
pub fn submit_to<C: Chain>(
    chain: &mut C,
    view: &VaultView,
    instruction: &MarginInstruction,
    signatures: &[u8],
) -> Result<Submission<C::Receipt>, SubmitError> {
    let vault = instruction.vault;
    if view.sequence == instruction.sequence && view.valuation_time == instruction.valuation_time {
        return Ok(Submission::AlreadySettled);
    }
    if !view.accepts_instructions() {
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
    match chain.settle(instruction, signatures)? {
        Sent::Final(receipt) => Ok(Submission::Settled(receipt)),
        Sent::Pending(transaction) => Ok(Submission::Pending(transaction)),
    }
}
