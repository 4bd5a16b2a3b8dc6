import { blurInPlace, gaussianKernel, noiseGain } from './blur.js';
import type { SliceGrid } from './paint-slice.js';
import type { Anatomy } from './phantom-anatomy.js';
import type { Placed } from './phantom-cement.js';
import { buildCtInstance, type CtSeries } from './phantom-ct-instance.js';
import { ctTubeLayers } from './phantom-ct-layers.js';
import { describePlaced, makeScene, type SceneOptions } from './phantom-scene.js';
import { paintSoftParts } from './phantom-slice.js';
import { fillNormal, seededRandom } from './random.js';
import { type Capsules, capsulesBySlice, TubeRaster, toCapsules } from './rasterize-tubes.js';
import { type SimulatedStudy, TRUTH_VERSION, type TruthObject } from './truth.js';
import { uidFromSeed } from './uid-from-seed.js';

export interface CtStudyOptions extends SceneOptions {
  /** Columns, and rows. @default 512 */
  readonly columns?: number;
  /** @default so that the image is 358 mm wide */
  readonly pixelSpacingMm?: number;
  /** @default 150 */
  readonly slices?: number;
  /** Distance of slice centres. @default so that the slices cover 300 mm */
  readonly sliceSpacingMm?: number;
  /** @default the slice spacing */
  readonly sliceThicknessMm?: number;
  /** Standard deviation of the noise, HU. @default 22 */
  readonly noiseHu?: number;
  /** Sigma of the in-plane point spread, millimetres; the pixel's own width comes on top. @default 0.35, or 0.3 pixels */
  readonly psfSigmaMm?: number;
  /** Where the middle slice lies; the carina is near 0. @default -45 */
  readonly centerZMm?: number;
}

const FIELD_MM = 358;
const COVERAGE_MM = 300;
/** Slices thinner than this show the soft parts as one cut; thicker ones average several. */
const SOFT_PART_STEP_MM = 2.5;
/** Fine enough for a cylinder of 0.5 mm. */
const FINE_STEP_MM = 0.14;
const NOISE_BLUR_PX = 0.65;
/** Below this over the surroundings a piece of cement does not stand out from a vessel. */
export const VISIBLE_EXCESS_HU = 150;

export interface CtGeometry extends SliceGrid {
  readonly slices: number;
  readonly firstZ: number;
  readonly sliceSpacingMm: number;
  readonly sliceThicknessMm: number;
  readonly psfSigmaMm: number;
  readonly noiseHu: number;
}

function geometryOf(options: CtStudyOptions): CtGeometry {
  const columns = options.columns ?? 512;
  const pixelMm = options.pixelSpacingMm ?? Math.round((FIELD_MM / columns) * 1e4) / 1e4;
  const slices = options.slices ?? 150;
  const sliceSpacingMm = options.sliceSpacingMm ?? COVERAGE_MM / slices;
  const center = options.centerZMm ?? -45;
  return {
    columns,
    rows: columns,
    pixelMm,
    originX: -((columns - 1) / 2) * pixelMm,
    originY: -((columns - 1) / 2) * pixelMm + 12,
    slices,
    firstZ: center - ((slices - 1) / 2) * sliceSpacingMm,
    sliceSpacingMm,
    sliceThicknessMm: options.sliceThicknessMm ?? sliceSpacingMm,
    psfSigmaMm: options.psfSigmaMm ?? Math.max(0.35, 0.3 * pixelMm),
    noiseHu: options.noiseHu ?? 22,
  };
}

interface FineObject {
  readonly capsules: Capsules;
  readonly members: readonly (readonly number[])[];
  readonly hu: number;
  peakHu: number;
}

/** Renders slice after slice, from the feet to the head, and hands each to `emit` in Hounsfield units. */
export function renderSlices(
  anatomy: Anatomy,
  placed: readonly Placed[],
  geometry: CtGeometry,
  seed: number,
  emit: (k: number, hu: Float32Array) => void,
): number[] {
  const { columns, rows, slices, firstZ, sliceSpacingMm, sliceThicknessMm, pixelMm } = geometry;
  const byTubes = ctTubeLayers(anatomy, pixelMm);
  const spread = (capsules: Capsules) => capsulesBySlice(capsules, firstZ, sliceSpacingMm, slices, sliceThicknessMm);
  const layers = byTubes.map((layer) => ({ ...layer, members: spread(layer.capsules) }));
  const objects: FineObject[] = placed.map((p) => {
    const capsules = toCapsules(p.tubes);
    return { capsules, members: spread(capsules), hu: p.materialHu, peakHu: -1000 };
  });
  const clampSamples = (step: number, low: number, high: number) =>
    Math.min(high, Math.max(low, Math.ceil(pixelMm / step)));
  const coarse = new TubeRaster(geometry, clampSamples(0.4, 2, 6));
  const fine = new TubeRaster(geometry, clampSamples(FINE_STEP_MM, 3, 14));
  const coarseLayers = Math.max(1, Math.ceil(sliceThicknessMm / 0.7));
  const fineLayers = Math.max(2, Math.ceil(sliceThicknessMm / (2 * FINE_STEP_MM)));
  const hu = new Float32Array(columns * rows);
  const scratch = new Float32Array(columns * rows);
  const psf = gaussianKernel(geometry.psfSigmaMm / pixelMm);
  const addNoise = makeNoise(geometry, seed);
  for (let k = 0; k < slices; k++) {
    const z = firstZ + k * sliceSpacingMm;
    paintThick(hu, scratch, geometry, anatomy, z);
    for (const layer of layers) {
      if (layer.members[k]!.length === 0) continue;
      coarse.addSlice(layer.capsules, layer.members[k]!, z, sliceThicknessMm, coarseLayers);
      coarse.blend(hu, layer.hu);
      coarse.clear();
    }
    const touched = objects.map((object) => {
      if (object.members[k]!.length === 0) return null;
      fine.addSlice(object.capsules, object.members[k]!, z, sliceThicknessMm, fineLayers);
      fine.blend(hu, object.hu);
      const pixels = fine.touched.slice(0, fine.touchedCount);
      fine.clear();
      return pixels;
    });
    blurInPlace(hu, scratch, columns, rows, psf);
    touched.forEach((pixels, n) => {
      for (const pixel of pixels ?? []) objects[n]!.peakHu = Math.max(objects[n]!.peakHu, hu[pixel]!);
    });
    addNoise(hu);
    emit(k, hu);
  }
  return objects.map((object) => object.peakHu);
}

function paintThick(hu: Float32Array, scratch: Float32Array, geometry: CtGeometry, anatomy: Anatomy, z: number): void {
  const cuts = Math.max(1, Math.round(geometry.sliceThicknessMm / SOFT_PART_STEP_MM));
  paintSoftParts(hu, geometry, anatomy, z, { couch: true });
  if (cuts === 1) return;
  hu.fill(0);
  for (let cut = 0; cut < cuts; cut++) {
    paintSoftParts(scratch, geometry, anatomy, z + ((cut + 0.5) / cuts - 0.5) * geometry.sliceThicknessMm, {
      couch: true,
    });
    for (let i = 0; i < hu.length; i++) hu[i] = hu[i]! + scratch[i]! / cuts;
  }
}

/** Correlated noise like that of a standard kernel: white noise, blurred, brought to the wanted deviation. */
function makeNoise(geometry: CtGeometry, seed: number): (hu: Float32Array) => void {
  const { columns, rows, noiseHu } = geometry;
  const random = seededRandom(seed, 'noise');
  const noise = new Float32Array(columns * rows);
  const scratch = new Float32Array(columns * rows);
  const kernel = gaussianKernel(NOISE_BLUR_PX);
  const factor = noiseHu / noiseGain(kernel);
  return (hu) => {
    if (noiseHu <= 0) return;
    fillNormal(noise, random);
    blurInPlace(noise, scratch, columns, rows, kernel);
    for (let i = 0; i < hu.length; i++) hu[i] = hu[i]! + noise[i]! * factor;
  };
}

/**
 * A simulated chest CT with cement in it: CT Image Storage files in the order head to feet, and what is true of it.
 * Not evidence of accuracy: the anatomy is a sketch.
 */
export function simulateCtStudy(options: CtStudyOptions): SimulatedStudy {
  const geometry = geometryOf(options);
  const { anatomy, placed } = makeScene(options, 'up');
  const name = `ct ${JSON.stringify(options)}`;
  const series: CtSeries = {
    ...geometry,
    studyInstanceUid: uidFromSeed(`study ${name}`),
    seriesInstanceUid: uidFromSeed(`series ${name}`),
    frameOfReferenceUid: uidFromSeed(`frame ${name}`),
    uidSeed: name,
    contrast: anatomy.contrast,
    patientId: `SIM-CT-${options.seed}`,
  };
  const files: { name: string; bytes: Uint8Array }[] = [];
  const peaks = renderSlices(anatomy, placed, geometry, options.seed, (k, hu) => {
    const number = geometry.slices - k;
    files.push({ name: `CT${String(number).padStart(4, '0')}.dcm`, bytes: buildCtInstance(series, k, number, hu) });
  });
  files.reverse();
  const objects = placed.map((p, n): TruthObject => {
    const described = describePlaced(anatomy, p, n + 1);
    const peakHu = Math.round(peaks[n]!);
    return {
      ...described,
      peakHu,
      polylinesPx: [],
      contrastToNoise: null,
      visible: peakHu >= p.surroundHu + VISIBLE_EXCESS_HU,
    };
  });
  const emboli = objects.filter((object) => object.kind === 'pulmonary-cement-embolism');
  return {
    files,
    truth: {
      truthVersion: TRUTH_VERSION,
      studyInstanceUid: series.studyInstanceUid,
      seriesInstanceUid: series.seriesInstanceUid,
      sopInstanceUid: null,
      modality: 'CT',
      patient: series.patientId,
      source: 'geometric phantom',
      seed: options.seed,
      presence: emboli.length > 0 ? 'present' : 'absent',
      visiblePresence: emboli.some((object) => object.visible) ? 'present' : 'absent',
      sliceSpacingMm: geometry.sliceSpacingMm,
      sliceThicknessMm: geometry.sliceThicknessMm,
      contrast: anatomy.contrast,
      expected: 'analysed',
      objects,
    },
  };
}
