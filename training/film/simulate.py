"""Simulated cement and its mimics, drawn into a piece of a real film at working pixel size.

A cast of d mm adds CONTRAST_PER_MM * d to the logarithm of the signal (clinical.md, [C]), less by scatter; the film is
taken as already logarithmic, with a gain taken from its own range. Everything is drawn by its path length.
"""

import cv2
import numpy as np
from numba import njit
from scipy.ndimage import gaussian_filter as gaussian_filter_1d

cv2.setNumThreads(1)  # a pool of threads does not survive the fork of a worker
WORKING_MM = 0.4
CONTRAST_PER_MM = (0.1, 0.6)  # ln units per mm: 10 % barium at 120 kVp ... 30 % at 75 kVp
SCATTER = (0.5, 0.95)  # primary share that is left
DOT_MM = 4.0  # a cast shorter than this is a dot, as a node or a vessel end-on is: nobody can tell
MAGNIFY = 2  # supersampling of what is drawn


def gaussian_filter(image, sigma):
    """Gaussian of a plane, border repeated, out to 3 sigma."""
    if sigma < 0.05:
        return image
    side = 2 * int(np.ceil(3 * sigma)) + 1
    return cv2.GaussianBlur(np.asarray(image, np.float32), (side, side), sigma, borderType=cv2.BORDER_REPLICATE)


def draw(shape, points, radii, gaps=None):
    """Path length in mm through one tube; see draw_into."""
    return settle(draw_into(canvas_for(shape), points, radii, gaps))


def canvas_for(shape):
    return np.zeros((shape[0] * MAGNIFY, shape[1] * MAGNIFY), np.float32)


def settle(canvas):
    h, w = canvas.shape
    return cv2.resize(canvas, (w // MAGNIFY, h // MAGNIFY), interpolation=cv2.INTER_AREA)


def draw_into(canvas, points, radii, gaps=None):
    """Raises a finer canvas to the path length in mm through a tube along points [n, 2] (x, y in pixels) with radii in
    mm. Where `gaps` is False a step is left empty."""
    points = np.ascontiguousarray(points, np.float32)
    filled = np.ones(len(points), np.bool_) if gaps is None else np.ascontiguousarray(gaps, np.bool_)
    _draw_segments(canvas, points, np.asarray(radii, np.float32), filled)
    return canvas


@njit(cache=True)
def _draw_segments(canvas, points, radii, filled):
    m = np.float32(MAGNIFY)
    rows, columns = canvas.shape
    for k in range(len(points) - 1):
        if not filled[k]:
            continue
        x0, y0 = (points[k, 0] + 0.5) * m, (points[k, 1] + 0.5) * m
        x1, y1 = (points[k + 1, 0] + 0.5) * m, (points[k + 1, 1] + 0.5) * m
        r = 0.5 * (radii[k] + radii[k + 1]) / WORKING_MM * m
        dx, dy = x1 - x0, y1 - y0
        for j in range(max(0, int(min(y0, y1) - r - 2)), min(rows, int(max(y0, y1) + r + 3))):
            for i in range(max(0, int(min(x0, x1) - r - 2)), min(columns, int(max(x0, x1) + r + 3))):
                x, y = i + 0.5 - x0, j + 0.5 - y0
                t = min(1.0, max(0.0, (x * dx + y * dy) / (dx * dx + dy * dy + 1e-9)))
                d2 = (x - t * dx) ** 2 + (y - t * dy) ** 2
                if d2 < r * r:
                    path = 2 * np.sqrt(r * r - d2) * (WORKING_MM / m)
                    if path > canvas[j, i]:
                        canvas[j, i] = path


def wander(rng, start, angle, length_mm, bend=0.012, step_mm=0.8):
    """A smooth wandering line; bend is the curvature noise per mm."""
    n = max(2, int(length_mm / step_mm) + 1)
    curvature = gaussian_filter_1d(rng.normal(0, 1, n + 20), 6)[10:-10] * 6 * bend + rng.normal(0, bend * 0.4)
    angles = angle + np.cumsum(curvature) * step_mm
    steps = np.stack([np.cos(angles), np.sin(angles)], 1) * step_mm / WORKING_MM
    return np.concatenate([[start], start + np.cumsum(steps, 0)])[:n]


def cement_tree(rng, start, angle, calibre_mm, length_mm, depth=0):
    """Branches as (points, radii), Murray's law with exponent 2.9, bifurcation 28 +- 15 degrees (clinical.md)."""
    n_end = length_mm * rng.uniform(0.7, 1.3)
    points = wander(rng, np.asarray(start, float), angle, n_end, bend=rng.uniform(0.005, 0.03))
    taper = np.linspace(1, rng.uniform(0.7, 1), len(points))
    branches = [(points, calibre_mm / 2 * taper)]
    if depth < 3 and rng.random() < (0.65 if depth == 0 else 0.45) and calibre_mm > 0.8:
        share = rng.uniform(0.3, 0.7)
        for sign, s in ((1, share), (-1, 1 - share)):
            turn = sign * np.radians(rng.normal(28, 15)) * (1 - s + 0.3)
            heading = np.arctan2(*(points[-1] - points[-2])[::-1])
            branches += cement_tree(rng, points[-1], heading + turn, calibre_mm * taper[-1] * s ** (1 / 2.9),
                                    length_mm * rng.uniform(0.4, 0.9), depth + 1)
    return branches


def fill_pattern(rng, n, kind):
    """Which steps along a branch hold cement."""
    filled = np.ones(n, bool)
    if kind == "beaded":
        at = 0
        while at < n:
            at += rng.integers(2, 8)
            hole = rng.integers(1, 4)
            filled[at : at + hole] = False
            at += hole
    return filled


def cement(rng, shape, lung, hilum, dots=None):
    """One or many casts: path length in mm. Raises `dots`, where given, to the path length of those that are mere dots."""
    total = np.zeros(shape, np.float32)
    inside = np.argwhere(lung > 0.6)
    if len(inside) < 200:
        return total
    style = rng.choice(["few", "solitary", "diffuse", "punctate"], p=[0.45, 0.25, 0.2, 0.1])
    count = {"few": rng.integers(2, 7), "solitary": 1, "diffuse": rng.integers(6, 16), "punctate": rng.integers(1, 5)}[style]
    for _ in range(count):
        y, x = inside[rng.integers(len(inside))]
        away = np.arctan2(y - hilum[1], x - hilum[0]) + rng.normal(0, 0.6)
        calibre = float(np.exp(rng.uniform(np.log(0.7), np.log(4.0))))
        length = float(np.exp(rng.uniform(np.log(6), np.log(50))))
        if style == "punctate" or rng.random() < 0.1:
            length = rng.uniform(1.0, DOT_MM)
        if style == "diffuse":
            length = min(length, 15); calibre = min(calibre, 2)
        kind = "beaded" if rng.random() < 0.3 else "solid"
        canvas = canvas_for(shape)
        for points, radii in cement_tree(rng, (x, y), away, calibre, length):
            if kind == "beaded" or rng.random() < 0.3:
                radii = radii * np.clip(1 + gaussian_filter_1d(rng.normal(0, 1, len(radii)), 2) * rng.uniform(0.3, 1), 0.4, 1.8)
            if rng.random() < 0.12:
                continue
            draw_into(canvas, points, radii, fill_pattern(rng, len(points), kind))
        one = settle(canvas)
        total = np.maximum(total, one * rng.uniform(0.6, 1) if rng.random() < 0.4 else one)
        if dots is not None and length < DOT_MM:
            np.maximum(dots, one, out=dots)
    return total * (lung > 0.35)


def rod(canvas, a, b, radius_mm):
    draw_into(canvas, [a, b], [radius_mm, radius_mm])


def shape_outline(rng, canvas, at, size_mm):
    """A made thing: outlines and plates of polygons and discs, as of connectors, buttons, hooks and ports."""
    turn = rng.uniform(0, 2 * np.pi)
    for _ in range(rng.integers(1, 4)):
        centre = at + rng.normal(0, size_mm * 0.3, 2) / WORKING_MM
        corners = int(rng.choice([2, 3, 4, 4, 6, 24]))
        size = size_mm * rng.uniform(0.25, 0.6) / WORKING_MM
        stretch = rng.uniform(0.25, 1)
        angles = np.linspace(0, 2 * np.pi, corners + 1) + rng.uniform(0, 6.3)
        ring = np.stack([np.cos(angles) * size, np.sin(angles) * size * stretch], 1)
        ring = centre + ring @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        draw_into(canvas, ring, np.full(len(ring), rng.uniform(0.3, 1.2)))
        if rng.random() < 0.35:  # a plate
            plate = np.zeros_like(canvas)
            cv2.fillPoly(plate, [np.round((ring + 0.5) * MAGNIFY).astype(np.int32)], float(rng.uniform(0.5, 3)))
            np.maximum(canvas, plate, out=canvas)


def letters(rng, shape):
    """Burned-in text: as bright as the film can be."""
    text = "".join(rng.choice(list("LRAPERECTSUPINEPORTABLE0123456789:/"), rng.integers(1, 9)))
    one = np.zeros(shape, np.uint8)
    at = (int(rng.uniform(0, shape[1])), int(rng.uniform(0, shape[0])))
    font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX]))
    cv2.putText(one, text, at, font, float(rng.uniform(0.4, 2.2)), 255, int(rng.integers(1, 5)), cv2.LINE_AA)
    return one.astype(np.float32) / 255 * rng.uniform(2, 10)


def long_line(rng, shape):
    """A catheter, tube or lead: comes from the edge, of one calibre, sometimes hollow, sometimes with a tip."""
    h, w = shape
    edge = np.array([rng.uniform(0, w), 0 if rng.random() < 0.5 else h - 1]) if rng.random() < 0.5 else np.array(
        [0 if rng.random() < 0.5 else w - 1, rng.uniform(0, h)])
    to = np.array([w / 2, h / 2]) + rng.normal(0, 40, 2)
    points = wander(rng, edge, np.arctan2(to[1] - edge[1], to[0] - edge[0]), rng.uniform(30, 260), bend=rng.uniform(0.002, 0.02))
    r = rng.uniform(0.4, 1.6)
    one = draw(shape, points, np.full(len(points), r))
    if rng.random() < 0.5:
        one = np.maximum(0, one - draw(shape, points, np.full(len(points), r * rng.uniform(0.5, 0.8))))
    if rng.random() < 0.3:
        end = points[-int(rng.integers(4, 20)):]
        tip = draw(shape, end, np.full(len(end), r * 1.3))
        one = np.maximum(one, tip * rng.uniform(1, 3))
    if rng.random() < 0.25:
        one = one * (0.5 + 0.5 * (np.sin(np.arange(w)[None, :] * rng.uniform(0.3, 2)) > 0))
    return one * rng.uniform(0.4, 2)


def row_of(rng, shape, draw_one):
    """The same thing several times in a line: hooks, wires of the sternum, staples, beads of a zip."""
    canvas = canvas_for(shape)
    start = np.array([rng.uniform(0, shape[1]), rng.uniform(0, shape[0])])
    step = np.array([np.cos(a := rng.uniform(0, 6.3)), np.sin(a)]) * rng.uniform(6, 30) / WORKING_MM
    for k in range(rng.integers(1, 7)):
        draw_one(canvas, start + step * k + rng.normal(0, 2, 2))
    return settle(canvas)


def wire_loop(rng, canvas, at):
    wide, tall = rng.uniform(3, 14) / WORKING_MM, rng.uniform(1.5, 7) / WORKING_MM
    t = np.linspace(0, rng.uniform(4, 7), 40)
    draw_into(canvas, np.stack([at[0] + wide * np.cos(t), at[1] + tall * np.sin(t)], 1), np.full(40, rng.uniform(0.3, 0.6)))
    if rng.random() < 0.6:  # twisted end
        t = np.linspace(0, 10, 24)
        twist = np.stack([at[0] + wide + 1.2 * np.cos(3 * t), at[1] + t * 0.6], 1)
        draw_into(canvas, twist, np.full(24, 0.4))


def mimics(rng, shape):
    """Things that are dense and thin and no cement: path length in mm of cement-like matter."""
    total = np.zeros(shape, np.float32)
    h, w = shape
    kinds = ["line", "dot", "node", "clip", "rim", "wire", "letter", "tram", "made"]
    for _ in range(rng.integers(1, 6)):
        kind = rng.choice(kinds, p=[0.3, 0.08, 0.05, 0.11, 0.06, 0.11, 0.08, 0.06, 0.15])
        start = np.array([rng.uniform(0, w), rng.uniform(0, h)])
        angle = rng.uniform(0, 2 * np.pi)
        strength = float(np.exp(rng.normal(0, 0.6)))
        if kind == "line":
            one = long_line(rng, shape)
        elif kind == "made":
            one = row_of(rng, shape, lambda canvas, at: shape_outline(rng, canvas, at, rng.uniform(5, 25))) * rng.uniform(1, 4)
        elif kind == "wire":
            one = row_of(rng, shape, lambda canvas, at: wire_loop(rng, canvas, at)) * 3
        elif kind == "letter":
            one = letters(rng, shape)
        elif kind in ("dot", "node"):
            canvas = canvas_for(shape)
            for _ in range(1 if kind == "dot" else rng.integers(2, 7)):
                at = start + rng.normal(0, 12, 2)
                rod(canvas, at, at + rng.normal(0, 1, 2), rng.uniform(1.2, 4))
            one = settle(canvas) * rng.uniform(0.2, 0.6)
        elif kind == "clip":
            canvas = canvas_for(shape)
            for _ in range(rng.integers(1, 6)):
                at = start + rng.normal(0, 25, 2)
                a = rng.uniform(0, 6.3)
                v = np.array([np.cos(a), np.sin(a)]) * rng.uniform(4, 9) / WORKING_MM / 2
                rod(canvas, at - v, at + v, rng.uniform(0.4, 0.8))
            one = settle(canvas) * 5
        elif kind == "rim":
            t = np.linspace(0, rng.uniform(2, 6.3), 40)
            r = rng.uniform(4, 25)
            points = np.stack([start[0] + r * np.cos(t), start[1] + r * np.sin(t) * rng.uniform(0.5, 1)], 1)
            one = draw(shape, points, np.full(40, rng.uniform(0.3, 1)))
        else:
            points = wander(rng, start, angle, rng.uniform(8, 30))
            normal = np.array([-np.sin(angle), np.cos(angle)]) * rng.uniform(2, 6) / WORKING_MM / 2
            one = np.maximum(draw(shape, points + normal, np.full(len(points), 0.4)),
                             draw(shape, points - normal, np.full(len(points), 0.4))) * 0.6
        total = np.maximum(total, one * strength)
    return total


def film_gain(image):
    """Grey of the film per unit of the logarithm of the signal: lungs to mediastinum span about 1.4."""
    low, high = np.percentile(image, [4, 96])
    return max(0.1, high - low) / 1.4


def degrade(rng, image):
    """Gamma, window, resolution, noise: what differs between films more than patients do."""
    if rng.random() < 0.6:
        image = np.clip(image, 0, 1) ** np.exp(rng.normal(0, 0.35))
    if rng.random() < 0.5:
        image = gaussian_filter(image, rng.uniform(0.2, 1.2))
    if rng.random() < 0.4:
        image = image + rng.uniform(0.2, 1.5) * (image - gaussian_filter(image, rng.uniform(1, 6)))
    if rng.random() < 0.5:
        image = image + gaussian_filter(rng.normal(0, 1, image.shape), rng.uniform(0, 0.8)) * rng.uniform(0, 0.02)
    if rng.random() < 0.4:
        image = np.round(image * 255) / 255
    return image.astype(np.float32)
