import type { ExamOutcome, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { StudyRecord } from '../screen/study-record.js';

/** Made-up records for tests of the tables and the report. */
const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
export const FIXTURE_STUDY_UID = '1.2.826.0.1.3680043.10.1';

export function fixtureFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    id: 1,
    kind: 'pulmonary-cement-embolism',
    assessment: 'suspected',
    probability: 0.973,
    morphology: 'tubular',
    site: 'pulmonary-artery',
    side: 'right',
    zone: 'lower',
    lobe: 'right-lower',
    arteryLevel: 'segmental-or-smaller',
    regions: [
      {
        image: {
          sopClassUid: CT_IMAGE_STORAGE,
          sopInstanceUid: '1.2.826.0.1.3680043.10.1.1.142',
          seriesInstanceUid: '1.2.826.0.1.3680043.10.1.1',
        },
        purpose: 'outline',
        pointsPx: [
          [180.5, 240.5],
          [184.5, 240.5],
          [184.5, 251.5],
          [180.5, 240.5],
        ],
      },
    ],
    centreLpsMm: [-62.41, 12.2, -143.567],
    centrelineLpsMm: [
      [-63, 12, -140],
      [-61, 12.4, -147],
    ],
    measurements: {
      lengthMm: 12.34,
      calibreMm: 2.16,
      volumeMm3: 41.7,
      peakHu: 3071,
      peakIsClipped: true,
      contrastToNoise: null,
      inDetectorPlane: false,
    },
    reasons: ['elongated, aspect 5.7', 'inside the right lung, in line with an artery', 'peak attenuation clipped'],
    ...overrides,
  };
}

export function fixtureAnalysed(findings: readonly Finding[], urgency: Urgency = 'medium'): ExamOutcome {
  const alarm = findings.some((finding) => finding.assessment === 'suspected');
  const presence = alarm ? 'present' : findings.length > 0 ? 'undetermined' : 'absent';
  return {
    kind: 'analysed',
    presence,
    probability: Math.max(0.004, ...findings.map((finding) => finding.probability)),
    suggestedUrgency: presence === 'absent' ? 'none' : urgency,
    quality: { level: 'limited', remarks: ['Slice spacing 5 mm: emboli thinner than 2 mm may not show.'] },
    findings: [...findings],
  };
}

export function fixtureRecord(outcome: ExamOutcome | null, overrides: Partial<StudyRecord> = {}): StudyRecord {
  const studyInstanceUid = overrides.studyInstanceUid ?? FIXTURE_STUDY_UID;
  const seriesInstanceUid = `${studyInstanceUid}.1`;
  return {
    recordVersion: 1,
    studyInstanceUid,
    modalities: ['CT'],
    instanceCount: 300,
    result: outcome && {
      contractVersion: 1,
      studyInstanceUid,
      instanceSetDigest: 'd'.repeat(64),
      algorithm: { name: 'PCE', version: '0.1.0', parametersDigest: 'a'.repeat(64), reportAbove: 0.3 },
      parts: [
        {
          modality: 'CT',
          seriesInstanceUid,
          frameOfReferenceUid: `${studyInstanceUid}.2`,
          images: [{ sopClassUid: CT_IMAGE_STORAGE, sopInstanceUid: `${seriesInstanceUid}.1`, seriesInstanceUid }],
          sliceSpacingMm: 5,
          sliceThicknessMm: 5,
          outcome,
        },
      ],
      outcome,
    },
    failure: outcome ? null : { code: 'no-readable-instance', message: 'No instance of the study could be read.' },
    reportSopInstanceUid: outcome && outcome.kind !== 'not-applicable' ? '2.25.123456789' : null,
    problems: [],
    pictures: [],
    seconds: 12.3,
    inputDigest: null,
    ...overrides,
  };
}
