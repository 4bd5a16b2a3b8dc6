import type { Finding } from '@pce/shared/contracts/finding';
import { lpsToVoxel } from '../volume/geometry.js';
import type { Volume } from '../volume/volume.js';
import { coronalProjection } from './coronal-projection.js';
import { type GreyPicture, type Mark, resample, type Window } from './picture.js';
import { type Bounds, boundsOf, MAX_PICTURED_FINDINGS, type Sketch } from './sketch.js';

/** Width 2,200, level 200 HU: vessels of the lung show, soft tissue is mid grey, only cement and metal white. [design] */
const CEMENT_WINDOW: Window = { from: -900, to: 1300 };
/** Side of the tissue a close-up shows, millimetres, and of its picture, pixels. */
const CLOSE_UP_MM = 90;
const CLOSE_UP_PX = 320;
/** Longer side of a whole slice, and width of the overview, pixels. */
const SLICE_PX = 512;
/** Free space between a finding and its mark, and the smallest ring, millimetres. */
const CLEARANCE_MM = 4;
const MIN_RING_MM = 7;
/** Ring of the overview, pixels. */
const OVERVIEW_RING_PX = 9;

/** Pictures of a CT: a coronal overview, and of each finding a close-up and its whole slice. */
export function ctPictures(volume: Volume, findings: readonly Finding[]): Sketch[] {
  const pictured = findings.slice(0, MAX_PICTURED_FINDINGS);
  const placed = pictured.flatMap((finding) => {
    const place = placeOf(volume, finding);
    return place === null ? [] : [{ finding, ...place }];
  });
  return [
    overview(volume, placed),
    ...placed.flatMap(({ finding, slice, bounds }) => [
      closeUp(volume, finding, slice, bounds),
      wholeSlice(volume, finding, slice, bounds),
    ]),
  ];
}

interface Place {
  readonly slice: number;
  /** In pixels of the slice. */
  readonly bounds: Bounds;
}

/** Where a finding shows best: its first region, on the slice nearest to its centre if that image fills several. */
function placeOf(volume: Volume, finding: Finding): Place | null {
  const region = finding.regions[0]!;
  const candidates = volume.sliceImages.flatMap((image, k) =>
    image.sopInstanceUid === region.image.sopInstanceUid && image.frameNumber === region.image.frameNumber ? [k] : [],
  );
  const centre = finding.centreLpsMm === null ? null : lpsToVoxel(volume.voxelToLpsMm, finding.centreLpsMm)[2];
  const nearness = (k: number) => (centre === null ? 0 : Math.abs(k - centre));
  const slice = candidates.sort((a, b) => nearness(a) - nearness(b))[0];
  return slice === undefined ? null : { slice, bounds: boundsOf(region.pointsPx) };
}

function sliceValues(volume: Volume, k: number): Int16Array {
  const size = volume.columns * volume.rows;
  return volume.hu.subarray(k * size, (k + 1) * size);
}

function closeUp(volume: Volume, finding: Finding, slice: number, bounds: Bounds): Sketch {
  const [mmX, mmY] = volume.spacingMm;
  const size = { columns: CLOSE_UP_PX, rows: CLOSE_UP_PX };
  const area = {
    left: bounds.x - CLOSE_UP_MM / mmX / 2,
    top: bounds.y - CLOSE_UP_MM / mmY / 2,
    width: CLOSE_UP_MM / mmX,
    height: CLOSE_UP_MM / mmY,
  };
  const picture = resample(sliceValues(volume, slice), volume, area, size, CEMENT_WINDOW);
  const radiusMm = Math.max(MIN_RING_MM, CLEARANCE_MM + Math.hypot(bounds.halfWidth * mmX, bounds.halfHeight * mmY));
  const radius = Math.min((radiusMm / CLOSE_UP_MM) * CLOSE_UP_PX, 0.48 * CLOSE_UP_PX);
  const mark: Mark = {
    kind: 'ring',
    x: CLOSE_UP_PX / 2,
    y: CLOSE_UP_PX / 2,
    halfWidth: radius,
    halfHeight: radius,
    findingId: finding.id,
    showNumber: false,
  };
  return { picture, marks: [mark], findingId: finding.id, caption: `axial close-up, ${CLOSE_UP_MM} mm wide` };
}

function wholeSlice(volume: Volume, finding: Finding, slice: number, bounds: Bounds): Sketch {
  const { columns, rows } = volume;
  const [mmX, mmY] = volume.spacingMm;
  const scale = SLICE_PX / Math.max(columns * mmX, rows * mmY);
  const size = { columns: Math.round(columns * mmX * scale), rows: Math.round(rows * mmY * scale) };
  const area = { left: 0, top: 0, width: columns, height: rows };
  const picture = resample(sliceValues(volume, slice), volume, area, size, CEMENT_WINDOW);
  const mark: Mark = {
    kind: 'box',
    x: bounds.x * mmX * scale,
    y: bounds.y * mmY * scale,
    halfWidth: (bounds.halfWidth * mmX + CLEARANCE_MM) * scale,
    halfHeight: (bounds.halfHeight * mmY + CLEARANCE_MM) * scale,
    findingId: finding.id,
    showNumber: true,
  };
  return {
    picture,
    marks: [mark],
    findingId: finding.id,
    caption: `axial slice ${slice + 1} of ${volume.slices}, counted from the feet`,
  };
}

/** Everything from the front, head up, the patient's left on the right. */
function overview(volume: Volume, placed: readonly (Place & { finding: Finding })[]): Sketch {
  const { columns, slices } = volume;
  const [mmX, , mmZ] = volume.spacingMm;
  const scale = SLICE_PX / (columns * mmX);
  const size = { columns: SLICE_PX, rows: Math.max(1, Math.round(slices * mmZ * scale)) };
  const projection = coronalProjection(volume);
  const area = { left: 0, top: 0, width: columns, height: slices };
  const picture: GreyPicture = resample(projection, { columns, rows: slices }, area, size, { from: 0, to: 1 });
  const marks = placed.map(({ finding, slice, bounds }): Mark => {
    const y = (slices - slice - 0.5) * mmZ * scale;
    const ring = { halfWidth: OVERVIEW_RING_PX, halfHeight: OVERVIEW_RING_PX };
    return { kind: 'ring', x: bounds.x * mmX * scale, y, ...ring, findingId: finding.id, showNumber: true };
  });
  return { picture, marks, findingId: null, caption: 'overview from the front' };
}
