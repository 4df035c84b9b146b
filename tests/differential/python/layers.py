"""Layers of a bond by numpy, from the scenarios of the file named: expected loss, attachment and exhaustion probability and
the standard error of the first two.

One case a line: the share of the scenarios that is fitted in millionths, where the layer begins, its limit, then the losses.
The tail is fitted by Hosking and Wallis's own formulas (ascending order, shape k = -xi); the expected loss is an integral of
the chance of exceedance by Gauss and Legendre; errors come from numpy's own random numbers.
"""

import sys

import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)
RESAMPLES = 6_000


def fit(ordered, peak_ppm):
    """Threshold, weight, shape k and scale alpha; `ordered` ascends."""
    count = len(ordered)
    peaks = count * peak_ppm // 1_000_000
    threshold = ordered[count - peaks - 1]
    excess = ordered[count - peaks:] - threshold
    a0 = excess.mean()
    a1 = (np.arange(peaks - 1, -1, -1) / (peaks - 1) * excess).mean()
    k = a0 / (a0 - 2 * a1) - 2
    alpha = 2 * a0 * a1 / (a0 - 2 * a1)
    if abs(k) > 0.5:
        k = np.clip(k, -0.5, 0.5)
        alpha = a0 * (1 + k)
    return threshold, peaks / count, k, alpha


def beyond(tail, loss):
    threshold, weight, k, alpha = tail
    return weight * np.maximum(1 - k * (loss - threshold) / alpha, 0) ** (1 / k)


def measures(losses, peak_ppm, start, limit):
    ordered = np.sort(losses)
    tail = fit(ordered, peak_ppm)
    threshold, _, k, alpha = tail
    chance = lambda loss: beyond(tail, loss) if loss >= threshold else np.mean(losses > loss)
    end = start + limit
    border = min(max(threshold, start), end)
    expected = np.minimum(np.maximum(losses - start, 0), border - start).mean()
    # A bounded tail ends where 1 - k y / alpha is zero: beyond it there is nothing to integrate.
    stop = min(end, threshold + alpha / k) if k > 0 else end
    pieces = np.linspace(border, max(stop, border), 9)
    for low, high in zip(pieces, pieces[1:]):
        at = low + (high - low) * (NODES + 1) / 2
        expected += (WEIGHTS * beyond(tail, at)).sum() * (high - low) / 2
    return expected, chance(start), chance(end)


def main():
    rng = np.random.default_rng(20_251_010)
    for line in open(sys.argv[1], encoding="utf-8"):
        peak_ppm, start, limit, *losses = line.split(",")
        losses = np.array(losses, dtype=float)
        case = (int(peak_ppm), float(start), float(limit))
        found = measures(losses, *case)
        drawn = [measures(rng.choice(losses, len(losses)), *case)[:2] for _ in range(RESAMPLES)]
        errors = np.std(np.array(drawn), axis=0, ddof=1)
        print(",".join(repr(float(number)) for number in (*found, *errors)))


if __name__ == "__main__":
    sys.exit(main())
