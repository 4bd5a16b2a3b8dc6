import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readPage, sectionOf, tableRows } from '@pce/test-support/documents';
import { describe, expect, it } from 'vitest';

/** Files and folders named in code marks. */
const filesIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, file]) => file as string);
const isProof = (file: string) => /\.test\.ts$|^(bench|campaign)\//.test(file);

const requirements = tableRows(readPage('docs/traceability.md')).map(
  ([id = '', text = '', design = '', tests = '', state = '']) => ({
    id,
    text,
    design: filesIn(design),
    tests: filesIn(tests),
    state,
  }),
);

describe('traceability', () => {
  it('has every requirement once, with a design and a state', () => {
    const ids = requirements.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(50);
    expect(ids.filter((id) => !/^R\d+\.\d+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, text, design, state } of requirements) {
      expect([id, text !== '', design.length > 0, state !== '']).toEqual([id, true, true, true]);
    }
  });

  it('names at least one test or benchmark for each requirement, and only files that are there', () => {
    for (const { id, design, tests } of requirements) {
      expect([id, tests.length > 0, tests.filter((file) => !isProof(file))]).toEqual([id, true, []]);
      expect([id, [...design, ...tests].filter((file) => !existsSync(join(ROOT, file)))]).toEqual([id, []]);
    }
  });
});

describe('the hazard analysis', () => {
  const text = readPage('docs/hazard-analysis.md');
  const overview = tableRows(sectionOf(text, 'Overview'));
  const matrix = tableRows(sectionOf(text, 'Scheme'))
    .filter(([row]) => /^P\d$/.test(row ?? ''))
    .filter((row) => row.length === 5);

  it('judges each residual risk as its scheme says', () => {
    expect(matrix.length).toBe(4);
    expect(overview.length).toBeGreaterThan(15);
    for (const [hazard, severity, , after, residual] of overview) {
      const row = matrix.find(([probability]) => probability === after) ?? [];
      expect([hazard, residual?.replaceAll('*', '')]).toEqual([hazard, row[Number(severity?.slice(1))]]);
    }
  });

  it('says for each hazard what stands against it, where that is verified and what is left', () => {
    for (const [hazard = '', severity, before, after] of overview) {
      const section = sectionOf(text, `${hazard.split(' ')[0]} `);
      expect(section).toContain(`**Before controls:** ${severity}, ${before}.`);
      expect(section).toContain(`**After:** ${after}. **Left:** `);
      expect(section.match(/^- /gm)?.length ?? 0).toBeGreaterThan(0);
      expect(filesIn(section).filter((file) => file.endsWith('.test.ts')).length).toBeGreaterThan(0);
    }
  });
});
