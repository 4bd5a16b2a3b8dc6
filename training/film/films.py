"""Real films for training: loading, lung masks and the split by patient and by source.

Nothing here is committed or shipped: only network weights leave this folder.
"""

import csv
import glob
import hashlib
import os

import numpy as np
from PIL import Image

SHARED = os.environ.get("PCE_SHARED_DIR") or os.path.join(os.path.dirname(__file__), "../../../shared")
CXR = os.path.join(SHARED, "data", "cxr")

# Films of one patient are on one side of the split. The share of patients kept for testing only.
HELD_BACK_SHARE = 0.40


def _is_held_back(source, patient):
    digest = hashlib.sha256(f"{source}/{patient}".encode()).digest()
    return digest[0] / 256 < HELD_BACK_SHARE


def list_films():
    """Every film as {source, patient, path, split}; split is 'train' or 'test'."""
    films = []
    with open(os.path.join(CXR, "gb100", "metadata.csv"), encoding="utf-8") as table:
        patients = {row["filename"]: row["patientid"] for row in csv.DictReader(table)}
    for path in sorted(glob.glob(os.path.join(CXR, "gb100", "images", "*"))):
        films.append({"source": "gb100", "patient": patients[os.path.basename(path)], "path": path})
    for path in sorted(glob.glob(os.path.join(CXR, "nih", "*", "*.*"))):
        films.append({"source": "nih", "patient": os.path.basename(path)[:8], "path": path})
    for film in films:
        film["split"] = "test" if _is_held_back(film["source"], film["patient"]) else "train"
    return films


def read_film(path):
    """Grey values 0..1, dense bright, shape [rows, columns]."""
    image = Image.open(path)
    if image.mode == "RGBA":
        image = image.convert("RGB")
    return np.asarray(image.convert("L"), dtype=np.float32) / 255


def read_masks(path):
    """gb100 only: boolean masks 'right', 'left', 'mediastinum', 'device' (tubes, lines, probes) at film size."""
    classes = {
        "COVID-19 Right Lung": "right",
        "COVID-19 Left Lung": "left",
        "COVID-19 Cardiomediastinum": "mediastinum",
        "COVID-19 Monitoring Probes": "device",
        "COVID-19 Tubings": "device",
        "COVID-19 Endotracheal Tube": "device",
        "COVID-19 Central Venous Line": "device",
        "COVID-19 Nosogastric Tube": "device",
    }
    masks = {}
    with open(os.path.join(CXR, "gb100", "structure.csv"), encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["Filename"] == os.path.basename(path)]
    for row in rows:
        name = classes.get(row["Class"])
        file = os.path.join(CXR, "gb100", row["Mask"])
        if name is None or not os.path.isfile(file):
            continue
        columns, height = (int(v) for v in row["Resolution"].split("x"))
        mask = masks.setdefault(name, np.zeros((height, columns), dtype=bool))
        crop = np.asarray(Image.open(file).convert("RGB")).max(axis=2) > 0
        top, left = int(row["Top"]), int(row["Left"])
        part = mask[top : top + crop.shape[0], left : left + crop.shape[1]]
        part |= crop[: part.shape[0], : part.shape[1]]
    return masks
