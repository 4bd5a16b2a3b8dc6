import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import type { LedgerInstance } from '@pce/shared/ports/ledger';

/** One image, or frame of one, by its content: the digest is its name in addresses. */
export interface StackImage {
  sha256: string;
  /** From 1. */
  frameNumber: number;
}

/** Images to scroll through. */
export interface ImageStack {
  label: string;
  modality: string;
  /** Looked at by the analysis. */
  isAnalysed: boolean;
  /** Between neighbouring images; null where unknown or where they are no neighbours. */
  sliceSpacingMm: number | null;
  /** The first image is nearer to the feet than the last; null where unknown. */
  isFeetFirst: boolean | null;
  images: StackImage[];
}

/** Objects without pixels to look at. Source: PS3.3 section C.7.3.1.1.1. */
const WITHOUT_IMAGES = new Set(['SR', 'PR', 'KO', 'SEG', 'DOC', 'REG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'OT', 'ECG']);

/**
 * The images of a study: first what was analysed, in the order the analysis put it, then the other series.
 *
 * @param instances of the study, as the ledger has them
 */
export function imageStacks(instances: readonly LedgerInstance[], result: StudyResult | null): ImageStack[] {
  const images = instances.filter((one) => !one.isConflicting && !one.isOwnResult && !WITHOUT_IMAGES.has(one.modality));
  const byUid = new Map(images.map((instance) => [instance.sopInstanceUid, instance]));
  const parts = result?.parts ?? [];
  const analysed = parts.map((part) => stackOfPart(part, byUid)).filter((stack) => stack.images.length > 0);
  const used = new Set(parts.flatMap((part) => part.images.map((image) => image.sopInstanceUid)));
  const rest = images.filter((instance) => !used.has(instance.sopInstanceUid));
  return [...analysed, ...seriesOf(rest).map(stackOfSeries)];
}

/** Where an image is in the stacks; null when its bytes are not held any more. */
export function placeOfImage(
  stacks: readonly ImageStack[],
  instances: readonly LedgerInstance[],
  image: Pick<ImageReference, 'sopInstanceUid' | 'frameNumber'>,
): { stack: number; index: number } | null {
  const held = instances.find((one) => one.sopInstanceUid === image.sopInstanceUid && !one.isConflicting);
  if (!held) return null;
  const frameNumber = image.frameNumber ?? 1;
  for (const [stack, { images }] of stacks.entries()) {
    const index = images.findIndex((one) => one.sha256 === held.sha256 && one.frameNumber === frameNumber);
    if (index >= 0) return { stack, index };
  }
  return null;
}

function stackOfPart(part: ExamPart, byUid: ReadonlyMap<string, LedgerInstance>): ImageStack {
  const images = part.images.flatMap((image) => {
    const instance = byUid.get(image.sopInstanceUid);
    return instance ? { sha256: instance.sha256, frameNumber: image.frameNumber ?? 1 } : [];
  });
  const view = byUid.get(part.images[0]?.sopInstanceUid ?? '')?.instanceAttributes.ViewPosition;
  const spacing = part.sliceSpacingMm === null ? '' : `, every ${part.sliceSpacingMm.toFixed(1)} mm`;
  const count = images.length > 1 ? `, ${images.length} images${spacing}` : '';
  return {
    label: `${part.modality}${view ? ` ${view}` : ''}${count}`,
    modality: part.modality,
    isAnalysed: true,
    sliceSpacingMm: part.sliceSpacingMm,
    isFeetFirst: isFeetFirst(part.images.flatMap((image) => byUid.get(image.sopInstanceUid) ?? [])),
    images,
  };
}

function seriesOf(instances: readonly LedgerInstance[]): LedgerInstance[][] {
  const series = new Map<string, LedgerInstance[]>();
  for (const instance of instances) {
    const known = series.get(instance.seriesInstanceUid);
    if (known) known.push(instance);
    else series.set(instance.seriesInstanceUid, [instance]);
  }
  return [...series.values()];
}

function stackOfSeries(instances: LedgerInstance[]): ImageStack {
  const modality = instances[0]?.modality ?? '';
  const images = inOrder(instances).flatMap((instance) => {
    const frames = Math.max(1, Math.floor(Number(instance.instanceAttributes.NumberOfFrames ?? 1)) || 1);
    return Array.from({ length: frames }, (_, frame) => ({ sha256: instance.sha256, frameNumber: frame + 1 }));
  });
  const label = `${modality}, ${images.length} image${images.length === 1 ? '' : 's'}, not analysed`;
  return { label, modality, isAnalysed: false, sliceSpacingMm: null, isFeetFirst: null, images };
}

function isFeetFirst(images: readonly LedgerInstance[]): boolean | null {
  const [first, last] = [images.at(0), images.at(-1)].map(
    (image) => numbers(image?.instanceAttributes.ImagePositionPatient)[2],
  );
  return first === undefined || last === undefined || first === last ? null : first < last;
}

/** From the feet up where all images say where they lie, else by their number. */
function inOrder(instances: LedgerInstance[]): LedgerInstance[] {
  const place = new Map(instances.map((instance) => [instance, heightMm(instance)]));
  const isPlaced = [...place.values()].every((height) => height !== null);
  const key = (instance: LedgerInstance) =>
    isPlaced ? (place.get(instance) ?? 0) : Number(instance.instanceAttributes.InstanceNumber ?? 0);
  return [...instances].sort((a, b) => key(a) - key(b));
}

/** Distance along the normal of the image plane. Source: PS3.3 section C.7.6.2.1.1. */
function heightMm({ instanceAttributes }: LedgerInstance): number | null {
  const position = numbers(instanceAttributes.ImagePositionPatient);
  const [rx, ry, rz, cx, cy, cz] = numbers(instanceAttributes.ImageOrientationPatient) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (position.length !== 3 || cz === undefined) return null;
  const normal = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
  const height = normal.reduce((sum, value, axis) => sum + value * (position[axis] ?? 0), 0);
  return Number.isFinite(height) ? height : null;
}

function numbers(text: string | undefined): number[] {
  return text === undefined ? [] : text.split('\\').map(Number);
}
