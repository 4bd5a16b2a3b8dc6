"""Writes films for measuring the detector: real ones, and real ones with cement or mimics simulated into them.

Each goes to OUT/NAME.f32 (0..1, dense bright, row by row) with its truth in OUT/films.json. The cement is drawn at the
working pixel size and enlarged to the film's own pixels, so that the film's noise stays as it is.

With --working the lungs' box is written at the working pixel size, with the lung probability in OUT/NAME.lung.f32: a
fifth of the work, for many films. Half of the films drawn into, and all of the extra kind 'variant', are then changed
first as films differ: curve, blur, sharpening, noise, left for right.
"""

import argparse
import json
import os

import numpy as np
from scipy.ndimage import label, map_coordinates

import simulate
from films import list_films, read_film
from simulate import gaussian_filter
from working_film import COARSE_PX, FINE_PX, load_lung_net, make_working_film

LEAST_NOISE = 0.002  # half a grey level of 255
REACH_PX = 130  # around a cast, where its surroundings are measured


def to_film(layer, film, working):
    """A layer at working size as one of the film's size; zero outside the box."""
    rows, columns = film.shape
    y = (np.arange(rows) + 0.5 - working["top"]) / working["step"] - 0.5
    x = (np.arange(columns) + 0.5 - working["left"]) / working["step"] - 0.5
    return map_coordinates(layer, np.meshgrid(y, x, indexing="ij"), order=1, mode="constant", cval=0).astype(np.float32)


def pieces_of(cast, layer, working):
    """Truth: one entry per connected cast, with its pixels as points of the film, and how well it could be seen.

    contrastToNoise: peak of the cast over the local rms of detail under 1.5 pixels. contrastToDetail: peak of the cast
    over the local rms of the film without it, both in the band of widths of the cast (difference of Gaussians with a
    third of its calibre and four times that), so that ribs, vessels and grain of its own width count as noise.
    """
    image = working["image"]
    noise = np.sqrt(gaussian_filter((image - gaussian_filter(image, 1.5)) ** 2, FINE_PX)) + LEAST_NOISE
    labels, count = label(gaussian_filter(cast, 0.7) > 0.1, np.ones((3, 3)))
    pieces = []
    for n in range(1, count + 1):
        own = labels == n
        ys, xs = np.nonzero(own)
        points = np.stack([working["left"] + (xs + 0.5) * working["step"], working["top"] + (ys + 0.5) * working["step"]], 1)
        calibre = float(cast[own].max())
        box = tuple(slice(max(0, v.min() - REACH_PX), v.max() + REACH_PX) for v in (ys, xs))
        narrow = max(1.0, calibre / simulate.WORKING_MM / 3)
        band = lambda plane: gaussian_filter(plane, narrow) - gaussian_filter(plane, 4 * narrow)
        detail = np.sqrt(gaussian_filter(band(image[box]) ** 2, COARSE_PX)) + LEAST_NOISE
        pieces.append({"points": points[:: max(1, len(points) // 60)].round(1).tolist(),
                       "calibreMm": round(calibre, 2),
                       "contrastToNoise": round(float((layer / noise)[own].max()), 2),
                       "contrastToDetail": round(float((band(np.where(own, layer, 0)[box]) / detail)[own[box]].max()), 2),
                       "areaMm2": round(len(xs) * simulate.WORKING_MM ** 2, 1)})
    return pieces


def draw(rng, working, kind):
    """What is added to a working film, and the truth of it."""
    image, lung = working["image"], working["lung"]
    pieces, added = [], np.zeros_like(image)
    per_mm = np.exp(rng.uniform(*np.log(simulate.CONTRAST_PER_MM))) * rng.uniform(*simulate.SCATTER)
    blur = rng.uniform(0.1, 0.4) / simulate.WORKING_MM
    scale = per_mm * simulate.film_gain(image) * np.clip(1.15 - image, 0.25, 1)
    even = tuple(s - s % 2 for s in image.shape)
    inner = np.s_[: even[0], : even[1]]
    if kind == "cement":
        ys, xs = np.nonzero(lung > 0.5)
        cast = np.zeros_like(image)
        cast[inner] = simulate.cement(rng, even, lung[inner], (xs.mean(), ys.mean()))
        added += gaussian_filter(cast, blur) * scale
        pieces = pieces_of(cast, added, working)
    if kind == "mimics" or (kind == "cement" and rng.random() < 0.4):
        other = np.zeros_like(image)
        other[inner] = simulate.mimics(rng, even)
        added += gaussian_filter(other, blur) * scale
    return added, pieces


def changed(rng, working, kind):
    """A working film of even sides as another machine might have made it, or as it is."""
    even = tuple(s - s % 2 for s in working["image"].shape)
    image, lung = (np.ascontiguousarray(working[k][: even[0], : even[1]]) for k in ("image", "lung"))
    if kind == "variant" or (kind != "real" and rng.random() < 0.5):
        if rng.random() < 0.5:
            image, lung = image[:, ::-1].copy(), lung[:, ::-1].copy()
        image = np.clip(simulate.degrade(rng, image), 0, 1).astype(np.float32)
    return {"image": image, "lung": lung, "left": 0.0, "top": 0.0, "step": 1.0}


def make(rng, film, working, kind, at_working_size):
    """(film, truth, lung probability where the film is of the working size)."""
    if at_working_size:
        working = changed(rng, working, kind)
    added, pieces = draw(rng, working, kind) if kind in ("cement", "mimics") else (np.zeros_like(working["image"]), [])
    if at_working_size:
        return np.clip(working["image"] + np.minimum(added, 0.7), 0, 1), pieces, working["lung"]
    return np.clip(film + np.minimum(to_film(added, film, working), 0.7), 0, 1), pieces, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lung", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--positives", type=int, default=3)
    parser.add_argument("--mimics", type=int, default=1)
    parser.add_argument("--variants", type=int, default=0, help="real films changed, with --working only")
    parser.add_argument("--working", action="store_true")
    parser.add_argument("--seed", type=int, default=77)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    net = load_lung_net(args.lung)
    entries = []
    for film in list_films():
        if film["split"] != args.split:
            continue
        image = read_film(film["path"])
        working = make_working_film(net, image)
        if working is None and args.working:
            continue
        more = ["cement"] * args.positives + ["mimics"] * args.mimics + ["variant"] * (args.variants if args.working else 0)
        for kind in ["real"] + (more if working else []):
            rng = np.random.default_rng([args.seed, len(entries)])
            out, pieces, lung = (image, [], None) if working is None else make(rng, image, working, kind, args.working)
            name = f"{len(entries):04d}"
            out.astype("<f4").tofile(os.path.join(args.out, f"{name}.f32"))
            if lung is not None:
                lung.astype("<f4").tofile(os.path.join(args.out, f"{name}.lung.f32"))
            entries.append({"name": name, "kind": kind, "source": film["source"], "patient": film["patient"],
                            "rows": out.shape[0], "columns": out.shape[1], "pieces": pieces,
                            "isWorkingSize": lung is not None, "film": os.path.basename(film["path"])})
    with open(os.path.join(args.out, "films.json"), "w", encoding="utf-8") as file:
        json.dump(entries, file)
    print(len(entries), "films")


if __name__ == "__main__":
    main()
