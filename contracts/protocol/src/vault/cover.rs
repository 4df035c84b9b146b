use super::{funds::check_amount, VaultError};
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
    /// What the vault claimed of it, paid or due. A recovery writes the notes up again, not the cover.
    pub claimed: Amount,
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
    pub fn register(&mut self, layer: Layer, attachment: Amount) -> Result<(), VaultError> {
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
        self.layers.push(Layer { claimed: Amount::ZERO, ..layer });
        Ok(())
    }

    /// What live layers could still pay at `at`.
    pub fn live(&self, at: Timestamp) -> Result<Amount, ArithmeticError> {
        self.limits_at(at).try_fold(Amount::ZERO, |sum, limit| sum.add(limit))
    }

    /// The last moment of the live layer that ends first; nothing if no layer is live at `at`.
    pub fn next_lapse(&self, at: Timestamp) -> Option<Timestamp> {
        self.layers.iter().filter(|layer| layer.is_live(at)).map(|layer| layer.ends).min()
    }

    /// What layers could still pay at `at` or later.
    pub(super) fn live_or_coming(&self, at: Timestamp) -> Result<Amount, ArithmeticError> {
        let coming = self.layers.iter().filter(|layer| at <= layer.ends);
        coming.map(Layer::remaining).try_fold(Amount::ZERO, Amount::add)
    }

    /// What each layer could still pay for a default at `at`; zero outside its risk period.
    pub(super) fn limits_at(&self, at: Timestamp) -> impl Iterator<Item = Amount> + '_ {
        self.layers.iter().map(move |layer| if layer.is_live(at) { layer.remaining() } else { Amount::ZERO })
    }

    /// Books a claim on the layer at `index` and tells its bond.
    pub(super) fn claim(&mut self, index: usize, amount: Amount) -> Result<Address, VaultError> {
        let layer = self.layers.get_mut(index).ok_or(VaultError::NothingDue)?;
        layer.claimed.put(amount)?;
        Ok(layer.bond)
    }

    /// The bond of the layer at `index`.
    pub(super) fn bond(&self, index: usize) -> Result<Address, VaultError> {
        self.layers.get(index).map(|layer| layer.bond).ok_or(VaultError::NothingDue)
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
            book.register(layer(bond, 5), attachment).expect("fits");
        }
        assert!(book.encode().len() <= 416, "{}", book.encode().len());
        assert_eq!(book.register(layer(9, 5), Amount::new(20)), Err(VaultError::LayerLimitReached));
    }

    #[test]
    fn layers_are_contiguous_and_distinct() {
        let mut book = CoverBook::default();
        assert_eq!(book.register(layer(1, 100), Amount::new(1)), Err(VaultError::LayerMisplaced));
        book.register(layer(1, 100), Amount::ZERO).expect("fits");
        assert_eq!(book.register(layer(1, 50), Amount::new(100)), Err(VaultError::LayerDuplicate));
        assert_eq!(book.register(layer(2, 50), Amount::new(99)), Err(VaultError::LayerMisplaced));
        assert_eq!(book.register(layer(2, 50), Amount::new(100)), Ok(()));
    }

    #[test]
    fn cover_is_live_exactly_in_its_risk_period() {
        let mut book = CoverBook::default();
        book.register(layer(1, 100), Amount::ZERO).expect("fits");
        let live = |at| book.live(Timestamp::new(at)).expect("in range").get();
        assert_eq!([live(9), live(10), live(20), live(21)], [0, 100, 100, 0]);
    }
}
