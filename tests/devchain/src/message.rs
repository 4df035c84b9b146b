//! A call before it is sent: who, to whom, with what, within which limits.

use crate::{
    actor::Actor,
    located::Located,
    runtime::{Balance, Runtime},
};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use pallet_revive::TransactionLimits;
use sp_core::{H160, U256};

/// A call and its limits. By default it carries no value, may use all the weight one transaction may have, and may put
/// down any deposit.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    pub(crate) caller: &'a Actor,
    pub(crate) target: H160,
    pub(crate) data: Vec<u8>,
    pub(crate) value: U256,
    pub(crate) limits: Limits,
}

impl<'a> Message<'a> {
    /// A call of `target` by `caller` with raw call data: four bytes of selector, then the ABI-encoded arguments.
    pub fn new(caller: &'a Actor, target: impl Located, data: impl Into<Vec<u8>>) -> Self {
        Self { caller, target: target.h160(), data: data.into(), value: U256::zero(), limits: Limits::default() }
    }

    /// Sends native value along, in wei (18 decimals).
    pub fn value(mut self, wei: u128) -> Self {
        self.value = wei.into();
        self
    }

    /// Limits the weight of the execution.
    pub fn weight_limit(mut self, limit: Weight) -> Self {
        self.limits.weight = limit;
        self
    }

    /// Limits the storage deposit the caller will pay, in plancks.
    pub fn deposit_limit(mut self, limit: Balance) -> Self {
        self.limits.deposit = limit;
        self
    }
}

/// What a transaction may use at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    weight: Weight,
    deposit: Balance,
}

impl Default for Limits {
    fn default() -> Self {
        let weights = <Runtime as frame_system::Config>::BlockWeights::get();
        let normal = weights.get(DispatchClass::Normal).max_extrinsic;
        Self { weight: normal.unwrap_or(weights.max_block), deposit: Balance::MAX }
    }
}

impl From<Limits> for TransactionLimits<Runtime> {
    fn from(limits: Limits) -> Self {
        Self::WeightAndDeposit { weight_limit: limits.weight, deposit_limit: limits.deposit }
    }
}
