import { describe, expect, it } from 'vitest';
import { type CohortExam, dayOf, examsFromFindings, proceduresFromRows } from './cohort-exams.js';
import { cohortFacts, cohortPage } from './cohort-page.js';
import { describeCohort } from './describe-cohort.js';
import { fisherExact, oddsRatio } from './odds-ratio.js';

describe('oddsRatio', () => {
  it('gives Woolf intervals as worked by hand', () => {
    // ln 4.75 = 1.558145; 1/20 + 1/80 + 1/10 + 1/190 = 0.1677632; 1.959964 * 0.4095890 = 0.8027796.
    const ratio = oddsRatio([20, 80, 10, 190])!;
    expect(ratio.value).toBeCloseTo(4.75, 12);
    expect(ratio.low).toBeCloseTo(Math.exp(1.558145 - 0.8027796), 4);
    expect(ratio.high).toBeCloseTo(Math.exp(1.558145 + 0.8027796), 4);
    expect(ratio.isCorrected).toBe(false);
  });

  it('adds one half to each count when one is zero', () => {
    // (3.5 * 20.5) / (7.5 * 0.5)
    const ratio = oddsRatio([3, 7, 0, 20])!;
    expect(ratio.value).toBeCloseTo(71.75 / 3.75, 12);
    expect(ratio.isCorrected).toBe(true);
    expect(ratio.low).toBeGreaterThan(0);
    expect(Number.isFinite(ratio.high)).toBe(true);
  });

  it('says nothing of a table with an empty row or column', () => {
    expect(oddsRatio([0, 0, 3, 4])).toBeNull();
    expect(oddsRatio([0, 5, 0, 4])).toBeNull();
    expect(() => oddsRatio([1, 2, 3, -4])).toThrow('received 1, 2, 3, -4');
  });

  it('tests exactly, as published', () => {
    // The tea tasting lady: Agresti, Categorical Data Analysis, table 3.8; p 0.486 two-sided.
    expect(fisherExact([3, 1, 1, 3])).toBeCloseTo(34 / 70, 12);
    // Convictions of twins, after Fisher 1970, as in the help of R's fisher.test: p 0.0005367.
    expect(fisherExact([2, 15, 10, 3])).toBeCloseTo(0.0005367, 7);
    // By scipy 1.17.1 (fisher_exact) and statsmodels 0.15.0 (Table2x2).
    expect(oddsRatio([20, 80, 10, 190])!.exactP).toBeCloseTo(0.00012990423796582624, 14);
    expect(oddsRatio([3, 7, 0, 20])).toMatchObject({
      low: expect.closeTo(0.8802594367208012, 10),
      high: expect.closeTo(415.8824423492759, 8),
      exactP: expect.closeTo(0.029556650246305417, 12),
    });
  });
});

describe('procedures', () => {
  it('are read by column, the same one once', () => {
    const row = { patient_id: 'A', procedure_date: '2024-03-01', procedure_code: 'VP' };
    expect(proceduresFromRows([row, { ...row, procedure_date: '20240301' }])).toEqual([
      { patient: 'A', day: dayOf('2024-03-01'), code: 'VP' },
    ]);
    expect(() => proceduresFromRows([row, { ...row, procedure_date: '2024-02-30' }])).toThrow(
      'procedures, line 3, procedure_date: expected a date such as 2024-03-01',
    );
  });
});

describe('examsFromFindings', () => {
  const owners = new Map([['1.2', { patient: 'A', day: 10 }]]);
  const exam = {
    row_type: 'exam',
    study_instance_uid: '1.2',
    outcome: 'analysed',
    presence: 'present',
    modality: 'DX; CT',
  };
  const finding = { row_type: 'finding', study_instance_uid: '1.2', assessment: 'suspected' };

  it('counts what is suspected, and takes an exam with any CT for a CT', () => {
    const rows = [
      exam,
      { ...finding, kind: 'pulmonary-cement-embolism' },
      { ...finding, kind: 'pulmonary-cement-embolism', assessment: 'indeterminate' },
      { ...finding, kind: 'venous-cement-leak' },
      { ...exam, study_instance_uid: '9.9' },
      { ...exam, outcome: 'not-analysable' },
    ];
    expect(examsFromFindings(rows, owners)).toEqual([
      {
        studyInstanceUid: '1.2',
        patient: 'A',
        day: 10,
        kind: 'CT',
        presence: 'present',
        hasLeak: true,
        embolusCount: 1,
      },
    ]);
  });
});

describe('describeCohort', () => {
  const exam = (patient: string, day: number, change: Partial<CohortExam> = {}): CohortExam => ({
    studyInstanceUid: `${patient}.${day}`,
    patient,
    day,
    kind: 'film',
    presence: 'absent',
    hasLeak: false,
    embolusCount: 0,
    ...change,
  });
  const positive = { presence: 'present', embolusCount: 2 } as const;
  const procedures = [
    { patient: 'A', day: 100, code: 'VP' },
    { patient: 'A', day: 200, code: 'KP' },
    { patient: 'B', day: 100, code: 'VP' },
    { patient: 'C', day: 100, code: 'VP' },
    { patient: 'D', day: 100, code: 'KP' },
  ];
  const cohort = describeCohort(
    [
      exam('A', 99),
      exam('A', 100, { hasLeak: true }),
      exam('A', 199, { ...positive, kind: 'CT' }),
      exam('A', 200, { presence: 'undetermined' }),
      exam('B', 101, { ...positive, hasLeak: true }),
      exam('B', 2000, positive),
      exam('C', 130, { kind: 'CT' }),
      exam('E', 5, positive),
    ],
    procedures,
  );

  it('puts an exam to the last procedure before it', () => {
    expect(cohort).toMatchObject({ patients: 4, procedures: 5, withoutExam: 1 });
    expect(cohort.examsWithoutProcedure).toMatchObject({ hits: 1, total: 2 });
    expect(
      cohort.incidence.map(({ name, all, films, ct }) =>
        [name, all, films, ct].map((one) => (typeof one === 'string' ? one : `${one.hits}/${one.total}`)),
      ),
    ).toEqual([
      ['all procedures', '2/4', '1/3', '1/2'],
      ['KP', '0/1', '0/1', '0/0'],
      ['VP', '2/3', '1/2', '1/2'],
    ]);
  });

  it('counts by exam, by leak and by time', () => {
    expect(cohort.byExam).toMatchObject({ films: { hits: 2, total: 4 }, ct: { hits: 1, total: 2 } });
    expect(cohort.leak.table).toEqual([2, 0, 0, 2]);
    expect(cohort.leak.oddsRatio?.value).toBe(25);
    expect(cohort.timeBands.map(({ positive: { hits, total } }) => `${hits}/${total}`)).toEqual([
      '1/3',
      '0/0',
      '0/1',
      '0/0',
      '1/1',
      '0/0',
      '1/1',
    ]);
    expect(cohort.daysToEmbolism).toEqual([1, 25.5, 50, 74.5, 99]);
    expect(cohort.embolusCount).toEqual({ median: 2, least: 2, most: 2 });
  });

  it('writes facts and a page with the literature beside them', () => {
    const facts = new Map(cohortFacts(cohort));
    expect(facts.get('Embolism on CT after a procedure')).toMatch(/^50\.0 % \(1 of 2; .*published 2 to 26 %/);
    const page = cohortPage(cohort);
    expect(page).toContain('Research software. Not for clinical use.');
    expect(page).toContain('odds ratio 25.00');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('has nothing to say of nothing', () => {
    const empty = describeCohort([], []);
    expect(empty.leak.oddsRatio).toBeNull();
    expect(cohortPage(empty)).toContain('none to count');
  });
});
