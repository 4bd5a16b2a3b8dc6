import { readPart10 } from '@pce/shared/dicom/part10';
import { sampleDatasets } from '@pce/test-support/sample-images';
import { SAMPLE_CONTEXT, sampleResult } from '@pce/test-support/sample-results';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import type { ReportContext } from './report-context.js';
import { REPORT_OBJECT_KINDS } from './report-object.js';
import { buildReportObjects, imagesNeeded } from './report-objects.js';
import {
  describeSeries,
  ownTemplate,
  SERIES_CONTENT,
  type SeriesContent,
  templateProblem,
} from './series-description.js';

const CONTENTS = Object.keys(SERIES_CONTENT) as SeriesContent[];

describe('describeSeries', () => {
  it('puts what a series holds into the words of a site, and always says what the software is', () => {
    expect(describeSeries(undefined, 'present')).toBe('PCE AI: POSITIVE (research)');
    expect(describeSeries('KI Zementembolie: {content}', 'absent')).toBe('KI Zementembolie: NEGATIVE (research)');
    expect(describeSeries('$& {content}', 'segmentation')).toBe('$& emboli (research)');
  });

  it('fits into its attribute whatever is allowed', () => {
    const longest = `${'x'.repeat(31)}{content}`;
    expect(templateProblem(longest)).toBeNull();
    expect(Math.max(...CONTENTS.map((content) => describeSeries(longest, content).length))).toBe(64);
    expect(templateProblem(`x${longest}`)).toContain('at most 31 characters');
  });

  it('says what is wrong with words', () => {
    for (const text of ['', 'AI', '{content} {content}']) expect(templateProblem(text)).toContain('{content} once');
    for (const text of ['a\\b {content}', 'a\n{content}']) expect(templateProblem(text)).toContain('one line');
  });

  it('knows the usual words when it sees them', () => {
    expect([ownTemplate(' PCE AI: {content}'), ownTemplate(undefined), ownTemplate('{content} ')]).toEqual([
      undefined,
      undefined,
      '{content}',
    ]);
  });
});

describe('buildReportObjects with a series description of a destination', () => {
  const build = async (change: Partial<ReportContext>) => {
    const result = sampleResult('ct-positive');
    const kinds = new Set(REPORT_OBJECT_KINDS);
    return buildReportObjects({
      result,
      datasets: sampleDatasets('ct-positive', imagesNeeded(result, kinds)),
      keyPictures: [{ findingId: null, label: 'Overview', png: PNG.sync.write(new PNG({ width: 8, height: 8 })) }],
      context: { ...SAMPLE_CONTEXT, ...change },
      kinds,
    });
  };

  it('never gives one UID two contents: instances and series are others', async () => {
    const usual = await build({});
    const own = await build({ seriesDescription: 'KI: {content}' });
    expect(own.map(({ kind }) => kind)).toEqual(usual.map(({ kind }) => kind));
    expect(new Set(usual.map(({ kind }) => kind))).toEqual(new Set(REPORT_OBJECT_KINDS));
    const uidsOf = (objects: typeof own) => objects.flatMap((one) => [one.sopInstanceUid, one.seriesInstanceUid]);
    expect(uidsOf(own).filter((uid) => uidsOf(usual).includes(uid))).toEqual([]);
    for (const { bytes, seriesDescription } of own) {
      expect(seriesDescription).toBe('KI: {content}');
      expect(readPart10(bytes).dataset.string('SeriesDescription')).toMatch(/^KI: .+ \(research\)$/);
    }
    for (const { bytes } of usual) {
      expect(readPart10(bytes).dataset.string('SeriesDescription')).toMatch(/^PCE AI: .+ \(research\)$/);
    }
  });
});
