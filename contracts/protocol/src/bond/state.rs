// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use super::{BondEnv, BondError, BondTerms, Holder};
use crate::units::{Amount, ArithmeticError, Timestamp, Wad};
use scale::{Decode, Encode, MaxEncodedLen};

/// Where a series stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum BondPhase {
    /// Taking subscriptions, or waiting to go on risk.
    #[default]
    Subscribing,
    /// On risk, matured or in extension.
    OnRisk {
        /// Since when.
        since: Timestamp,
    },
    /// Too little was subscribed, or the sponsor did not put it on risk.
    Failed,
}

/// The ledger of one series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct BondState {
    /// Where the series stands.
    pub phase: BondPhase,
    /// All notes: the ERC-20's total supply.
    pub face: Amount,
    /// What is behind all notes, after write-downs.
    pub principal: Amount,
    /// Premium in escrow, earned or not, that no holder has taken out.
    pub premium: Amount,
    /// The part of `premium` that is booked to holders: the sum of what each has accrued. It stays theirs without notes.
    pub booked: Amount,
    /// Premium that goes back to the sponsor.
    pub sponsor_due: Amount,
    /// Never paid out: keeps the account above the asset's minimum balance.
    pub reserve: Amount,
    /// Premium per note since inception.
    pub index: Wad,
    /// The moment up to which the index has accrued.
    pub accrued_at: Timestamp,
}

impl BondState {
    /// All that the bond owes: its asset balance is at least this, and equal unless something was sent by mistake.
    pub fn liabilities(&self) -> Result<Amount, ArithmeticError> {
        self.principal.add(self.premium)?.add(self.sponsor_due)?.add(self.reserve)
    }

    /// When premium stops.
    pub fn maturity(&self, terms: &BondTerms) -> Result<Timestamp, BondError> {
        match self.phase {
            BondPhase::OnRisk { since } => Ok(since.after(terms.risk_period)?),
            _ => Err(BondError::NotOnRisk),
        }
    }

    /// The last moment at which the vault can claim; principal is redeemable after it.
    pub fn claims_until(&self, terms: &BondTerms) -> Result<Timestamp, BondError> {
        Ok(self.maturity(terms)?.after(terms.extension)?)
    }

    /// Brings the index to now, at most to maturity. Rounded down at 10^-18 of a base unit per note, so that accruing
    /// often costs a holder nothing and the escrow always covers it.
    pub(super) fn accrue(&mut self, env: &BondEnv, terms: &BondTerms) -> Result<(), BondError> {
        let BondPhase::OnRisk { .. } = self.phase else {
            return Ok(());
        };
        let until = env.now.min(self.maturity(terms)?);
        let span = until.since(self.accrued_at);
        if span.get() == 0 || self.face.is_zero() {
            return Ok(());
        }
        let (numerator, denominator) = terms.spread.over(span)?;
        let per_principal = Amount::new(Wad::SCALE).mul_div_down(numerator, denominator)?;
        let per_face = self.principal.mul_div_down(per_principal.get(), self.face.get())?;
        self.index = self.index.add(Wad::new(per_face.get()))?;
        self.accrued_at = until;
        Ok(())
    }

    /// Books to `holder` what the index has added since the holder was last touched.
    pub(super) fn book(&mut self, holder: &mut Holder) -> Result<(), BondError> {
        let earned = holder.accrue(self.index)?;
        self.booked = self.booked.add(earned)?;
        Ok(())
    }

    /// Takes all that `holder` has accrued out of the premium in escrow.
    pub(super) fn unbook(&mut self, holder: &mut Holder) -> Result<Amount, BondError> {
        let amount = core::mem::take(&mut holder.accrued);
        self.booked = self.booked.sub(amount)?;
        self.premium = self.premium.sub(amount)?;
        Ok(amount)
    }

    /// Passes amounts that the asset's balance holds on top of everything recorded.
    pub(super) fn check_surplus(&self, balance: Amount, amount: Amount) -> Result<(), BondError> {
        if balance < self.liabilities()?.add(amount)? {
            return Err(BondError::FundsMissing);
        }
        Ok(())
    }
}
