import type { Finding } from '@pce/shared/contracts/finding';
import { drawMarks } from './pictures/draw-marks.js';
import type { Sketch } from './pictures/sketch.js';

/** A picture for people, with the mark of its finding drawn in. */
export interface KeyImage {
  /** The finding it shows, as numbered in the study; null for an overview. */
  readonly findingId: number | null;
  /** What is seen: "1: pulmonary cement embolism, axial close-up, 90 mm wide". */
  readonly label: string;
  readonly columns: number;
  readonly rows: number;
  /** Red, green and blue of each pixel, row by row. */
  readonly rgb: Uint8Array;
}

/**
 * Finishes the pictures of one part of a study.
 *
 * @param part what the part is, for the label of an overview: "CT"
 * @param studyFindings the part's findings as numbered in the study, by their number in the part
 */
export function finishKeyImages(
  sketches: readonly Sketch[],
  part: string,
  studyFindings: ReadonlyMap<number, Finding>,
): KeyImage[] {
  return sketches.map(({ picture, marks, findingId, caption }) => {
    const finding = findingId === null ? undefined : studyFindings.get(findingId);
    return {
      findingId: finding?.id ?? null,
      label: finding ? `${finding.id}: ${finding.kind.replaceAll('-', ' ')}, ${caption}` : `${part}: ${caption}`,
      columns: picture.columns,
      rows: picture.rows,
      rgb: drawMarks(picture, marks, (id) => studyFindings.get(id)?.id ?? id),
    };
  });
}
