use super::{funds::check_amount, BondCall, Effects, Env, Phase, Vault, VaultError, VaultEvent, MAX_LAYERS};
use crate::{
    units::{Amount, ArithmeticError},
    waterfall::Waterfall,
    Address, Transfer,
};
use alloc::vec::Vec;
use scale::{Decode, Encode, MaxEncodedLen};

/// The most defaults of a pair that can cost more than the defaulter's margin. The last place is kept for the one that
/// closes the pair; a replacement that would need it is a close-out.
pub const MAX_ESTATES: usize = 3;

/// What one bond layer has to do with an estate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct EstateLayer {
    /// What the bond paid and has not been repaid.
    pub paid: Amount,
    /// What the bond still has to pay.
    pub due: Amount,
    /// Recovered for the bond and not passed on yet.
    pub recovered: Amount,
}

/// What a defaulter still owes, and to whom: the claims on its estate, in the order in which they were served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Estate {
    /// Who owes.
    pub debtor: Address,
    /// Whose loss it was: the survivor, the successor, or whom it passed its claim on to.
    pub creditor: Address,
    /// What no layer reached.
    pub residual: Amount,
    /// What the entity's capital paid and has not been repaid.
    pub first_loss: Amount,
    /// What each bond layer paid, by attachment.
    pub layers: [EstateLayer; MAX_LAYERS],
}

/// The estates of a pair, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Estates(pub Vec<Estate>);

impl Estates {
    /// True while a replacement may leave an estate behind.
    pub(super) fn has_room(&self) -> bool {
        self.0.len().saturating_add(1) < MAX_ESTATES
    }

    /// What the layer at `index` still has to pay, over all estates.
    fn due_of(&self, index: usize) -> Result<Amount, ArithmeticError> {
        let layers = self.0.iter().filter_map(|estate| estate.layers.get(index));
        layers.map(|layer| layer.due).try_fold(Amount::ZERO, Amount::add)
    }

    fn get_mut(&mut self, index: usize) -> Result<&mut Estate, VaultError> {
        self.0.get_mut(index).ok_or(VaultError::NoEstate)
    }
}

impl Vault {
    /// The most that a bond may still have to pay: what is due of it for defaults that are over, and while one is open what
    /// its layer covered when that began. What is due respects the layers below already, for they were filled first.
    pub fn claimable(&self, bond: Address) -> Result<Amount, ArithmeticError> {
        let Some(index) = self.cover.layers().iter().position(|layer| layer.bond == bond) else {
            return Ok(Amount::ZERO);
        };
        let open = match self.state.phase {
            Phase::Defaulted { party, since } => self.limits(party, since).nth(index).unwrap_or(Amount::ZERO),
            _ => Amount::ZERO,
        };
        self.estates.due_of(index)?.add(open)
    }

    /// Records what a loss took from the layers above the defaulter's margin, and claims it from the bonds.
    pub(super) fn open_estate(
        &mut self,
        fx: &mut Effects,
        debtor: Address,
        creditor: Address,
        split: &Waterfall,
    ) -> Result<(), VaultError> {
        let above_margin = split.residual.add(split.first_loss)?;
        if above_margin.is_zero() && split.layers.iter().all(|amount| amount.is_zero()) {
            return Ok(());
        }
        if self.estates.0.len() >= MAX_ESTATES {
            return Err(VaultError::EstateLimitReached);
        }
        let index = self.estates.0.len();
        let mut layers = [EstateLayer::default(); MAX_LAYERS];
        for (layer, (entry, amount)) in layers.iter_mut().zip(&split.layers).enumerate() {
            if amount.is_zero() {
                continue;
            }
            entry.due = *amount;
            let bond = self.cover.claim(layer, *amount)?;
            fx.bonds.push(BondCall::Claim { estate: index, layer, bond, amount: *amount });
        }
        let (residual, first_loss) = (split.residual, split.first_loss);
        self.estates.0.push(Estate { debtor, creditor, residual, first_loss, layers });
        Ok(())
    }

    /// The creditor of an estate passes its claim on, with what bonds still owe on it. What was paid stays where it went.
    pub(super) fn transfer_claim(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        estate: usize,
        to: Address,
    ) -> Result<(), VaultError> {
        let entry = self.estates.get_mut(estate)?;
        if entry.creditor != env.caller {
            return Err(VaultError::NotTheCreditor);
        }
        // A successor's price, and what it is still owed of it, stays behind its side.
        let runs = !matches!(self.state.phase, Phase::Closed { .. });
        if runs && self.agreement.terms.party(env.caller).is_some() {
            return Err(VaultError::ClaimPledged);
        }
        if to.is_zero() || to == env.domain.verifying_contract || to == env.caller {
            return Err(VaultError::ReceiverInvalid);
        }
        entry.creditor = to;
        fx.events.push(VaultEvent::ClaimTransferred { estate, from: env.caller, to });
        Ok(())
    }

    /// Claims what a bond still owes an estate; anyone may.
    pub(super) fn collect_cover(&mut self, fx: &mut Effects, estate: usize, layer: usize) -> Result<(), VaultError> {
        let amount = self.layer_mut(estate, layer)?.due;
        if amount.is_zero() {
            return Err(VaultError::NothingDue);
        }
        fx.bonds.push(BondCall::Claim { estate, layer, bond: self.cover.bond(layer)?, amount });
        Ok(())
    }

    /// Books that a bond paid.
    pub(super) fn cover_paid(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        estate: usize,
        layer: usize,
        amount: Amount,
    ) -> Result<(), VaultError> {
        let entry = self.layer_mut(estate, layer)?;
        if entry.due.is_zero() {
            return Err(VaultError::NothingDue);
        }
        entry.due.take(amount)?;
        entry.paid.put(amount)?;
        let creditor = self.estates.get_mut(estate)?.creditor;
        self.give(env, fx, creditor, amount)?;
        fx.events.push(VaultEvent::CoverPaid { bond: self.cover.bond(layer)?, amount });
        Ok(())
    }

    /// Anyone pays in what was recovered from a defaulter. It repays in the reverse order of the losses: what no layer
    /// reached, then what bonds still owe and paid, the highest layer first, then the entity's capital, and what is left is
    /// the debtor's own.
    pub(super) fn recover(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        estate: usize,
        amount: Amount,
    ) -> Result<(), VaultError> {
        check_amount(amount)?;
        let mut left = amount;
        let entry = self.estates.get_mut(estate)?;
        let mut serve = |owed: &mut Amount| -> Result<Amount, ArithmeticError> {
            let served = left.min(*owed);
            left.take(served)?;
            owed.take(served)?;
            Ok(served)
        };
        let mut to_creditor = serve(&mut entry.residual)?;
        let mut to_bonds = Amount::ZERO;
        for layer in entry.layers.iter_mut().rev() {
            to_creditor.put(serve(&mut layer.due)?)?;
            let recovered = serve(&mut layer.paid)?;
            layer.recovered.put(recovered)?;
            to_bonds.put(recovered)?;
        }
        let to_first_loss = serve(&mut entry.first_loss)?;
        let (debtor, creditor, to_debtor) = (entry.debtor, entry.creditor, left);

        self.standing.escrow.put(to_bonds)?;
        self.state.first_loss.put(to_first_loss)?;
        self.give(env, fx, creditor, to_creditor)?;
        self.give(env, fx, debtor, to_debtor)?;
        fx.events.push(VaultEvent::Recovered { debtor, to_creditor, to_bonds, to_first_loss, to_debtor });
        fx.take(env.caller, amount);
        Ok(())
    }

    /// Sends a bond its part of a recovery; anyone may. The bond has to accept it, or nothing is sent.
    pub(super) fn pass_recovery(&mut self, fx: &mut Effects, estate: usize, layer: usize) -> Result<(), VaultError> {
        let bond = self.cover.bond(layer)?;
        let amount = core::mem::take(&mut self.layer_mut(estate, layer)?.recovered);
        if amount.is_zero() {
            return Err(VaultError::NothingDue);
        }
        self.standing.escrow.take(amount)?;
        fx.transfers.push(Transfer::Out { to: bond, amount });
        fx.bonds.push(BondCall::Recovery { bond, amount });
        fx.events.push(VaultEvent::RecoveryPassed { bond, amount });
        Ok(())
    }

    fn layer_mut(&mut self, estate: usize, layer: usize) -> Result<&mut EstateLayer, VaultError> {
        self.estates.get_mut(estate)?.layers.get_mut(layer).ok_or(VaultError::NothingDue)
    }
}
