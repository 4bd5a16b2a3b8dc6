import { describe, expect, it } from 'vitest';
import { plotSvg } from '../figures/plot.js';
import { EMPTY_LABEL, type Label } from '../review/label.js';
import { assessSet } from './assess-set.js';
import { calibration } from './calibration.js';
import { evaluationFigures } from './evaluation-plots.js';
import { cohensKappa, fleissKappa } from './kappa.js';
import { evaluationPage, readerFacts } from './page.js';
import { examsFromLabels, readerAgreement } from './reader-labels.js';
import { examsFromRows } from './truth-set.js';

describe('cohensKappa', () => {
  const pairs = (counts: readonly (readonly [string, string, number])[]) =>
    counts.flatMap(([a, b, count]) => Array.from({ length: count }, () => [a, b] as const));

  it('is 0.4 for 20, 5, 10, 15, with the interval of Fleiss, Cohen and Everitt', () => {
    const kappa = cohensKappa(
      pairs([
        ['yes', 'yes', 20],
        ['yes', 'no', 5],
        ['no', 'yes', 10],
        ['no', 'no', 15],
      ]),
    );
    // By hand 0.7 observed, 0.5 by chance. Interval by statsmodels 0.15.0, cohens_kappa.
    expect(kappa.count).toBe(50);
    expect(kappa.value).toBeCloseTo(0.4, 12);
    expect(kappa.low).toBeCloseTo(0.151092290476661, 10);
    expect(kappa.high).toBeCloseTo(0.6489077095233389, 10);
  });

  it('is 1 for full agreement and says nothing where chance explains all', () => {
    expect(
      cohensKappa(
        pairs([
          ['a', 'a', 3],
          ['b', 'b', 2],
        ]),
      ).value,
    ).toBe(1);
    expect(cohensKappa(pairs([['a', 'a', 3]])).value).toBeNull();
    expect(cohensKappa([])).toMatchObject({ count: 0, value: null });
  });
});

describe('fleissKappa', () => {
  it('is 0.210 for fourteen readers of ten things', () => {
    // Counts by thing and category; value by statsmodels 0.15.0, fleiss_kappa.
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ];
    const judged = counts.map((row) => row.flatMap((count, word) => Array.from({ length: count }, () => String(word))));
    expect(fleissKappa(judged).value).toBeCloseTo(0.20993070442195522, 12);
    expect(() => fleissKappa([['a', 'b'], ['a']])).toThrow('the same number for each thing');
  });
});

describe('calibration', () => {
  it('compares what was said with what was true, bin by bin', () => {
    const exams = [
      { score: 0.05, positive: false },
      { score: 0.05, positive: false },
      { score: 0.92, positive: true },
      { score: 1, positive: false },
    ];
    const { bins, brier, expectedError } = calibration(exams);
    expect(bins.map(({ meanProbability, positive }) => [meanProbability, positive.hits, positive.total])).toEqual([
      [0.05, 0, 2],
      [0.96, 1, 2],
    ]);
    expect(brier).toBeCloseTo((2 * 0.0025 + 0.0064 + 1) / 4, 12);
    expect(expectedError).toBeCloseTo((2 * 0.05 + 2 * 0.46) / 4, 12);
    expect(calibration([])).toEqual({ bins: [], brier: null, expectedError: null });
  });
});

const label = (reader: string, study: string, said: Label['label'], change: Partial<Label> = {}): Label => ({
  ...EMPTY_LABEL,
  label_id: JSON.stringify([reader, study, said, change]),
  reader,
  study_instance_uid: study,
  subject: 'exam',
  presence: 'present',
  label: said,
  labelled_at: '2024-01-01T00:00:00.000Z',
  ...change,
});
const finding = { subject: 'finding', finding_id: '1' } as const;
const LABELS = [
  label('anna', '1.1', 'accepted'),
  label('bert', '1.1', 'accepted'),
  label('anna', '1.2', 'rejected'),
  label('bert', '1.2', 'accepted'),
  label('anna', '1.3', 'accepted', { presence: 'absent' }),
  label('bert', '1.3', 'rejected', { presence: 'absent' }),
  label('anna', '1.4', 'accepted', { presence: 'absent' }),
  label('bert', '1.4', 'accepted', { presence: 'absent' }),
  label('anna', '1.5', 'accepted', { presence: 'undetermined' }),
  label('anna', '1.1', 'accepted', finding),
  label('anna', '1.1', 'rejected', { ...finding, labelled_at: '2024-01-02T00:00:00.000Z' }),
  label('bert', '1.1', 'rejected', finding),
  label('bert', '1.2', 'accepted', finding),
  label('anna', '1.2', 'accepted', finding),
  label('anna', '1.2', 'open', { ...finding, labelled_at: '2024-01-02T00:00:00.000Z' }),
  label('anna', '1.1', 'added', { subject: 'mark' }),
  label('bert', '1.1', 'withdrawn', { subject: 'mark' }),
];

describe('readerAgreement', () => {
  const agreement = readerAgreement(LABELS);

  it('counts the last word of each reader', () => {
    expect(agreement.readers).toMatchObject([
      { reader: 'anna', examsAccepted: { hits: 4, total: 5 }, findingsAccepted: { hits: 0, total: 1 }, marksAdded: 1 },
      { reader: 'bert', examsAccepted: { hits: 3, total: 4 }, findingsAccepted: { hits: 1, total: 2 }, marksAdded: 0 },
    ]);
    expect(agreement.readers[0]!.foundBySoftware).toMatchObject({ hits: 0, total: 1 });
  });

  it('compares what they hold for present, not what they clicked', () => {
    // anna: present, absent, absent, absent; bert: present, present, present, absent. Observed 1/2, by chance 3/8.
    expect(agreement.pairs[0]!.exams.count).toBe(4);
    expect(agreement.pairs[0]!.exams.value).toBeCloseTo((1 / 2 - 3 / 8) / (1 - 3 / 8), 12);
    expect(agreement.pairs[0]!.findings).toMatchObject({ count: 1, value: null });
    expect(agreement.allExams).toBeNull();
    expect(new Map(readerFacts(agreement)).get('anna and bert: kappa, exams')).toMatch(/^0\.20 \(.*4 in common\)$/);
  });

  it('makes truth of what most say, and none of a tie', () => {
    const third = [label('carl', '1.2', 'rejected'), label('carl', '1.3', 'accepted', { presence: 'absent' })];
    const truth = examsFromLabels([...LABELS, ...third]);
    expect(truth.map(({ studyInstanceUid, isPositive }) => [studyInstanceUid, isPositive])).toEqual([
      ['1.1', true],
      ['1.2', false],
      ['1.3', false],
      ['1.4', false],
    ]);
    expect(examsFromLabels(LABELS).map(({ studyInstanceUid }) => studyInstanceUid)).toEqual(['1.1', '1.4']);
    expect(readerAgreement([...LABELS, ...third]).allExams?.count).toBe(2);
  });
});

describe('subgroups and figures', () => {
  const truth = examsFromRows([
    { studyInstanceUid: '1.1', presence: 'present', subgroup: 'women; over 70' },
    { studyInstanceUid: '1.2', presence: 'absent', subgroup: 'women', sliceSpacingMm: '3' },
    { studyInstanceUid: '1.3', presence: 'absent' },
  ]);
  const presences = ['present', 'present', 'absent'] as const;
  const assessment = assessSet(
    truth.map((exam, index) => {
      const { studyInstanceUid } = exam;
      const reported = {
        studyInstanceUid,
        presence: presences[index]!,
        probability: [0.9, 0.8, 0.1][index]!,
        marks: [],
      };
      return { truth: exam, reported, marks: [] };
    }),
  );

  it('gives each group its own figures', () => {
    const rows = assessment.subgroups.map((group) => [
      group.name,
      group.exams,
      `${group.sensitivity.hits}/${group.sensitivity.total}`,
      `${group.specificity.hits}/${group.specificity.total}`,
      group.auc?.value ?? null,
    ]);
    expect(rows).toEqual([
      ['CT, slices over 2 mm', 1, '0/0', '0/1', null],
      ['films', 2, '1/1', '1/1', 1],
      ['over 70', 1, '1/1', '0/0', null],
      ['women', 2, '1/1', '0/1', 1],
    ]);
  });

  it('draws each figure as SVG with its numbers beside it', () => {
    const figures = evaluationFigures(assessment);
    expect(figures.map(({ name }) => name)).toEqual(['roc', 'froc', 'calibration']);
    for (const { plot, csv } of figures) {
      const svg = plotSvg(plot);
      expect(svg).toMatch(/^<\?xml[^>]*>\n<svg [^>]*width="89mm"/);
      expect(svg).toContain(`>${plot.xLabel}</text>`);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(csv.split('\n').length).toBeGreaterThan(1);
    }
    expect(figures[2]!.csv).toContain('\n0.9,1,1,1,');
  });

  it('puts all of it on the page', () => {
    const page = evaluationPage(assessment, readerAgreement(LABELS));
    for (const part of ['over 70', 'Brier score', 'Calibration by exam', 'anna and bert: kappa, exams']) {
      expect(page).toContain(part);
    }
  });
});
