//! How a call can fail.

use crate::runtime::Runtime;
use alloy_primitives::{hex, Bytes};
use alloy_sol_types::{decode_revert_reason, SolError, SolInterface};
use sp_runtime::{DispatchError, ModuleError};

type ReviveError = pallet_revive::Error<Runtime>;

/// Why a call, a deployment or an upload changed nothing. All state it touched was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The contract returned with the revert flag.
    #[error("reverted: {}", describe_revert(.data))]
    Reverted {
        /// The ABI-encoded Solidity error, or nothing at all.
        data: Bytes,
    },
    /// The contract stopped abnormally: a panic, an illegal access or an unknown host function.
    #[error("trapped: {0}")]
    Trapped(DispatchFailure),
    /// The contract ran out of reference time or proof size.
    #[error("out of gas")]
    OutOfGas,
    /// A pallet refused. A precompile that is called directly, not through a contract, fails in this way too.
    #[error("refused: {0}")]
    Dispatch(DispatchFailure),
    /// A typed call went to an address without code, which the chain itself would accept as a plain transfer.
    #[error("no contract at {0:?}")]
    NoContract(sp_core::H160),
    /// The contract returned data that is not what the interface promises.
    #[error("return data does not decode: {reason}; data 0x{}", hex::encode(.data))]
    Undecodable {
        /// What the contract returned.
        data: Bytes,
        /// What the decoder said.
        reason: String,
    },
}

impl CallError {
    /// The revert data decoded into one of the errors of an interface; `None` if it did not revert or is another error.
    pub fn decode<E: SolInterface>(&self) -> Option<E> {
        E::abi_decode_validate(self.revert_data()?).ok()
    }

    /// Whether the contract reverted with exactly this Solidity error, arguments included in the check of shape.
    pub fn is<E: SolError>(&self) -> bool {
        self.revert_data().is_some_and(|data| E::abi_decode_validate(data).is_ok())
    }

    /// Whether a pallet refused with this very error, for instance `pallet_assets::Error::<Runtime>::Frozen`.
    pub fn is_dispatch(&self, error: impl Into<DispatchError>) -> bool {
        matches!(self, Self::Dispatch(failure) if failure.0 == error.into())
    }

    /// The raw revert data, if the contract reverted.
    pub fn revert_data(&self) -> Option<&Bytes> {
        match self {
            Self::Reverted { data } => Some(data),
            _ => None,
        }
    }
}

impl From<DispatchError> for CallError {
    fn from(error: DispatchError) -> Self {
        let is = |candidate: ReviveError| error == DispatchError::from(candidate);
        if is(ReviveError::OutOfGas) {
            return Self::OutOfGas;
        }
        let trap = is(ReviveError::ContractTrapped)
            || is(ReviveError::ExecutionFailed)
            || is(ReviveError::InvalidSyscall)
            || is(ReviveError::InvalidInstruction)
            || is(ReviveError::OutOfBounds);
        if trap {
            Self::Trapped(DispatchFailure(error))
        } else {
            Self::Dispatch(DispatchFailure(error))
        }
    }
}

impl From<DispatchFailure> for CallError {
    fn from(failure: DispatchFailure) -> Self {
        failure.0.into()
    }
}

/// A pallet's refusal, printed as `Assets::Frozen` and not as two indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchFailure(pub DispatchError);

impl std::error::Error for DispatchFailure {}

impl From<DispatchError> for DispatchFailure {
    fn from(error: DispatchError) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for DispatchFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use frame_support::traits::PalletsInfoAccess;
        let DispatchError::Module(ModuleError { index, error, message }) = self.0 else {
            return write!(f, "{:?}", self.0);
        };
        let pallets = crate::runtime::AllPalletsWithSystem::infos();
        let pallet = pallets.iter().find(|pallet| pallet.index == usize::from(index)).map_or("Unknown", |p| p.name);
        match message {
            Some(name) => write!(f, "{pallet}::{name}"),
            None => write!(f, "{pallet}::{error:?}"),
        }
    }
}

/// A revert in words if it is `Error(string)` or `Panic(uint256)`, else in hex.
fn describe_revert(data: &Bytes) -> String {
    if data.is_empty() {
        return "no data".into();
    }
    decode_revert_reason(data).unwrap_or_else(|| format!("0x{}", hex::encode(data)))
}
