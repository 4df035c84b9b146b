// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use super::{BondEnv, BondError, BondTerms, Margin};
use crate::units::{Amount, ArithmeticError, Bps, Index, Timestamp};
use scale::{Decode, Encode, MaxEncodedLen};

/// Where a series stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum BondPhase {
    /// Taking bids, revealing them, or being cleared.
    #[default]
    Book,
    /// The clearing spread is known and reaches the minimum; waiting to go on risk.
    Cleared,
    /// On risk, in notice, in extension or redeemed: the times in the ledger and the terms say which.
    OnRisk,
    /// Ended by agreement: everything is redeemable.
    Commuted,
    /// Too little was bid, or nobody put it on risk: everything is refunded.
    Failed,
}

/// The ledger of one series. Each base unit in escrow is in exactly one of its buckets: `bids`, `principal`,
/// `recovered`, `premium`, `released`, `due`, `sponsor_due`, `reserve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct BondState {
    /// Where the series stands.
    pub phase: BondPhase,
    /// Deposits of bids that are not settled, less the principal that was taken from them.
    pub bids: Amount,
    /// Principal that can still be claimed, behind all notes.
    pub principal: Amount,
    /// Recovered principal behind all notes: not at risk again, and earning nothing.
    pub recovered: Amount,
    /// Premium, earned or not, that is not booked to a holder.
    pub premium: Amount,
    /// Principal that became redeemable and is not booked to a holder.
    pub released: Amount,
    /// What is booked to holders and not taken out: the sum of what each has.
    pub due: Amount,
    /// What goes back to the sponsor.
    pub sponsor_due: Amount,
    /// Never paid out: keeps the account above the asset's minimum balance.
    pub reserve: Amount,
    /// Written down by claims and not recovered.
    pub lost: Amount,
    /// What a reported open default could still claim: stays behind at redemption.
    pub locked: Amount,
    /// All notes, those of unsettled bids included.
    pub face: Amount,
    /// Notes in hands: the ERC-20's total supply.
    pub supply: Amount,
    /// The next tick to clear.
    pub cursor: u16,
    /// What the ticks below the cursor hold, before the close; the marginal tick after it.
    pub margin: Margin,
    /// What every note earns a year.
    pub spread: Bps,
    /// When risk and premium stop.
    pub matures: Timestamp,
    /// The moment up to which premium has accrued.
    pub accrued_at: Timestamp,
    /// Premium per note since inception.
    pub premium_index: Index,
    /// Principal paid out per note since inception.
    pub release_index: Index,
    /// The last commutation proposed, from one.
    pub proposal: u32,
    /// The last moment to agree to it.
    pub proposal_until: Timestamp,
    /// Notes whose holders agree to it.
    pub consents: Amount,
}

impl BondState {
    /// All that the bond owes: its asset balance is at least this, and equal unless something was sent by mistake.
    pub fn liabilities(&self) -> Result<Amount, ArithmeticError> {
        let holders = [self.principal, self.recovered, self.premium, self.released, self.due];
        let others = [self.bids, self.sponsor_due, self.reserve];
        holders.iter().chain(&others).try_fold(Amount::ZERO, |sum, bucket| sum.add(*bucket))
    }

    /// After this moment principal is redeemable, but for what an open default locks.
    pub fn redeems_after(&self, terms: &BondTerms) -> Result<Timestamp, ArithmeticError> {
        self.matures.after(terms.notice)
    }

    /// The latest date: the last moment at which the vault can claim.
    pub fn claims_until(&self, terms: &BondTerms) -> Result<Timestamp, ArithmeticError> {
        self.matures.after(terms.extension)
    }

    /// Brings the ledger to now: accrues premium, releases what is redeemable. Every command that looks at holders or
    /// principal starts with this.
    pub(super) fn sync(&mut self, env: &BondEnv, terms: &BondTerms) -> Result<(), BondError> {
        match self.phase {
            BondPhase::Book | BondPhase::Cleared | BondPhase::Failed => return Ok(()),
            BondPhase::Commuted => {}
            BondPhase::OnRisk => {
                self.accrue(env)?;
                if env.now <= self.redeems_after(terms)? {
                    return Ok(());
                }
                if env.now > self.claims_until(terms)? {
                    self.locked = Amount::ZERO;
                }
            }
        }
        Ok(self.release()?)
    }

    /// Brings the premium index to now, at most to the end of the risk period. Rounded down at 10^-36 of a base unit per
    /// note, so that accruing often costs a holder nothing and the escrow always covers it.
    fn accrue(&mut self, env: &BondEnv) -> Result<(), ArithmeticError> {
        let until = env.now.min(self.matures);
        let span = until.since(self.accrued_at);
        if span.get() == 0 || self.face.is_zero() {
            return Ok(());
        }
        let (numerator, denominator) = self.spread.over(span)?;
        let per_principal = Amount::new(Index::SCALE).mul_div_down(numerator, denominator)?;
        let per_note = self.principal.mul_div_down(per_principal.get(), self.face.get())?;
        self.premium_index = self.premium_index.add(Index::new(per_note.get()))?;
        self.accrued_at = until;
        Ok(())
    }

    /// Makes all principal redeemable that is not locked, to those who hold notes now.
    fn release(&mut self) -> Result<(), ArithmeticError> {
        self.locked = self.locked.min(self.principal);
        let free = self.principal.sub(self.locked)?.add(self.recovered)?;
        if free.is_zero() || self.face.is_zero() {
            return Ok(());
        }
        self.release_index = self.release_index.add(Index::per_note_down(free, self.face)?)?;
        self.released.put(free)?;
        self.principal = self.locked;
        self.recovered = Amount::ZERO;
        Ok(())
    }

    /// True once all principal is paid out or written down: nothing can be claimed or released any more, but for a
    /// recovery.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.phase, BondPhase::OnRisk | BondPhase::Commuted)
            && self.principal.is_zero()
            && self.recovered.is_zero()
    }

    /// Passes amounts that the asset's balance holds on top of everything recorded.
    pub(super) fn check_surplus(&self, balance: Amount, amount: Amount) -> Result<(), BondError> {
        if balance < self.liabilities()?.add(amount)? {
            return Err(BondError::FundsMissing);
        }
        Ok(())
    }
}
