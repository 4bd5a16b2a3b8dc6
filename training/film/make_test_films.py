"""Writes films for measuring the detector: real ones, and real ones with cement or mimics simulated into them.

Each goes to OUT/NAME.f32 (0..1, dense bright, row by row) with its truth in OUT/films.json. The cement is drawn at the
working pixel size and enlarged to the film's own pixels, so that the film's noise stays as it is.
"""

import argparse
import json
import os

import numpy as np
from scipy.ndimage import gaussian_filter, label, map_coordinates

import simulate
from films import list_films, read_film
from working_film import FINE_PX, load_lung_net, make_working_film


def to_film(layer, film, working):
    """A layer at working size as one of the film's size; zero outside the box."""
    rows, columns = film.shape
    y = (np.arange(rows) + 0.5 - working["top"]) / working["step"] - 0.5
    x = (np.arange(columns) + 0.5 - working["left"]) / working["step"] - 0.5
    return map_coordinates(layer, np.meshgrid(y, x, indexing="ij"), order=1, mode="constant", cval=0).astype(np.float32)


def pieces_of(cast, calibre, contrast, working):
    """Truth: one entry per connected cast, with its pixels as points of the film."""
    image = working["image"]
    fine = image - gaussian_filter(image, FINE_PX)
    noise = np.sqrt(gaussian_filter((image - gaussian_filter(image, 1.5)) ** 2, FINE_PX)) + 0.002
    del fine
    labels, count = label(gaussian_filter(cast, 0.7) > 0.1, np.ones((3, 3)))
    pieces = []
    for n in range(1, count + 1):
        ys, xs = np.nonzero(labels == n)
        points = np.stack([working["left"] + (xs + 0.5) * working["step"], working["top"] + (ys + 0.5) * working["step"]], 1)
        pieces.append({"points": points[:: max(1, len(points) // 60)].round(1).tolist(),
                       "calibreMm": round(float(calibre[labels == n].max()), 2),
                       "contrastToNoise": round(float((contrast / noise)[labels == n].max()), 2),
                       "areaMm2": round(len(xs) * simulate.WORKING_MM ** 2, 1)})
    return pieces


def variant(rng, film, working, kind):
    image, lung = working["image"], working["lung"]
    pieces = []
    added = np.zeros_like(film)
    per_mm = np.exp(rng.uniform(*np.log(simulate.CONTRAST_PER_MM))) * rng.uniform(*simulate.SCATTER)
    blur = rng.uniform(0.1, 0.4) / simulate.WORKING_MM
    scale = per_mm * simulate.film_gain(image) * np.clip(1.15 - image, 0.25, 1)
    even = tuple(s - s % 2 for s in image.shape)
    if kind == "cement":
        ys, xs = np.nonzero(lung > 0.5)
        cast = np.zeros_like(image)
        cast[: even[0], : even[1]] = simulate.cement(rng, even, lung[: even[0], : even[1]], (xs.mean(), ys.mean()))
        layer = gaussian_filter(cast, blur) * scale
        pieces = pieces_of(cast, cast, layer, working)
        added += to_film(layer, film, working)
    if kind == "mimics" or (kind == "cement" and rng.random() < 0.4):
        other = np.zeros_like(image)
        other[: even[0], : even[1]] = simulate.mimics(rng, even)
        added += to_film(gaussian_filter(other, blur) * scale, film, working)
    out = np.clip(film + np.minimum(added, 0.7), 0, 1)
    return out, pieces


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lung", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--positives", type=int, default=3)
    parser.add_argument("--mimics", type=int, default=1)
    parser.add_argument("--seed", type=int, default=77)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    net = load_lung_net(args.lung)
    entries = []
    for film in list_films():
        if film["split"] != args.split:
            continue
        image = read_film(film["path"])
        working = make_working_film(net, image)
        for kind in ["real"] + (["cement"] * args.positives + ["mimics"] * args.mimics if working else []):
            out, pieces = (image, []) if kind == "real" else variant(rng, image, working, kind)
            name = f"{len(entries):04d}"
            out.astype("<f4").tofile(os.path.join(args.out, f"{name}.f32"))
            entries.append({"name": name, "kind": kind, "source": film["source"], "patient": film["patient"],
                            "rows": image.shape[0], "columns": image.shape[1], "pieces": pieces,
                            "film": os.path.basename(film["path"])})
    with open(os.path.join(args.out, "films.json"), "w", encoding="utf-8") as file:
        json.dump(entries, file)
    print(len(entries), "films")


if __name__ == "__main__":
    main()
