import type { StudyResult } from '@pce/shared/contracts/study-result';
import { buildDicom, type DicomAttributes } from './dicom-builder.js';
import { type SampleKind, sampleResult, sampleSourceAttributes } from './sample-results.js';

/** A study of its own with a sample's result, and one image of it. */
export interface SampleStudy {
  studyInstanceUid: string;
  result: StudyResult;
  image: Uint8Array;
}

/**
 * A sample under UIDs of its own, which end in `seed`. `digest` makes it another result of the same study;
 * `attributes` are put in the place of the image's own.
 */
export function sampleStudy(
  kind: SampleKind,
  seed: number,
  digest?: string,
  attributes: DicomAttributes = {},
): SampleStudy {
  const sample = sampleResult(kind);
  const studyInstanceUid = `1.2.826.0.1.3680043.8.498.77.${seed}`;
  const text = JSON.stringify(sample)
    .replaceAll(sample.studyInstanceUid, studyInstanceUid)
    .replaceAll(/"(seriesInstanceUid|sopInstanceUid|frameOfReferenceUid)":"([\d.]+)"/g, `"$1":"$2.${seed}"`);
  const result: StudyResult = { ...JSON.parse(text), ...(digest === undefined ? {} : { instanceSetDigest: digest }) };
  const { SOPInstanceUID, SeriesInstanceUID, ...source } = sampleSourceAttributes(kind);
  const image = buildDicom({
    attributes: {
      ...source,
      ...attributes,
      SOPInstanceUID: `${SOPInstanceUID}.${seed}`,
      SeriesInstanceUID: `${SeriesInstanceUID}.${seed}`,
      StudyInstanceUID: studyInstanceUid,
    },
  });
  return { studyInstanceUid, result, image };
}
