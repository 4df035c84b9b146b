use super::{close_out::Claim, funds::check_amount, VaultError};
use crate::{
    units::{Amount, ArithmeticError, Timestamp},
    Address,
};
use alloc::vec::Vec;
use scale::{Decode, Encode};

/// The most bond layers on one vault; the book then fits one storage value.
pub const MAX_LAYERS: usize = 4;

/// A bond that covers this vault. The vault knows its live cover from here, without asking the bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Layer {
    /// The bond contract.
    pub bond: Address,
    /// Principal paid in at registration.
    pub limit: Amount,
    /// What the vault claimed of it, paid or due.
    pub claimed: Amount,
    /// The part of `claimed` that the bond has not paid yet.
    pub due: Amount,
    /// First moment of the risk period.
    pub starts: Timestamp,
    /// Last moment of the risk period.
    pub ends: Timestamp,
}

impl Layer {
    fn is_live(&self, at: Timestamp) -> bool {
        self.starts <= at && at <= self.ends
    }

    fn remaining(&self) -> Amount {
        self.limit.saturating_sub(self.claimed)
    }
}

/// The bond layers of a vault, by attachment, contiguous from the top of the first-loss capital.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct CoverBook {
    layers: Vec<Layer>,
}

impl CoverBook {
    /// The layers in order of attachment.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Adds a layer on top, if its attachment is where the ones below end.
    pub fn register(mut self, layer: Layer, attachment: Amount) -> Result<Self, VaultError> {
        check_amount(layer.limit)?;
        if self.layers.len() >= MAX_LAYERS {
            return Err(VaultError::LayerLimitReached);
        }
        if self.layers.iter().any(|other| other.bond == layer.bond) {
            return Err(VaultError::LayerDuplicate);
        }
        let below = self.layers.iter().try_fold(Amount::ZERO, |sum, layer| sum.add(layer.limit))?;
        if attachment != below || layer.ends <= layer.starts {
            return Err(VaultError::LayerMisplaced);
        }
        self.layers.push(Layer { claimed: Amount::ZERO, due: Amount::ZERO, ..layer });
        Ok(self)
    }

    /// What live layers could still pay at `at`.
    pub fn live(&self, at: Timestamp) -> Result<Amount, ArithmeticError> {
        self.limits_at(at).try_fold(Amount::ZERO, |sum, limit| sum.add(limit))
    }

    /// What each layer could still pay for a default at `at`; zero outside its risk period.
    pub(super) fn limits_at(&self, at: Timestamp) -> impl Iterator<Item = Amount> + '_ {
        self.layers.iter().map(move |layer| if layer.is_live(at) { layer.remaining() } else { Amount::ZERO })
    }

    /// Books what each layer has to pay and lists the claims to make.
    pub(super) fn claim(&mut self, amounts: &[Amount]) -> Result<Vec<Claim>, ArithmeticError> {
        let mut claims = Vec::new();
        for (layer, amount) in self.layers.iter_mut().zip(amounts).filter(|(_, amount)| !amount.is_zero()) {
            layer.claimed = layer.claimed.add(*amount)?;
            layer.due = layer.due.add(*amount)?;
            claims.push(Claim { bond: layer.bond, amount: *amount });
        }
        Ok(claims)
    }

    /// What is still due from the layer at `index`.
    pub fn due(&self, index: usize) -> Result<Claim, VaultError> {
        match self.layers.get(index) {
            Some(layer) if !layer.due.is_zero() => Ok(Claim { bond: layer.bond, amount: layer.due }),
            _ => Err(VaultError::NothingDue),
        }
    }

    /// Books a payment by a bond.
    pub(super) fn paid(&mut self, claim: Claim) -> Result<(), VaultError> {
        let layer = self.layers.iter_mut().find(|layer| layer.bond == claim.bond).ok_or(VaultError::NothingDue)?;
        layer.due = layer.due.sub(claim.amount)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(bond: u8, limit: u128) -> Layer {
        Layer {
            bond: Address::repeat_byte(bond),
            limit: Amount::new(limit),
            claimed: Amount::ZERO,
            due: Amount::ZERO,
            starts: Timestamp::new(10),
            ends: Timestamp::new(20),
        }
    }

    #[test]
    fn the_fullest_book_fits_one_storage_value() {
        let mut book = CoverBook::default();
        for index in 0..MAX_LAYERS {
            let bond = u8::try_from(index).expect("small");
            let attachment = Amount::new(u128::from(bond) * 5);
            book = book.register(layer(bond, 5), attachment).expect("fits");
        }
        assert!(book.encode().len() <= 416, "{}", book.encode().len());
        assert_eq!(book.register(layer(9, 5), Amount::new(20)), Err(VaultError::LayerLimitReached));
    }

    #[test]
    fn layers_must_be_contiguous_and_distinct() {
        let book = CoverBook::default().register(layer(1, 100), Amount::ZERO).expect("fits");
        assert_eq!(book.clone().register(layer(2, 50), Amount::new(99)), Err(VaultError::LayerMisplaced));
        assert_eq!(book.clone().register(layer(1, 50), Amount::new(100)), Err(VaultError::LayerDuplicate));
        assert_eq!(book.clone().register(layer(2, 0), Amount::new(100)), Err(VaultError::ZeroAmount));
        assert!(book.register(layer(2, 50), Amount::new(100)).is_ok());
    }

    #[test]
    fn cover_is_live_exactly_in_its_risk_period() {
        let book = CoverBook::default().register(layer(1, 100), Amount::ZERO).expect("fits");
        let live = |at| book.live(Timestamp::new(at)).expect("in range").get();
        assert_eq!([live(9), live(10), live(20), live(21)], [0, 100, 100, 0]);
    }
}
