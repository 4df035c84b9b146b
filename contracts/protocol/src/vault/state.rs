// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use crate::{
    units::{Amount, ArithmeticError, SignedAmount, Timestamp},
    Digest, Pair, Party,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// Where a pair stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Phase {
    /// Waiting for both parties to accept the terms; holds no margin.
    #[default]
    Proposed,
    /// Running.
    Active,
    /// A party is in default and the close-out amount is not known yet.
    Defaulted {
        /// Who.
        party: Party,
        /// Since when.
        since: Timestamp,
    },
    /// Over: everybody takes out what is theirs.
    Closed {
        /// Whose default ended it, if one did.
        defaulter: Option<Party>,
    },
}

/// An open margin call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct MarginCall {
    /// What is missing, as of the last instruction and the deposits since.
    pub amount: Amount,
    /// The last moment at which a deposit meets it without a default being possible.
    pub deadline: Timestamp,
}

/// The ledger of one pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct VaultState {
    /// Where the pair stands.
    pub phase: Phase,
    /// Who accepted the terms.
    pub accepted: Pair<bool>,
    /// Each side's margin, posted and received; its own property.
    pub margin: Pair<Amount>,
    /// What each side has to post, as of the last instruction.
    pub required: Pair<Amount>,
    /// What each side owes the other and could not pay.
    pub deficit: Pair<Amount>,
    /// Each side's open margin call.
    pub call: Pair<Option<MarginCall>>,
    /// The entity's capital, ring-fenced to this pair.
    pub first_loss: Amount,
    /// Never paid out: keeps the vault's account above the asset's minimum balance, under which a transfer would take
    /// other money along.
    pub reserve: Amount,
    /// What has moved to A since inception.
    pub settled: SignedAmount,
    /// A's cumulative entitlement in the last instruction.
    pub entitlement: SignedAmount,
    /// Loss beyond initial margin to be covered, in the last instruction.
    pub tail_requirement: Amount,
    /// The last instruction's sequence.
    pub sequence: u64,
    /// The last instruction's valuation time.
    pub valuation_time: Timestamp,
    /// When the last instruction was accepted, or the first portfolio agreed: the oracle's time-out runs from here.
    pub oracle_seen: Timestamp,
    /// The agreed portfolio's version; zero before the first.
    pub portfolio_version: u64,
    /// The version that the last instruction valued; until it is the agreed one, nothing is known about the new trades.
    pub valued_version: u64,
    /// The agreed portfolio's commitment.
    pub portfolio_root: Digest,
    /// The last close-out determination's sequence.
    pub close_out_sequence: u64,
    /// What the survivor of a close-out is owed and no layer reached.
    pub residual: Amount,
}

impl VaultState {
    /// The largest size of the encoded ledger; a storage value on the chain is at most 416 bytes.
    pub const MAX_ENCODED: usize = 400;

    /// All that the vault owes: its asset balance is at least this, and equal unless something was sent by mistake.
    pub fn liabilities(&self) -> Result<Amount, ArithmeticError> {
        self.margin.a.add(self.margin.b)?.add(self.first_loss)?.add(self.reserve)
    }

    /// What `party` lacks: requirement and unpaid settlement beyond its margin.
    pub fn shortfall(&self, party: Party) -> Result<Amount, ArithmeticError> {
        let needed = self.required.of(party).add(*self.deficit.of(party))?;
        Ok(needed.saturating_sub(*self.margin.of(party)))
    }

    /// What `party` has beyond requirement and unpaid settlement.
    pub fn excess(&self, party: Party) -> Result<Amount, ArithmeticError> {
        let needed = self.required.of(party).add(*self.deficit.of(party))?;
        Ok(self.margin.of(party).saturating_sub(needed))
    }

    /// Moves up to `due` from `debtor`'s margin into the other side's and returns what moved.
    pub(super) fn pay(&mut self, debtor: Party, due: Amount) -> Result<Amount, ArithmeticError> {
        let creditor = debtor.other();
        let paid = due.min(*self.margin.of(debtor));
        *self.margin.of_mut(debtor) = self.margin.of(debtor).sub(paid)?;
        *self.margin.of_mut(creditor) = self.margin.of(creditor).add(paid)?;
        self.settled = self.settled.add(SignedAmount::owing(creditor, paid)?)?;
        Ok(paid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_fits_one_storage_value() {
        assert!(VaultState::max_encoded_len() <= VaultState::MAX_ENCODED, "{}", VaultState::max_encoded_len());
    }

    #[test]
    fn the_terms_fit_one_storage_value() {
        assert!(super::super::Agreement::max_encoded_len() <= 416);
    }
}
