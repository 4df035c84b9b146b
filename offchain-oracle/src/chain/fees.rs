//! What a transaction may cost, wei of the chain's native coin for a unit of gas.

/// Raise of a replacement, per cent: nodes ask for at least ten, or twelve and a half.
const RAISE_PERCENT: u128 = 25;

/// The two prices of EIP-1559.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// The most that is paid for a unit of gas.
    pub max: u128,
    /// How much of it goes to the block's author.
    pub tip: u128,
}

impl Fees {
    /// Room for the base fee to double.
    pub const fn from_gas_price(price: u128, tip: u128) -> Self {
        let doubled = price.saturating_mul(2);
        let max = if doubled > tip { doubled } else { tip };
        Self { max, tip }
    }

    /// The prices of a replacement: a quarter more than before, at least what is asked now. Nothing if that is above the limit.
    pub fn replacement(self, asked: Self, limit: u128) -> Option<Self> {
        let next = Self { max: raised_up(self.max).max(asked.max), tip: raised_up(self.tip).max(asked.tip) };
        (next.max <= limit).then_some(next)
    }
}

/// A quarter more, rounded up and never the same: a replacement that pays no more is refused.
pub const fn raised_up(price: u128) -> u128 {
    let more = price.saturating_mul(RAISE_PERCENT).div_ceil(100);
    price.saturating_add(if more == 0 { 1 } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_pays_more_and_stays_below_the_limit() {
        assert_eq!((raised_up(0), raised_up(1), raised_up(100), raised_up(u128::MAX)), (1, 2, 125, u128::MAX));
        let first = Fees::from_gas_price(100, 3);
        assert_eq!(first, Fees { max: 200, tip: 3 });
        let asked = Fees { max: 10, tip: 1 };
        assert_eq!(first.replacement(asked, 250), Some(Fees { max: 250, tip: 4 }));
        assert_eq!(first.replacement(asked, 249), None);
        assert_eq!(first.replacement(Fees { max: 900, tip: 9 }, 1_000), Some(Fees { max: 900, tip: 9 }));
    }
}
