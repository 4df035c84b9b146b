//! CONSERVE and ISOLATE, checked against the chain after every step.

use crate::{error::DemoError, outcome::Checks, world::LivePair};
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use ringfence_bindings::{IEntity, IMarginVault, ITailRiskBond};
use ringfence_devchain::{Actor, Session, USDC};
use std::collections::BTreeMap;

/// A contract's storage hash and asset balance.
pub(crate) type Image = (B256, u128);

/// Remembers every contract's image, so that a step that touches what it must not is seen.
#[derive(Default)]
pub(crate) struct Watch {
    issued: u128,
    entity: Address,
    bond: Address,
    vaults: Vec<(&'static str, Address)>,
    images: BTreeMap<Address, Image>,
    pub(crate) checks: Checks,
}

impl Watch {
    /// Counts asset that was issued from outside.
    pub(crate) fn minted(&mut self, amount: u128) {
        self.issued += amount;
    }

    /// Takes the first images.
    pub(crate) fn start(
        &mut self,
        session: &mut Session,
        entity: Address,
        bond: Address,
        pairs: &[LivePair],
    ) -> Result<(), DemoError> {
        self.entity = entity;
        self.bond = bond;
        self.vaults = pairs.iter().map(|pair| (pair.plan.name, pair.vault)).collect();
        for address in self.contracts() {
            self.images.insert(address, image(session, address));
        }
        self.check(session, "the set-up", &self.contracts())
    }

    /// After a step that may touch only the contracts in `touched`.
    pub(crate) fn check(&mut self, session: &mut Session, step: &str, touched: &[Address]) -> Result<(), DemoError> {
        self.isolate(session, step, touched)?;
        self.conserve(session, step)
    }

    /// A vault's last image.
    pub(crate) fn image_of(&self, vault: Address) -> Image {
        self.images.get(&vault).copied().unwrap_or_default()
    }

    fn contracts(&self) -> Vec<Address> {
        self.vaults.iter().map(|(_, vault)| *vault).chain([self.bond, self.entity]).collect()
    }

    /// ISOLATE: every contract that the step may not touch is bit-identical, storage and balance.
    fn isolate(&mut self, session: &mut Session, step: &str, touched: &[Address]) -> Result<(), DemoError> {
        for address in self.contracts() {
            let now = image(session, address);
            let before = self.images.insert(address, now);
            if !touched.contains(&address) && before != Some(now) {
                let detail = format!("{address} changed from {before:?} to {now:?}");
                return Err(DemoError::Invariant { name: "ISOLATE", step: step.into(), detail });
            }
        }
        self.checks.isolate += 1;
        Ok(())
    }

    /// CONSERVE: every contract holds exactly what it owes, and the asset's supply is what was issued.
    fn conserve(&mut self, session: &mut Session, step: &str) -> Result<(), DemoError> {
        let reader = session.eth_actor("auditor");
        let vaults: Vec<Address> = self.vaults.iter().map(|(_, vault)| *vault).collect();
        let mut owed = Vec::new();
        for vault in vaults {
            owed.push((vault, read(session, &reader, vault, IMarginVault::liabilitiesCall {})?));
        }
        owed.push((self.bond, read(session, &reader, self.bond, ITailRiskBond::liabilitiesCall {})?));
        owed.push((self.entity, read(session, &reader, self.entity, IEntity::liabilitiesCall {})?));

        for (contract, owed) in owed {
            let held = session.usdc(contract);
            if held != owed {
                let detail = format!("{contract} holds {held} and owes {owed}");
                return Err(DemoError::Invariant { name: "CONSERVE", step: step.into(), detail });
            }
        }
        let supply = session.total_issuance(USDC);
        if supply != self.issued {
            let detail = format!("supply is {supply}, issued were {}", self.issued);
            return Err(DemoError::Invariant { name: "CONSERVE", step: step.into(), detail });
        }
        self.checks.conserve += 1;
        Ok(())
    }
}

fn image(session: &mut Session, contract: Address) -> Image {
    (session.state_fingerprint(contract), session.usdc(contract))
}

fn read<C: SolCall>(session: &mut Session, reader: &Actor, to: Address, call: C) -> Result<C::Return, DemoError> {
    let report = session.dry_run(reader, to, call);
    report.map(|report| report.returned).map_err(|error| DemoError::call("reading liabilities", &error))
}
