import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { PNG } from 'pngjs';
import { buildEncapsulatedPdf } from './encapsulated-pdf.js';
import { buildPresentationStates, markedImages } from './gsps.js';
import { buildKeyObjectSelection } from './key-object.js';
import { ReportError } from './measurement-report.js';
import type { PriorComparison } from './prior-exam.js';
import type { ReportContext, ReportSource } from './report-context.js';
import type { ReportObject, ReportObjectKind } from './report-object.js';
import { buildSecondaryCaptures, type KeyPicture } from './secondary-capture.js';
import { buildSegmentations, segmentedImages } from './segmentation.js';
import { buildStructuredReport } from './sr-document.js';

/** A picture for people with its marks drawn in, as a PNG file. */
export interface EncodedKeyPicture {
  /** The finding it shows; null for an overview. */
  readonly findingId: number | null;
  readonly label: string;
  readonly png: Uint8Array;
}

/** Everything the objects of one result are made of. */
export interface ReportRequest {
  readonly result: StudyResult;
  /** Headers of images of the study by SOP Instance UID: at least one image, else those of `imagesNeeded`. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly keyPictures: readonly EncodedKeyPicture[];
  readonly context: ReportContext;
  readonly kinds: ReadonlySet<ReportObjectKind>;
  readonly prior?: PriorComparison;
}

/** An object of one kind, without what all have in common. */
type BuiltObject = Pick<ReportObject, 'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid' | 'bytes'>;
type Builder = (
  request: ReportRequest,
  source: ReportSource,
) => readonly BuiltObject[] | Promise<readonly BuiltObject[]>;

function decodePicture({ findingId, label, png }: EncodedKeyPicture): KeyPicture {
  const { width, height, data } = PNG.sync.read(Buffer.from(png));
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) rgb.set(data.subarray(4 * at, 4 * at + 3), 3 * at);
  return { findingId, label, columns: width, rows: height, rgb };
}

const BUILDERS = {
  sr: ({ result, context, prior }, source) => [
    buildStructuredReport(result, source, { ...context, sopClass: 'comprehensive-3d' }, prior),
  ],
  'sr-comprehensive': ({ result, context, prior }, source) => [
    buildStructuredReport(result, source, { ...context, sopClass: 'comprehensive' }, prior),
  ],
  gsps: ({ result, context, datasets }, source) =>
    buildPresentationStates(result, (image) => datasets.get(image.sopInstanceUid) ?? null, source, context),
  'secondary-capture': ({ result, context, keyPictures }, source) =>
    buildSecondaryCaptures(result, keyPictures.map(decodePicture), source, context),
  segmentation: ({ result, context, datasets, prior }, source) =>
    buildSegmentations(result, (image) => datasets.get(image.sopInstanceUid) ?? null, source, context, prior),
  'key-object': ({ result, context }, source) => buildKeyObjectSelection(result, source, context),
  'encapsulated-pdf': async ({ result, context, keyPictures, prior }, source) => [
    await buildEncapsulatedPdf(result, keyPictures, source, context, prior),
  ],
} as const satisfies Record<ReportObjectKind, Builder>;

/** The header whose patient and study modules the objects inherit: that of the first analysed image at hand. */
function inheritedSource({ result, datasets }: ReportRequest): ReportSource {
  const images = result.parts.flatMap((part) => part.images.map((image) => image.sopInstanceUid));
  const uid = images.find((candidate) => datasets.has(candidate)) ?? [...datasets.keys()].sort()[0];
  if (uid === undefined) throw new ReportError('source images', 'the header of at least one', 'none');
  return { dataset: datasets.get(uid)! };
}

/**
 * The images whose headers objects of these kinds need: the first of each part, those with marks for overlays, and
 * slices for segmentations.
 * A header that is gone costs its marks, not the report.
 */
export function imagesNeeded(result: StudyResult, kinds: ReadonlySet<ReportObjectKind>): ImageReference[] {
  const wanted = [
    ...result.parts.map((part) => part.images[0]!),
    ...(kinds.has('gsps') ? markedImages(result) : []),
    ...(kinds.has('segmentation') ? segmentedImages(result) : []),
  ];
  return [...new Map(wanted.map((image) => [image.sopInstanceUid, image])).values()];
}

/**
 * The DICOM objects of a result, in the order of `REPORT_OBJECT_KINDS`. Pure: equal requests give equal bytes, and
 * a result that differs gives other UIDs. A kind that does not apply, such as an overlay without marks, gives none.
 *
 * @throws ReportError when there is no header to inherit from, or the study is of a kind we do not read
 * @throws ConformanceError, ContentItemError, DicomWriteError rather than give an invalid file
 */
export async function buildReportObjects(request: ReportRequest): Promise<readonly ReportObject[]> {
  const source = inheritedSource(request);
  const { result, context } = request;
  const { studyInstanceUid } = result;
  const described = context.seriesDescription === undefined ? {} : { seriesDescription: context.seriesDescription };
  const objects: ReportObject[] = [];
  for (const [kind, build] of Object.entries(BUILDERS) as [ReportObjectKind, Builder][]) {
    if (!request.kinds.has(kind)) continue;
    for (const { sopClassUid, sopInstanceUid, seriesInstanceUid, bytes } of await build(request, source)) {
      objects.push({ kind, sopClassUid, sopInstanceUid, seriesInstanceUid, studyInstanceUid, ...described, bytes });
    }
  }
  return objects;
}
