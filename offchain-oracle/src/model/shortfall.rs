use super::convert::count_to_f64;

/// Expected shortfall of `count` equally likely losses, given worst first: the mean of the worst `tail_ppm` millionths,
/// with the loss on the border counted in part.
///
/// `ES = (sum of the k largest + (w - k) * the next) / w`, `w = count * tail`, `k = floor(w)`; when `w < 1` the largest
/// loss. Zero for no losses. Source: Acerbi and Tasche (2002), "On the coherence of expected shortfall", Journal of
/// Banking & Finance 26, definition 2.6, for a discrete sample. `w` is computed in integers, so the border can't move with
/// rounding.
pub fn expected_shortfall(worst_first: impl IntoIterator<Item = f64>, count: usize, tail_ppm: u32) -> f64 {
    const MILLION: usize = 1_000_000;
    let weight_ppm = count.saturating_mul(usize::try_from(tail_ppm).unwrap_or(usize::MAX));
    let whole = weight_ppm.checked_div(MILLION).unwrap_or_default();
    let part = count_to_f64(weight_ppm.checked_rem(MILLION).unwrap_or_default()) / count_to_f64(MILLION);
    if weight_ppm == 0 {
        return 0.0;
    }
    let mut losses = worst_first.into_iter();
    let sum = losses.by_ref().take(whole).fold(0.0, |sum, loss| sum + loss);
    let border = losses.next().map_or(0.0, |loss| part * loss);
    (sum + border) / (count_to_f64(whole) + part)
}

/// Value at risk of `count` equally likely losses, given worst first: the loss on the border of the worst `tail_ppm`
/// millionths, that is the smallest of the worst `ceil(count * tail)` losses (the upper quantile of Acerbi and Tasche 2002,
/// definition 2.1). Zero for no losses.
pub fn value_at_risk(worst_first: impl IntoIterator<Item = f64>, count: usize, tail_ppm: u32) -> f64 {
    let weight_ppm = count.saturating_mul(usize::try_from(tail_ppm).unwrap_or(usize::MAX));
    let border = weight_ppm.div_ceil(1_000_000).saturating_sub(1);
    worst_first.into_iter().nth(border).unwrap_or_default()
}

/// The larger of two losses; NaN if either is: a number that can't be computed must not turn into a small one.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a > b {
        a
    } else {
        b
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn es(mut losses: Vec<f64>, tail_ppm: u32) -> f64 {
        losses.sort_by(|a, b| b.total_cmp(a));
        let count = losses.len();
        expected_shortfall(losses, count, tail_ppm)
    }

    #[test]
    fn samples_worked_by_hand() {
        let ten = || (1..=10).map(f64::from).collect::<Vec<_>>();
        assert_eq!(es(ten(), 100_000), 10.0, "worst of ten");
        assert_eq!(es(ten(), 200_000), 9.5, "mean of the worst two");
        // w = 2.5: (10 + 9 + 0.5 * 8) / 2.5
        assert_eq!(es(ten(), 250_000), 23.0 / 2.5);
        assert_eq!(es(ten(), 10_000), 10.0, "less than one observation in the tail: the worst");
        assert_eq!(es(ten(), 1_000_000), 5.5, "everything: the mean");
        assert_eq!(es(vec![], 10_000), 0.0);
    }

    #[test]
    fn quantiles_worked_by_hand() {
        let ten = || (1..=10).rev().map(f64::from);
        assert_eq!(value_at_risk(ten(), 10, 100_000), 10.0);
        assert_eq!(value_at_risk(ten(), 10, 200_000), 9.0);
        assert_eq!(value_at_risk(ten(), 10, 250_000), 8.0);
        assert_eq!(value_at_risk(ten(), 10, 10_000), 10.0);
        assert_eq!(value_at_risk(std::iter::empty(), 0, 10_000), 0.0);
    }

    /// Rockafellar and Uryasev (2000), theorem 1: ES is the minimum over c of `c + E[(L - c)+] / tail`, reached at a loss.
    /// Another road to the same number, with no sorting and no border.
    fn by_minimisation(losses: &[f64], tail_ppm: u32) -> f64 {
        let weight = losses.len() as f64 * f64::from(tail_ppm) / 1e6;
        let at = |c: f64| c + losses.iter().map(|loss| (loss - c).max(0.0)).sum::<f64>() / weight;
        losses.iter().map(|loss| at(*loss)).fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn agrees_with_an_independent_computation(
            losses in proptest::collection::vec(-1e6_f64..1e6, 1..300),
            tail_ppm in 1_000_u32..500_000,
        ) {
            let (one, other) = (es(losses.clone(), tail_ppm), by_minimisation(&losses, tail_ppm));
            prop_assert!((one - other).abs() <= 1e-6, "{one} {other}");
        }

        #[test]
        fn deeper_tails_are_never_cheaper(losses in proptest::collection::vec(-1e6_f64..1e6, 1..300)) {
            prop_assert!(es(losses.clone(), 1_000) >= es(losses.clone(), 10_000) - 1e-9);
            prop_assert!(es(losses.clone(), 10_000) >= es(losses, 100_000) - 1e-9);
        }

        #[test]
        fn scales_and_shifts_with_the_losses(losses in proptest::collection::vec(-1e6_f64..1e6, 1..100), k in 0.1_f64..10.0) {
            let base = es(losses.clone(), 50_000);
            let moved = es(losses.iter().map(|loss| loss * k + 7.0).collect(), 50_000);
            prop_assert!((moved - (base * k + 7.0)).abs() <= 1e-6 * (1.0 + moved.abs()));
        }
    }
}
