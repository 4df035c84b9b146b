"""Prices and Greeks of 10,000 contracts by QuantLib, of 2,000 far from the money at 50 digits, and of 300 by
differentiating the price at 50 digits, as CSV. Only the last have rho, vanna and volga.

Numbers are written by repr(), which reads back to the same double.
"""

import random
import sys

import mpmath
import QuantLib as ql

mpmath.mp.dps = 50
SEED = 20_251_010
COLUMNS = ["source", "right", "forward", "strike", "volatility", "years", "discount",
           "price", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga"]


def contract(rng, deviations):
    """A contract whose strike is at most `deviations` standard deviations from the forward."""
    forward = 10 ** rng.uniform(-1, 5.5)
    volatility = rng.uniform(0.2, 2.5)
    years = rng.choice([1 / 365, 7 / 365, 30 / 365, 90 / 365, 1.0, 2.0]) * rng.uniform(0.8, 1.2)
    deviation = volatility * years ** 0.5
    strike = forward * float(mpmath.exp(rng.uniform(-deviations, deviations) * deviation))
    discount = float(mpmath.exp(-rng.uniform(-0.02, 0.12) * years))
    return rng.choice("CP"), forward, strike, volatility, years, discount


def by_quantlib(right, forward, strike, volatility, years, discount):
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if right == "C" else ql.Option.Put, strike)
    black = ql.BlackCalculator(payoff, forward, volatility * years ** 0.5, discount)
    # With the forward in the place of the spot, QuantLib's delta, gamma and theta are those of Black-76.
    return (black.value(), black.delta(forward), black.gamma(forward), black.vega(years), black.theta(forward, years))


def by_mpmath(right, *numbers):
    forward, strike, volatility, years, discount = map(mpmath.mpf, numbers)
    sign = 1 if right == "C" else -1
    deviation = volatility * mpmath.sqrt(years)
    d1 = mpmath.log(forward / strike) / deviation + deviation / 2
    d2 = d1 - deviation
    normal = lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2
    peak = discount * mpmath.exp(-d1 * d1 / 2) / mpmath.sqrt(2 * mpmath.pi)
    price = sign * discount * (forward * normal(sign * d1) - strike * normal(sign * d2))
    theta = -mpmath.log(discount) / years * price - forward * peak * volatility / (2 * mpmath.sqrt(years))
    return (price, sign * discount * normal(sign * d1), peak / (forward * deviation),
            forward * peak * mpmath.sqrt(years), theta)


def by_slopes(right, *numbers):
    forward, strike, volatility, years, discount = map(mpmath.mpf, numbers)
    rate = -mpmath.log(discount) / years
    sign = 1 if right == "C" else -1
    normal = lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2

    def price(forward, volatility, years, rate):
        deviation = volatility * mpmath.sqrt(years)
        d1 = mpmath.log(forward / strike) / deviation + deviation / 2
        return sign * mpmath.exp(-rate * years) * (
            forward * normal(sign * d1) - strike * normal(sign * (d1 - deviation)))

    at = (forward, volatility, years, rate)
    slope = lambda *orders: mpmath.diff(price, at, orders)
    return (price(*at), slope(1, 0, 0, 0), slope(2, 0, 0, 0), slope(0, 1, 0, 0), -slope(0, 0, 1, 0),
            slope(0, 0, 0, 1), slope(1, 1, 0, 0), slope(0, 2, 0, 0))


def main():
    rng = random.Random(SEED)
    print(",".join(COLUMNS))
    jobs = [("quantlib", by_quantlib, 3.0, 10_000), ("mpmath", by_mpmath, 9.0, 2_000),
            ("slopes", by_slopes, 4.0, 300)]
    for source, compute, deviations, count in jobs:
        for _ in range(count):
            terms = contract(rng, deviations)
            numbers = [repr(float(number)) for number in (*terms[1:], *compute(*terms))]
            print(",".join([source, terms[0], *numbers]))


if __name__ == "__main__":
    sys.exit(main())
