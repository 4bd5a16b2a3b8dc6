import type { Finding, ImageRegion } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { type Attributes, writePart10 } from './dicom-writer.js';
import { referencedImage } from './encode-content.js';
import { equipmentModules, observerOf } from './equipment.js';
import { graphicMark, MARK_LAYERS, type MarkLayer, markBoxes, markLayer } from './graphic-marks.js';
import { type ImageDisplay, imageDisplay } from './image-display.js';
import { inheritedModules } from './inherited-modules.js';
import { type LocalDateTime, localDateTime } from './local-date-time.js';
import type { ReportContext, ReportSource } from './report-context.js';
import { outputUid } from './result-uid.js';
import { describeSeries } from './series-description.js';

/** Source: PS3.4 table B.5-1, Grayscale Softcopy Presentation State Storage. */
const SOP_CLASS_UID = '1.2.840.10008.5.1.4.1.1.11.1';
/** Behind the report's own series. [design] */
const SERIES_NUMBER = '9902';
/** Raise it whenever the same marks would be drawn differently: one UID must never name two drawings. */
const MARKS_FORMAT = 'marks-2';

export interface PresentationState {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** The whole Part 10 file. */
  readonly bytes: Uint8Array;
}

/** A finding on one image. */
interface PlacedMark {
  readonly finding: Finding;
  readonly region: ImageRegion;
  readonly display: ImageDisplay;
}

/** Findings a reader is shown: candidates below the operating point stay in the report. */
function shownFindings({ outcome }: StudyResult): Finding[] {
  return outcome.kind === 'analysed' ? outcome.findings.filter((finding) => finding.assessment !== 'candidate') : [];
}

/** The images that carry marks: their headers are needed for a presentation state. */
export function markedImages(result: StudyResult): ImageReference[] {
  const images = shownFindings(result).flatMap((finding) => finding.regions.map((region) => region.image));
  return [...new Map(images.map((image) => [image.sopInstanceUid, image])).values()];
}

function placeMarks(result: StudyResult, headerOf: (image: ImageReference) => Dataset | null): PlacedMark[] {
  return shownFindings(result).flatMap((finding) =>
    finding.regions.flatMap((region): PlacedMark[] => {
      const header = headerOf(region.image);
      const display = header && imageDisplay(header, region.image.frameNumber ?? 1);
      return display ? [{ finding, region, display }] : [];
    }),
  );
}

/** A state has one modality LUT and one output shape: marks on images that differ in these go to several states. */
function groupByState(marks: readonly PlacedMark[]): PlacedMark[][] {
  const groups = new Map<string, PlacedMark[]>();
  for (const mark of marks) {
    const { modalityLut, presentationLutShape } = mark.display;
    const lut = JSON.stringify(modalityLut, (_, value) => (value instanceof Uint8Array ? [...value] : value));
    const key = [mark.region.image.seriesInstanceUid, lut, presentationLutShape].join();
    groups.set(key, [...(groups.get(key) ?? []), mark]);
  }
  return [...groups.values()];
}

/** Marks that share a value, with the images they are on, each once. */
function imagesBy<K>(
  marks: readonly PlacedMark[],
  keyOf: (mark: PlacedMark) => K,
): { value: K; images: Attributes[] }[] {
  const groups = new Map<string, { value: K; images: Map<string, Attributes> }>();
  for (const mark of marks) {
    const value = keyOf(mark);
    const key = JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : part));
    const group = groups.get(key) ?? { value, images: new Map<string, Attributes>() };
    const { image } = mark.region;
    group.images.set(`${image.sopInstanceUid} ${image.frameNumber ?? ''}`, referencedImage(image));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ value, images }) => ({ value, images: [...images.values()] }));
}

/** Source: PS3.3 C.10.4 (Displayed Area), C.11.8 (Softcopy VOI LUT), C.11.1, C.11.6. */
function displayModules(marks: readonly PlacedMark[]): Attributes {
  const areas = imagesBy(marks, ({ display: { columns, rows, pixelShape } }) => ({ columns, rows, pixelShape }));
  const windows = imagesBy(marks, ({ display }) => display.voiLut).filter(({ value }) => value !== null);
  const [{ display }] = marks as [PlacedMark];
  return {
    DisplayedAreaSelectionSequence: areas.map(({ value: { columns, rows, pixelShape }, images }) => ({
      ReferencedImageSequence: images,
      DisplayedAreaTopLeftHandCorner: [1, 1],
      DisplayedAreaBottomRightHandCorner: [columns, rows],
      PresentationSizeMode: 'SCALE TO FIT',
      ...pixelShape,
    })),
    ...display.modalityLut,
    SoftcopyVOILUTSequence:
      windows.length > 0
        ? windows.map(({ value, images }) => ({ ReferencedImageSequence: images, ...value }))
        : undefined,
    PresentationLUTShape: display.presentationLutShape,
  };
}

/** Source: PS3.3 C.10.5 (Graphic Annotation), C.10.7 (Graphic Layer). */
function graphicModules(marks: readonly PlacedMark[]): Attributes {
  const placed = new Map<string, PlacedMark[]>();
  for (const mark of marks) {
    const { finding, region } = mark;
    const place = [finding.id, region.image.sopInstanceUid, region.image.frameNumber].join();
    placed.set(place, [...(placed.get(place) ?? []), mark]);
  }
  const used = new Set<MarkLayer>(marks.map(({ finding }) => markLayer(finding)));
  const layers = Object.entries(MARK_LAYERS).filter(([name]) => used.has(name as MarkLayer));
  return {
    GraphicAnnotationSequence: [...placed.values()].flatMap((pieces) => {
      const [{ finding, region, display }] = pieces as [PlacedMark];
      const boxes = markBoxes(
        pieces.map((piece) => piece.region),
        display,
      );
      // A finding in several pieces is named once on an image.
      return boxes.map((box, index) => ({
        ReferencedImageSequence: [referencedImage(region.image)],
        ...graphicMark(finding, box, index === 0),
      }));
    }),
    GraphicLayerSequence: layers.map(([, { layer, colour, description }], order) => ({
      GraphicLayer: layer,
      GraphicLayerOrder: String(order + 1),
      GraphicLayerRecommendedDisplayCIELabValue: colour,
      GraphicLayerDescription: description,
    })),
  };
}

/** Source: PS3.3 C.11.9 (Presentation Series), C.11.10 (Identification), C.11.11 (Relationship). */
function stateModules(
  marks: readonly PlacedMark[],
  when: LocalDateTime,
  instanceNumber: number,
  context: ReportContext,
): Attributes {
  const series = imagesBy(marks, ({ region }) => region.image.seriesInstanceUid);
  return {
    InstanceCreationDate: when.date,
    InstanceCreationTime: when.time,
    TimezoneOffsetFromUTC: when.offset,
    Modality: 'PR',
    SeriesNumber: SERIES_NUMBER,
    SeriesDate: when.date,
    SeriesTime: when.time,
    SeriesDescription: describeSeries(context.seriesDescription, 'presentation-state'),
    BodyPartExamined: 'CHEST',
    InstanceNumber: String(instanceNumber),
    ContentLabel: 'PCE_MARKS',
    ContentDescription: 'Automatic marks, not verified, research only',
    PresentationCreationDate: when.date,
    PresentationCreationTime: when.time,
    ContentCreatorName: '',
    ReferencedSeriesSequence: series.map(({ value, images }) => ({
      SeriesInstanceUID: value,
      ReferencedImageSequence: images,
    })),
  };
}

/**
 * The marks of a result as presentation states: a viewer lays them over the source images and can switch them off.
 * CT is shown at a window that brings out cement; films as their own header says.
 *
 * @param result what the detector came to; without marks there is nothing to show
 * @param headerOf the header of an image of `markedImages`, or null when it is gone: its marks are then left out
 * @returns one state per series, more where its images differ in their modality LUT
 * Source: PS3.3 A.33.1
 */
export function buildPresentationStates(
  result: StudyResult,
  headerOf: (image: ImageReference) => Dataset | null,
  source: ReportSource,
  context: ReportContext,
): PresentationState[] {
  const observer = observerOf(context);
  const offset = source.dataset.string('TimezoneOffsetFromUTC');
  const when = localDateTime(context.analysedAt, offset, context.timezoneOffsetMinutes);
  const inherited = inheritedModules(source.dataset, result.studyInstanceUid).attributes;
  const seriesInstanceUid = outputUid(result, context, 'presentation-state-series');
  return groupByState(placeMarks(result, headerOf)).map((marks, index) => {
    const marked = marks.map(({ region: { image } }) => `${image.sopInstanceUid} ${image.frameNumber ?? ''}`);
    const sopInstanceUid = outputUid(result, context, 'presentation-state', [MARKS_FORMAT, ...marked]);
    const bytes = writePart10({
      ...inherited,
      SOPClassUID: SOP_CLASS_UID,
      SOPInstanceUID: sopInstanceUid,
      StudyInstanceUID: result.studyInstanceUid,
      SeriesInstanceUID: seriesInstanceUid,
      ...stateModules(marks, when, index + 1, context),
      ...equipmentModules(result, observer),
      ...displayModules(marks),
      ...graphicModules(marks),
    });
    return { sopClassUid: SOP_CLASS_UID, sopInstanceUid, seriesInstanceUid, bytes };
  });
}
