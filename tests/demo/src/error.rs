//! What can end a run early.

use ringfence_devchain::CallError;
use thiserror::Error;

/// Each prints as one line that says what to do; each has its exit code.
#[derive(Debug, Error)]
pub(crate) enum DemoError {
    /// Bad input, found by the oracle before anything was signed.
    #[error(transparent)]
    Oracle(#[from] ringfence_oracle::Error),
    /// A contract's blob is missing.
    #[error("{path}: {reason}; run ./scripts/build.sh first")]
    Artifact {
        /// Where it should be.
        path: String,
        /// What is wrong.
        reason: std::io::Error,
    },
    /// The report could not be written.
    #[error("{path}: {reason}; check that the directory can be written")]
    Report {
        /// Where.
        path: String,
        /// Why.
        reason: std::io::Error,
    },
    /// A contract refused a step of the plan.
    #[error("{step}: {error}")]
    Call {
        /// The step.
        step: String,
        /// The chain's answer, with the contract's own error where there is one.
        error: String,
    },
    /// An invariant broke.
    #[error("{name} is broken after {step}: {detail}")]
    Invariant {
        /// CONSERVE or ISOLATE.
        name: &'static str,
        /// The step.
        step: String,
        /// What was found.
        detail: String,
    },
    /// The data do not fit the plan.
    #[error("{0}")]
    Plan(String),
}

impl DemoError {
    /// 3 to 7 as the oracle has them; 8 a contract refused; 9 an invariant broke; 1 anything else.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Oracle(error) => error.exit_code(),
            Self::Call { .. } => 8,
            Self::Invariant { .. } => 9,
            Self::Artifact { .. } | Self::Report { .. } | Self::Plan(_) => 1,
        }
    }

    /// A refused call, with the name of the contract's error.
    pub(crate) fn call(step: impl Into<String>, error: &CallError) -> Self {
        use ringfence_bindings::{
            IEntity::IEntityErrors, IMarginVault::IMarginVaultErrors, ITailRiskBond::ITailRiskBondErrors,
        };
        let named = error
            .decode::<IMarginVaultErrors>()
            .map(|named| format!("{named:?}"))
            .or_else(|| error.decode::<ITailRiskBondErrors>().map(|named| format!("{named:?}")))
            .or_else(|| error.decode::<IEntityErrors>().map(|named| format!("{named:?}")))
            .unwrap_or_else(|| error.to_string());
        Self::Call { step: step.into(), error: named }
    }
}
