// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use super::{
    attestation::next, step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep, Identity, Role, DOCUMENTS,
};
use crate::{
    terms::MAX_FEE_CAP,
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest,
};
use scale::{Decode, Encode};

/// Shortest delay of a change, and that of a new entity: 48 hours.
pub const MIN_DELAY: Seconds = Seconds::new(48 * 3_600);
/// Longest delay: what can't be changed within a month can't be mended either.
pub const MAX_DELAY: Seconds = Seconds::new(30 * 86_400);
/// From the first to the last moment at which a change can be executed.
pub const CHANGE_GRACE: Seconds = Seconds::new(14 * 86_400);
/// Numbers of subjects are below this; each has at most one pending change.
pub const SUBJECTS: u8 = DOCUMENTS_FROM + DOCUMENTS;

/// The subject of the first document.
const DOCUMENTS_FROM: u8 = 16;
/// The subject of name, LEI and jurisdiction.
const IDENTITY: u8 = 9;

/// What can be changed, only by way of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Change {
    /// Who may take a role over.
    Nominee(Role, Address),
    /// The code of new vaults.
    VaultCode(Digest),
    /// The code of new bonds.
    BondCode(Digest),
    /// The rules of new vaults.
    Rules(Address),
    /// The delay of later changes.
    Delay(Seconds),
    /// What free capital must not fall below for long.
    Requirement(Amount),
    /// The largest fee cap in the terms of new pairs.
    FeeCap(Bps),
    /// Name, LEI and jurisdiction.
    Identity(Identity),
    /// The hash of a document, by its place.
    Document(u8, Digest),
}

impl Change {
    /// The change of a subject to a value of one word: an address, a hash, an amount, seconds or basis points, right-aligned.
    ///
    /// # Errors
    /// [`EntityError::UnknownSubject`]; [`EntityError::ValueOutOfBounds`] for a value outside of the subject's type or
    /// bounds.
    pub fn of_word(subject: u8, value: Digest) -> Result<Self, EntityError> {
        let change = match subject {
            0..=2 => Self::Nominee(Role::numbered(subject)?, address(value)?),
            3 => Self::VaultCode(value),
            4 => Self::BondCode(value),
            5 => Self::Rules(address(value)?),
            6 => Self::Delay(Seconds::new(number(value)?)),
            7 => Self::Requirement(Amount::new(number(value)?)),
            8 => Self::FeeCap(Bps::new(number(value)?)),
            DOCUMENTS_FROM..SUBJECTS => Self::Document(subject.saturating_sub(DOCUMENTS_FROM), value),
            _ => return Err(EntityError::UnknownSubject),
        };
        change.validate()?;
        Ok(change)
    }

    /// The number of what it changes; at most one change of it is pending.
    pub const fn subject(&self) -> u8 {
        match self {
            Self::Nominee(role, _) => role.number(),
            Self::VaultCode(_) => 3,
            Self::BondCode(_) => 4,
            Self::Rules(_) => 5,
            Self::Delay(_) => 6,
            Self::Requirement(_) => 7,
            Self::FeeCap(_) => 8,
            Self::Identity(_) => IDENTITY,
            Self::Document(place, _) => DOCUMENTS_FROM.saturating_add(*place),
        }
    }

    /// Its value as one word, right-aligned; zero for an identity, which does not fit one.
    pub fn word(&self) -> Digest {
        match self {
            Self::Nominee(_, account) | Self::Rules(account) => Digest::from(*account),
            Self::VaultCode(hash) | Self::BondCode(hash) | Self::Document(_, hash) => *hash,
            Self::Delay(span) => word(span.get().into()),
            Self::Requirement(amount) => word(amount.get()),
            Self::FeeCap(share) => word(share.get().into()),
            Self::Identity(_) => Digest::zero(),
        }
    }

    fn validate(&self) -> Result<(), EntityError> {
        let within = match self {
            Self::Nominee(_, account) | Self::Rules(account) => !account.is_zero(),
            Self::VaultCode(hash) | Self::BondCode(hash) => !hash.is_zero(),
            Self::Delay(span) => (MIN_DELAY..=MAX_DELAY).contains(span),
            Self::Requirement(amount) => *amount <= Amount::MAX,
            Self::FeeCap(share) => *share <= MAX_FEE_CAP,
            // An identity is checked when it is read. A document can be taken out of the register.
            Self::Identity(_) | Self::Document(..) => true,
        };
        if within {
            Ok(())
        } else {
            Err(EntityError::ValueOutOfBounds)
        }
    }
}

/// A change that waits for its time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Scheduled {
    /// Its number, from one.
    pub number: u32,
    /// What it changes.
    pub change: Change,
    /// When it was scheduled.
    pub made: Timestamp,
    /// The first moment at which it can be executed.
    pub due: Timestamp,
    /// The last one.
    pub expires: Timestamp,
}

/// What an executed change leaves to the shell to store, beside the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Nothing.
    State,
    /// The identity.
    Identity(Identity),
    /// The hash of a document, by its place.
    Document(u8, Digest),
}

impl EntityState {
    /// The authority schedules a change. It takes the place of a pending one of the same subject, and its delay begins anew.
    pub fn schedule(
        mut self,
        env: &EntityEnv,
        pending: Option<Scheduled>,
        change: Change,
    ) -> Result<(EntityStep, Scheduled), EntityError> {
        self.only_authority(env.caller)?;
        change.validate()?;
        self.charter.changes = next(self.charter.changes)?;
        let due = env.now.after(self.charter.delay)?;
        let expires = due.after(CHANGE_GRACE)?;
        let scheduled = Scheduled { number: self.charter.changes, change, made: env.now, due, expires };
        let mut step = step(self, EntityEvent::ChangeScheduled { scheduled: scheduled.clone() });
        if let Some(Scheduled { number, .. }) = pending {
            step.events.insert(0, EntityEvent::ChangeReplaced { number });
        }
        Ok((step, scheduled))
    }

    /// The authority or the guardian takes a pending change back.
    pub fn cancel(self, env: &EntityEnv, pending: Option<Scheduled>, number: u32) -> Result<EntityStep, EntityError> {
        self.only_authority_or_guardian(env.caller)?;
        let scheduled = pending_as(pending, number)?;
        Ok(step(self, EntityEvent::ChangeCancelled { number: scheduled.number }))
    }

    /// Anyone executes a pending change that is due and not expired. In a resolution only what its agent has scheduled: the
    /// admin's changes ended with it.
    pub fn execute(
        mut self,
        env: &EntityEnv,
        pending: Option<Scheduled>,
        number: u32,
    ) -> Result<(EntityStep, Applied), EntityError> {
        let Scheduled { change, made, due, expires, .. } = pending_as(pending, number)?;
        if env.now < due {
            return Err(EntityError::ChangeNotDue);
        }
        if env.now > expires {
            return Err(EntityError::ChangeExpired);
        }
        if self.resolving_since().is_some_and(|since| made < since) {
            return Err(EntityError::UnderResolution);
        }
        let executed = EntityEvent::ChangeExecuted { number };
        let (event, applied) = self.apply(change);
        let mut step = self.counted(env, executed)?;
        step.events.push(event);
        Ok((step, applied))
    }

    fn apply(&mut self, change: Change) -> (EntityEvent, Applied) {
        let event = EntityEvent::ValueChanged { subject: change.subject(), value: change.word() };
        let charter = &mut self.charter;
        match change {
            Change::Nominee(role, nominee) => {
                charter.seat_mut(role).nominee = nominee;
                return (EntityEvent::RoleNominated { role, nominee }, Applied::State);
            }
            Change::Identity(identity) => {
                charter.incorporated = true;
                return (EntityEvent::IdentityChanged { identity: identity.clone() }, Applied::Identity(identity));
            }
            Change::Document(place, hash) => {
                return (EntityEvent::DocumentChanged { place, hash }, Applied::Document(place, hash));
            }
            Change::VaultCode(code) => charter.vault_code = code,
            Change::BondCode(code) => charter.bond_code = code,
            Change::Rules(rules) => charter.rules = rules,
            Change::Delay(delay) => charter.delay = delay,
            Change::Requirement(requirement) => self.ledger.requirement = requirement,
            Change::FeeCap(cap) => charter.fee_cap = cap,
        }
        (event, Applied::State)
    }
}

fn pending_as(pending: Option<Scheduled>, number: u32) -> Result<Scheduled, EntityError> {
    pending.filter(|scheduled| scheduled.number == number).ok_or(EntityError::NoSuchChange)
}

fn address(value: Digest) -> Result<Address, EntityError> {
    let (high, low) = value.as_bytes().split_at(12);
    match low.try_into() {
        Ok(bytes) if high.iter().all(|byte| *byte == 0) => Ok(Address(bytes)),
        _ => Err(EntityError::ValueOutOfBounds),
    }
}

fn number<T: TryFrom<u128>>(value: Digest) -> Result<T, EntityError> {
    let (high, low) = value.as_bytes().split_at(16);
    let low = low.try_into().map(u128::from_be_bytes).map_err(|_| EntityError::ValueOutOfBounds)?;
    if high.iter().any(|byte| *byte != 0) {
        return Err(EntityError::ValueOutOfBounds);
    }
    T::try_from(low).map_err(|_| EntityError::ValueOutOfBounds)
}

fn word(value: u128) -> Digest {
    let mut word = Digest::zero();
    word.0.iter_mut().skip(16).zip(value.to_be_bytes()).for_each(|(to, from)| *to = from);
    word
}
