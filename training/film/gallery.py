"""Writes a page of pictures, OUT/index.html: the surest false marks and the visible pieces that scored lowest.

The pictures show real films: keep them outside the repository.
"""

import argparse
import html
import json
import os

import cv2
import numpy as np

from measure import is_visible, read

HALF_MM = 24.0
PICTURE_PX = 300
WORKING_MM = 0.4


def false_marks(films):
    return [(c["probability"], f, c["centre"], f"mark {c['probability']:.2f} on {f['kind']}")
            for f in films for c in f["candidates"] if not c["hits"] and f["kind"] != "cement"]


def misses(films, truth):
    out = []
    for film in films:
        for index, piece in enumerate(film["pieces"]):
            if is_visible(piece, "contrastToDetail") and piece["calibreMm"] >= 1.5:
                best = max([c["probability"] for c in film["candidates"] if index in c["hits"]], default=0.0)
                points = truth[film["name"]]["pieces"][index]["points"]
                label = f"scored {best:.2f}, {piece['calibreMm']} mm, contrast to detail {piece['contrastToDetail']}"
                out.append((-best, film, points[len(points) // 2], label))
    return out


def picture(folder, film, centre):
    image = np.fromfile(os.path.join(folder, f"{film['name']}.f32"), "<f4").reshape(film["rows"], film["columns"])
    pixel_mm = WORKING_MM if film.get("isWorkingSize") else 380 / max(image.shape)
    half = int(HALF_MM / pixel_mm)
    x, y = (int(v) for v in centre)
    crop = np.pad(image, half, mode="edge")[y : y + 2 * half, x : x + 2 * half]
    low, high = np.percentile(crop, [1, 99.7])
    grey = (np.clip((crop - low) / max(1e-3, high - low), 0, 1) * 255).astype(np.uint8)
    return cv2.resize(grey, (PICTURE_PX, PICTURE_PX), interpolation=cv2.INTER_LINEAR)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", help="of make_test_films.py")
    parser.add_argument("lines", help="of run_detector.mjs")
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=40)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    films = read(args.lines)
    with open(os.path.join(args.folder, "films.json"), encoding="utf-8") as file:
        truth = {entry["name"]: entry for entry in json.load(file)}
    page = ["<!doctype html><meta charset=utf-8><title>Worst marks and misses</title>",
            "<style>body{font:13px sans-serif;background:#222;color:#eee}figure{display:inline-block;margin:6px}</style>"]
    for name, items in (("Surest false marks", false_marks(films)), ("Visible pieces that scored lowest", misses(films, truth))):
        page.append(f"<h1>{name}</h1>")
        for n, (_, film, centre, label) in enumerate(sorted(items, key=lambda item: -item[0])[: args.count]):
            file = f"{name.split()[0].lower()}-{n:03d}.png"
            cv2.imwrite(os.path.join(args.out, file), picture(args.folder, film, centre))
            note = html.escape(f"{label} ({film['source']} {film['name']})")
            page.append(f"<figure><img src={file} alt=''><figcaption>{note}</figcaption></figure>")
    with open(os.path.join(args.out, "index.html"), "w", encoding="utf-8") as file:
        file.write("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
