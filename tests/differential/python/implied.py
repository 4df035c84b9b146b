"""Scenarios of a coin's price and implied volatility by numpy, from the daily closes and volatilities of the file named.

First line: spot, forward, strike, volatility, years, discount, puts held, coins held. Then a close and a volatility a line. Printed is
the expected shortfall at 99 % of the position, long and then turned round, at the deviations of the whole history and then of
its most volatile 250 days, both for price and volatility.
"""

import sys
from math import erfc, sqrt

import numpy as np

LAMBDA, BURN_IN, WINDOW, CAP, TENOR = 0.94, 60, 250, 2.5, 30 / 365


def residuals(changes):
    """Changes over the deviation that was known the evening before, as a weighted sum over the whole past."""
    start = np.mean(changes[:BURN_IN] ** 2)
    squares = changes[BURN_IN:] ** 2
    out = []
    for day in range(len(squares)):
        ages = np.arange(day)[::-1]
        variance = LAMBDA**day * start + (1 - LAMBDA) * np.sum(LAMBDA**ages * squares[:day])
        out.append(changes[BURN_IN + day] / np.sqrt(variance))
    return np.array(out)


def deviations(changes):
    sums = np.convolve(changes**2, np.ones(WINDOW), "valid") / WINDOW
    return np.sqrt(np.mean(changes**2)), np.sqrt(np.max(sums))


def phi(x):
    return np.array([erfc(-value / sqrt(2)) / 2 for value in np.atleast_1d(x)])


def put(forward, strike, volatility, years, discount):
    deviation = volatility * sqrt(years)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    return discount * (strike * phi(deviation - d1) - forward * phi(-d1))


def shortfall(losses):
    """Minimum over c of c + E[(L - c)+] / 1 % (Rockafellar and Uryasev 2000)."""
    return min(c + np.maximum(losses - c, 0).mean() / 0.01 for c in np.sort(losses)[-40:])


def main(path):
    with open(path) as file:
        spot, forward, strike, volatility, years, discount, puts, coins = map(float, file.readline().split(","))
        closes, levels = np.loadtxt(file, delimiter=",").T
    returns, moves = np.diff(np.log(closes)), np.diff(np.log(levels))
    z, u = residuals(returns), residuals(moves)
    damping = sqrt(TENOR / years) if years > TENOR else 1.0
    for price_level, volatility_level in zip(deviations(returns), deviations(moves)):
        growth = np.exp(z * price_level)
        stretch = np.clip(np.exp(u * volatility_level), 1 / CAP, CAP)
        after = put(forward * growth, strike, volatility * (1 + damping * (stretch - 1)), years, discount)
        profit = puts * (after - put(forward, strike, volatility, years, discount)) + coins * spot * (growth - 1)
        print(repr(float(shortfall(-profit))), repr(float(shortfall(profit))), sep=",")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
