import { buildStructuredReport } from '@pce/reporter/core/sr-document';
import { readPart10 } from '@pce/shared/dicom/part10';
import {
  SAMPLE_CONTEXT,
  SAMPLE_CT_GRID,
  type SampleKind,
  sampleResult,
  sampleSource,
} from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { assessSet } from './assess-set.js';
import { compareExam } from './compare.js';
import { evaluationPage } from './page.js';
import { readReport } from './read-report.js';
import { examsFromRows, type TrueExam } from './truth-set.js';

function report(kind: SampleKind) {
  const { bytes } = buildStructuredReport(sampleResult(kind), sampleSource(kind), SAMPLE_CONTEXT);
  return readReport(readPart10(bytes).dataset)!;
}

describe('readReport', () => {
  it('reads back what our reports say', () => {
    const result = sampleResult('ct-positive');
    const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
    const read = report('ct-positive');
    expect(read.studyInstanceUid).toBe(result.studyInstanceUid);
    expect(read.presence).toBe('present');
    expect(read.marks).toHaveLength(findings.length);
    findings.forEach((finding, index) => {
      const mark = read.marks[index]!;
      expect(mark.kind).toBe(finding.kind);
      expect(mark.probability).toBeCloseTo(finding.probability, 4);
      expect(mark.isPresent).toBe(finding.assessment === 'suspected');
      expect(mark.side).toBe(finding.side === 'midline' ? null : finding.side);
      expect(mark.lengthMm ?? 0).toBeCloseTo(finding.measurements.lengthMm ?? 0, 0);
      expect(mark.sopInstanceUid).toBe(finding.regions[0]!.image.sopInstanceUid);
      expect(mark.pointsPx).toHaveLength(finding.regions[0]!.pointsPx.length);
    });
  });
  it('takes the certainty of an absence for the probability of a presence', () => {
    const read = report('ct-negative');
    expect(read.presence).toBe('absent');
    expect(read.probability).toBeLessThan(0.5);
  });
  it('does not take a leak or a cemented vertebra for an embolus', () => {
    const kinds = report('ct-leak-and-vertebra').marks.map((mark) => mark.kind);
    expect(kinds).toContain('venous-cement-leak');
    expect(kinds).toContain('vertebral-cement');
  });
});

/** The true exam to a report: a lesion at each of its marks, through the patient. */
function truthOf(kind: SampleKind, isPositive: boolean, shiftMm = 0): TrueExam {
  const read = report(kind);
  const { pixelMm, positionOf } = SAMPLE_CT_GRID;
  const uids = [...new Set(read.marks.map((mark) => mark.sopInstanceUid!))];
  const images = new Map(uids.map((uid, n) => [uid, { positionLpsMm: positionOf(n * 20), pixelSpacingMm: pixelMm }]));
  return {
    studyInstanceUid: read.studyInstanceUid,
    patient: kind,
    isPositive,
    sliceSpacingMm: 2,
    pixelSpacingMm: null,
    subgroups: [],
    images,
    lesions: read.marks.map((mark) => {
      const [x, y, z] = images.get(mark.sopInstanceUid!)!.positionLpsMm as [number, number, number];
      const [column, row] = mark.pointsPx[0]!;
      return {
        kind: mark.kind,
        mimic: null,
        shape: 'tubular',
        site: 'pulmonary-artery',
        side: mark.side,
        zone: mark.zone,
        calibreMm: mark.calibreMm,
        lengthMm: mark.lengthMm,
        isVisible: true,
        place: {
          kind: 'patient',
          polylinesLpsMm: [[[x + (column - 0.5) * pixelMm + shiftMm, y + (row - 0.5) * pixelMm, z]]],
        },
      };
    }),
  };
}

describe('assessSet', () => {
  it('counts marks on lesions as found and others as false alarms', () => {
    const hit = compareExam(truthOf('ct-positive', true), report('ct-positive'));
    const missed = compareExam(truthOf('ct-positive', true, 60), report('ct-positive'));
    const quiet = compareExam({ ...truthOf('ct-negative', false), lesions: [] }, report('ct-negative'));
    const alarms = hit.marks.filter(({ mark }) => mark.isPresent && mark.kind === 'pulmonary-cement-embolism').length;
    const found = assessSet([hit, quiet]);
    expect(found.sensitivity).toMatchObject({ hits: 1, total: 1 });
    expect(found.specificity).toMatchObject({ hits: 1, total: 1 });
    expect(found.falsePositivesPerExam).toBe(0);
    expect(found.side.value).toBe(1);
    expect(found.lengthErrorMm?.bias ?? 0).toBeCloseTo(0, 6);
    expect(assessSet([missed, quiet]).falsePositivesPerExam).toBe(alarms / 2);
  });
  it('counts an exam without a report as not found, and shows the figures in a page', () => {
    const assessment = assessSet([compareExam(truthOf('ct-positive', true), null)]);
    expect(assessment.sensitivity).toMatchObject({ hits: 0, total: 1 });
    expect(assessment.withoutReport).toBe(1);
    expect(evaluationPage(assessment, null)).toContain('0.0 % (0 of 1');
  });
});

describe('examsFromRows', () => {
  it('makes one exam of the lines of a study', () => {
    const lesion = {
      studyInstanceUid: '1.2.3',
      presence: 'present',
      sopInstanceUid: '1.2.4',
      column: '100',
      row: '50',
    };
    const [exam, other] = examsFromRows([
      { ...lesion, calibreMm: '2.5' },
      { ...lesion, column2: '120', row2: '55' },
      { studyInstanceUid: '1.2.9', presence: 'absent' },
    ]);
    expect(exam!.lesions.map(({ calibreMm }) => calibreMm)).toEqual([2.5, null]);
    expect(exam!.lesions[1]!.place).toMatchObject({
      polylinesPx: [
        [
          [100, 50],
          [120, 55],
        ],
      ],
    });
    expect(other).toMatchObject({ isPositive: false, lesions: [] });
  });
  it('names the line and column of what it cannot read', () => {
    expect(() => examsFromRows([{ studyInstanceUid: '1.2.3', presence: 'yes' }])).toThrow('line 2, presence');
  });
});
