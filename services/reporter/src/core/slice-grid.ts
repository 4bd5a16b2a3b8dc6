import type { Dataset } from '@pce/shared/dicom/dataset';
import type { Keyword } from '@pce/shared/dicom/tag';

type Point = readonly number[];

/** Where the pixels of one slice lie in the patient. Source: PS3.3 C.7.6.2. */
export interface SliceGrid {
  readonly columns: number;
  readonly rows: number;
  readonly columnSpacingMm: number;
  readonly rowSpacingMm: number;
  /** Centre of the top left pixel, LPS mm. */
  readonly positionLpsMm: Point;
  /** Directions of rows and of columns, six cosines. */
  readonly orientation: Point;
  /** Centre of a pixel, LPS mm. */
  readonly pointOf: (column: number, row: number) => number[];
  /** The pixel, with fractions, a point lies over, and its distance from the slice. */
  readonly pixelOf: (pointLpsMm: Point) => { column: number; row: number; outOfPlaneMm: number };
}

const dot = (a: Point, b: Point): number => a.reduce((sum, value, axis) => sum + value * b[axis]!, 0);

/** An attribute of the image, or of the functional groups of the frame. */
function numbersOf(header: Dataset, frameNumber: number, macro: Keyword, keyword: Keyword): number[] {
  const own = header.numbers(keyword);
  const frame = header.items('PerFrameFunctionalGroupsSequence')[frameNumber - 1];
  const groups = [...(frame ? [frame] : []), ...header.items('SharedFunctionalGroupsSequence')];
  const inGroups = groups.flatMap((group) => group.items(macro)).map((item) => item.numbers(keyword));
  return [own, ...inGroups].find((values) => values.length > 0) ?? [];
}

/**
 * Reads where a slice lies.
 *
 * @param frameNumber from 1
 * @returns null when the header does not say
 */
export function sliceGrid(header: Dataset, frameNumber: number): SliceGrid | null {
  const [columns, rows] = [header.number('Columns'), header.number('Rows')];
  const position = numbersOf(header, frameNumber, 'PlanePositionSequence', 'ImagePositionPatient');
  const orientation = numbersOf(header, frameNumber, 'PlaneOrientationSequence', 'ImageOrientationPatient');
  const [rowSpacingMm, columnSpacingMm] = numbersOf(header, frameNumber, 'PixelMeasuresSequence', 'PixelSpacing');
  if (!columns || !rows || position.length !== 3 || orientation.length !== 6) return null;
  if (!rowSpacingMm || !columnSpacingMm || rowSpacingMm <= 0 || columnSpacingMm <= 0) return null;
  const [alongRow, alongColumn] = [orientation.slice(0, 3), orientation.slice(3)] as [number[], number[]];
  const [a, b] = [alongRow, alongColumn] as [number[], number[]];
  const normal = [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!];
  return {
    columns,
    rows,
    columnSpacingMm,
    rowSpacingMm,
    positionLpsMm: position,
    orientation,
    // Equation C.7.6.2.1-1.
    pointOf: (column, row) =>
      position.map((value, axis) => value + column * columnSpacingMm * a[axis]! + row * rowSpacingMm * b[axis]!),
    pixelOf: (point) => {
      const offset = point.map((value, axis) => value - position[axis]!);
      return {
        column: dot(offset, a) / columnSpacingMm,
        row: dot(offset, b) / rowSpacingMm,
        outOfPlaneMm: dot(offset, normal),
      };
    },
  };
}
