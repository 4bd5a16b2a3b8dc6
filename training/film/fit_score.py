"""Fits the logistic score of film candidates (FILM_SCORE in parameters.ts) on training films, and prints it.

The prior is shifted so that at most ALARM_SHARE of the training films without cement raise an alarm.
"""

import argparse
import json

import numpy as np

from measure import read

ALARM_SHARE = 0.01
RIDGE = 1.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lines", nargs="+")
    args = parser.parse_args()
    films = [film for path in args.lines for film in read(path)]
    rows, labels, weights = [], [], []
    names = None
    for film in films:
        for c in film["candidates"]:
            names = names or list(c["features"])
            # Every film has the same say, however many candidates it has.
            rows.append([c["features"][n] for n in names]); labels.append(bool(c["hits"]))
            weights.append(1 / len(film["candidates"]))
    x, y, w = np.asarray(rows), np.asarray(labels, float), np.asarray(weights)
    w = w / w.mean()
    mean, spread = x.mean(0), x.std(0) + 1e-6
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    beta = np.zeros(z.shape[1])
    penalty = np.diag([0.0] + [RIDGE] * len(names))
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ beta))
        gradient = z.T @ (w * (y - p)) - penalty @ beta
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        beta += np.linalg.solve(hessian, gradient)
    coefficients = beta[1:] / spread
    bias = beta[0] - (coefficients * mean).sum()
    scores = x @ coefficients + bias
    at = 0
    worst = []
    for film in films:
        own = scores[at : at + len(film["candidates"])]
        at += len(film["candidates"])
        if film["kind"] != "cement":
            worst.append(own.max() if len(own) else -9.0)
    shift = np.quantile(worst, 1 - ALARM_SHARE)
    print("candidates", len(y), "cement", int(y.sum()), "shift", round(float(shift), 3))
    print(json.dumps({"bias": round(float(bias - shift), 3), "weights": {n: round(float(c), 3) for n, c in zip(names, coefficients)}}, indent=2))


if __name__ == "__main__":
    main()
