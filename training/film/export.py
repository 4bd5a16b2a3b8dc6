"""Writes a trained network in TensorFlow.js' weights format: NAME.json (manifest) and NAME.bin (float32).

Batch norm is folded into the convolutions; kernels are [height, width, in, out].
"""

import argparse
import json
import os

import numpy as np
import torch

from cement_net import CementNet
from lung_net import LungNet


def folded(state, conv, norm):
    """Kernel and bias of a convolution followed by a batch norm (eps 1e-5)."""
    gain = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + 1e-5)
    kernel = state[f"{conv}.weight"] * gain[:, None, None, None]
    return kernel, state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain


def layers_of(state, has_stem):
    """(name, kernel, bias) in the order in which the detector's adapter expects them."""
    if has_stem:
        yield ("stem", *folded(state, "stem.0", "stem.1"))
    for part in ("enc", "dec"):
        level = 0
        while any(key.startswith(f"{part}.{level}.") for key in state):
            # Blocks are Sequential(conv, norm, relu, ...) in the lung net, Sequential(Sequential(conv, norm, relu), ...)
            # in the cement net.
            n = 0
            while True:
                nested = f"{part}.{level}.{n}.0"
                flat = f"{part}.{level}.{3 * n}"
                if f"{nested}.weight" in state:
                    yield (f"{part}{level}_{n}", *folded(state, nested, f"{part}.{level}.{n}.1"))
                elif f"{flat}.weight" in state:
                    yield (f"{part}{level}_{n}", *folded(state, flat, f"{part}.{level}.{3 * n + 1}"))
                else:
                    break
                n += 1
            level += 1
    yield "out", state["out.weight"], state["out.bias"]


def export(state, name, folder, has_stem):
    weights, data = [], []
    for layer, kernel, bias in layers_of(state, has_stem):
        for suffix, tensor in (("kernel", kernel.permute(2, 3, 1, 0)), ("bias", bias)):
            array = np.ascontiguousarray(tensor.numpy(), dtype="<f4")
            weights.append({"name": f"{layer}/{suffix}", "shape": list(array.shape), "dtype": "float32"})
            data.append(array.tobytes())
    manifest = {"format": "pce-u-net", "hasStem": has_stem,
                "weightsManifest": [{"paths": [f"{name}.bin"], "weights": weights}]}
    with open(os.path.join(folder, f"{name}.bin"), "wb") as file:
        file.write(b"".join(data))
    with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
        json.dump(manifest, file)
        file.write("\n")
    print(name, sum(len(d) for d in data), "bytes")


def write_check(net, name, folder):
    """What PyTorch answers to a fixed input: the detector's test holds TensorFlow.js to it."""
    channels, rows, columns = 2, 32, 48
    values = np.sin(np.arange(channels * rows * columns) * 0.37).astype(np.float32)
    with torch.no_grad():
        answer = torch.sigmoid(net.eval()(torch.from_numpy(values.reshape(1, channels, rows, columns)))).numpy()[0]
    flat = answer.reshape(-1)
    picked = list(range(0, len(flat), max(1, len(flat) // 40)))
    check = {"input": {"channels": channels, "rows": rows, "columns": columns}, "outputShape": list(answer.shape),
             "samples": [[i, round(float(flat[i]), 7)] for i in picked]}
    with open(os.path.join(folder, f"{name}.check.json"), "w", encoding="utf-8") as file:
        json.dump(check, file)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lung")
    parser.add_argument("--cement")
    parser.add_argument("--folder", required=True)
    args = parser.parse_args()
    for path, name, net, has_stem in ((args.lung, "film-lungs", LungNet(), False), (args.cement, "film-cement", CementNet(), True)):
        if path:
            net.load_state_dict(torch.load(path, weights_only=True))
            export(net.state_dict(), name, args.folder, has_stem)
            write_check(net, name, args.folder)


if __name__ == "__main__":
    main()
