//! Calls: typed, raw and dry. Every one of them runs in a storage transaction of its own.
//!
//! `bare_call` is not transactional on its own: it reverts what the contract wrote, but a failure while it collects
//! deposits, or return data that does not decode, would leave state behind. An extrinsic is wrapped by FRAME; here
//! [`Session::run`] is that wrapper.

use crate::{
    actor::Actor,
    error::CallError,
    journal::{CallKind, CallRecord, Outcome},
    located::Located,
    message::Message,
    report::{take_contract_events, CallReport, Deposit},
    runtime::{Balance, Revive, Runtime, RuntimeOrigin, System},
    session::Session,
};
use alloy_primitives::Bytes;
use alloy_sol_types::SolCall;
use frame_support::{storage::with_transaction_unchecked, weights::Weight};
use pallet_revive::{AccountInfo, ContractResult, ExecConfig, ExecReturnValue, WeightInfo};
use sp_core::H160;
use sp_runtime::TransactionOutcome;

pub(crate) type Weights = <Runtime as pallet_revive::Config>::WeightInfo;

/// Whether the state of a successful run is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Commit,
    DryRun,
}

/// What the pallet charged, known for failed runs too.
pub(crate) struct Cost {
    pub weight: Weight,
    pub base_weight: Weight,
    pub deposit: Deposit,
}

impl Session {
    /// Sends a typed call and keeps its effects. If it fails, nothing is changed.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn call<C: SolCall>(
        &mut self,
        caller: &Actor,
        target: impl Located,
        call: C,
    ) -> Result<CallReport<C::Return>, CallError> {
        self.typed::<C>(Mode::Commit, Message::new(caller, target, call.abi_encode()))
    }

    /// Runs a typed call and takes everything back: for views, and to ask what would happen.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn dry_run<C: SolCall>(
        &mut self,
        caller: &Actor,
        target: impl Located,
        call: C,
    ) -> Result<CallReport<C::Return>, CallError> {
        self.typed::<C>(Mode::DryRun, Message::new(caller, target, call.abi_encode()))
    }

    /// Sends raw call data and keeps its effects. An address without code accepts anything and returns nothing, as on
    /// the chain.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn call_raw(
        &mut self,
        caller: &Actor,
        target: impl Located,
        data: impl Into<Vec<u8>>,
    ) -> Result<CallReport<Bytes>, CallError> {
        self.send(Message::new(caller, target, data))
    }

    /// Sends a message with its own value and limits and keeps its effects.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn send(&mut self, message: Message<'_>) -> Result<CallReport<Bytes>, CallError> {
        self.transact(Mode::Commit, message, Ok)
    }

    /// Runs a message with its own value and limits and takes everything back.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn dry_send(&mut self, message: Message<'_>) -> Result<CallReport<Bytes>, CallError> {
        self.transact(Mode::DryRun, message, Ok)
    }

    fn typed<C: SolCall>(&mut self, mode: Mode, message: Message<'_>) -> Result<CallReport<C::Return>, CallError> {
        let target = message.target;
        if !self.execute_with(|| has_code(&target)) {
            return Err(CallError::NoContract(target));
        }
        self.transact(mode, message, |data| {
            C::abi_decode_returns_validate(&data)
                .map_err(|error| CallError::Undecodable { reason: error.to_string(), data })
        })
    }

    fn transact<R>(
        &mut self,
        mode: Mode,
        message: Message<'_>,
        decode: impl FnOnce(Bytes) -> Result<R, CallError>,
    ) -> Result<CallReport<R>, CallError> {
        let Message { caller, target, data, value, limits } = message;
        let kind = CallKind::Call { target, selector: data.first_chunk().copied() };
        let origin = RuntimeOrigin::signed(caller.account().clone());

        self.run(mode, caller, kind, || {
            let config = ExecConfig::new_substrate_tx();
            let (cost, result) = settle(Revive::bare_call(origin, target, value, limits.into(), data, &config));
            (Cost { base_weight: Weights::call(), ..cost }, result.and_then(unless_reverted).and_then(decode))
        })
    }

    /// Runs `work` in a storage transaction and keeps its state only if it succeeds and is not a dry run.
    pub(crate) fn run<R>(
        &mut self,
        mode: Mode,
        caller: &Actor,
        kind: CallKind,
        work: impl FnOnce() -> (Cost, Result<R, CallError>),
    ) -> Result<CallReport<R>, CallError> {
        let (cost, result) = self.execute_with(|| {
            with_transaction_unchecked(|| {
                // A transaction bumps its sender's nonce before it runs; contract addresses depend on it.
                System::inc_account_nonce(caller.account());
                let (cost, result) = work();
                let result = result.map(|returned| (returned, take_contract_events()));
                match (&result, mode) {
                    (Ok(_), Mode::Commit) => TransactionOutcome::Commit((cost, result)),
                    _ => TransactionOutcome::Rollback((cost, result)),
                }
            })
        });

        let report = result.map(|(returned, events)| CallReport {
            returned,
            events,
            weight: cost.weight,
            base_weight: cost.base_weight,
            deposit: cost.deposit,
        });
        if mode == Mode::Commit {
            self.record(caller, kind, &cost, &report);
        }
        report
    }

    fn record<R>(&mut self, caller: &Actor, kind: CallKind, cost: &Cost, report: &Result<CallReport<R>, CallError>) {
        let weight = cost.weight.saturating_add(cost.base_weight);
        self.block_weight = self.block_weight.saturating_add(weight);
        let (outcome, deposit) = match report {
            Ok(report) => {
                self.block_events.extend(report.events.iter().cloned());
                (Outcome::Success, report.deposit)
            }
            Err(error) => (Outcome::Failure(error.clone()), Deposit::default()),
        };
        let (block, time) = (self.block_number(), self.now());
        self.journal.push(CallRecord { block, time, caller: caller.name().into(), kind, outcome, weight, deposit });
    }
}

/// Splits what the pallet answers into what it cost and what came of it.
pub(crate) fn settle<R>(answer: ContractResult<R, Balance>) -> (Cost, Result<R, CallError>) {
    let cost =
        Cost { weight: answer.weight_consumed, base_weight: Weight::zero(), deposit: answer.storage_deposit.into() };
    (cost, answer.result.map_err(CallError::from))
}

/// The pallet answers `Ok` for a contract that reverted; here it is an error like any other.
pub(crate) fn unless_reverted(value: ExecReturnValue) -> Result<Bytes, CallError> {
    let reverted = value.did_revert();
    let data = Bytes::from(value.data);
    if reverted {
        Err(CallError::Reverted { data })
    } else {
        Ok(data)
    }
}

/// Whether a call of this address runs anything. The cheap question comes first: the second one copies a contract's blob.
fn has_code(address: &H160) -> bool {
    AccountInfo::<Runtime>::is_contract(address) || !Revive::code(address).is_empty()
}
