use super::{
    step, Charter, ClassAccount, EntityError, EntityEvent, EntityStep, Identity, Seat, Stage, CLASSES, MIN_DELAY,
};
use crate::{
    terms::MAX_FEE_CAP,
    units::{Amount, ArithmeticError, Timestamp},
    Address, Digest,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// When a command runs, and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityEnv {
    /// The block's time.
    pub now: Timestamp,
    /// Who called.
    pub caller: Address,
}

/// The entity's own account, and how far its resolution is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Ledger {
    /// Capital that is ring-fenced to nothing; no vault can reach it.
    pub free: Amount,
    /// Never used: keeps the entity's account above the asset's minimum balance.
    pub reserve: Amount,
    /// What free capital must not fall below for long.
    pub requirement: Amount,
    /// Since when it is below; none if it is not.
    pub short_since: Option<Timestamp>,
    /// Whether the entity runs or is being resolved.
    pub stage: Stage,
    /// Claims against the entity, by class.
    pub classes: [ClassAccount; CLASSES],
    /// What is left after every class is paid in full; the admin's.
    pub surplus: Amount,
    /// Claims ever admitted.
    pub claims: u32,
    /// Pairs that were told to run off, from the first on.
    pub told: u32,
    /// Pairs that were found at rest.
    pub settled: u32,
}

/// All that the entity stores outside of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct EntityState {
    /// What it is founded on.
    pub charter: Charter,
    /// Its account.
    pub ledger: Ledger,
}

/// What an entity is founded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Founding {
    /// The settlement asset.
    pub asset: Address,
    /// The contract with the rules of vaults.
    pub rules: Address,
    /// The code of vaults.
    pub vault_code: Digest,
    /// The code of bonds.
    pub bond_code: Digest,
    /// What every contract keeps back.
    pub asset_reserve: Amount,
}

impl EntityState {
    /// A new entity: the founder holds every role until it hands one over.
    pub fn found(env: &EntityEnv, founding: &Founding) -> Result<EntityStep, EntityError> {
        let Founding { asset, rules, vault_code, bond_code, asset_reserve } = *founding;
        if asset.is_zero() || rules.is_zero() {
            return Err(EntityError::InvalidAddress);
        }
        let seat = Seat { holder: env.caller, nominee: Address::zero() };
        let charter = Charter {
            asset,
            asset_reserve,
            rules,
            vault_code,
            bond_code,
            fee_cap: MAX_FEE_CAP,
            delay: MIN_DELAY,
            seats: [seat; 3],
            ..Charter::default()
        };
        let state = Self { charter, ledger: Ledger::default() };
        Ok(step(state, EntityEvent::Founded { founder: env.caller, founding: *founding }))
    }

    /// The admin says once who the entity is, with the hashes of its governing agreement and its resolution plan; every
    /// later change of them is scheduled. The shell keeps the identity and the documents.
    pub fn incorporate(
        mut self,
        env: &EntityEnv,
        identity: &Identity,
        agreement: Digest,
        plan: Digest,
    ) -> Result<EntityStep, EntityError> {
        self.only_admin(env.caller)?;
        if self.charter.incorporated {
            return Err(EntityError::AlreadyIncorporated);
        }
        if agreement.is_zero() || plan.is_zero() {
            return Err(EntityError::ValueOutOfBounds);
        }
        self.charter.incorporated = true;
        let mut step = step(self, EntityEvent::IdentityChanged { identity: identity.clone() });
        step.events.push(EntityEvent::DocumentChanged { place: super::RESOLUTION_PLAN, hash: plan });
        step.events
            .push(EntityEvent::DocumentChanged { place: super::RESOLUTION_PLAN.saturating_add(1), hash: agreement });
        Ok(step)
    }

    /// All that the entity owes or owns in its account: its asset balance is at least this, and equal unless something was
    /// sent by mistake.
    pub fn liabilities(&self) -> Result<Amount, ArithmeticError> {
        let own = self.ledger.free.add(self.ledger.reserve)?.add(self.ledger.surplus)?;
        self.ledger.classes.iter().try_fold(own, |sum, class| sum.add(class.assigned.sub(class.paid)?))
    }
}
