//! Deployments: blobs to code, code to contracts.

use crate::{
    actor::Actor,
    error::CallError,
    execute::{settle, unless_reverted, Cost, Mode, Weights},
    journal::CallKind,
    located::Located,
    message::Limits,
    report::{CallReport, Deposit},
    runtime::{Balance, Revive, Runtime, RuntimeOrigin},
    session::Session,
};
use alloy_primitives::B256;
use frame_support::weights::Weight;
use pallet_revive::{AccountInfo, Code, ExecConfig, WeightInfo};
use sp_core::{H160, H256, U256};

/// A contract that was just deployed.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Where it is.
    pub contract: H160,
    /// The Keccak-256 hash of its code: what a factory opens further instances by.
    pub code_hash: B256,
    /// What the deployment did and cost.
    pub report: CallReport<()>,
}

impl Located for Deployment {
    fn h160(&self) -> H160 {
        self.contract
    }
}

impl Session {
    /// Uploads a blob if it is new and opens a contract from it. `constructor` is the ABI-encoded arguments, without a
    /// selector. The address follows from the caller, the blob, the arguments and the salt (CREATE2).
    ///
    /// # Errors
    /// See [`CallError`]. The upload is taken back too.
    pub fn deploy(
        &mut self,
        caller: &Actor,
        blob: &[u8],
        constructor: impl Into<Vec<u8>>,
        salt: [u8; 32],
    ) -> Result<Deployment, CallError> {
        let constructor = constructor.into();
        let base = Weights::instantiate_with_code(length(blob), length(&constructor));
        self.open(caller, Code::Upload(blob.to_vec()), constructor, salt, base)
    }

    /// Opens a contract from code that was uploaded before.
    ///
    /// # Errors
    /// See [`CallError`]; `Revive::CodeNotFound` if the code is not there.
    pub fn instantiate(
        &mut self,
        caller: &Actor,
        code_hash: B256,
        constructor: impl Into<Vec<u8>>,
        salt: [u8; 32],
    ) -> Result<Deployment, CallError> {
        let constructor = constructor.into();
        let base = Weights::instantiate(length(&constructor));
        self.open(caller, Code::Existing(H256(code_hash.0)), constructor, salt, base)
    }

    /// Uploads a blob without opening a contract, so that a factory can open them by the hash this answers with.
    ///
    /// # Errors
    /// `Revive::CodeRejected` for a blob that imports what the chain does not have, and others; see [`CallError`].
    pub fn upload(&mut self, caller: &Actor, blob: &[u8]) -> Result<B256, CallError> {
        let origin = RuntimeOrigin::signed(caller.account().clone());
        let report = self.run(Mode::Commit, caller, CallKind::Upload, || {
            let answer = Revive::bare_upload_code(origin, blob.to_vec(), Balance::MAX);
            let deposit = answer.as_ref().map_or(0, |uploaded| uploaded.deposit);
            let cost = Cost {
                weight: Weight::zero(),
                base_weight: Weights::upload_code(length(blob)),
                deposit: Deposit::Charged(deposit),
            };
            (cost, answer.map(|uploaded| B256::from(uploaded.code_hash.0)).map_err(CallError::from))
        })?;
        Ok(report.returned)
    }

    /// The code hash of the contract at an address; `None` if there is none.
    pub fn code_hash(&mut self, contract: impl Located) -> Option<B256> {
        let contract = contract.h160();
        let info = self.execute_with(|| AccountInfo::<Runtime>::load_contract(&contract));
        info.map(|info| B256::from(info.code_hash.0))
    }

    fn open(
        &mut self,
        caller: &Actor,
        code: Code,
        constructor: Vec<u8>,
        salt: [u8; 32],
        base_weight: Weight,
    ) -> Result<Deployment, CallError> {
        let origin = RuntimeOrigin::signed(caller.account().clone());
        let report = self.run(Mode::Commit, caller, CallKind::Deploy, || {
            let limits = Limits::default().into();
            let config = ExecConfig::new_substrate_tx();
            let answer = Revive::bare_instantiate(origin, U256::zero(), limits, code, constructor, Some(salt), &config);
            let (cost, result) = settle(answer);
            let contract = result.and_then(|opened| unless_reverted(opened.result).map(|_| opened.addr));
            (Cost { base_weight, ..cost }, contract)
        })?;

        let contract = report.returned;
        let code_hash = self.code_hash(contract).expect("a contract was opened at this address a line ago");
        Ok(Deployment { contract, code_hash, report: report.map(drop) })
    }
}

/// The length as weights take it. A blob beyond 4 GiB is rejected long before its weight matters.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
