//! The only bridge between the engine's floats and integers; the direction of rounding is in each name.
#![allow(clippy::as_conversions)] // The bridge itself: each cast is defined by the language and guarded here.

use crate::units::{MicroUsd, Price, PRODUCT_PER_MICRO_USD};

/// Largest amount that leaves the model, micro-dollars: 2^96, the protocol's own bound.
const MAX_MICRO_USD: f64 = 79_228_162_514_264_337_593_543_950_336.0;

/// Units of a price in a dollar.
const PRICE_SCALE: f64 = 1e8;

/// The nearest float, ties to even.
pub fn int_to_f64_nearest(value: i128) -> f64 {
    value as f64
}

/// A price in dollars, to the nearest float.
pub fn price_to_f64_nearest(price: Price) -> f64 {
    price.get() as f64 / PRICE_SCALE
}

/// A rate as a share, to the nearest float.
pub fn rate_to_f64_nearest(rate: crate::units::Rate) -> f64 {
    rate.get() as f64 / PRICE_SCALE
}

/// Dollars of 10^-16, to the nearest float.
pub fn product_to_usd_nearest(product: i128) -> f64 {
    product as f64 / (PRODUCT_PER_MICRO_USD as f64 * 1e6)
}

/// Dollars to whole 10^-8, to the nearest, halves away from zero: the same from either side. Nothing for NaN, infinity or a
/// size above [`Price::MAX`].
pub fn usd_to_units_nearest(usd: f64) -> Option<i128> {
    let units = libm::round(usd * PRICE_SCALE);
    let most = Price::MAX.get() as f64;
    (-most..=most).contains(&units).then_some(units as i128)
}

/// The years of 365 days between two moments; zero if the second is not later.
pub fn years(from: ringfence_protocol::units::Timestamp, to: ringfence_protocol::units::Timestamp) -> f64 {
    to.get().saturating_sub(from.get()) as f64 / (365.0 * 86_400.0)
}

/// Dollars of `net` 10^-8 coins at `mark`, to the nearest float; nothing if the product leaves `i128`.
pub fn exposure_to_f64_nearest(net: i128, mark: Price) -> Option<f64> {
    let product = net.checked_mul(mark.get().into())?;
    Some(product as f64 / (PRODUCT_PER_MICRO_USD as f64 * 1e6))
}

/// Dollars to whole micro-dollars, rounded up: a requirement is never stated too low. Nothing for NaN, infinity, a
/// negative number or one above 2^96.
pub fn usd_to_micro_up(usd: f64) -> Option<MicroUsd> {
    let micro = libm::ceil(usd * 1e6);
    (0.0..=MAX_MICRO_USD).contains(&micro).then(|| MicroUsd::new(micro as i128))
}

/// A share to 10^-9, rounded up. Nothing for NaN, infinity, a negative number or one above a billion.
pub fn share_to_nano_up(share: f64) -> Option<u64> {
    let nano = libm::ceil(share * 1e9);
    (0.0..=1e18).contains(&nano).then_some(nano as u64)
}

/// A count as a float; exact below 2^53.
pub fn count_to_f64(count: usize) -> f64 {
    count as f64
}

/// Seconds as days.
pub fn days(seconds: ringfence_protocol::units::Seconds) -> f64 {
    seconds.get() as f64 / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_round_up_and_nonsense_is_refused() {
        assert_eq!(usd_to_micro_up(1.000_000_1), Some(MicroUsd::new(1_000_001)));
        assert_eq!(usd_to_micro_up(0.0), Some(MicroUsd::ZERO));
        assert_eq!(usd_to_micro_up(MAX_MICRO_USD / 1e6), Some(MicroUsd::new(1 << 96)));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e30] {
            assert_eq!(usd_to_micro_up(bad), None);
            assert_eq!(share_to_nano_up(bad), None);
        }
    }

    #[test]
    fn exposure_is_coins_times_price() {
        let mark = Price::parse("117624.03").unwrap();
        assert_eq!(exposure_to_f64_nearest(18_000_000_000, mark), Some(21_172_325.4));
        assert_eq!(exposure_to_f64_nearest(i128::MAX, mark), None);
    }
}
