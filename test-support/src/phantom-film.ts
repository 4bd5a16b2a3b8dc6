import { buildDicom, type DicomAttributes } from './dicom-builder.js';
import type { Placed } from './phantom-cement.js';
import { type CtGeometry, renderSlices } from './phantom-ct.js';
import { SIMULATED_EQUIPMENT, SIMULATED_PATIENT, simulatedStudy } from './phantom-dicom.js';
import type { Tube } from './phantom-geometry.js';
import { describePlaced, makeScene, type SceneOptions } from './phantom-scene.js';
import { fillNormal, seededRandom } from './random.js';
import { type SimulatedStudy, TRUTH_VERSION, type TruthObject } from './truth.js';
import { uidFromSeed } from './uid-from-seed.js';

export interface RadiographStudyOptions extends SceneOptions {
  /** @default 'DX' */
  readonly modality?: 'DX' | 'CR';
  /** Distance of pixel centres in the patient's middle plane; parallel rays, no magnification. @default 0.2 */
  readonly pixelMm?: number;
  /** Stores bright as dense (MONOCHROME2) or the other way round. @default false */
  readonly monochrome1?: boolean;
  /** Leaves out every pixel spacing. @default true */
  readonly calibrated?: boolean;
}

const SOP_CLASS = { DX: '1.2.840.10008.5.1.4.1.1.1.1', CR: '1.2.840.10008.5.1.4.1.1.1' } as const;
const FIELD_MM = { width: 358, height: 300 } as const;
/** Middle of the field along the body. The carina is near 0. */
const CENTER_Z_MM = -45;
/** Anatomy is projected on this grid and magnified: nothing in it is as fine as cement. */
const COARSE = { columns: 320, slices: 200 } as const;
/** Attenuation of water at the mean energy of a 120 kVp chest beam. Source: NIST XCOM at 60 keV, 0.206 per cm. */
const WATER_PER_MM = 0.0206;
/**
 * Attenuation of cement grows less than its Hounsfield number suggests as the beam hardens through a chest: the share
 * kept reproduces 0.05-0.13 for 1 mm. Source: docs/model-card.md, radiographic contrast.
 */
const CEMENT_SHARE = 0.85;
/** Scattered over primary signal behind a grid. */
const SCATTER_TO_PRIMARY = 0.5;
/** Deviation of the noise of the log signal. */
const NOISE = 0.006;
const MAX_STORED = 4095;
/** Film shows log signals of this range. */
const LOG_RANGE = [0.4, 5.2] as const;
/** Below this contrast over noise a piece cannot be seen. Source: clinical.md, visible pieces. */
const VISIBLE_CONTRAST_TO_NOISE = 2;

/**
 * A simulated chest film, PA, projected by parallel rays from the same phantom as the CT: a DX or CR file, and what is
 * true of it. Not evidence of accuracy: the anatomy is a sketch.
 */
export function simulateRadiographStudy(options: RadiographStudyOptions): SimulatedStudy {
  const { seed, modality = 'DX', pixelMm = 0.2 } = options;
  const { anatomy, placed } = makeScene(options, 'up');
  const columns = Math.round(FIELD_MM.width / pixelMm);
  const rows = Math.round(FIELD_MM.height / pixelMm);
  const frame: FilmFrame = {
    columns,
    rows,
    pixelMm,
    left: -FIELD_MM.width / 2,
    top: CENTER_Z_MM + FIELD_MM.height / 2,
  };
  const anatomyLog = magnify(projectAnatomy(anatomy, seed), frame);
  const cementLog = new Float32Array(columns * rows);
  for (const object of placed) for (const tube of object.tubes) addTube(cementLog, frame, tube);
  const name = `film ${JSON.stringify(options)}`;
  const uids = {
    StudyInstanceUID: uidFromSeed(`study ${name}`),
    SeriesInstanceUID: uidFromSeed(`series ${name}`),
    SOPInstanceUID: uidFromSeed(`instance ${name}`),
  };
  const bytes = buildDicom({
    attributes: { ...filmAttributes(options, frame, uids.StudyInstanceUID), ...uids, SOPClassUID: SOP_CLASS[modality] },
    pixelData: expose(anatomyLog, cementLog, options.monochrome1 ?? false, seed),
  });
  const objects = placed.map((object, index) => describe(anatomy, object, index + 1, frame, cementLog));
  const emboli = objects.filter(({ kind }) => kind === 'pulmonary-cement-embolism');
  return {
    files: [{ name: `${modality}0001.dcm`, bytes }],
    truth: {
      truthVersion: TRUTH_VERSION,
      studyInstanceUid: uids.StudyInstanceUID,
      seriesInstanceUid: uids.SeriesInstanceUID,
      sopInstanceUid: uids.SOPInstanceUID,
      modality,
      patient: `phantom ${seed}`,
      source: 'phantom',
      seed,
      presence: emboli.length > 0 ? 'present' : 'absent',
      visiblePresence: emboli.some(({ visible }) => visible) ? 'present' : 'absent',
      sliceSpacingMm: null,
      sliceThicknessMm: null,
      contrast: null,
      expected: 'analysed',
      objects,
    },
  };
}

interface FilmFrame {
  readonly columns: number;
  readonly rows: number;
  readonly pixelMm: number;
  /** LPS x of the image's left edge, and z of its top edge. The patient's left is on the right. */
  readonly left: number;
  readonly top: number;
}

type Anatomy = ReturnType<typeof makeScene>['anatomy'];

/** Integral of attenuation from front to back, on the coarse grid, top row first. */
function projectAnatomy(anatomy: Anatomy, seed: number): Float32Array {
  const { columns, slices } = COARSE;
  const pixelMm = FIELD_MM.width / columns;
  const sliceSpacingMm = FIELD_MM.height / slices;
  const geometry: CtGeometry = {
    columns,
    rows: columns,
    pixelMm,
    originX: -FIELD_MM.width / 2 + pixelMm / 2,
    originY: -FIELD_MM.width / 2 + pixelMm / 2,
    slices,
    firstZ: CENTER_Z_MM - FIELD_MM.height / 2 + sliceSpacingMm / 2,
    sliceSpacingMm,
    sliceThicknessMm: sliceSpacingMm,
    psfSigmaMm: 0.3 * pixelMm,
    noiseHu: 0,
  };
  const out = new Float32Array(columns * slices);
  renderSlices(anatomy, [], geometry, seed, (k, hu) => {
    const row = slices - 1 - k;
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < columns; i++) {
        const density = Math.max(0, (hu[j * columns + i]! + 1000) / 1000);
        out[row * columns + i]! += density * WATER_PER_MM * pixelMm;
      }
    }
  });
  return out;
}

/** Bilinear magnification of the coarse projection to the film. */
function magnify(coarse: Float32Array, frame: FilmFrame): Float32Array {
  const out = new Float32Array(frame.columns * frame.rows);
  const { columns, slices } = COARSE;
  const limit = (value: number, last: number): number => Math.min(last, Math.max(0, value));
  for (let j = 0; j < frame.rows; j++) {
    const y = limit(((j + 0.5) * slices) / frame.rows - 0.5, slices - 1.001);
    const y0 = Math.floor(y);
    for (let i = 0; i < frame.columns; i++) {
      const x = limit(((i + 0.5) * columns) / frame.columns - 0.5, columns - 1.001);
      const x0 = Math.floor(x);
      const at = y0 * columns + x0;
      const upper = coarse[at]! + (x - x0) * (coarse[at + 1]! - coarse[at]!);
      const lower = coarse[at + columns]! + (x - x0) * (coarse[at + columns + 1]! - coarse[at + columns]!);
      out[j * frame.columns + i] = upper + (y - y0) * (lower - upper);
    }
  }
  return out;
}

/** Adds the chord length through a tube to every ray, times its excess over lung. */
function addTube(log: Float32Array, frame: FilmFrame, tube: Tube): void {
  const perMm = (WATER_PER_MM * CEMENT_SHARE * (tube.hu + 1000)) / 1000;
  // Where segments of one tube overlap in projection the thickest counts, so that joints are not twice as dense.
  const chord = new Map<number, number>();
  for (let n = 0; n < Math.max(1, tube.points.length - 1); n++) {
    const a = tube.points[n]!;
    const b = tube.points[n + 1] ?? a;
    const radius = Math.max(tube.radiiMm[n] ?? tube.radiiMm[0]!, tube.radiiMm[n + 1] ?? 0);
    paintSegment(frame, [a[0], a[2]], [b[0], b[2]], radius, (at, mm) => {
      chord.set(at, Math.max(mm, chord.get(at) ?? 0));
    });
  }
  for (const [at, mm] of chord) log[at]! += mm * perMm;
}

function paintSegment(
  frame: FilmFrame,
  a: readonly [number, number],
  b: readonly [number, number],
  radius: number,
  paint: (at: number, chordMm: number) => void,
): void {
  const toColumn = (x: number): number => (x - frame.left) / frame.pixelMm - 0.5;
  const toRow = (z: number): number => (frame.top - z) / frame.pixelMm - 0.5;
  const reach = radius / frame.pixelMm + 1;
  const [i0, i1] = [Math.min(toColumn(a[0]), toColumn(b[0])) - reach, Math.max(toColumn(a[0]), toColumn(b[0])) + reach];
  const [j0, j1] = [Math.min(toRow(a[1]), toRow(b[1])) - reach, Math.max(toRow(a[1]), toRow(b[1])) + reach];
  const length2 = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2;
  for (let j = Math.max(0, Math.ceil(j0)); j <= Math.min(frame.rows - 1, j1); j++) {
    for (let i = Math.max(0, Math.ceil(i0)); i <= Math.min(frame.columns - 1, i1); i++) {
      const x = frame.left + (i + 0.5) * frame.pixelMm;
      const z = frame.top - (j + 0.5) * frame.pixelMm;
      const along = length2 === 0 ? 0 : ((x - a[0]) * (b[0] - a[0]) + (z - a[1]) * (b[1] - a[1])) / length2;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(a[0] + t * (b[0] - a[0]) - x, a[1] + t * (b[1] - a[1]) - z);
      if (distance < radius) paint(j * frame.columns + i, 2 * Math.sqrt(radius * radius - distance * distance));
    }
  }
}

/** Primary and scattered signal, noise, and the film's display range; dense is bright. */
function expose(anatomy: Float32Array, cement: Float32Array, monochrome1: boolean, seed: number): Uint8Array {
  const noise = new Float32Array(anatomy.length);
  fillNormal(noise, seededRandom(seed, 'film noise'));
  const stored = new Uint16Array(anatomy.length);
  const [low, high] = LOG_RANGE;
  for (let at = 0; at < stored.length; at++) {
    const local = Math.exp(-anatomy[at]!);
    const signal = local * Math.exp(-cement[at]!) + SCATTER_TO_PRIMARY * local;
    const log = -Math.log(signal / (1 + SCATTER_TO_PRIMARY)) + NOISE * noise[at]!;
    const value = Math.round(((log - low) / (high - low)) * MAX_STORED);
    const bounded = Math.min(MAX_STORED, Math.max(0, value));
    stored[at] = monochrome1 ? MAX_STORED - bounded : bounded;
  }
  return new Uint8Array(stored.buffer);
}

function describe(anatomy: Anatomy, placed: Placed, id: number, frame: FilmFrame, cement: Float32Array): TruthObject {
  const polylinesPx = placed.centrelines.map((line) =>
    line.map((p): [number, number] => [(p[0] - frame.left) / frame.pixelMm, (frame.top - p[2]) / frame.pixelMm]),
  );
  let strongest = 0;
  for (const [x, y] of polylinesPx.flat()) {
    const at = Math.floor(y) * frame.columns + Math.floor(x);
    strongest = Math.max(strongest, cement[at] ?? 0);
  }
  const contrast = -Math.log((Math.exp(-strongest) + SCATTER_TO_PRIMARY) / (1 + SCATTER_TO_PRIMARY));
  const contrastToNoise = contrast / NOISE;
  return {
    ...describePlaced(anatomy, placed, id),
    peakHu: null,
    polylinesPx,
    contrastToNoise: Math.round(contrastToNoise * 10) / 10,
    visible: contrastToNoise >= VISIBLE_CONTRAST_TO_NOISE,
  };
}

function filmAttributes(options: RadiographStudyOptions, frame: FilmFrame, studyInstanceUid: string): DicomAttributes {
  const { modality = 'DX', calibrated = true, monochrome1 = false, seed } = options;
  const spacing = [frame.pixelMm, frame.pixelMm];
  const common: DicomAttributes = {
    ...SIMULATED_PATIENT,
    ...SIMULATED_EQUIPMENT,
    ...simulatedStudy(studyInstanceUid, `SIM-${modality}-${seed}`, 'SIMULATED CHEST FILM'),
    Modality: modality,
    SeriesNumber: 1,
    InstanceNumber: 1,
    BodyPartExamined: 'CHEST',
    ViewPosition: 'PA',
    PatientOrientation: ['L', 'F'],
    ImageType: ['ORIGINAL', 'PRIMARY'],
    ImageComments: 'SIMULATED, not a patient',
    KVP: 120,
    SamplesPerPixel: 1,
    PhotometricInterpretation: monochrome1 ? 'MONOCHROME1' : 'MONOCHROME2',
    Rows: frame.rows,
    Columns: frame.columns,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    BurnedInAnnotation: 'NO',
    LossyImageCompression: '00',
    ...(calibrated ? { ImagerPixelSpacing: spacing } : {}),
  };
  if (modality === 'CR') return { ...common, PlateID: '1' };
  return {
    ...common,
    ...(calibrated ? {} : { ImagerPixelSpacing: spacing }),
    PresentationIntentType: 'FOR PRESENTATION',
    ImageLaterality: 'B',
    PixelIntensityRelationship: 'LOG',
    PixelIntensityRelationshipSign: monochrome1 ? 1 : -1,
    RescaleIntercept: 0,
    RescaleSlope: 1,
    RescaleType: 'US',
    PresentationLUTShape: monochrome1 ? 'INVERSE' : 'IDENTITY',
    WindowCenter: 2048,
    WindowWidth: 4096,
    DetectorType: 'DIRECT',
    PositionerType: 'NONE',
    AnatomicRegionSequence: [{ CodeValue: '51185008', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Chest' }],
    ViewCodeSequence: [
      {
        CodeValue: '272479007',
        CodingSchemeDesignator: 'SCT',
        CodeMeaning: 'postero-anterior',
        ViewModifierCodeSequence: [],
      },
    ],
    AcquisitionContextSequence: [],
  };
}
