import type { Dataset } from './dataset.js';
import type { Keyword } from './tag.js';

/**
 * Functional groups whose attributes describe one frame of CT or projection radiography. Groups that only hold
 * references and codes of other objects are read as sequences. Source: PS3.3 C.7.6.16.2, C.8.15.3, C.8.19.6.
 */
const MACROS = [
  'PixelMeasuresSequence',
  'PlanePositionSequence',
  'PlaneOrientationSequence',
  'PixelValueTransformationSequence',
  'FrameVOILUTSequence',
  'FrameContentSequence',
  'FrameAnatomySequence',
  'CTImageFrameTypeSequence',
  'CTAcquisitionTypeSequence',
  'CTAcquisitionDetailsSequence',
  'CTTableDynamicsSequence',
  'CTPositionSequence',
  'CTGeometrySequence',
  'CTReconstructionSequence',
  'CTExposureSequence',
  'CTXRayDetailsSequence',
  'FramePixelDataPropertiesSequence',
  'PatientOrientationInFrameSequence',
  'UnassignedSharedConvertedAttributesSequence',
  'UnassignedPerFrameConvertedAttributesSequence',
] as const satisfies readonly Keyword[];

/**
 * The attributes that hold for one frame, whether the image is classic or enhanced: `numbers('PixelSpacing')`,
 * `numbers('ImagePositionPatient')` or `number('RescaleSlope')` read the same way from both.
 *
 * A value in the frame's own functional groups wins over one in the shared groups, and that over the data set's own.
 * Of a classic image the data set itself is returned. Frame Type is the enhanced name of Image Type: ask for both.
 *
 * @param frameIndex from 0
 * Source: PS3.3 C.7.6.16.
 */
export function frameDataset(dataset: Dataset, frameIndex: number): Dataset {
  const groups = [
    dataset.items('PerFrameFunctionalGroupsSequence')[frameIndex],
    dataset.items('SharedFunctionalGroupsSequence')[0],
  ].filter((group) => group !== undefined);
  return groups.length === 0 ? dataset : new FrameDataset(groups, dataset);
}

/** Looks for an attribute in several data sets, the most specific first. */
class FrameDataset implements Dataset {
  readonly #places: readonly Dataset[];

  constructor(groups: readonly Dataset[], image: Dataset) {
    const macros = groups.flatMap((group) => [group, ...MACROS.flatMap((macro) => group.items(macro).slice(0, 1))]);
    this.#places = [...macros, image];
  }

  has(keyword: Keyword): boolean {
    return this.#places.some((place) => place.has(keyword));
  }
  string(keyword: Keyword): string | undefined {
    return this.#place(keyword)?.string(keyword);
  }
  strings(keyword: Keyword): string[] {
    return this.#place(keyword)?.strings(keyword) ?? [];
  }
  number(keyword: Keyword): number | undefined {
    return this.#place(keyword)?.number(keyword);
  }
  numbers(keyword: Keyword): number[] {
    return this.#place(keyword)?.numbers(keyword) ?? [];
  }
  items(keyword: Keyword): Dataset[] {
    return this.#place(keyword)?.items(keyword) ?? [];
  }
  bytes(keyword: Keyword): Uint8Array | undefined {
    return this.#place(keyword)?.bytes(keyword);
  }

  /** The most specific data set with a value; an empty attribute hides none. */
  #place(keyword: Keyword): Dataset | undefined {
    return this.#places.find((place) => (place.bytes(keyword)?.length ?? 0) > 0 || place.items(keyword).length > 0);
  }
}
