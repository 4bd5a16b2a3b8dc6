import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { readPart10 } from '@pce/shared/dicom/part10';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { SAMPLE_CONTEXT, type SampleKind, sampleResult, sampleSource } from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import type { PriorComparison, PriorExam } from './prior-exam.js';
import { compareWithPriors } from './priors.js';
import { readPriorExam } from './read-prior-exam.js';
import { buildStructuredReport } from './sr-document.js';

const findingsOf = (result: StudyResult): Finding[] =>
  result.outcome.kind === 'analysed' ? result.outcome.findings : [];

function withFindings(result: StudyResult, findings: Finding[]): StudyResult {
  if (result.outcome.kind !== 'analysed') throw new Error('expected an analysed sample');
  return { ...result, outcome: { ...result.outcome, findings } };
}

/** The same exam made on another day: nothing of its UIDs or its frame of reference is the same. */
function nextStudy(result: StudyResult): StudyResult {
  return {
    ...result,
    studyInstanceUid: '2.25.77',
    instanceSetDigest: 'e'.repeat(64),
    parts: result.parts.map((part) => ({ ...part, frameOfReferenceUid: part.frameOfReferenceUid && '2.25.78' })),
  };
}

const reportOf = (result: StudyResult, kind: SampleKind, prior?: PriorComparison) =>
  readPart10(buildStructuredReport(result, sampleSource(kind), SAMPLE_CONTEXT, prior).bytes).dataset;

function priorOf(kind: SampleKind, result = sampleResult(kind), isKnownHere = true): PriorExam {
  return readPriorExam(reportOf(result, kind), isKnownHere ? result : null)!;
}

const summaryOf = (result: StudyResult, prior: PriorComparison) => {
  const { changes, noLongerSeen } = compareWithPriors(result, prior);
  return { changes: [...changes.values()], gone: noLongerSeen.map(({ trackingIdentifier }) => trackingIdentifier) };
};

describe('a source of earlier reports that did not answer', () => {
  it('is told of, and makes another document', () => {
    const result = sampleResult('ct-negative');
    const without = buildStructuredReport(result, sampleSource('ct-negative'), SAMPLE_CONTEXT);
    const silent = { isLookupIncomplete: true };
    const unsure = buildStructuredReport(result, sampleSource('ct-negative'), SAMPLE_CONTEXT, silent);
    expect(unsure.sopInstanceUid).not.toBe(without.sopInstanceUid);
    expect(Buffer.from(unsure.bytes).includes('No earlier report could be looked up')).toBe(true);
    expect(Buffer.from(without.bytes).includes('earlier report')).toBe(false);
    const beside = { ...silent, earlier: priorOf('ct-positive') };
    const compared = buildStructuredReport(nextStudy(result), sampleSource('ct-negative'), SAMPLE_CONTEXT, beside);
    expect(Buffer.from(compared.bytes).includes('there may be a later one')).toBe(true);
  });
});

describe('readPriorExam', () => {
  it('takes over nothing that a report must not hold', () => {
    const result = sampleResult('ct-positive');
    const { bytes } = buildStructuredReport(result, sampleSource('ct-positive'), SAMPLE_CONTEXT);
    const odd = Buffer.from(bytes);
    for (const [text, other] of [
      ['PCE 1', 'P\x07\x1b\\1'],
      ['20261121', '2026\x0721'],
    ] as const) {
      for (let at = odd.indexOf(text); at >= 0; at = odd.indexOf(text)) odd.write(other, at, 'latin1');
    }
    const earlier = readPriorExam(readPart10(odd).dataset)!;
    expect(earlier.studyDate).toBeNull();
    expect(earlier.findings[0]!.trackingIdentifier).toMatch(/^P[ ]+1$/);
    const negative = nextStudy(sampleResult('ct-negative'));
    const report = buildStructuredReport(negative, sampleSource('ct-negative'), SAMPLE_CONTEXT, { earlier });
    expect(Buffer.from(report.bytes).includes('of an unknown date: 2 no longer seen')).toBe(true);
  });

  it('reads what a report of ours says', () => {
    const prior = priorOf('ct-positive', sampleResult('ct-positive'), false);
    expect(prior.studyDate).toBe('20261121');
    expect(prior.modalities).toEqual(['CT']);
    expect(prior.findings.map(({ trackingIdentifier, side, lobe }) => [trackingIdentifier, side, lobe])).toEqual([
      ['PCE 1', 'right', 'right-lower'],
      ['PCE 2', 'left', 'left-upper'],
    ]);
    expect(prior.findings[0]).toMatchObject({ lengthMm: 23.4, calibreMm: 2.6, isShown: true, position: null });
  });

  it('adds from the result where in space a finding was', () => {
    const [first] = priorOf('ct-positive').findings;
    expect(first!.position!.centreLpsMm).toEqual(findingsOf(sampleResult('ct-positive'))[0]!.centreLpsMm);
    expect(first!.zone).toBe('lower');
  });

  it('takes nothing from an exam that could not be judged, nor from a file that is no report', () => {
    expect(readPriorExam(reportOf(sampleResult('not-analysable'), 'not-analysable'))).toBeNull();
    expect(readPriorExam(sampleSource('ct-positive').dataset)).toBeNull();
  });
});

describe('compareWithPriors', () => {
  const earlier = () => priorOf('ct-positive');
  const now = () => nextStudy(sampleResult('ct-positive'));

  it('says nothing without an earlier exam', () => {
    expect(summaryOf(now(), {})).toEqual({ changes: [], gone: [] });
  });

  it.each([true, false])('finds emboli of the same lobe and size stable (result at hand: %s)', (isKnownHere) => {
    const prior = { earlier: priorOf('ct-positive', sampleResult('ct-positive'), isKnownHere) };
    expect(summaryOf(now(), prior)).toEqual({ changes: ['stable', 'stable'], gone: [] });
  });

  it('carries the tracking UIDs of recognised emboli over', () => {
    const prior = earlier();
    const { trackingUids } = compareWithPriors(now(), { earlier: prior });
    expect([...trackingUids.values()].sort()).toEqual(prior.findings.map(({ trackingUid }) => trackingUid).sort());
  });

  it('calls an embolus of another lobe new, and one that is gone no longer seen', () => {
    const [first] = findingsOf(sampleResult('ct-positive'));
    const other = {
      ...first!,
      lobe: 'right-upper',
      zone: 'upper',
      measurements: { ...first!.measurements, lengthMm: 9 },
    };
    const result = withFindings(now(), [other as Finding]);
    expect(summaryOf(result, { earlier: earlier() })).toEqual({ changes: ['new'], gone: ['PCE 1', 'PCE 2'] });
  });

  it('calls an embolus of the same size in another lobe migrated, on CT only', () => {
    const [first, second] = findingsOf(sampleResult('ct-positive'));
    const moved: Finding = { ...first!, lobe: 'right-upper', zone: 'upper' };
    const result = withFindings(now(), [moved, second!]);
    expect(summaryOf(result, { earlier: earlier() })).toEqual({ changes: ['migrated', 'stable'], gone: [] });
  });

  it('matches by position within one frame of reference, however the lobe was called', () => {
    const [first, second] = findingsOf(sampleResult('ct-positive'));
    const [x, y, z] = first!.centreLpsMm!;
    const near: Finding = { ...first!, lobe: 'right-middle', zone: 'middle', centreLpsMm: [x - 14, y, z] };
    const far: Finding = { ...second!, id: 2, centreLpsMm: [x + 40, y, z], measurements: first!.measurements };
    const result = withFindings(sampleResult('ct-positive'), [near, far]);
    const prior = earlier();
    const { trackingUids } = compareWithPriors(result, { superseded: prior });
    expect(trackingUids.get(near)).toBe(prior.findings[0]!.trackingUid);
    expect(prior.findings.map(({ trackingUid }) => trackingUid)).not.toContain(trackingUids.get(far));
  });

  it('keeps tracking UIDs when a result is superseded, and calls nothing new for that', () => {
    const first = sampleResult('ct-positive');
    const prior = earlier();
    const again = { ...first, algorithm: { ...first.algorithm, version: '0.2.0' } };
    const compared = compareWithPriors(again, { superseded: prior });
    expect([...compared.trackingUids.values()].sort()).toEqual(prior.findings.map((f) => f.trackingUid).sort());
    expect(compared.changes.size).toBe(0);
  });

  it('never gives two findings one tracking UID', () => {
    const result = sampleResult('ct-numerous');
    const reversed = withFindings(result, [...findingsOf(result)].reverse().slice(3));
    const prior = { superseded: priorOf('ct-numerous'), earlier: priorOf('ct-positive') };
    const uids = [...compareWithPriors(reversed, prior).trackingUids.values()];
    expect(new Set(uids).size).toBe(11);
  });

  it('lets films say nothing against CT, and CT nothing of what films did not show', () => {
    const film = nextStudy(sampleResult('film-negative'));
    expect(summaryOf(film, { earlier: earlier() }).gone).toEqual([]);
    expect(summaryOf(now(), { earlier: priorOf('film-negative') }).changes).toEqual([]);
    expect(summaryOf(nextStudy(sampleResult('film-negative')), { earlier: priorOf('film-positive') }).gone).toEqual([
      'PCE 1',
    ]);
  });

  it('does not miss a candidate that was never shown', () => {
    const prior = priorOf('ct-candidates-only');
    expect(summaryOf(nextStudy(sampleResult('ct-negative')), { earlier: prior }).gone).toEqual([]);
  });
});

describe('the report of a compared exam', () => {
  it('names the earlier report as evidence and in words, and is another document', () => {
    const result = nextStudy(sampleResult('ct-positive'));
    const earlier = priorOf('ct-positive');
    const report = reportOf(withFindings(result, findingsOf(result).slice(0, 1)), 'ct-positive', { earlier });
    const [study] = report.items('PertinentOtherEvidenceSequence');
    const [series] = study!.items('ReferencedSeriesSequence');
    expect(study!.string('StudyInstanceUID')).toBe(earlier.report.studyInstanceUid);
    expect(series!.items('ReferencedSOPSequence')[0]!.string('ReferencedSOPInstanceUID')).toBe(
      earlier.report.sopInstanceUid,
    );
    const plain = reportOf(result, 'ct-positive');
    expect(plain.string('SOPInstanceUID')).not.toBe(report.string('SOPInstanceUID'));
    expect(plain.has('PertinentOtherEvidenceSequence')).toBe(false);
  });

  it('has no error in dciodvfy and dsrdump, with emboli that moved and some that are gone', ({ skip }) => {
    for (const tool of ['dciodvfy', 'dsrdump']) requireTool(tool, skip);
    const result = nextStudy(sampleResult('ct-positive'));
    const moved = { ...findingsOf(result)[0]!, lobe: 'right-upper', zone: 'upper' } as const;
    const earlier = priorOf('ct-positive');
    const folder = mkdtempSync(join(tmpdir(), 'pce-prior-'));
    try {
      for (const sopClass of ['comprehensive-3d', 'comprehensive'] as const) {
        const context = {
          ...SAMPLE_CONTEXT,
          sopClass,
          predecessors: [{ ...earlier.report, sopInstanceUid: '2.25.9' }],
        };
        const source = sampleSource('ct-positive');
        const { bytes } = buildStructuredReport(withFindings(result, [moved]), source, context, { earlier });
        writeFileSync(join(folder, 'sr.dcm'), bytes);
        expect(runTool('dciodvfy', ['-new', join(folder, 'sr.dcm')]).status).toBe(0);
        const dump = runTool('dsrdump', [join(folder, 'sr.dcm')]).stdout.toString();
        expect(dump).toContain('(PCE-363,99PCE,"Migrated")');
        expect(dump).toContain('(PCE-364,99PCE,"No longer seen")');
        expect(dump).toMatch(/Predecessor Docs\s+: 1/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
