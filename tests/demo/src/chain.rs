//! The in-process chain as the oracle's client sees it. What is included is final at once.

use crate::{error::DemoError, world::World};
use alloy_primitives::Address;
use ringfence_bindings::{
    IMarginVault::{self, IMarginVaultErrors},
    ITailRiskBond,
};
use ringfence_devchain::{address_of, Actor, CallError, CallReport, Session, CHAIN_ID};
use ringfence_oracle::chain::{Block, BondView, Chain, ChainError, ChainEvent, Outcome, Sent, VaultView, MAX_LAYERS};
use ringfence_oracle::cycle::Parts;
use ringfence_protocol::{message::MarginInstruction, units::Timestamp, Digest};
use std::collections::BTreeMap;

/// A keeper's connection.
pub(crate) struct Connection<'a> {
    session: &'a mut Session,
    keeper: &'a Actor,
    /// Terms that were read before, by their hash: terms of one hash do not change.
    terms: &'a mut BTreeMap<Digest, IMarginVault::CsaTerms>,
}

impl World {
    /// Lends the oracle the chain, the signers and the ledger.
    pub(crate) fn with_oracle<T>(
        &mut self,
        work: impl FnOnce(&mut Parts<'_, Connection<'_>>) -> Result<T, ringfence_oracle::Error>,
    ) -> Result<T, DemoError> {
        let mut chain = Connection { session: &mut self.session, keeper: &self.keeper, terms: &mut self.terms };
        let mut parts = Parts { chain: &mut chain, attest: &mut self.quorum, ledger: &mut self.ledger };
        Ok(work(&mut parts)?)
    }
}

impl Connection<'_> {
    fn read<C: alloy_sol_types::SolCall>(&mut self, contract: Address, call: C) -> Result<C::Return, ChainError> {
        self.session.dry_run(self.keeper, contract, call).map(|report| report.returned).map_err(refused)
    }

    fn head(&mut self) -> Block {
        let (number, time) = (self.session.block_number().into(), Timestamp::new(self.session.now()));
        // The session has no block hashes: nothing in it can be undone but by a snapshot, which the demo does not take.
        Block { number, hash: Digest::zero(), time }
    }
}

impl Chain for Connection<'_> {
    type Receipt = CallReport<()>;

    fn chain_id(&mut self) -> Result<u64, ChainError> {
        Ok(CHAIN_ID)
    }

    fn finalised(&mut self) -> Result<Block, ChainError> {
        Ok(self.head())
    }

    fn block(&mut self, number: u64) -> Result<Option<Block>, ChainError> {
        Ok(Some(self.head()).filter(|head| head.number == number))
    }

    fn vault(&mut self, vault: ringfence_protocol::Address) -> Result<VaultView, ChainError> {
        let address = address_of(vault);
        let status = self.read(address, IMarginVault::statusCall {})?;
        let mandate = self.read(address, IMarginVault::mandateCall {})?;
        let terms_hash = Digest(self.read(address, IMarginVault::termsHashCall {})?.0);
        if !self.terms.contains_key(&terms_hash) {
            let terms = self.read(address, IMarginVault::termsCall {})?;
            self.terms.insert(terms_hash, terms);
        }
        let mut layers = Vec::new();
        for index in (0..MAX_LAYERS).filter_map(|index| u8::try_from(index).ok()) {
            match self.read(address, IMarginVault::layerCall { index }) {
                Ok(layer) if layer.bond != Address::ZERO => layers.push(layer),
                _ => break,
            }
        }
        Ok(VaultView::new(&status, &mandate, terms_hash, &self.terms[&terms_hash], &layers))
    }

    fn bond(&mut self, bond: ringfence_protocol::Address) -> Result<BondView, ChainError> {
        let status = self.read(address_of(bond), ITailRiskBond::statusCall {})?;
        Ok(BondView::from(&status))
    }

    fn events(
        &mut self,
        contracts: &[ringfence_protocol::Address],
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainEvent>, ChainError> {
        let head = self.head();
        // The session keeps the events of its open block only.
        let events = self.session.block_events().iter().zip(0_u64..).filter_map(|(event, index)| {
            let contract = ringfence_protocol::Address(event.emitter.0);
            let (name, fields) = ChainEvent::read(&event.topics, &event.data)?;
            let event = ChainEvent { block: head.number, block_hash: head.hash, index, contract, name, fields };
            (contracts.contains(&contract) && (from..=to).contains(&head.number)).then_some(event)
        });
        Ok(events.collect())
    }

    fn settle(
        &mut self,
        instruction: &MarginInstruction,
        signatures: &[u8],
    ) -> Result<Sent<Self::Receipt>, ChainError> {
        let signed = IMarginVault::SignedInstruction {
            chainId: CHAIN_ID,
            instruction: instruction.into(),
            signatures: signatures.to_vec().into(),
        };
        let call = IMarginVault::settleCall { signed };
        let report = self.session.call(self.keeper, address_of(instruction.vault), call).map_err(refused)?;
        Ok(Sent::Final(report.map(|_| ())))
    }

    fn pursue(&mut self) -> Result<Vec<Outcome>, ChainError> {
        Ok(Vec::new())
    }
}

fn refused(error: CallError) -> ChainError {
    match error.decode::<IMarginVaultErrors>() {
        Some(named) => ChainError::Refused(format!("{named:?}")),
        None => ChainError::Refused(error.to_string()),
    }
}
