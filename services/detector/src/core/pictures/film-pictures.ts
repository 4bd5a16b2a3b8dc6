import type { Finding } from '@pce/shared/contracts/finding';
import type { Radiograph } from '../volume/radiograph.js';
import { type Mark, resample, type Window } from './picture.js';
import { boundsOf, MAX_PICTURED_FINDINGS, type Sketch } from './sketch.js';

/** Longer side of a whole film, and side of a close-up, pixels. */
const FILM_PX = 900;
const CLOSE_UP_PX = 384;
/** Tissue a close-up shows at least: millimetres, or a share of the longer side where there are none. */
const CLOSE_UP_MM = 80;
const CLOSE_UP_SHARE = 0.2;
/** A larger finding takes this share of its close-up. */
const FINDING_SHARE = 0.6;
/** Free space around a finding as a share of the film, and the smallest ring, pixels of the picture. */
const CLEARANCE_PX = 8;
const MIN_RING_PX = 12;
/** Shares of the pixels of a close-up shown black and white at its ends. */
const STRETCH = [0.01, 0.995] as const;

/** Pictures of a film: the whole of it with numbered marks, and a close-up of each finding. */
export function filmPictures(radiograph: Radiograph, findings: readonly Finding[]): Sketch[] {
  const pictured = findings.slice(0, MAX_PICTURED_FINDINGS);
  return [wholeFilm(radiograph, pictured), ...pictured.map((finding) => closeUp(radiograph, finding))];
}

function wholeFilm(radiograph: Radiograph, findings: readonly Finding[]): Sketch {
  const { columns, rows, pixels } = radiograph;
  const scale = Math.min(1, FILM_PX / Math.max(columns, rows));
  const size = { columns: Math.max(1, Math.round(columns * scale)), rows: Math.max(1, Math.round(rows * scale)) };
  const area = { left: 0, top: 0, width: columns, height: rows };
  const picture = resample(pixels, radiograph, area, size, { from: 0, to: 1 });
  const marks = findings.map((finding): Mark => {
    const bounds = boundsOf(finding.regions[0]!.pointsPx);
    const radius = Math.max(MIN_RING_PX, Math.hypot(bounds.halfWidth, bounds.halfHeight) * scale + CLEARANCE_PX);
    const ring = { halfWidth: radius, halfHeight: radius };
    return { kind: 'ring', x: bounds.x * scale, y: bounds.y * scale, ...ring, findingId: finding.id, showNumber: true };
  });
  return { picture, marks, findingId: null, caption: 'whole film' };
}

function closeUp(radiograph: Radiograph, finding: Finding): Sketch {
  const { columns, rows, spacingMm, pixels } = radiograph;
  const bounds = boundsOf(finding.regions[0]!.pointsPx);
  const usual = spacingMm === null ? CLOSE_UP_SHARE * Math.max(columns, rows) : CLOSE_UP_MM / spacingMm[0];
  const side = Math.max(usual, (2 * Math.max(bounds.halfWidth, bounds.halfHeight)) / FINDING_SHARE);
  const area = { left: bounds.x - side / 2, top: bounds.y - side / 2, width: side, height: side };
  const size = { columns: CLOSE_UP_PX, rows: CLOSE_UP_PX };
  const picture = resample(pixels, radiograph, area, size, stretch(radiograph, area));
  const scale = CLOSE_UP_PX / side;
  const mark: Mark = {
    kind: 'box',
    x: CLOSE_UP_PX / 2,
    y: CLOSE_UP_PX / 2,
    halfWidth: Math.max(bounds.halfWidth * scale + CLEARANCE_PX, MIN_RING_PX),
    halfHeight: Math.max(bounds.halfHeight * scale + CLEARANCE_PX, MIN_RING_PX),
    findingId: finding.id,
    showNumber: false,
  };
  return { picture, marks: [mark], findingId: finding.id, caption: 'close-up' };
}

/** The range of grey in one part of a film: fine dense lines need all the contrast there is. */
function stretch(
  { pixels, columns, rows }: Radiograph,
  area: { left: number; top: number; width: number; height: number },
): Window {
  const [left, right] = [Math.max(0, Math.floor(area.left)), Math.min(columns, Math.ceil(area.left + area.width))];
  const [top, bottom] = [Math.max(0, Math.floor(area.top)), Math.min(rows, Math.ceil(area.top + area.height))];
  const values: number[] = [];
  for (let j = top; j < bottom; j++) for (let i = left; i < right; i++) values.push(pixels[j * columns + i]!);
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] ?? 0;
  const [from, to] = [at(STRETCH[0]), at(STRETCH[1])];
  return to > from ? { from, to } : { from: 0, to: 1 };
}
