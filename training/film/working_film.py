"""From a film to the network's input: lung fields, one working pixel size, local normalisation.

The detector does the same in core/anatomy/lung-fields.ts and core/candidates/working-film.ts; keep them equal.
"""

import numpy as np
import torch
import torch.nn.functional as F

from lung_net import SIDE, LungNet, equalise, letterbox
from simulate import gaussian_filter

WORKING_MM = 0.4  # pixel size of the working film
LUNGS_WIDTH_MM = 265.0  # middle 98 % of both lung fields across, for films without a scale
FIELD_MM = 380.0  # longer side of a film whose lungs cannot be measured
MARGIN_MM = 10.0  # around the box of the lung fields
FINE_PX, COARSE_PX = 12.0, 24.0  # sigmas of the local mean and of the local spread
LEAST_SPREAD = 0.004  # one grey level of 255


def load_lung_net(path):
    net = LungNet()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()


def lung_probability(net, film):
    """Probabilities [3, 128, 128] on the letterboxed film, with (pixels of the film per cell, left, top)."""
    image = torch.from_numpy(film)[None, None]
    square, valid = letterbox(image, SIDE)
    with torch.no_grad():
        p = torch.sigmoid(net(torch.cat([equalise(square, valid), valid], 1)))[0] * valid[0]
    step = max(film.shape) / SIDE
    return p.numpy(), (step, (film.shape[1] / step - SIDE) / 2 * step, (film.shape[0] / step - SIDE) / 2 * step)


def _quantiles(weights):
    cumulative = np.cumsum(weights) / weights.sum()
    return np.interp([0.01, 0.99], cumulative, np.arange(1, len(weights) + 1))


def make_working_film(net, film, pixel_mm=None):
    """{'image', 'lung' (probability), 'left', 'top', 'step'}: the lungs' box at WORKING_MM; step in film pixels."""
    p, (cell, left0, top0) = lung_probability(net, film)
    lungs = np.maximum(p[0], p[1])
    mask = lungs > 0.5
    if mask.sum() < 100:
        return None
    x0, x1 = _quantiles(mask.sum(0).astype(float)); y0, y1 = _quantiles(mask.sum(1).astype(float))
    if pixel_mm is None:
        both = min((p[0] > 0.5).sum(), (p[1] > 0.5).sum()) > 0.25 * max((p[0] > 0.5).sum(), (p[1] > 0.5).sum())
        pixel_mm = LUNGS_WIDTH_MM / ((x1 - x0) * cell) if both else FIELD_MM / max(film.shape)
    step = WORKING_MM / pixel_mm
    margin = MARGIN_MM / pixel_mm
    left, right = left0 + x0 * cell - margin, left0 + x1 * cell + margin
    top, bottom = top0 + y0 * cell - margin, top0 + y1 * cell + margin
    left, top = max(0, left), max(0, top)
    columns = int((min(right, film.shape[1]) - left) / step); rows = int((min(bottom, film.shape[0]) - top) / step)
    return {"image": resample(film, left, top, step, columns, rows),
            "lung": resample(lungs, (left - left0) / cell, (top - top0) / cell, step / cell, columns, rows),
            "left": left, "top": top, "step": step}


def resample(film, left, top, step, columns, rows):
    """Bilinear samples at pixel centres left + (x + 0.5) * step, after averaging where step is above 1."""
    image = torch.from_numpy(np.ascontiguousarray(film))[None, None]
    if step > 1:
        image = torch.from_numpy(gaussian_filter(film, 0.4 * np.sqrt(step * step - 1)))[None, None]
    x = (left + (np.arange(columns) + 0.5) * step) / film.shape[1] * 2 - 1
    y = (top + (np.arange(rows) + 0.5) * step) / film.shape[0] * 2 - 1
    grid = torch.from_numpy(np.stack(np.meshgrid(x, y), -1).astype(np.float32))[None]
    return F.grid_sample(image, grid, padding_mode="border", align_corners=False)[0, 0].numpy()


def network_input(image, lung):
    """[2, rows, columns]: the locally normalised film and the lung probability."""
    fine = image - gaussian_filter(image, FINE_PX)
    spread = np.sqrt(gaussian_filter(fine * fine, COARSE_PX)) + LEAST_SPREAD
    return np.stack([np.clip(fine / spread, -6, 6), lung]).astype(np.float32)
