import { matchMarks } from './match-marks.js';
import type { ReportedExam, ReportedMark } from './read-report.js';
import type { TrueExam, TrueLesion } from './truth-set.js';

/** A mark with the lesion it hits, null for none. */
export interface ComparedMark {
  readonly mark: ReportedMark;
  readonly lesion: TrueLesion | null;
}

/** One exam, true and as reported; `reported` is null where no report was made. */
export interface ComparedExam {
  readonly truth: TrueExam;
  readonly reported: ReportedExam | null;
  readonly marks: readonly ComparedMark[];
}

/** A mark may be this far from the lesion it means, mm. [design]: outlines leave room of 3 mm. */
const TOLERANCE_MM = 6;
/** The same on images whose pixel size is not known, pixels. [design] */
const TOLERANCE_PX = 20;

/** Puts each mark of a report to the lesion it means. */
export function compareExam(truth: TrueExam, reported: ReportedExam | null): ComparedExam {
  const marks = (reported?.marks ?? []).map((mark): ComparedMark => {
    const spacingMm =
      (mark.sopInstanceUid && truth.images.get(mark.sopInstanceUid)?.pixelSpacingMm) || truth.pixelSpacingMm;
    const tolerance = spacingMm ? TOLERANCE_MM / spacingMm : TOLERANCE_PX;
    const objects = truth.lesions.map((lesion) => ({ polylines: linesOnImage(truth, lesion, mark.sopInstanceUid) }));
    const [hit] = matchMarks([{ points: [centreOf(mark.pointsPx), ...mark.pointsPx] }], objects, tolerance);
    return { mark, lesion: hit === null || hit === undefined ? null : truth.lesions[hit]! };
  });
  return { truth, reported, marks };
}

function centreOf(points: readonly (readonly [number, number])[]): readonly [number, number] {
  const mean = (axis: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[axis], 0) / Math.max(1, points.length);
  return [mean(0), mean(1)];
}

/** Neighbouring slices count as the same: a mark is drawn on one. */
const SLICES_APART = 1.5;
const DEFAULT_SPACING_MM = 2;

/** The lines of a lesion in pixels of an image, as far as they lie in or next to it. */
function linesOnImage(truth: TrueExam, { place }: TrueLesion, sopInstanceUid: string | null): (readonly number[])[][] {
  if (place.kind === 'image') {
    return sopInstanceUid === place.sopInstanceUid ? place.polylinesPx.map((line) => [...line]) : [];
  }
  const image = sopInstanceUid === null ? undefined : truth.images.get(sopInstanceUid);
  if (!image) return [];
  const [x, y, z] = image.positionLpsMm as [number, number, number];
  const reachMm = SLICES_APART * (truth.sliceSpacingMm ?? DEFAULT_SPACING_MM) + 1;
  return place.polylinesLpsMm.flatMap((line) => {
    const near = line.filter((point) => Math.abs(point[2]! - z) <= reachMm);
    const px = near.map((point) => [
      (point[0]! - x) / image.pixelSpacingMm + 0.5,
      (point[1]! - y) / image.pixelSpacingMm + 0.5,
    ]);
    return px.length > 0 ? [px] : [];
  });
}
