import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { FilmNetworks } from '../core/detect-radiograph-networks.js';
import type { PlaneNetwork, Planes } from '../core/imaging/plane-network.js';

/** Folder of the committed weights. */
const MODEL_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'model');

interface Manifest {
  readonly hasStem: boolean;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: tf.io.WeightsManifestEntry[];
  }[];
}

/** Trained networks with what identifies their weights: SHA-256 over all of them, hexadecimal. */
export interface LoadedNetworks {
  readonly networks: FilmNetworks;
  readonly modelDigest: string;
}

/**
 * Loads the film networks into TensorFlow.js with its WebAssembly backend, which needs no native library.
 *
 * @throws when the weights cannot be read
 */
export async function loadFilmNetworks(folder = MODEL_FOLDER): Promise<LoadedNetworks> {
  await startBackend();
  const digest = createHash('sha256');
  const lungs = await loadNetwork(folder, 'film-lungs', digest);
  const cement = await loadNetwork(folder, 'film-cement', digest);
  return { networks: { lungs, cement }, modelDigest: digest.digest('hex') };
}

async function startBackend(): Promise<void> {
  const packageJson = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(join(dirname(packageJson), 'dist/'));
  // Worker threads already use all cores.
  setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
}

async function loadNetwork(
  folder: string,
  name: string,
  digest: { update(data: Uint8Array): unknown },
): Promise<PlaneNetwork> {
  const manifest = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Manifest;
  const { paths, weights } = manifest.weightsManifest[0]!;
  const bytes = await readFile(join(folder, paths[0]!));
  digest.update(bytes);
  const tensors = tf.io.decodeWeights(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), weights);
  const levels = weights.filter((weight) => /^enc\d+_0\/kernel$/.test(weight.name)).length;
  const unet = new UNet(tensors, levels, manifest.hasStem);
  return { sideMultiple: 2 ** (levels - 1) * (manifest.hasStem ? 2 : 1), run: (input) => runPlanes(unet, input) };
}

/** U-Net of 3 x 3 convolutions; its halves are named enc0_0, enc1_0, enc1_1 ... and dec0_0 ... in the weights. */
class UNet {
  constructor(
    private readonly weights: tf.NamedTensorMap,
    private readonly levels: number,
    private readonly hasStem: boolean,
  ) {}

  /** @param input shape [1, rows, columns, channels] */
  run(input: tf.Tensor4D): tf.Tensor4D {
    let x = input;
    // Padding by one on all sides before a stride of 2, as PyTorch does; 'same' would pad the far sides only.
    if (this.hasStem)
      x = this.convolve(
        tf.pad(x, [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]),
        'stem',
        2,
        'valid',
      );
    const skips: tf.Tensor4D[] = [];
    for (let level = 0; level < this.levels; level++) {
      if (level > 0) x = tf.maxPool(x, 2, 2, 'valid');
      x = this.block(x, `enc${level}`);
      skips.push(x);
    }
    for (let level = 0; level + 1 < this.levels; level++) {
      const skip = skips[this.levels - 2 - level]!;
      const larger = tf.image.resizeNearestNeighbor(x, [skip.shape[1], skip.shape[2]]);
      x = this.block(tf.concat([larger, skip], 3), `dec${level}`);
    }
    const logits = tf.conv2d(x, this.kernel('out'), 1, 'valid');
    return tf.sigmoid(tf.add(logits, this.weights['out/bias']!));
  }

  private block(input: tf.Tensor4D, name: string): tf.Tensor4D {
    let x = input;
    for (let n = 0; this.weights[`${name}_${n}/kernel`] !== undefined; n++)
      x = this.convolve(x, `${name}_${n}`, 1, 'same');
    return x;
  }

  private convolve(x: tf.Tensor4D, name: string, strides: number, pad: 'same' | 'valid'): tf.Tensor4D {
    const bias = this.weights[`${name}/bias`]!;
    return tf.fused.conv2d({ x, filter: this.kernel(name), strides, pad, bias, activation: 'relu' });
  }

  private kernel(name: string): tf.Tensor4D {
    return this.weights[`${name}/kernel`] as tf.Tensor4D;
  }
}

async function runPlanes(unet: UNet, input: Planes): Promise<Planes> {
  const answer = tf.tidy(() => {
    const planes = tf.tensor3d(input.values, [input.channels, input.rows, input.columns]);
    const batch = tf.expandDims<tf.Tensor4D>(tf.transpose(planes, [1, 2, 0]), 0);
    return tf.transpose(tf.squeeze<tf.Tensor3D>(unet.run(batch), [0]), [2, 0, 1]);
  });
  try {
    const [channels, rows, columns] = answer.shape as [number, number, number];
    return { values: Float32Array.from(await answer.data()), channels, columns, rows };
  } finally {
    answer.dispose();
  }
}
