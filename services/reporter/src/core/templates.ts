import type { ImageRegion } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import { CONCEPT, type Code, MODALITY_CODE, OTHER_MODALITY_CODE, PURPOSE_CODE, UNIT, VALUE } from './codes.js';
import {
  type ContainerItem,
  type ContentItem,
  codeItem,
  container,
  imageItem,
  numItem,
  scoordItem,
  textItem,
  uidItem,
} from './content-item.js';

/** Language of the report. Source: PS3.16 TID 1204. */
export function languageOfContent(): ContentItem {
  return codeItem('HAS CONCEPT MOD', CONCEPT.language, VALUE.english);
}

export interface DeviceObserver {
  readonly uid: string;
  readonly name: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly serialNumber: string;
}

/** The observer is a machine. Source: PS3.16 TID 1001, 1002, 1004. */
export function deviceObserver(device: DeviceObserver): ContentItem[] {
  return [
    codeItem('HAS OBS CONTEXT', CONCEPT.observerType, VALUE.device),
    uidItem('HAS OBS CONTEXT', CONCEPT.deviceObserverUid, device.uid),
    textItem('HAS OBS CONTEXT', CONCEPT.deviceObserverName, device.name),
    textItem('HAS OBS CONTEXT', CONCEPT.deviceObserverManufacturer, device.manufacturer),
    textItem('HAS OBS CONTEXT', CONCEPT.deviceObserverModelName, device.modelName),
    textItem('HAS OBS CONTEXT', CONCEPT.deviceObserverSerialNumber, device.serialNumber),
  ];
}

/**
 * The imaging procedure that was read, never the algorithm. One procedure only, though the template allows several:
 * CT and films together are an "Imaging procedure".
 *
 * Source: PS3.16 TID 1500, CID 100
 */
export function procedureReported(modalities: readonly string[]): ContentItem {
  const allCt = modalities.length > 0 && modalities.every((modality) => modality === 'CT');
  return codeItem('HAS CONCEPT MOD', CONCEPT.procedureReported, allCt ? VALUE.ctProcedure : VALUE.imagingProcedure);
}

export interface LibraryGroup {
  readonly modality: string;
  readonly frameOfReferenceUid: string | null;
  readonly images: readonly ImageReference[];
}

/**
 * The images the report refers to, by series. A CT's other slices are not listed: a reader needs what the tree
 * points at, and hundreds of entries per report would only slow receivers down.
 *
 * Source: PS3.16 TID 1600, 1602
 */
export function imageLibrary(groups: readonly LibraryGroup[]): ContainerItem {
  return container(
    'CONTAINS',
    CONCEPT.imageLibrary,
    groups.map(({ modality, frameOfReferenceUid, images }) =>
      container('CONTAINS', CONCEPT.imageLibraryGroup, [
        codeItem('HAS ACQ CONTEXT', CONCEPT.modality, MODALITY_CODE[modality] ?? OTHER_MODALITY_CODE),
        codeItem('HAS ACQ CONTEXT', CONCEPT.targetRegion, VALUE.chest),
        ...(frameOfReferenceUid === null
          ? []
          : [uidItem('HAS ACQ CONTEXT', CONCEPT.frameOfReferenceUid, frameOfReferenceUid)]),
        ...images.map((image) => imageItem('CONTAINS', null, image)),
      ]),
    ),
  );
}

/** Which algorithm the measurements are from. Source: PS3.16 TID 4019. */
export function algorithmIdentification(name: string, version: string): ContentItem[] {
  return [
    textItem('HAS CONCEPT MOD', CONCEPT.algorithmName, name),
    textItem('HAS CONCEPT MOD', CONCEPT.algorithmVersion, version),
  ];
}

export interface GroupIdentity {
  readonly trackingIdentifier: string;
  readonly trackingUid: string;
  readonly finding: Code;
}

/** What every measurement group begins with; the Tracking Unique Identifier is the first UIDREF, as OHIF expects. */
function groupHead({ trackingIdentifier, trackingUid, finding }: GroupIdentity): ContentItem[] {
  return [
    textItem('HAS OBS CONTEXT', CONCEPT.trackingIdentifier, trackingIdentifier),
    uidItem('HAS OBS CONTEXT', CONCEPT.trackingUniqueIdentifier, trackingUid),
    codeItem('CONTAINS', CONCEPT.finding, finding),
  ];
}

/** A group of statements about the whole exam. Source: PS3.16 TID 1501. */
export function measurementGroup(identity: GroupIdentity, content: readonly ContentItem[]): ContainerItem {
  return container('CONTAINS', CONCEPT.measurementGroup, [...groupHead(identity), ...content], '1501');
}

/** A group of statements about one region of one image. Source: PS3.16 TID 1410, 1419. */
export function planarRoiGroup(
  identity: GroupIdentity,
  region: ImageRegion,
  content: readonly ContentItem[],
): ContainerItem {
  const head = [...groupHead(identity), ...imageRegion(region)];
  return container('CONTAINS', CONCEPT.measurementGroup, [...head, ...content], '1410');
}

/**
 * A line where there are points for one, else a point; a one-point line is a centre. An open line along the finding
 * states no purpose: the row is optional, and (130490, DCM, "Centerline") entered CID 219 only in 2024, so that
 * PixelMed's validator of 2022 takes it for an error.
 */
function imageRegion({ image, purpose, pointsPx }: ImageRegion): ContentItem[] {
  const isPoint = purpose === 'centre' || pointsPx.length < 2;
  const points = isPoint ? pointsPx.slice(0, 1) : pointsPx;
  const stated = isPoint ? 'centre' : purpose;
  return [
    ...(stated === 'centreline' ? [] : [codeItem('CONTAINS', CONCEPT.geometricPurpose, PURPOSE_CODE[stated])]),
    scoordItem('CONTAINS', CONCEPT.imageRegion, isPoint ? 'POINT' : 'POLYLINE', points, image),
  ];
}

export interface Site {
  readonly structure: Code;
  readonly laterality: Code | null;
  readonly modifiers: readonly Code[];
}

/** Where in the body. Source: PS3.16 TID 1419 row "Finding Site". */
export function findingSite({ structure, laterality, modifiers }: Site): ContentItem {
  return codeItem('HAS CONCEPT MOD', CONCEPT.findingSite, structure, [
    ...(laterality ? [codeItem('HAS CONCEPT MOD', CONCEPT.laterality, laterality)] : []),
    ...modifiers.map((modifier) => codeItem('HAS CONCEPT MOD', CONCEPT.topographicalModifier, modifier)),
  ]);
}

/** A probability in percent. Source: PS3.16 TID 4000 family, concept (111012, DCM). */
export function certainty(probability: number, children: readonly ContentItem[] = []): ContentItem {
  return numItem('CONTAINS', CONCEPT.certaintyOfFinding, toPercent(probability), UNIT.percent, children);
}

/** Thousandths of a percent are kept, so that curves can be drawn from reports. */
function toPercent(probability: number): number {
  return Math.round(probability * 1e5) / 1e3;
}

/** The images a statement about the exam rests on; without one, older OHIF versions drop the whole report. */
export function sourceOfMeasurement(images: readonly ImageReference[]): ContentItem[] {
  return images.map((image) => imageItem('INFERRED FROM', CONCEPT.sourceOfMeasurement, image));
}

/** A sentence for people. */
export function comment(text: string): ContentItem {
  return textItem('CONTAINS', CONCEPT.comment, text);
}
