"""Fits the logistic score of film candidates (FILM_SCORE in parameters.ts) on training films, and prints it.

The fitted logit is then scaled to the two operating levels by what films without cement score: a share of ALARM_SHARE
of them reaches 0.5 and a share of INDETERMINATE_SHARE reaches 0.2. So the probability is that of a screening population
as these films know it, not a frequency observed in patients.
"""

import argparse
import json

import numpy as np

from measure import read

ALARM_SHARE = 0.01
INDETERMINATE_SHARE = 0.06
INDETERMINATE_LOGIT = np.log(0.2 / 0.8)
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
    alarm, open_to_doubt = np.quantile(worst, [1 - ALARM_SHARE, 1 - INDETERMINATE_SHARE])
    slope = max(1.0, -INDETERMINATE_LOGIT / (alarm - open_to_doubt))
    print("candidates", len(y), "cement", int(y.sum()), "shift", round(float(alarm), 3), "slope", round(float(slope), 3))
    weights = {n: round(float(c * slope), 3) for n, c in zip(names, coefficients)}
    print(json.dumps({"bias": round(float((bias - alarm) * slope), 3), "weights": weights}, indent=2))


if __name__ == "__main__":
    main()
