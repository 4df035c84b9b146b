//! The loss waterfall of one pair, over its own layers and no others.

use crate::units::{Amount, ArithmeticError};
use alloc::vec::Vec;

/// Who bears how much of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waterfall {
    /// From the defaulter's own margin.
    pub margin: Amount,
    /// From the entity's capital ring-fenced to the vault.
    pub first_loss: Amount,
    /// From each bond layer, in order of attachment.
    pub layers: Vec<Amount>,
    /// What no layer reaches: the survivor's claim on the defaulter's estate.
    pub residual: Amount,
}

impl Waterfall {
    /// Distributes `claim` over the layers in order; each takes what is left up to its limit.
    pub fn distribute(claim: Amount, margin: Amount, first_loss: Amount, layers: impl Iterator<Item = Amount>) -> Self {
        let mut left = claim;
        let mut take = |limit: Amount| {
            let taken = left.min(limit);
            left = left.saturating_sub(taken);
            taken
        };
        let (margin, first_loss) = (take(margin), take(first_loss));
        let layers = layers.map(&mut take).collect();
        Self { margin, first_loss, layers, residual: left }
    }

    /// The sum of all parts, which is the claim.
    pub fn total(&self) -> Result<Amount, ArithmeticError> {
        let above = self.layers.iter().try_fold(self.residual, |sum, layer| sum.add(*layer))?;
        above.add(self.margin)?.add(self.first_loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_claim_and_no_layer_pays_before_the_one_below_is_exhausted(
            claim in 0u128..1_000, margin in 0u128..300, first_loss in 0u128..300, limits in proptest::collection::vec(0u128..200, 0..4),
        ) {
            let amounts = || limits.iter().copied().map(Amount::new);
            let split = Waterfall::distribute(Amount::new(claim), Amount::new(margin), Amount::new(first_loss), amounts());
            prop_assert_eq!(split.total(), Ok(Amount::new(claim)));
            let paid: Vec<u128> = [split.margin, split.first_loss].into_iter().chain(split.layers.iter().copied()).map(Amount::get).collect();
            let limits: Vec<u128> = [margin, first_loss].into_iter().chain(limits).collect();
            for index in 0..paid.len() {
                prop_assert!(paid[index] <= limits[index]);
                if paid[index] < limits[index] {
                    prop_assert!(paid[index + 1..].iter().all(|amount| *amount == 0));
                    prop_assert!(split.residual.is_zero());
                }
            }
        }
    }
}
