import type { Analysed, ExamOutcome, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom, type DicomAttributes } from './dicom-builder.js';
import { uidFromSeed } from './uid-from-seed.js';

export const SAMPLE_KINDS = [
  'ct-positive',
  'ct-negative',
  'ct-indeterminate',
  'ct-numerous',
  'ct-candidates-only',
  'ct-enhanced-positive',
  'ct-leak-and-vertebra',
  'film-positive',
  'film-negative',
  'not-analysable',
  'not-analysable-without-images',
  'ct-and-films',
] as const;
export type SampleKind = (typeof SAMPLE_KINDS)[number];

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const ENHANCED_CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2.1';
const DX_IMAGE = '1.2.840.10008.5.1.4.1.1.1.1';
const STUDY_UID = uidFromSeed('sample study');
const CT_SERIES_UID = uidFromSeed('sample ct series');
const FILM_SERIES_UID = uidFromSeed('sample film series');

/** Where the pixels of the sample CT lie: 512 x 512 of 0.7 mm, 150 slices 2 mm apart, axial. */
export const SAMPLE_CT_GRID = {
  columns: 512,
  rows: 512,
  pixelMm: 0.7,
  /** Centre of the top left pixel of a slice, LPS mm. */
  positionOf: (slice: number): [number, number, number] => [-178.85, -178.85, -280.25 + 2 * slice],
} as const;

const ctImages: ImageReference[] = Array.from({ length: 150 }, (_, slice) => ({
  sopClassUid: CT_IMAGE,
  sopInstanceUid: uidFromSeed(`sample ct slice ${slice}`),
  seriesInstanceUid: CT_SERIES_UID,
}));

const enhancedImages: ImageReference[] = Array.from({ length: 150 }, (_, slice) => ({
  sopClassUid: ENHANCED_CT_IMAGE,
  sopInstanceUid: uidFromSeed('sample enhanced ct'),
  seriesInstanceUid: CT_SERIES_UID,
  frameNumber: slice + 1,
}));

const filmImage = (view: string): ImageReference => ({
  sopClassUid: DX_IMAGE,
  sopInstanceUid: uidFromSeed(`sample film ${view}`),
  seriesInstanceUid: FILM_SERIES_UID,
});

const ctPart = (outcome: ExamOutcome, images = ctImages): ExamPart => ({
  modality: 'CT',
  seriesInstanceUid: CT_SERIES_UID,
  frameOfReferenceUid: uidFromSeed('sample frame of reference'),
  images,
  sliceSpacingMm: 2,
  sliceThicknessMm: 2.5,
  outcome,
});

const filmPart = (view: string, outcome: ExamOutcome): ExamPart => ({
  modality: 'DX',
  seriesInstanceUid: FILM_SERIES_UID,
  frameOfReferenceUid: null,
  images: [filmImage(view)],
  sliceSpacingMm: null,
  sliceThicknessMm: null,
  outcome,
});

const analysed = (
  presence: Analysed['presence'],
  probability: number,
  suggestedUrgency: Urgency,
  findings: Finding[],
  quality: Analysed['quality'] = { level: 'diagnostic', remarks: [] },
): Analysed => ({ kind: 'analysed', presence, probability, suggestedUrgency, quality, findings });

/** A closed square outline around a pixel. */
const square = (column: number, row: number, half: number): [number, number][] => [
  [column - half, row - half],
  [column + half, row - half],
  [column + half, row + half],
  [column - half, row + half],
  [column - half, row - half],
];

/** The point in the patient of a point on a slice, in pixels as SCOORD has them. */
function centreOf(column: number, row: number, slice: number): [number, number, number] {
  const [x, y, z] = SAMPLE_CT_GRID.positionOf(slice);
  return [x + SAMPLE_CT_GRID.pixelMm * (column - 0.5), y + SAMPLE_CT_GRID.pixelMm * (row - 0.5), z];
}

const ctEmbolus = (id: number, images = ctImages): Finding => ({
  id,
  kind: 'pulmonary-cement-embolism',
  assessment: 'suspected',
  probability: 0.99 - id / 100,
  morphology: id % 2 === 1 ? 'tubular' : 'branching',
  site: 'pulmonary-artery',
  side: id % 2 === 1 ? 'right' : 'left',
  zone: 'lower',
  lobe: id % 2 === 1 ? 'right-lower' : 'left-upper',
  arteryLevel: 'segmental-or-smaller',
  regions: [{ image: images[40 + id * 3]!, purpose: 'outline', pointsPx: square(100 + 12.25 * id, 240.5, 4) }],
  centreLpsMm: centreOf(100 + 12.25 * id, 240.5, 40 + id * 3),
  centrelineLpsMm: [],
  measurements: {
    lengthMm: 23.44,
    calibreMm: 2.61,
    volumeMm3: 118.24,
    peakHu: id === 1 ? 3071 : 1834,
    peakIsClipped: id === 1,
    contrastToNoise: null,
    inDetectorPlane: false,
  },
  reasons: ['tubular, aspect 9.0', 'in line with an artery', 'denser than contrast medium'],
});

const filmEmbolus = (id: number, view: string): Finding => ({
  ...ctEmbolus(id),
  site: 'lung',
  lobe: null,
  zone: 'middle',
  arteryLevel: null,
  morphology: 'linear',
  regions: [
    {
      image: filmImage(view),
      purpose: 'centreline',
      pointsPx: [
        [900.5, 1200],
        [930, 1240.25],
        [958, 1301],
      ],
    },
  ],
  centreLpsMm: null,
  measurements: {
    lengthMm: 17.3,
    calibreMm: null,
    volumeMm3: null,
    peakHu: null,
    peakIsClipped: false,
    contrastToNoise: 8.36,
    inDetectorPlane: true,
  },
  reasons: ['thin dense line away from ribs'],
});

const leak = (id: number): Finding => ({
  ...ctEmbolus(id),
  kind: 'venous-cement-leak',
  site: 'azygos-vein',
  side: 'right',
  zone: null,
  lobe: null,
  arteryLevel: null,
  reasons: ['continuous with vertebral cement'],
});

const vertebralCement = (id: number): Finding => ({
  ...leak(id),
  kind: 'vertebral-cement',
  site: 'vertebra',
  side: 'midline',
  morphology: 'irregular',
  regions: [{ image: ctImages[90]!, purpose: 'centre', pointsPx: [[256, 300]] }],
  reasons: [],
});

const indeterminate = (finding: Finding): Finding => ({
  ...finding,
  assessment: 'indeterminate',
  probability: 0.34,
  morphology: 'punctate',
  reasons: ['round, aspect 1.3', 'not in line with an artery'],
});

const candidate = (finding: Finding): Finding => ({ ...finding, assessment: 'candidate', probability: 0.0123 });

const unreadable: ExamOutcome = {
  kind: 'not-analysable',
  reason: { code: 'slices-missing', message: 'expected evenly spaced slices; received gaps of up to 24 mm.' },
};

const numerous = Array.from({ length: 14 }, (_, index) => ctEmbolus(index + 1));
const ofCt = (outcome: Analysed): [ExamPart[], ExamOutcome] => [[ctPart(outcome)], outcome];
const ofFilm = (outcome: Analysed): [ExamPart[], ExamOutcome] => [[filmPart('pa', outcome)], outcome];
const thickSlices: Analysed['quality'] = {
  level: 'limited',
  remarks: ['Slice spacing 5 mm: emboli thinner than 2 mm may not show.'],
};

/** The parts of a sample and its outcome as a whole. */
const SAMPLES: Record<SampleKind, () => [ExamPart[], ExamOutcome]> = {
  'ct-positive': () => ofCt(analysed('present', 0.971, 'medium', [ctEmbolus(1), ctEmbolus(2)])),
  'ct-negative': () => ofCt(analysed('absent', 0.017, 'none', [], thickSlices)),
  'ct-indeterminate': () => ofCt(analysed('undetermined', 0.34, 'low', [indeterminate(ctEmbolus(1))])),
  'ct-numerous': () => ofCt(analysed('present', 0.9999, 'high', numerous)),
  'ct-candidates-only': () => ofCt(analysed('absent', 0.0123, 'none', [candidate(ctEmbolus(1))])),
  'ct-enhanced-positive': () => {
    const outcome = analysed('present', 0.97, 'medium', [ctEmbolus(1, enhancedImages)]);
    return [[ctPart(outcome, enhancedImages)], outcome];
  },
  'ct-leak-and-vertebra': () => ofCt(analysed('absent', 0.02, 'low', [leak(1), vertebralCement(2)])),
  'film-positive': () => ofFilm(analysed('present', 0.88, 'high', [filmEmbolus(1, 'pa')])),
  'film-negative': () => ofFilm(analysed('absent', 0.017, 'none', [])),
  'not-analysable': () => [[ctPart(unreadable)], unreadable],
  'not-analysable-without-images': () => [[], unreadable],
  'ct-and-films': () => {
    const ct = analysed('present', 0.971, 'medium', [ctEmbolus(1)]);
    const pa = analysed('present', 0.88, 'high', [filmEmbolus(2, 'pa')]);
    const whole = analysed('present', 0.98, 'high', [ctEmbolus(1), filmEmbolus(2, 'pa')]);
    return [[ctPart(ct), filmPart('pa', pa), filmPart('lateral', unreadable)], whole];
  },
};

/** A study's result of one kind, complete and always the same. */
export function sampleResult(kind: SampleKind): StudyResult {
  const [parts, outcome] = SAMPLES[kind]();
  return {
    contractVersion: 1,
    studyInstanceUid: STUDY_UID,
    instanceSetDigest: 'd'.repeat(64),
    algorithm: { name: 'PCE', version: '0.1.0', parametersDigest: 'a'.repeat(64), reportAbove: 0.3 },
    parts,
    outcome,
  };
}

/** Header of an image of the sample study: what a report inherits from. */
export function sampleSourceAttributes(kind: SampleKind): DicomAttributes {
  const isFilm = kind.startsWith('film');
  const image = isFilm ? filmImage('pa') : ctImages[75]!;
  return {
    SOPClassUID: image.sopClassUid,
    SOPInstanceUID: image.sopInstanceUid,
    SpecificCharacterSet: 'ISO_IR 192',
    StudyInstanceUID: STUDY_UID,
    SeriesInstanceUID: image.seriesInstanceUid,
    Modality: isFilm ? 'DX' : 'CT',
    StudyDate: '20261121',
    StudyTime: '081500',
    StudyID: 'S1',
    StudyDescription: 'Chest after vertebroplasty',
    AccessionNumber: 'A4711',
    ReferringPhysicianName: 'Müller^Jörg',
    PatientName: 'Example^Erika',
    PatientID: 'PCE-SAMPLE-1',
    IssuerOfPatientID: 'SAMPLE',
    PatientBirthDate: '19570102',
    PatientSex: 'F',
    PatientAge: '069Y',
    RequestAttributesSequence: [{ RequestedProcedureID: 'RP1', RequestedProcedureDescription: 'CT chest' }],
  };
}

/** The source instance of a sample, read from its bytes. */
export function sampleSource(kind: SampleKind): { dataset: Dataset } {
  return { dataset: readPart10(buildDicom({ attributes: sampleSourceAttributes(kind) })).dataset };
}

/** When and by which machine the samples were analysed. */
export const SAMPLE_CONTEXT = {
  analysedAt: new Date('2026-11-22T18:36:01Z'),
  timezoneOffsetMinutes: 60,
  device: { name: 'pce-node-1', manufacturer: 'PCE project', modelName: 'PCE', serialNumber: '0001' },
} as const;
