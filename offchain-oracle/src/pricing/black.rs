use super::batch::{undiscounted, OptionLeg};
use super::normal::{cdf, density};

/// Which way an option pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Pays what the settlement price is above the strike.
    Call,
    /// Pays what it is below.
    Put,
}

impl Right {
    /// One for a call, minus one for a put.
    #[inline(always)]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Call => 1.0,
            Self::Put => -1.0,
        }
    }
}

/// A European option on a forward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Black {
    /// Call or put.
    pub right: Right,
    /// The forward price for the expiry; above zero.
    pub forward: f64,
    /// The strike; above zero.
    pub strike: f64,
    /// Volatility per square root of a year; not negative.
    pub volatility: f64,
    /// Years to expiry; not negative.
    pub years: f64,
    /// Present value of one paid at expiry.
    pub discount: f64,
}

/// Derivatives of the price, per unit of the underlying. Years and volatilities of 1 (not 1 %) are the units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Greeks {
    /// By the forward.
    pub delta: f64,
    /// By the forward, twice.
    pub gamma: f64,
    /// By the volatility.
    pub vega: f64,
    /// By the passage of time, forward and rate held: negative where an option loses by waiting.
    pub theta: f64,
    /// By the rate of discounting, forward held.
    pub rho: f64,
    /// By the forward and the volatility.
    pub vanna: f64,
    /// By the volatility, twice.
    pub volga: f64,
}

impl Black {
    /// The standard deviation of the logarithm of the price at expiry.
    pub fn deviation(&self) -> f64 {
        self.volatility * libm::sqrt(self.years)
    }

    /// The present value of one option. With no time or volatility left, the discounted intrinsic value.
    pub fn price(&self) -> f64 {
        OptionLeg::new(self, 1.0).price()
    }

    /// The derivatives. At no time or volatility left only delta is not zero: a half where forward and strike are equal.
    pub fn greeks(&self) -> Greeks {
        pulp::Arch::new().dispatch(Derivatives(self))
    }

    #[inline(always)]
    fn derivatives(&self) -> Greeks {
        let (deviation, sign) = (self.deviation(), self.right.sign());
        if deviation <= 0.0 {
            let inside = sign * (self.forward - self.strike);
            let delta = if inside > 0.0 {
                1.0
            } else if inside < 0.0 {
                0.0
            } else {
                0.5
            };
            return Greeks { delta: sign * self.discount * delta, ..Greeks::default() };
        }
        let root = libm::sqrt(self.years);
        let d1 = libm::log(self.forward / self.strike) / deviation + 0.5 * deviation;
        let d2 = d1 - deviation;
        let price = self.price();
        let peak = self.discount * density(d1);
        let rate = -libm::log(self.discount) / self.years;
        let vega = self.forward * peak * root;
        Greeks {
            delta: sign * self.discount * cdf(sign * d1),
            gamma: peak / (self.forward * deviation),
            vega,
            theta: rate * price - 0.5 * self.forward * peak * self.volatility / root,
            rho: -self.years * price,
            vanna: -peak * d2 / self.volatility,
            volga: vega * d1 * d2 / self.volatility,
        }
    }

    /// The volatility at which the option is worth `price`, by bisection on the standard deviation; nothing if no
    /// volatility up to 1,000 % gives that price. Deterministic: the same 200 halvings at most, whatever the input.
    pub fn implied_volatility(&self, price: f64) -> Option<f64> {
        let at = |volatility: f64| Self { volatility, ..*self }.price() - price;
        let (mut low, mut high) = (0.0, 10.0);
        if !(at(low) <= 0.0 && at(high) >= 0.0 && self.years > 0.0) {
            return None;
        }
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if at(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(0.5 * (low + high))
    }
}

impl OptionLeg {
    /// The value of the leg where it stands.
    pub fn price(&self) -> f64 {
        pulp::Arch::new().dispatch(Single(self))
    }
}

/// Work for one option, compiled once for every kind of machine: a fused multiply-add is one instruction where there is one.
struct Single<'a>(&'a OptionLeg);

impl pulp::NullaryFnOnce for Single<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        let leg = self.0;
        leg.weight * undiscounted(leg, leg.forward, leg.log_moneyness, leg.inverse_deviation, leg.deviation)
    }
}

/// The same for the derivatives.
struct Derivatives<'a>(&'a Black);

impl pulp::NullaryFnOnce for Derivatives<'_> {
    type Output = Greeks;

    #[inline(always)]
    fn call(self) -> Greeks {
        self.0.derivatives()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn option(right: Right, strike: f64, volatility: f64, years: f64) -> Black {
        Black { right, forward: 100.0, strike, volatility, years, discount: libm::exp(-0.05 * years) }
    }

    /// Hull, "Options, Futures, and Other Derivatives", chapter on futures options: a put with F = K = 20, r = 9 %,
    /// sigma = 25 % and four months is worth 1.12. The further digits are from 50-digit arithmetic.
    #[test]
    fn values_worked_at_fifty_digits() {
        let at = |right| Black {
            right,
            forward: 20.0,
            strike: 20.0,
            volatility: 0.25,
            years: 1.0 / 3.0,
            discount: libm::exp(-0.09 / 3.0),
        };
        assert!((at(Right::Put).price() - 1.116_641_456_558_943_5).abs() < 1e-12, "{}", at(Right::Put).price());
        assert_eq!(at(Right::Put).price(), at(Right::Call).price());
    }

    #[test]
    fn no_time_or_volatility_leaves_the_intrinsic_value() {
        for (right, strike, expected) in [(Right::Call, 90.0, 10.0), (Right::Put, 90.0, 0.0), (Right::Put, 110.0, 10.0)]
        {
            assert_eq!(option(right, strike, 0.5, 0.0).price(), expected);
            assert_eq!(option(right, strike, 0.0, 0.0).greeks().vega, 0.0);
        }
        assert_eq!(option(Right::Call, 90.0, 0.5, 0.0).greeks().delta, 1.0);
        assert_eq!(option(Right::Put, 100.0, 0.5, 0.0).greeks().delta, -0.5);
    }

    #[test]
    fn nonsense_is_not_a_price() {
        let base = option(Right::Call, 100.0, 0.5, 1.0);
        for bad in [
            Black { forward: f64::NAN, ..base },
            Black { strike: f64::NAN, ..base },
            Black { volatility: f64::NAN, ..base },
            Black { discount: f64::NAN, ..base },
            Black { forward: f64::INFINITY, ..base },
        ] {
            assert!(!bad.price().is_finite(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn parity_holds(strike in 20.0_f64..500.0, volatility in 0.05_f64..3.0, years in 0.003_f64..3.0) {
            let (call, put) = (option(Right::Call, strike, volatility, years), option(Right::Put, strike, volatility, years));
            let forward = call.discount * (100.0 - strike);
            prop_assert!((call.price() - put.price() - forward).abs() < 1e-11);
            prop_assert!((call.greeks().delta - put.greeks().delta - call.discount).abs() < 1e-14);
        }

        #[test]
        fn greeks_are_the_slopes_of_the_price(strike in 60.0_f64..160.0, volatility in 0.2_f64..2.0, years in 0.02_f64..2.0, call: bool) {
            let base = option(if call { Right::Call } else { Right::Put }, strike, volatility, years);
            let greeks = base.greeks();
            let forward = |h: f64| Black { forward: 100.0 + h, ..base };
            let vol = |h: f64| Black { volatility: volatility + h, ..base };
            let time = |h: f64| Black { years: years - h, discount: libm::exp(-0.05 * (years - h)), ..base };
            let rate = |h: f64| Black { discount: libm::exp(-(0.05 + h) * years), ..base };
            let slopes = [
                (greeks.delta, (forward(1e-4).price() - forward(-1e-4).price()) / 2e-4),
                (greeks.vega, (vol(1e-5).price() - vol(-1e-5).price()) / 2e-5),
                (greeks.theta, (time(1e-6).price() - time(-1e-6).price()) / 2e-6),
                (greeks.rho, (rate(1e-5).price() - rate(-1e-5).price()) / 2e-5),
                (greeks.gamma, (forward(1e-3).greeks().delta - forward(-1e-3).greeks().delta) / 2e-3),
                (greeks.vanna, (vol(1e-4).greeks().delta - vol(-1e-4).greeks().delta) / 2e-4),
                (greeks.volga, (vol(1e-4).greeks().vega - vol(-1e-4).greeks().vega) / 2e-4),
            ];
            for (index, (found, slope)) in slopes.into_iter().enumerate() {
                let gap = (found - slope).abs();
                prop_assert!(gap < 1e-4 * (1.0 + slope.abs()), "{} {} {}", index, found, slope);
            }
        }

        #[test]
        fn implied_volatility_gives_the_price_back(strike in 70.0_f64..140.0, volatility in 0.1_f64..2.0, years in 0.02_f64..2.0) {
            let base = option(Right::Call, strike, volatility, years);
            let found = base.implied_volatility(base.price()).unwrap();
            let again = Black { volatility: found, ..base };
            prop_assert!((again.price() - base.price()).abs() < 1e-10);
            prop_assert_eq!(base.implied_volatility(-1.0), None);
            prop_assert_eq!(base.implied_volatility(f64::NAN), None);
        }
    }
}
