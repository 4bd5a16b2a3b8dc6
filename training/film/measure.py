"""Figures of the film detector from the lines of run_detector.mjs: exam AUC, FROC, false alarms, with intervals."""

import argparse
import json

import numpy as np

VISIBLE_CONTRAST = 2.0  # peak contrast over what it is measured against from which a piece counts as visible

AGAINST = ("contrastToNoise", "contrastToDetail")  # see pieces_of in make_test_films.py


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def exam_score(film):
    return max([c["probability"] for c in film["candidates"]], default=0.0)


def auc(positive, negative):
    p, n = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float(((p > n) + 0.5 * (p == n)).mean())


def by_patient(films, measure, rounds=500):
    """Middle 95 % of a measure when patients are drawn again with replacement."""
    patients = {}
    for film in films:
        patients.setdefault((film["source"], film["patient"]), []).append(film)
    keys, rng, values = list(patients), np.random.default_rng(5), []
    for _ in range(rounds):
        draw = [f for k in rng.integers(len(keys), size=len(keys)) for f in patients[keys[k]]]
        value = measure(draw)
        if np.isfinite(value):
            values.append(value)
    return np.percentile(values, [2.5, 97.5])


def wilson(hits, n):
    z, p = 1.96, hits / n
    middle, half = p + z * z / 2 / n, z * np.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def exam_auc(films, against, negatives=("real", "variant", "mimics"), least_mm=0.0):
    """Films with a visible piece of a calibre against films without cement."""
    positive = [exam_score(f) for f in films if any(is_visible(p, against) and p["calibreMm"] >= least_mm for p in f["pieces"])]
    negative = [exam_score(f) for f in films if f["kind"] in negatives]
    return auc(positive, negative) if positive and negative else np.nan


def is_visible(piece, against):
    return piece[against] >= VISIBLE_CONTRAST


def lesion_scores(films, wanted):
    out = []
    for film in films:
        for index, piece in enumerate(film["pieces"]):
            if wanted(piece):
                out.append(max([c["probability"] for c in film["candidates"] if index in c["hits"]], default=0.0))
    return np.asarray(out)


def threshold_at(films, per_image):
    """Lowest probability at which marks that hit nothing, on all films, are no more than per_image."""
    false = sorted((c["probability"] for f in films for c in f["candidates"] if not c["hits"]), reverse=True)
    allowed = int(per_image * len(films))
    return false[allowed] if allowed < len(false) else 0.0


def sensitivity(films, wanted, per_image):
    scores = lesion_scores(films, wanted)
    return float((scores > threshold_at(films, per_image)).mean()) if len(scores) else np.nan


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lines")
    parser.add_argument("--alarm", type=float, default=0.5)
    args = parser.parse_args()
    films = read(args.lines)
    print(f"{len(films)} films, {sum(not f['analysable'] for f in films)} not analysable")
    for source in (None, "gb100", "nih"):
        some = [f for f in films if source in (None, f["source"])]
        for against in AGAINST:
            low, high = by_patient(some, lambda draw: exam_auc(draw, against))
            print(f"{source or 'all'}: exam AUC, visible by {against}: {exam_auc(some, against):.3f} ({low:.3f}-{high:.3f})")
        for kind in ("real", "variant", "mimics", "cement"):
            of = [f for f in some if f["kind"] == kind]
            if of:
                alarms = sum(exam_score(f) >= args.alarm for f in of)
                low, high = wilson(alarms, len(of))
                print(f"  {kind}: {alarms} of {len(of)} alarm = {alarms / len(of):.3f} ({low:.3f}-{high:.3f})")
    against = "contrastToDetail"
    for name, kinds in (("real and changed films", ("real", "variant")), ("mimics", ("mimics",))):
        measure = lambda draw: exam_auc(draw, against, kinds, 1.5)
        low, high = by_patient(films, measure)
        print(f"visible by {against} and at least 1.5 mm, against {name}: {measure(films):.3f} ({low:.3f}-{high:.3f})")
    for against in AGAINST:
        print(f"pieces, visible by {against}:")
        lesion_figures(films, against)


def lesion_figures(films, against):
    seen = lambda p: is_visible(p, against)
    for name, wanted in (("  visible, >= 1.5 mm", lambda p: seen(p) and p["calibreMm"] >= 1.5),
                         ("  visible, 0.7-1.5 mm", lambda p: seen(p) and p["calibreMm"] < 1.5),
                         ("  not visible", lambda p: not seen(p))):
        rates = (0.125, 0.25, 0.5, 1, 2, 4)
        values = [sensitivity(films, wanted, rate) for rate in rates]
        low, high = by_patient(films, lambda draw: sensitivity(draw, wanted, 0.125), 200)
        print(f"{name} ({len(lesion_scores(films, wanted))} pieces): sensitivity at 0.125 FP/film {values[0]:.3f} "
              f"({low:.3f}-{high:.3f}); {' '.join(f'{r}:{v:.2f}' for r, v in zip(rates, values))}; mean {np.mean(values):.3f}")


if __name__ == "__main__":
    main()
