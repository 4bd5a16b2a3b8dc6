"""Trains the cement network: fully convolutional, half-resolution output, on cement simulated into real films.

Outputs per pixel: cement, and other dense thin things (an auxiliary task that sharpens the first).
"""

import argparse
import multiprocessing
import os
import time

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import simulate
from films import list_films, read_film
from simulate import gaussian_filter
from working_film import FINE_PX, load_lung_net, make_working_film, network_input

PATCH = 192
TRAINED_PER_MM = (0.05, 0.7)  # ln units per mm of cement: up to more than there is, to learn from
IGNORE_BELOW = 1.2  # cement fainter than this share of the local spread is neither right nor wrong
BATCH = 16
EMA = 0.998  # share of the running mean of the weights that a step keeps: the mean is what is exported


class CementNet(nn.Module):
    """U-Net of widths 16-32-64-96 at 1/2, 1/4, 1/8, 1/16 of the working film; output at 1/2."""

    def __init__(self, widths=(16, 32, 64, 96)):
        super().__init__()
        a, b, c, d = widths
        self.stem = self._conv(2, a, stride=2)
        self.enc = nn.ModuleList([self._block(a, a), self._block(a, b, b), self._block(b, c, c), self._block(c, d, d, d)])
        self.dec = nn.ModuleList([self._block(d + c, c, c), self._block(c + b, b, b), self._block(b + a, a, a)])
        self.out = nn.Conv2d(a, 2, 1)

    @staticmethod
    def _conv(w0, w1, stride=1):
        return nn.Sequential(nn.Conv2d(w0, w1, 3, padding=1, stride=stride, bias=False), nn.BatchNorm2d(w1), nn.ReLU())

    @classmethod
    def _block(cls, *widths):
        return nn.Sequential(*(cls._conv(w0, w1) for w0, w1 in zip(widths[:-1], widths[1:])))

    def forward(self, x):
        x = self.stem(x)
        skips = []
        for level, block in enumerate(self.enc):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level, block in enumerate(self.dec):
            x = block(torch.cat([F.interpolate(x, scale_factor=2), skips[2 - level]], 1))
        return self.out(x)


def load_working_films(lung_net, split):
    films = []
    for film in list_films():
        if film["split"] == split:
            working = make_working_film(lung_net, read_film(film["path"]))
            if working is not None:
                films.append({**film, **working, "inside": np.nonzero(working["lung"] > 0.5)})
    return films


def box_mean(image, side):
    return cv2.blur(image, (side, side), borderType=cv2.BORDER_REFLECT)


def widen(image, side):
    return cv2.dilate(image, np.ones((side, side), np.uint8))


def paste(rng, image, lung, want_cement, want_mimics):
    """Cement and mimics drawn into a piece of film: (image, cement path mm, mimic path mm, contrast over local spread,
    which is zero in dots)."""
    h, w = image.shape
    ys, xs = np.nonzero(lung > 0.5)
    hilum = (w / 2, h / 2) if len(xs) == 0 else (rng.uniform(0, w), ys.mean())
    dots = np.zeros_like(image)
    cast = simulate.cement(rng, image.shape, lung, hilum, dots) if want_cement else np.zeros_like(image)
    other = simulate.mimics(rng, image.shape) if want_mimics else np.zeros_like(image)
    per_mm = np.exp(rng.uniform(*np.log(TRAINED_PER_MM))) * rng.uniform(*simulate.SCATTER)
    gain = simulate.film_gain(image) * np.exp(rng.normal(0, 0.2))
    blur = rng.uniform(0.1, 0.4) / simulate.WORKING_MM
    contrast = gaussian_filter(cast, blur) * per_mm * gain
    # A saturating film curve: what is bright already has less room.
    room = np.clip(1.15 - image, 0.25, 1)
    added = (contrast + gaussian_filter(other, blur) * per_mm * gain) * room
    fine = image - box_mean(image, 3 * int(FINE_PX))
    spread = np.sqrt(np.maximum(0, box_mean(fine * fine, 3 * int(FINE_PX)))) + 0.004
    other = np.where(widen(added, 5) > spread, other, 0)  # nobody could see the rest
    return image + np.minimum(added, 0.7), cast, other, np.where(dots > 0, 0, contrast * room / spread)


def sample_patch(rng, film):
    image, lung = film["image"], film["lung"]
    zoom = float(np.exp(rng.normal(0, 0.18)))
    ys, xs = film["inside"]
    n = rng.integers(len(ys))
    cy, cx = ys[n] + rng.normal(0, 40), xs[n] + rng.normal(0, 40)
    angle = rng.normal(0, 0.25)
    c, s = np.cos(angle) * zoom, np.sin(angle) * zoom
    flip = -1 if rng.random() < 0.5 else 1
    y, x = np.mgrid[0:PATCH, 0:PATCH] - PATCH / 2 + 0.5
    at = [cy + c * y + s * x * flip, cx - s * y + c * x * flip]
    rows, columns = (np.asarray(a, np.float32) for a in at)
    patch = cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    lungs = cv2.remap(lung, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    patch, cast, other, cnr = paste(rng, patch, lungs, rng.random() < 0.6, rng.random() < 0.55)
    patch = degrade_resolution(rng, simulate.degrade(rng, patch))
    if rng.random() < 0.3:  # the lung net errs
        lungs = np.clip(gaussian_filter(lungs, rng.uniform(2, 15)) * rng.uniform(0.7, 1.2), 0, 1)
    x = network_input(patch, lungs)
    on = (gaussian_filter(cast, 1.0) > 0.12).astype(np.float32)
    target = np.stack([on, (other > 0.15).astype(np.float32)])
    target = target.reshape(2, PATCH // 2, 2, PATCH // 2, 2).max((2, 4))
    faint = widen(np.where(cast > 0, cnr, 0), 7) < IGNORE_BELOW
    weight = 1 - (on * faint).reshape(PATCH // 2, 2, PATCH // 2, 2).max((1, 3))
    return x, target.astype(np.float32), weight.astype(np.float32)


def degrade_resolution(rng, image):
    if rng.random() < 0.4:
        factor = rng.uniform(1.2, 2.2)
        small = torch.from_numpy(image)[None, None]
        side = int(PATCH / factor)
        small = F.interpolate(small, (side, side), mode="area")
        image = F.interpolate(small, (PATCH, PATCH), mode="bilinear", align_corners=False)[0, 0].numpy()
    return image


def produce(films, seed, size, queue, stop):
    rng = np.random.default_rng(seed)
    pools = [[f for f in films if f["source"] == s] for s in ("gb100", "nih")]
    while not stop.is_set():
        parts = [sample_patch(rng, (pool := pools[int(rng.random() < 0.35)])[rng.integers(len(pool))])
                 for _ in range(size)]
        queue.put(tuple(np.stack(p) for p in zip(*parts)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lung", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    films = load_working_films(load_lung_net(args.lung), "train")
    print(len(films), "films", [f["image"].shape for f in films[:4]], flush=True)
    queue, stop = multiprocessing.Queue(6), multiprocessing.Event()
    worker = multiprocessing.Process(target=produce, args=(films, args.seed, BATCH, queue, stop), daemon=True)
    worker.start()
    net = CementNet().to(memory_format=torch.channels_last)
    nn.init.constant_(net.out.bias, -3.0)
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(EMA), use_buffers=True)
    print("parameters", sum(p.numel() for p in net.parameters()), flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=args.steps + 1, pct_start=0.1)
    start, smooth = time.time(), None
    for step in range(args.steps):
        x, t, w = (torch.from_numpy(v) for v in queue.get())
        logits = net(x.contiguous(memory_format=torch.channels_last))
        p = torch.sigmoid(logits)
        bce = F.binary_cross_entropy_with_logits(logits, t, reduction="none") * (1 + 7 * t)
        overlap = 1 - (2 * (p * t)[:, 0].mul(w).sum() + 10) / ((p + t)[:, 0].mul(w).sum() + 10)
        loss = (bce[:, 0] * w).mean() + 0.3 * bce[:, 1].mean() + 0.5 * overlap
        optimiser.zero_grad(); loss.backward(); optimiser.step(); schedule.step(); mean.update_parameters(net)
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        if step % 50 == 49:
            print(step + 1, f"loss {smooth:.4f} overlap {overlap.item():.3f} queue {queue.qsize()} {time.time() - start:.0f}s", flush=True)
            torch.save(mean.module.state_dict(), args.out)
    torch.save(mean.module.state_dict(), args.out)
    stop.set()
    os._exit(0)


if __name__ == "__main__":
    main()
