"""Expected shortfall by numpy, by another road than sorting and summing: the minimum over c of
c + E[(L - c)+] / tail (Rockafellar and Uryasev 2000, theorem 1), reached at one of the losses; at extended precision.

One case a line: tail in millionths, expected shortfall, then the losses.
"""

import sys

import numpy as np


def expected_shortfall(losses, tail_ppm):
    losses = losses.astype(np.longdouble)
    tail = np.longdouble(tail_ppm) / np.longdouble(1_000_000)
    # The minimiser is a quantile, so only candidates near it are tried: the objective is convex.
    ordered = np.sort(losses)[::-1]
    at = int(len(ordered) * tail_ppm // 1_000_000)
    near = ordered[max(0, at - 2): at + 3]
    return min(c + np.maximum(losses - c, 0).mean(dtype=np.longdouble) / tail for c in near)


def main():
    rng = np.random.default_rng(20_251_010)
    for count in (1, 7, 100, 999, 1000, 1602, 5000):
        for tail_ppm in (1_000, 10_000, 25_000, 333_333, 1_000_000):
            if count * tail_ppm < 1_000_000:
                continue
            for scale in (1e-3, 1.0, 1e9):
                losses = rng.standard_t(3, count) * scale
                numbers = [repr(float(loss)) for loss in losses]
                print(",".join([str(tail_ppm), repr(float(expected_shortfall(losses, tail_ppm))), *numbers]))


if __name__ == "__main__":
    sys.exit(main())
