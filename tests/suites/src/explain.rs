//! Refusals in words.

use ringfence_bindings::{
    IEntity::IEntityErrors, IMarginVault::IMarginVaultErrors, ITailRiskBond::ITailRiskBondErrors,
};
use ringfence_devchain::CallError;

/// The name of a contract's custom error, or what else went wrong.
pub fn explain(error: &CallError) -> String {
    let vault = || error.decode::<IMarginVaultErrors>().map(|named| format!("{named:?}"));
    let bond = || error.decode::<ITailRiskBondErrors>().map(|named| format!("{named:?}"));
    let entity = || error.decode::<IEntityErrors>().map(|named| format!("{named:?}"));
    vault().or_else(bond).or_else(entity).unwrap_or_else(|| error.to_string())
}
