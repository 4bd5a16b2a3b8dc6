import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildSmallSlice, smallChestHu } from './small-ct.js';

/** Pixels of a slice: 64 x 64 of 4 mm. */
const SIDE = 64;
const PIXEL_MM = 4;
const SLICE_MM = 1.5;
/** Where the cement is, across the slice. */
const CEMENT = { xMm: -50, yMm: 10, radiusMm: 6, hu: 2000 };

/** A chest of many small slices with a lump of cement in one lung, and an analysis that found it. */
export interface SmallCtStudy {
  /** From the feet up. */
  files: Uint8Array[];
  result: StudyResult;
  /** Middle of the cement, pixels. */
  cementPx: [number, number];
}

/** @param findingOn slice, from 0, that holds the middle of the cement */
export function smallCtStudy({ slices, findingOn }: { slices: number; findingOn: number }): SmallCtStudy {
  const corner = -((SIDE - 1) / 2) * PIXEL_MM;
  const files = Array.from({ length: slices }, (_, slice) =>
    buildSmallSlice({
      seed: `${slice} of ${slices}`,
      study: `small study of ${slices}`,
      positionLpsMm: [corner, corner, slice * SLICE_MM],
      side: SIDE,
      pixelMm: PIXEL_MM,
      huAt: (point) => (isCement(point, findingOn * SLICE_MM) ? CEMENT.hu : smallChestHu(point)),
      attributes: { PatientName: 'Small^Chest', PatientID: 'SMALL', StudyDescription: `${slices} slices` },
    }),
  );
  const images = files.map((file) => {
    const { dataset } = readPart10(file);
    const [sopClassUid = '', sopInstanceUid = '', seriesInstanceUid = ''] = (
      ['SOPClassUID', 'SOPInstanceUID', 'SeriesInstanceUID'] as const
    ).map((keyword) => dataset.string(keyword));
    return { sopClassUid, sopInstanceUid, seriesInstanceUid };
  });
  const [column, row] = [CEMENT.xMm, CEMENT.yMm].map((mm) => (mm - corner) / PIXEL_MM + 0.5) as [number, number];
  const outcome = outcomeOf(images[findingOn]!, [column, row]);
  const studyInstanceUid = readPart10(files[0]!).dataset.string('StudyInstanceUID') ?? '';
  const [{ seriesInstanceUid }] = images as [(typeof images)[number]];
  const part = { modality: 'CT', seriesInstanceUid, frameOfReferenceUid: null, images, outcome };
  return {
    files,
    cementPx: [column, row],
    result: {
      contractVersion: 1,
      studyInstanceUid,
      instanceSetDigest: 'all of them',
      algorithm: { name: 'truth', version: '1.0.0', parametersDigest: 'none', reportAbove: 0.3 },
      parts: [{ ...part, sliceSpacingMm: SLICE_MM, sliceThicknessMm: SLICE_MM }],
      outcome,
    },
  };
}

function isCement([x, y, z]: readonly [number, number, number], zMm: number): boolean {
  const distance = ((x - CEMENT.xMm) / CEMENT.radiusMm) ** 2 + ((y - CEMENT.yMm) / CEMENT.radiusMm) ** 2;
  return distance <= 1 && Math.abs(z - zMm) <= 2 * SLICE_MM;
}

function outcomeOf(image: StudyResult['parts'][number]['images'][number], [x, y]: [number, number]): Analysed {
  const half = 3;
  const corners: [number, number][] = [
    [x - half, y - half],
    [x + half, y - half],
    [x + half, y + half],
    [x - half, y + half],
    [x - half, y - half],
  ];
  return {
    kind: 'analysed',
    presence: 'present',
    probability: 0.9,
    suggestedUrgency: 'high',
    quality: { level: 'diagnostic', remarks: [] },
    findings: [
      {
        id: 1,
        kind: 'pulmonary-cement-embolism',
        assessment: 'suspected',
        probability: 0.9,
        morphology: 'punctate',
        site: 'pulmonary-artery',
        side: 'right',
        zone: 'middle',
        lobe: 'right-middle',
        arteryLevel: 'segmental-or-smaller',
        regions: [{ image, purpose: 'outline', pointsPx: corners }],
        centreLpsMm: null,
        centrelineLpsMm: [],
        measurements: {
          lengthMm: 6,
          calibreMm: 6,
          volumeMm3: 100,
          peakHu: CEMENT.hu,
          peakIsClipped: false,
          contrastToNoise: null,
          inDetectorPlane: false,
        },
        reasons: ['as dense as cement'],
      },
    ],
  };
}
