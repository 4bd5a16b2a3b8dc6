"""A straightforward chest CT pipeline with numpy, scipy and scikit-image, to compare with: lung mask, threshold,
components grown to a lower threshold, shape by principal axes and skeleton. Prints JSON with seconds and count.

usage: python ct_baseline.py volume.raw columns rows slices spacing_x spacing_y spacing_z
"""
import json
import resource
import sys
import time

import numpy as np
from scipy import ndimage
from skimage.measure import label, regionprops
from skimage.morphology import skeletonize

path, columns, rows, slices = sys.argv[1], *map(int, sys.argv[2:5])
spacing = np.array([float(mm) for mm in sys.argv[5:8]])[::-1]
volume = np.fromfile(path, dtype=np.int16).reshape(slices, rows, columns)

start = time.perf_counter()
air, count = ndimage.label(volume < -450)
border = np.unique(np.concatenate([air[:, 0].ravel(), air[:, -1].ravel(), air[:, :, 0].ravel(), air[:, :, -1].ravel()]))
sizes = np.bincount(air.ravel())
sizes[border] = 0
sizes[0] = 0
lungs = np.isin(air, np.argsort(sizes)[-2:])
coarse = lungs[:, ::4, ::4]
ball = ndimage.distance_transform_edt(~np.pad(np.zeros((1, 1, 1), bool), 5, constant_values=True)) <= 5
closed = np.repeat(np.repeat(ndimage.binary_closing(coarse, ball), 4, axis=1), 4, axis=2)[:, :rows, :columns]
labels = label((volume >= 180) & closed, connectivity=3)
kept = []
for region in regionprops(labels, intensity_image=volume):
    if region.area < 4 or region.area > 30000 or region.intensity_max < 250:
        continue
    points = region.coords * spacing
    spread = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(points.T)), 0))
    length = 4 * spread[-1]
    skeleton = skeletonize(region.image)
    branches = int(((ndimage.convolve(skeleton.astype(int), np.ones((3, 3, 3))) * skeleton) > 3).sum())
    kept.append((length, float(length / max(spread[-2] * 4, spacing.min())), branches))
seconds = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({'seconds': seconds, 'components': len(kept), 'peakBytes': memory}))
