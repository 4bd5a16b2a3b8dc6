import type { NotAnalysable, NotApplicable } from '@pce/shared/contracts/exam-outcome';
import { CT_VOLUME } from '../parameters.js';
import { bodyRegionOf } from './body-region.js';
import type { InstanceHeader } from './instance-header.js';
import { notAnalysable, notApplicable } from './reason.js';
import { obliquenessDegrees, type Slice, stackSlices, usualSpacingMm } from './slice-stack.js';

/** Images of one CT series that could be one volume, and how good a volume. */
export interface CtImageSet {
  readonly headers: readonly InstanceHeader[];
  readonly sliceCount: number;
  /** From the first slice to the last. */
  readonly coverageMm: number;
  readonly spacingMm: number;
  /** Why this set is not read, from its headers alone; null when it can be tried. */
  readonly refusal: NotAnalysable | NotApplicable | null;
}

const SECONDARY_CAPTURE_CLASSES = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.\d+)?$/;
/** Pages of text and screen contents that scanners file under CT. */
const NOT_A_SLICE = /SCREEN|DOSE|SUMMARY|REPORT|CSA |PROTOCOL|^OTHER$/;
/** Values that are no attenuation along the slice: projections of a slab, colour maps, material maps. */
const PROCESSED = /^(MIP|MINIP|MINIMUM|MAXIMUM|PROJECTION|VOLUME|VRT|SSD|PERFUSION|SUBTRACT|DIFFERENCE)/;
const MATERIAL = /IODINE|VNC|VIRTUAL|MATERIAL|EFFECTIVE|Z_EFF|ELECTRON|OVERLAY|WATER|CALCIUM|URIC/;
/** Rescale types whose values are Hounsfield units. Source: PS3.3 C.11.1.1.2. */
const HOUNSFIELD_TYPES = ['HU', 'HU_MOD'];

/** Judges one image set of a CT series by its headers. */
export function describeImageSet(headers: readonly InstanceHeader[]): CtImageSet {
  const slices = stackSlices(headers);
  const coverageMm = slices.length > 0 ? slices.at(-1)!.alongMm - slices[0]!.alongMm : 0;
  const set = { headers, sliceCount: slices.length, coverageMm, spacingMm: usualSpacingMm(slices) };
  return { ...set, refusal: refuseContent(headers) ?? refuseStack(headers, slices) };
}

/** Images that show something else than axial slices of a chest in Hounsfield units. */
function refuseContent(headers: readonly InstanceHeader[]): NotAnalysable | NotApplicable | null {
  const header = headers[0]!;
  const types = imageTypes(header);
  if (types.includes('LOCALIZER') || types.includes('SCOUT')) {
    return notApplicable('localizer', 'Kind of CT image', 'slices', 'a localizer');
  }
  if (SECONDARY_CAPTURE_CLASSES.test(header.sopClassUid) || header.samplesPerPixel !== 1) {
    return notApplicable('secondary-capture', 'Kind of CT image', 'slices', 'a secondary capture');
  }
  const page = types.slice(2).find((type) => NOT_A_SLICE.test(type));
  if (page !== undefined) return notApplicable('not-a-slice', 'Kind of CT image', 'slices', `Image Type ${page}`);
  const processed = types.slice(2).find((type) => PROCESSED.test(type) || MATERIAL.test(type));
  if (processed !== undefined) {
    return notAnalysable('processed-image', 'Kind of CT image', 'reconstructed slices', `Image Type ${processed}`);
  }
  const { region, evidence } = bodyRegionOf(header);
  if (region === 'other') return notApplicable('not-chest', 'Body part', 'chest or thoracolumbar spine', evidence);
  return null;
}

/** A stack too small, too coarse or turned; also for headers that state no Hounsfield units. */
export function refuseStack(headers: readonly InstanceHeader[], slices: readonly Slice[]): NotAnalysable | null {
  const frameCount = headers.reduce((sum, header) => sum + header.frames.length, 0);
  if (slices.length < frameCount || slices.length === 0) {
    const received = `${frameCount - slices.length} of ${frameCount} without`;
    return notAnalysable('no-geometry', 'CT slices', 'position, orientation and pixel spacing in each', received);
  }
  return refuseUnits(slices) ?? refuseExtent(slices);
}

function refuseUnits(slices: readonly Slice[]): NotAnalysable | null {
  for (const { header, frame } of slices) {
    if (header.hasModalityTable && frame.rescale === null) continue;
    if (frame.rescale === null) {
      return notAnalysable('not-hounsfield', 'CT values', 'Rescale Slope and Intercept', 'neither');
    }
    const { type } = frame.rescale;
    if (type !== null && !HOUNSFIELD_TYPES.includes(type.toUpperCase())) {
      return notAnalysable('not-hounsfield', 'Rescale Type', HOUNSFIELD_TYPES.join(' or '), type.slice(0, 16));
    }
  }
  return null;
}

function refuseExtent(slices: readonly Slice[]): NotAnalysable | null {
  const { header, frame } = slices[0]!;
  const degrees = obliquenessDegrees(frame);
  if (degrees > CT_VOLUME.maxObliqueDegrees) {
    const expected = `at most ${CT_VOLUME.maxObliqueDegrees} degrees from axial`;
    return notAnalysable('not-axial', 'Slice orientation', expected, `${Math.round(degrees)} degrees`);
  }
  if (slices.length < CT_VOLUME.minSlices) {
    return notAnalysable('too-few-slices', 'CT slices', `at least ${CT_VOLUME.minSlices}`, `${slices.length}`);
  }
  const coverageMm = slices.at(-1)!.alongMm - slices[0]!.alongMm;
  if (coverageMm < CT_VOLUME.minCoverageMm) {
    const expected = `at least ${CT_VOLUME.minCoverageMm} mm`;
    return notAnalysable('too-short', 'Extent along the body', expected, `${Math.round(coverageMm)} mm`);
  }
  const fieldMm = Math.min(header.columns * frame.spacingMm[0], header.rows * frame.spacingMm[1]);
  if (fieldMm < CT_VOLUME.minFieldOfViewMm) {
    const expected = `at least ${CT_VOLUME.minFieldOfViewMm} mm`;
    return notAnalysable('field-of-view-too-small', 'Field of view', expected, `${Math.round(fieldMm)} mm`);
  }
  const spacingMm = usualSpacingMm(slices);
  if (spacingMm > CT_VOLUME.maxSliceSpacingMm) {
    const expected = `at most ${CT_VOLUME.maxSliceSpacingMm} mm`;
    return notAnalysable('spacing-too-coarse', 'Slice spacing', expected, `${round(spacingMm)} mm`);
  }
  return null;
}

/** Image types of the image, and of its first frame where it has frames. */
export function imageTypes(header: InstanceHeader): readonly string[] {
  return [...header.imageType, ...(header.frames[0]?.imageType.slice(2) ?? [])];
}

function round(mm: number): number {
  return Math.round(mm * 100) / 100;
}
