import type { Analysed, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { type DicomFile, readPart10 } from '@pce/shared/dicom/part10';
import type { SimulatedStudy, TruthObject } from './truth.js';

/** Room around an object in its outline, pixels. */
const ROOM_PX = 6;

/** What a perfect analysis would say of a simulated study, for tests of what comes after it. */
export function resultFromTruth(study: SimulatedStudy, suggestedUrgency: Urgency): StudyResult {
  const files = study.files.map(({ bytes }) => readPart10(bytes)).sort((a, b) => heightMm(a) - heightMm(b));
  const emboli = study.truth.objects.filter(({ kind }) => kind === 'pulmonary-cement-embolism');
  const findings = emboli.flatMap((object, index) => findingOf(object, index + 1, files) ?? []);
  const outcome: Analysed = {
    kind: 'analysed',
    presence: findings.length > 0 ? 'present' : 'absent',
    probability: findings.length > 0 ? 0.97 : 0.02,
    suggestedUrgency,
    quality: { level: 'diagnostic', remarks: [] },
    findings,
  };
  const { truth } = study;
  return {
    contractVersion: 1,
    studyInstanceUid: truth.studyInstanceUid,
    instanceSetDigest: `truth of ${truth.studyInstanceUid}`,
    algorithm: { name: 'truth', version: '1.0.0', parametersDigest: 'none', reportAbove: 0.3 },
    parts: [
      {
        modality: truth.modality,
        seriesInstanceUid: truth.seriesInstanceUid,
        frameOfReferenceUid: null,
        images: files.map(referenceTo),
        sliceSpacingMm: truth.sliceSpacingMm,
        sliceThicknessMm: truth.sliceThicknessMm,
        outcome,
      },
    ],
    outcome,
  };
}

/** Null for one that lies outside of all images. */
function findingOf(object: TruthObject, id: number, files: readonly DicomFile[]): Finding | null {
  const place = placeOf(object, files);
  if (!place) return null;
  const [column, row] = place.centrePx;
  const half = ROOM_PX;
  return {
    id,
    kind: 'pulmonary-cement-embolism',
    assessment: 'suspected',
    probability: 0.99 - id / 100,
    morphology: object.morphology,
    site: object.site ?? 'pulmonary-artery',
    side: object.side,
    zone: object.zone,
    lobe: object.lobe,
    arteryLevel: 'segmental-or-smaller',
    regions: [
      {
        image: referenceTo(place.file),
        purpose: 'outline',
        pointsPx: [
          [column - half, row - half],
          [column + half, row - half],
          [column + half, row + half],
          [column - half, row + half],
          [column - half, row - half],
        ],
      },
    ],
    centreLpsMm: object.centreLpsMm,
    centrelineLpsMm: [],
    measurements: {
      lengthMm: object.lengthMm,
      calibreMm: object.calibreMm,
      volumeMm3: object.volumeMm3,
      peakHu: object.peakHu,
      peakIsClipped: false,
      contrastToNoise: object.contrastToNoise,
      inDetectorPlane: files.length === 1,
    },
    reasons: ['put there by the simulator'],
  };
}

/** The middle of the object's longest line: on a CT in the slice nearest to it, on a film where it is projected to. */
function placeOf(object: TruthObject, files: readonly DicomFile[]) {
  const lines = object.polylinesPx.length > 0 ? object.polylinesPx : object.centrelinesLpsMm;
  const [longest] = [...lines].sort((a, b) => b.length - a.length);
  const middle = longest?.[Math.floor(longest.length / 2)];
  if (!middle) return null;
  if (object.polylinesPx.length > 0) {
    const [file] = files;
    return file ? { file, centrePx: [middle[0], middle[1]] as const } : null;
  }
  const [x, y, z = 0] = middle;
  const [file] = [...files].sort((a, b) => Math.abs(heightMm(a) - z) - Math.abs(heightMm(b) - z));
  if (!file) return null;
  const [left = 0, top = 0] = file.dataset.numbers('ImagePositionPatient');
  const [rowMm = 1, columnMm = 1] = file.dataset.numbers('PixelSpacing');
  // Positions are those of pixel centres; [0, 0] of a region is a corner. Source: PS3.3 C.7.6.2.1.1, C.18.6.1.
  return { file, centrePx: [(x - left) / columnMm + 0.5, (y - top) / rowMm + 0.5] as const };
}

function heightMm({ dataset }: DicomFile): number {
  return dataset.numbers('ImagePositionPatient')[2] ?? 0;
}

function referenceTo({ dataset }: DicomFile): ImageReference {
  return {
    sopClassUid: dataset.string('SOPClassUID') ?? '',
    sopInstanceUid: dataset.string('SOPInstanceUID') ?? '',
    seriesInstanceUid: dataset.string('SeriesInstanceUID') ?? '',
  };
}
