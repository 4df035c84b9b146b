use crate::units::Price;
use ringfence_protocol::units::Bps;

/// Basis points in one.
const ONE: u128 = 10_000;

/// The median; of an even number of prices the mean of the middle two, rounded down. Nothing for no prices.
pub fn median_down(prices: &[Price]) -> Option<Price> {
    let mut sorted = prices.to_vec();
    sorted.sort_unstable();
    let upper = sorted.len().checked_div(2)?;
    let lower = sorted.len().checked_sub(1)?.checked_div(2)?;
    let (lower, upper) = (sorted.get(lower)?.get(), sorted.get(upper)?.get());
    // Two prices are at most 2 * 10^15 together.
    Price::from_units(lower.checked_add(upper)?.checked_div(2)?)
}

/// True if `price` is at most `width` of `centre` away from it; exactly at the edge is inside.
pub fn in_band(price: Price, centre: Price, width: Bps) -> bool {
    let distance = u128::from(price.get().abs_diff(centre.get()));
    distance.saturating_mul(ONE) <= u128::from(centre.get()).saturating_mul(width.get().into())
}

/// How far `price` is from `centre`, in basis points of `centre`, rounded up.
pub(super) fn distance_bps_up(price: Price, centre: Price) -> u64 {
    let distance = u128::from(price.get().abs_diff(centre.get()));
    u64::try_from(distance.saturating_mul(ONE).div_ceil(u128::from(centre.get()))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn price(units: u64) -> Price {
        Price::from_units(units).unwrap()
    }

    #[test]
    fn medians_by_hand() {
        let median = |units: &[u64]| median_down(&units.iter().copied().map(price).collect::<Vec<_>>());
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(price(7)));
        assert_eq!(median(&[3, 9, 1]), Some(price(3)));
        assert_eq!(median(&[4, 1, 2, 9]), Some(price(3)));
        assert_eq!(median(&[4, 1, 3, 9]), Some(price(3)), "3.5 down");
        assert_eq!(median_down(&[Price::MAX, Price::MAX]), Some(Price::MAX));
    }

    #[test]
    fn the_edge_of_the_band_is_inside() {
        let (centre, width) = (price(10_000), Bps::new(100));
        assert!(in_band(price(10_100), centre, width) && in_band(price(9_900), centre, width));
        assert!(!in_band(price(10_101), centre, width) && !in_band(price(9_899), centre, width));
        assert!(in_band(centre, centre, Bps::new(0)));
        assert_eq!(distance_bps_up(price(10_101), price(10_000)), 101);
        assert_eq!(distance_bps_up(price(100_001), price(100_000)), 1, "0.1 up");
        assert_eq!(distance_bps_up(Price::MAX, price(1)), 9_999_999_999_999_990_000);
    }

    proptest! {
        #[test]
        fn a_median_has_as_many_prices_above_as_below(units in prop::collection::vec(1_u64..1_000, 1..17)) {
            let prices: Vec<_> = units.iter().copied().map(price).collect();
            let median = median_down(&prices).unwrap();
            let below = prices.iter().filter(|price| **price < median).count();
            // Rounding down may leave both middle prices above the median.
            let above = prices.iter().filter(|price| price.get() > median.get() + 1).count();
            prop_assert!(below * 2 <= prices.len() && above * 2 <= prices.len());
        }

        #[test]
        fn order_makes_no_difference(mut units in prop::collection::vec(1_u64..1_000, 1..17)) {
            let median = |units: &[u64]| median_down(&units.iter().copied().map(price).collect::<Vec<_>>());
            let before = median(&units);
            units.reverse();
            prop_assert_eq!(before, median(&units));
        }
    }
}
