use super::forecast::Track;
use crate::model::convert::count_to_f64;
use crate::random::below;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Simulated histories behind a p-value.
pub const SIMULATIONS: usize = 10_000;

/// The seed of the simulations: the same numbers on every run and machine.
const SEED: u64 = 20_251_010;

/// Acerbi and Szekely's tests of expected shortfall. Zero is what a right model gives on average; below zero, losses were
/// worse than forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AcerbiSzekely {
    /// Test 1: the mean size of the losses beyond value at risk; none if there were none.
    pub z1: Option<f64>,
    /// Test 2: number and size together.
    pub z2: f64,
    /// Share of histories simulated from the forecasts themselves whose `z2` is as low or lower.
    pub p_value: f64,
}

/// `Z1 = sum(X_t I_t / ES_t) / N + 1`, `Z2 = sum(X_t I_t / ES_t) / (T tail) + 1`, with `X` the profit, `I` one beyond value
/// at risk and `N` the number of those. The p-value of `Z2` is simulated: in each history every day's profit is drawn from
/// that day's own forecast.
///
/// Source: C. Acerbi and B. Szekely (2014), "Backtesting expected shortfall", Risk, December, tests 1 and 2.
pub fn acerbi_szekely(track: &Track, tail: f64) -> AcerbiSzekely {
    let exceptions = track.days.iter().filter(|day| day.is_exception());
    let sum = exceptions.clone().fold(0.0, |sum, day| sum + day.profit / day.shortfall);
    let number = exceptions.count();
    let expected = count_to_f64(track.days.len()) * tail;
    let z2 = sum / expected + 1.0;
    // Each day, what a draw adds to the sum: the outcomes beyond value at risk, worst first, over expected shortfall.
    let beyond: Vec<(u64, Vec<f64>)> = track
        .days
        .iter()
        .zip(&track.forecasts)
        .map(|(day, profits)| {
            let worst = profits.iter().take_while(|profit| -**profit > day.value_at_risk);
            (u64::try_from(profits.len()).unwrap_or(u64::MAX), worst.map(|profit| profit / day.shortfall).collect())
        })
        .collect();
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let lower = (0..SIMULATIONS).filter(|_| {
        let sum = beyond.iter().fold(0.0, |sum, (count, worst)| {
            let drawn = usize::try_from(below(random.next_u64(), *count)).unwrap_or(usize::MAX);
            sum + worst.get(drawn).copied().unwrap_or_default()
        });
        sum / expected + 1.0 <= z2
    });
    let p_value = count_to_f64(lower.count()) / count_to_f64(SIMULATIONS);
    AcerbiSzekely { z1: (number > 0).then(|| sum / count_to_f64(number) + 1.0), z2, p_value }
}

#[cfg(test)]
mod tests {
    use super::super::forecast::{Day, EXPOSURES};
    use super::*;
    use ringfence_protocol::units::Timestamp;

    /// Every day the same forecast of losses 1 to 100; `losses` happen.
    fn track(losses: &[f64]) -> Track {
        let profits: Vec<f64> = (1..=100).rev().map(|loss| -f64::from(loss)).collect();
        let day = |loss: &f64| Day {
            day: Timestamp::new(0),
            profit: -loss,
            value_at_risk: 95.0,
            shortfall: 98.0,
            margin: 98.0,
        };
        Track { exposure: EXPOSURES[0], days: losses.iter().map(day).collect(), forecasts: vec![profits; losses.len()] }
    }

    #[test]
    fn statistics_by_hand() {
        let mut losses = vec![10.0; 100];
        (losses[3], losses[50]) = (98.0, 147.0);
        let test = acerbi_szekely(&track(&losses), 0.05);
        // Sum of X I / ES: -1 - 1.5; N = 2; T tail = 5.
        assert!((test.z1.unwrap() + 0.25).abs() < 1e-15);
        assert!((test.z2 - 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_right_model_is_not_rejected_and_a_wrong_one_is() {
        let right: Vec<f64> = (0..500).map(|day| f64::from(day % 100 + 1)).collect();
        let fair = acerbi_szekely(&track(&right), 0.05);
        assert!(fair.z2.abs() < 0.01 && (0.3..0.7).contains(&fair.p_value), "{fair:?}");
        let worse: Vec<f64> = right.iter().map(|loss| loss * 1.1).collect();
        assert!(acerbi_szekely(&track(&worse), 0.05).p_value < 0.01);
        assert_eq!(acerbi_szekely(&track(&vec![1.0; 500]), 0.05).z1, None);
        assert_eq!(acerbi_szekely(&track(&worse), 0.05), acerbi_szekely(&track(&worse), 0.05));
    }
}
