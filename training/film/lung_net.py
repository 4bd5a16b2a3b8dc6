"""Trains the lung-field network: 128 x 128 in, lungs (image right half, image left half), mediastinum, spine out.

Run through train.sh; see README.md. Seeds are fixed; CPU only.
"""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from films import list_films, read_film, read_masks

SIDE = 128
CACHE_SIDE = 288
OUTPUTS = ("viewer-left lung", "viewer-right lung", "mediastinum")


class LungNet(nn.Module):
    """A small U-Net. Batch norm is folded into the convolutions on export."""

    def __init__(self, widths=(8, 16, 32, 48)):
        super().__init__()
        a, b, c, d = widths
        self.enc = nn.ModuleList([self._block(2, a), self._block(a, b, b), self._block(b, c, c), self._block(c, d, d)])
        self.dec = nn.ModuleList([self._block(d + c, c, c), self._block(c + b, b, b), self._block(b + a, a, a)])
        self.out = nn.Conv2d(a, len(OUTPUTS), 1)

    @staticmethod
    def _block(*widths):
        layers = []
        for w0, w1 in zip(widths[:-1], widths[1:]):
            layers += [nn.Conv2d(w0, w1, 3, padding=1, bias=False), nn.BatchNorm2d(w1), nn.ReLU()]
        return nn.Sequential(*layers)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.enc):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level, block in enumerate(self.dec):
            x = block(torch.cat([F.interpolate(x, scale_factor=2), skips[2 - level]], 1))
        return self.out(x)


def letterbox(image, side):
    """Longer side to `side`, centred, by area averaging; returns the square image and its validity mask."""
    rows, columns = image.shape[-2:]
    scale = side / max(rows, columns)
    h, w = max(1, round(rows * scale)), max(1, round(columns * scale))
    small = F.interpolate(image, (h, w), mode="area")
    top, left = (side - h) // 2, (side - w) // 2
    pads = (left, side - w - left, top, side - h - top)
    return F.pad(small, pads), F.pad(torch.ones_like(small[:, :1]), pads)


def equalise(image, valid):
    """Rank of each valid pixel among the valid ones, 0..1 (64 bins as the detector does); 0 elsewhere."""
    out = torch.zeros_like(image)
    for n in range(len(image)):
        v = valid[n, 0] > 0.5
        values = image[n, 0][v]
        if len(values) < 16:
            continue
        low, high = values.min(), values.max()
        bins = ((values - low) / (high - low + 1e-6) * 255).long().clamp(0, 255)
        counts = torch.bincount(bins, minlength=256).float()
        rank = (counts.cumsum(0) - counts / 2) / counts.sum()
        out[n, 0][v] = rank[bins]
    return out


def load(split):
    images, targets, valids, names = [], [], [], []
    for film in list_films():
        if film["source"] != "gb100" or film["split"] != split:
            continue
        image = torch.from_numpy(read_film(film["path"]))[None, None]
        masks = read_masks(film["path"])
        zero = np.zeros(image.shape[2:], bool)
        stack = np.stack([masks.get(k, zero) for k in ("right", "left", "mediastinum")]).astype(np.float32)
        square, valid = letterbox(image, CACHE_SIDE)
        target, _ = letterbox(torch.from_numpy(stack)[None], CACHE_SIDE)
        images.append(square[0]); valids.append(valid[0]); targets.append(target[0]); names.append(film["path"])
    return torch.stack(images), torch.stack(valids), torch.stack(targets), names


def phantom_thorax(rng):
    """A crude geometric chest, so that the network does not depend on photographic texture."""
    y, x = np.mgrid[0:CACHE_SIDE, 0:CACHE_SIDE] / CACHE_SIDE * 2 - 1
    x = x / rng.uniform(0.75, 1.05); y = y / rng.uniform(0.8, 1.1)
    body = np.exp(-((np.abs(x) / rng.uniform(0.85, 1.1)) ** 8))
    image = rng.uniform(0.3, 0.7) * body
    lungs = []
    centre, wide, tall = rng.uniform(0.38, 0.5), rng.uniform(0.24, 0.34), rng.uniform(0.5, 0.72)
    for side in (-1, 1):
        u = (x - side * centre) / wide; v = (y + rng.uniform(-0.05, 0.1)) / tall
        lung = (np.abs(u) ** 2.4 + np.abs(v) ** rng.uniform(2, 3) < 1) & (v < rng.uniform(0.7, 0.95) + 0.25 * u * side)
        lungs.append(lung)
        image = image - lung * rng.uniform(0.15, 0.4)
    heart = (((x - 0.14) / 0.32) ** 2 + ((y - 0.3) / 0.33) ** 2 < 1) | (np.abs(x) < 0.13)
    image = image + heart * rng.uniform(0.1, 0.3)
    for k in range(10):
        rib = np.abs(y - (-0.7 + 0.16 * k) - rng.uniform(0.2, 0.4) * x * x + 0.05) < 0.02
        image = image + rib * body * rng.uniform(0.02, 0.1)
    image = image + (np.abs(x) < 0.08) * 0.1 + rng.normal(0, 0.01, x.shape)
    target = np.stack([lungs[0], lungs[1], heart & (np.abs(y) < 0.62)]).astype(np.float32)
    return np.clip(image, 0, 1).astype(np.float32), target


def not_a_chest(rng):
    """Noise, ramps, bars, blobs: nothing to be found."""
    y, x = np.mgrid[0:CACHE_SIDE, 0:CACHE_SIDE] / CACHE_SIDE
    kind = rng.integers(5)
    if kind == 0:
        image = rng.random(x.shape)
    elif kind == 1:
        image = x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)
    elif kind == 2:
        image = (np.sin(x * rng.uniform(5, 90)) > 0) * 1.0 + (np.sin(y * rng.uniform(5, 90)) > 0)
    elif kind == 3:
        image = np.zeros(x.shape)
        for _ in range(rng.integers(1, 9)):
            r = ((x - rng.random()) / rng.uniform(0.05, 0.5)) ** 2 + ((y - rng.random()) / rng.uniform(0.05, 0.5)) ** 2
            image = image + (r < 1) * rng.uniform(-1, 1)
    else:  # fingers of a hand
        image = np.zeros(x.shape)
        base = rng.uniform(0.5, 0.8)
        for k in range(5):
            cx = 0.2 + 0.15 * k + (y - base) * (2 - k) * rng.uniform(0.1, 0.3)
            image = np.maximum(image, (np.abs(x - cx) < 0.05) * (y < base) * (y > rng.uniform(0.05, 0.3)) * 0.7
                               + (np.abs(x - cx) < 0.02) * (y < base) * 0.3)
        image = np.maximum(image, ((x - 0.5) ** 2 + (y - base - 0.1) ** 2 < 0.09) * 0.8)
    image = image - image.min()
    image = image / (image.max() + 1e-6) + rng.normal(0, 0.02, x.shape)
    return np.clip(image, 0, 1).astype(np.float32), np.zeros((3, *x.shape), np.float32)


def batch(data, rng, size):
    images, valids, targets = data
    xs, vs, ts = [], [], []
    for _ in range(size):
        dice = rng.random()
        if dice < 0.82:
            n = rng.integers(len(images))
            x, v, t = images[n], valids[n], targets[n]
        else:
            image, target = phantom_thorax(rng) if dice < 0.9 else not_a_chest(rng)
            x, t = torch.from_numpy(image)[None], torch.from_numpy(target)
            v = torch.ones_like(x)
        xs.append(x); vs.append(v); ts.append(t)
    x, v, t = torch.stack(xs), torch.stack(vs), torch.stack(ts)
    theta = []
    for _ in range(size):
        zoom = np.exp(rng.uniform(-0.35, 0.35)) if rng.random() < 0.7 else rng.uniform(0.35, 0.8)
        stretch = np.exp(rng.normal(0, 0.1))
        angle = rng.normal(0, 0.1) if rng.random() < 0.95 else rng.uniform(-3.1, 3.1)
        c, s = np.cos(angle) * zoom, np.sin(angle) * zoom
        shift = rng.uniform(-0.25, 0.25, 2) if zoom > 0.8 else np.array([rng.uniform(-0.15, 0.15), rng.uniform(-0.3, 0.4)])
        flip = -1 if rng.random() < 0.5 else 1
        theta.append([[c * stretch * flip, -s, shift[0]], [s * flip, c / stretch, shift[1]]])
    theta = torch.tensor(np.array(theta), dtype=torch.float32)
    grid = F.affine_grid(theta, (size, 1, SIDE, SIDE), align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False)
    v = (F.grid_sample(v, grid, align_corners=False) > 0.5).float()
    t = F.grid_sample(t, grid, align_corners=False)
    flipped = theta[:, 0, 0] * theta[:, 1, 1] - theta[:, 0, 1] * theta[:, 1, 0] < 0
    t[flipped] = t[flipped][:, [1, 0, 2]]
    for n in range(size):
        if rng.random() < 0.5:
            x[n] = x[n].clamp(0, 1) ** float(np.exp(rng.normal(0, 0.5)))
        if rng.random() < 0.3:
            x[n] += torch.from_numpy(rng.normal(0, rng.uniform(0, 0.06), x[n].shape).astype(np.float32))
        if rng.random() < 0.3:
            bias = torch.linspace(-1, 1, SIDE)
            x[n] += float(rng.normal(0, 0.15)) * bias[None, None, :] + float(rng.normal(0, 0.15)) * bias[None, :, None]
        if rng.random() < 0.3:  # collimation: a black or white margin, invisible to the validity mask
            edge = rng.integers(4); depth = int(rng.integers(2, 24)); value = float(rng.random() < 0.4)
            area = [np.s_[:, :depth, :], np.s_[:, -depth:, :], np.s_[:, :, :depth], np.s_[:, :, -depth:]][edge]
            x[n][area] = value; t[n][area] = 0
        if rng.random() < 0.3:  # a letter or marker
            r, c = rng.integers(0, SIDE - 12, 2)
            x[n][:, r : r + rng.integers(2, 12), c : c + rng.integers(2, 12)] = float(rng.uniform(0.7, 1))
    v = v * (F.max_pool2d(v, 1))
    t = t * v
    return torch.cat([equalise(x * v, v), v], 1), t


def dice(prediction, truth):
    both = (prediction & truth).sum().item()
    return 2 * both / max(1, prediction.sum().item() + truth.sum().item())


def evaluate(net, data):
    images, valids, targets = data
    x = F.interpolate(images, (SIDE, SIDE), mode="area")
    v = (F.interpolate(valids, (SIDE, SIDE), mode="area") > 0.5).float()
    t = F.interpolate(targets, (SIDE, SIDE), mode="area") > 0.5
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(torch.cat([equalise(x * v, v), v], 1))) > 0.5
    net.train()
    return [dice(p[n, :2].any(0), t[n, :2].any(0)) for n in range(len(t))], [dice(p[n, 2], t[n, 2]) for n in range(len(t))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    train, test = load("train"), load("test")
    net = LungNet()
    print("parameters", sum(p.numel() for p in net.parameters()), flush=True)
    steps, size = int(args.minutes * 60), 16  # about one step of 16 a second on one core
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps + 1)
    start = time.time()
    for step in range(steps):
        x, t = batch(train[:3], rng, size)
        logits = net(x)
        p = torch.sigmoid(logits)
        overlap = 1 - (2 * (p * t).sum((2, 3)) + 20) / (p.sum((2, 3)) + t.sum((2, 3)) + 20)
        loss = F.binary_cross_entropy_with_logits(logits, t) + 0.5 * overlap.mean()
        optimiser.zero_grad(); loss.backward(); optimiser.step(); schedule.step()
        if step % 100 == 99:
            lungs, heart = evaluate(net, test[:3])
            print(step + 1, f"loss {loss.item():.3f} held-back Dice lungs {np.mean(lungs):.3f} (min {np.min(lungs):.3f})"
                  f" mediastinum {np.mean(heart):.3f} {time.time() - start:.0f}s", flush=True)
            torch.save(net.state_dict(), args.out)
    torch.save(net.state_dict(), args.out)


if __name__ == "__main__":
    main()
