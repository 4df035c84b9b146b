use super::curve::linear;
use super::{Black, Right};

/// Implied volatility by expiry and log-moneyness `ln(K / F)`.
///
/// Total variance `volatility^2 * years` is linear in log-moneyness within an expiry, and linear in time between two
/// expiries at the same log-moneyness. Volatility is flat beyond the outermost strikes, before the first expiry and after
/// the last. Linear total variance in time keeps calendar spreads free of arbitrage where the nodes are (J. Gatheral 2006,
/// "The Volatility Surface", chapter 3).
#[derive(Clone, Debug, PartialEq)]
pub struct VolatilitySurface {
    slices: Vec<Slice>,
}

#[derive(Clone, Debug, PartialEq)]
struct Slice {
    years: f64,
    variances: Vec<(f64, f64)>,
}

/// An arbitrage in a surface's own nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arbitrage {
    /// Total variance falls from one expiry to the next.
    Calendar {
        /// Which expiry, counted from zero.
        expiry: usize,
        /// At which log-moneyness.
        moneyness: f64,
    },
    /// The call price is not convex in the strike.
    Butterfly {
        /// Which expiry, counted from zero.
        expiry: usize,
        /// At which log-moneyness.
        moneyness: f64,
    },
}

impl VolatilitySurface {
    /// Slices of years, ascending, each with nodes of log-moneyness, ascending, and volatility.
    pub fn new(slices: Vec<(f64, Vec<(f64, f64)>)>) -> Self {
        let slices = slices.into_iter().map(|(years, nodes)| Slice {
            years,
            variances: nodes.into_iter().map(|(k, volatility)| (k, volatility * volatility * years)).collect(),
        });
        Self { slices: slices.collect() }
    }

    /// The implied volatility at a log-moneyness and a time to expiry above zero; zero for a surface without nodes.
    pub fn volatility(&self, moneyness: f64, years: f64) -> f64 {
        let after = self.slices.partition_point(|slice| slice.years < years);
        let before = after.checked_sub(1).and_then(|index| self.slices.get(index));
        let at = |slice: &Slice| linear(&slice.variances, moneyness);
        let variance_a_year = match (before, self.slices.get(after)) {
            (Some(a), Some(b)) => {
                let (low, high) = (at(a), at(b));
                (low + (high - low) * ((years - a.years) / (b.years - a.years))) / years
            }
            (Some(slice), None) | (None, Some(slice)) => at(slice) / slice.years,
            (None, None) => 0.0,
        };
        libm::sqrt(variance_a_year)
    }

    /// The first arbitrage among the nodes, expiry by expiry. Every strike of either of two neighbouring expiries is
    /// checked for a calendar spread, every three strikes in a row for a butterfly.
    pub fn first_arbitrage(&self) -> Option<Arbitrage> {
        let mut previous: Option<&Slice> = None;
        for (expiry, slice) in self.slices.iter().enumerate() {
            let strikes =
                previous.into_iter().chain([slice]).flat_map(|slice| slice.variances.iter().map(|node| node.0));
            let falls = |k: &f64| previous.is_some_and(|p| linear(&slice.variances, *k) < linear(&p.variances, *k));
            if let Some(moneyness) = strikes.into_iter().find(falls) {
                return Some(Arbitrage::Calendar { expiry, moneyness });
            }
            if let Some(moneyness) = slice.first_butterfly() {
                return Some(Arbitrage::Butterfly { expiry, moneyness });
            }
            previous = Some(slice);
        }
        None
    }
}

impl Slice {
    /// Call prices on a forward of one at the nodes, with zero (strike infinite) and one (strike zero) as the bounds.
    fn first_butterfly(&self) -> Option<f64> {
        let price = |(k, variance): &(f64, f64)| {
            let strike = libm::exp(*k);
            let volatility = libm::sqrt(*variance);
            let call = Black { right: Right::Call, forward: 1.0, strike, volatility, years: 1.0, discount: 1.0 };
            (*k, strike, call.price())
        };
        let first = (f64::NEG_INFINITY, 0.0, 1.0);
        let prices: Vec<_> = std::iter::once(first).chain(self.variances.iter().map(price)).collect();
        let convex = |a: &(f64, f64, f64), b: &(f64, f64, f64), c: &(f64, f64, f64)| {
            (b.2 - a.2) / (b.1 - a.1) <= (c.2 - b.2) / (c.1 - b.1) + 1e-12
        };
        prices.windows(3).find_map(|three| match three {
            [a, b, c] if !convex(a, b, c) => Some(b.0),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface() -> VolatilitySurface {
        let smile = |level: f64| vec![(-0.4, level + 0.10), (0.0, level), (0.4, level + 0.06)];
        VolatilitySurface::new(vec![(0.1, smile(0.5)), (0.5, smile(0.55))])
    }

    #[test]
    fn nodes_are_met_and_total_variance_is_linear_between_them() {
        let surface = surface();
        assert!((surface.volatility(0.0, 0.1) - 0.5).abs() < 1e-15);
        assert!((surface.volatility(-0.4, 0.5) - 0.65).abs() < 1e-15);
        let middle = (0.5 * 0.5 * 0.1 + 0.55 * 0.55 * 0.5) / 2.0;
        assert!((surface.volatility(0.0, 0.3) - (middle / 0.3_f64).sqrt()).abs() < 1e-15);
        let across: f64 = (0.5 * 0.5 + 0.6 * 0.6) / 2.0;
        assert!((surface.volatility(-0.2, 0.1) - across.sqrt()).abs() < 1e-15);
        for (k, years, flat) in [(-3.0, 0.1, 0.6), (0.0, 0.001, 0.5), (0.0, 7.0, 0.55)] {
            assert!((surface.volatility(k, years) - flat).abs() < 1e-15);
        }
        assert_eq!(surface.first_arbitrage(), None);
    }

    #[test]
    fn arbitrage_in_the_nodes_is_found() {
        let flat = |volatility| vec![(-0.1, volatility), (0.0, volatility), (0.1, volatility)];
        let falling = VolatilitySurface::new(vec![(0.5, flat(0.8)), (0.6, flat(0.7))]);
        assert_eq!(falling.first_arbitrage(), Some(Arbitrage::Calendar { expiry: 1, moneyness: -0.1 }));
        let spike = VolatilitySurface::new(vec![(0.1, vec![(-0.1, 0.3), (0.0, 0.9), (0.1, 0.3)])]);
        assert_eq!(spike.first_arbitrage(), Some(Arbitrage::Butterfly { expiry: 0, moneyness: 0.0 }));
    }
}
