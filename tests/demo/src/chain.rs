//! The in-process chain as the oracle's client sees it.

use crate::{invariants::Watch, world::World};
use alloy_primitives::Address;
use ringfence_bindings::IMarginVault::{self, IMarginVaultErrors};
use ringfence_devchain::{address_of, Actor, CallError, CallReport, Session, CHAIN_ID};
use ringfence_oracle::submit::{Chain, ChainError, VaultView};
use ringfence_protocol::{message::MarginInstruction, units::Timestamp, Digest};

/// A keeper's connection.
pub(crate) struct Connection<'a> {
    session: &'a mut Session,
    keeper: &'a Actor,
}

impl World {
    /// The oracle's connection, and the watch beside it.
    pub(crate) fn connect(&mut self) -> (Connection<'_>, &mut Watch) {
        (Connection { session: &mut self.session, keeper: &self.keeper }, &mut self.watch)
    }
}

impl Connection<'_> {
    fn read<C: alloy_sol_types::SolCall>(&mut self, vault: Address, call: C) -> Result<C::Return, ChainError> {
        self.session.dry_run(self.keeper, vault, call).map(|report| report.returned).map_err(refused)
    }
}

impl Chain for Connection<'_> {
    type Receipt = CallReport<()>;

    fn vault(&mut self, vault: ringfence_protocol::Address) -> Result<VaultView, ChainError> {
        let address = address_of(vault);
        let status = self.read(address, IMarginVault::statusCall {})?;
        let mandate = self.read(address, IMarginVault::mandateCall {})?;
        let terms_hash = self.read(address, IMarginVault::termsHashCall {})?;
        Ok(VaultView {
            sequence: status.valuation.sequence,
            valuation_time: Timestamp::new(status.valuation.valuationTime),
            portfolio_root: Digest(mandate.portfolioRoot.0),
            terms_hash: Digest(terms_hash.0),
            accepts_instructions: status.phase == 1,
        })
    }

    fn settle(&mut self, instruction: &MarginInstruction, signatures: &[u8]) -> Result<Self::Receipt, ChainError> {
        let signed = IMarginVault::SignedInstruction {
            chainId: CHAIN_ID,
            instruction: instruction.into(),
            signatures: signatures.to_vec().into(),
        };
        let call = IMarginVault::settleCall { signed };
        let report = self.session.call(self.keeper, address_of(instruction.vault), call).map_err(refused)?;
        Ok(report.map(|_| ()))
    }
}

fn refused(error: CallError) -> ChainError {
    match error.decode::<IMarginVaultErrors>() {
        Some(named) => ChainError::Refused(format!("{named:?}")),
        None => ChainError::Refused(error.to_string()),
    }
}
