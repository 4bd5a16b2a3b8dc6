import type { Finding, ImageRegion } from '@pce/shared/contracts/finding';
import type { Attributes } from './dicom-writer.js';
import { trackingIdentifier } from './finding-group.js';

/** Free space between a finding and its mark, so that the mark hides nothing, as a share of the image's longer side. [design] */
const CLEARANCE_SHARE = 1 / 80;
/** Least half side of a mark, so that it is seen when the whole image is shown; the same share. [design] */
const LEAST_HALF_SIDE_SHARE = 1 / 40;

/** Layers by what a mark means, in the order they are drawn; a viewer may switch each off. */
export const MARK_LAYERS = {
  suspected: { layer: 'PCE', colour: [38010, 48830, 44461], description: 'Suspected pulmonary cement embolism' },
  undecided: { layer: 'PCE_UNDECIDED', colour: [60948, 30583, 54741], description: 'Marks that cannot be decided' },
  other: { layer: 'CEMENT', colour: [59637, 20560, 29298], description: 'Venous leak and vertebral cement' },
} as const;
/** `colour` is CIELab in 16 bits: red, yellow, cyan. Source: PS3.3 C.10.7.1.1. */
export type MarkLayer = keyof typeof MARK_LAYERS;

/** Which layer a finding's mark goes to. */
export function markLayer(finding: Finding): MarkLayer {
  if (finding.kind !== 'pulmonary-cement-embolism') return 'other';
  return finding.assessment === 'suspected' ? 'suspected' : 'undecided';
}

/** A box on an image, in pixels as SCOORD has them. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A box around a region, kept within the image. */
function boxAround({ pointsPx }: ImageRegion, columns: number, rows: number): Box {
  const longer = Math.max(columns, rows);
  const side = (axis: 0 | 1, size: number) => {
    const values = pointsPx.map((point) => point[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const half = Math.max((most - least) / 2 + longer * CLEARANCE_SHARE, longer * LEAST_HALF_SIDE_SHARE);
    const clamp = (value: number) => Math.min(Math.max(value, 0), size);
    return [clamp((least + most) / 2 - half), clamp((least + most) / 2 + half)] as const;
  };
  const [left, right] = side(0, columns);
  const [top, bottom] = side(1, rows);
  return { left, top, right, bottom };
}

const overlap = (a: Box, b: Box): boolean =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

const union = (a: Box, b: Box): Box => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

/** Boxes around the pieces of a finding on one image, kept within it; those that overlap become one. */
export function markBoxes(
  pieces: readonly ImageRegion[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Box[] {
  const boxes: Box[] = [];
  for (const piece of pieces) {
    let box = boxAround(piece, columns, rows);
    // The union may reach what its parts did not.
    for (let at = boxes.findIndex((other) => overlap(box, other)); at >= 0; ) {
      box = union(box, boxes.splice(at, 1)[0]!);
      at = boxes.findIndex((other) => overlap(box, other));
    }
    boxes.push(box);
  }
  return boxes;
}

const percent = (probability: number): string => `${Math.round(probability * 100)} %`;

/** "PCE 1  98 %", with a question mark where it cannot be decided. */
export function markLabel(finding: Finding): string {
  const doubt = finding.assessment === 'suspected' ? '' : ' ?';
  return `${trackingIdentifier(finding)}${doubt}  ${percent(finding.probability)}`;
}

/**
 * A box around a finding on one image, and its label beside it.
 *
 * @param isLabelled whether the label goes with it
 * @returns an item of Graphic Annotation Sequence without its image reference
 * Source: PS3.3 C.10.5
 */
export function graphicMark(finding: Finding, { left, top, right, bottom }: Box, isLabelled: boolean): Attributes {
  const corners = [left, top, right, top, right, bottom, left, bottom, left, top];
  const label: Attributes = {
    AnchorPointAnnotationUnits: 'PIXEL',
    UnformattedTextValue: markLabel(finding),
    AnchorPoint: [right, top],
    AnchorPointVisibility: 'N',
  };
  return {
    GraphicLayer: MARK_LAYERS[markLayer(finding)].layer,
    TextObjectSequence: isLabelled ? [label] : undefined,
    GraphicObjectSequence: [
      {
        GraphicAnnotationUnits: 'PIXEL',
        GraphicDimensions: 2,
        NumberOfGraphicPoints: corners.length / 2,
        GraphicData: corners,
        GraphicType: 'POLYLINE',
        GraphicFilled: 'N',
      },
    ],
  };
}
