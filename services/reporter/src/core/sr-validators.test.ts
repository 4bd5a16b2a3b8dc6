import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import {
  SAMPLE_CONTEXT,
  SAMPLE_KINDS,
  type SampleKind,
  sampleResult,
  sampleSource,
  sampleSourceAttributes,
} from '@pce/test-support/sample-results';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildStructuredReport } from './sr-document.js';

const VALIDATE = join(import.meta.dirname, '../../../../scripts/sr-validate.mjs');
/** PixelMed's validator takes seconds to start for each file. */
const PATIENCE_MS = 300_000;

/** The kinds that differ in their template. */
const TEMPLATE_KINDS: readonly SampleKind[] = [
  'ct-positive',
  'ct-negative',
  'ct-leak-and-vertebra',
  'film-positive',
  'not-analysable',
  'ct-and-films',
];

let folder: string;
const fileOf = (name: string) => join(folder, `${name}.dcm`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-sr-'));
  for (const kind of SAMPLE_KINDS) {
    for (const sopClass of ['comprehensive-3d', 'comprehensive'] as const) {
      const { bytes } = buildStructuredReport(sampleResult(kind), sampleSource(kind), { ...SAMPLE_CONTEXT, sopClass });
      writeFileSync(fileOf(`${kind}-${sopClass}`), bytes);
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const validate = (names: readonly string[]) => {
  const { status, stdout, stderr } = runTool('node', [VALIDATE, ...names.map(fileOf)]);
  return { status, lines: (stdout.toString() + stderr.toString()).split('\n') };
};

/** A copy of a report with one text replaced by another of equal length, byte for byte. */
function corrupt(name: string, from: string, to: string): string {
  const bytes = readFileSync(fileOf(name));
  const at = bytes.indexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error(`corrupt: expected ${from} in ${name}`);
  bytes.write(to, at, 'latin1');
  const copy = `${name}-corrupt-${to.trim().replace(/\W/g, '_')}`;
  writeFileSync(fileOf(copy), bytes);
  return copy;
}

describe('foreign validators', () => {
  it('accept every kind of report: dciodvfy, dsrdump, PixelMed', { timeout: PATIENCE_MS }, ({ skip }) => {
    for (const tool of ['dciodvfy', 'dsrdump', 'java']) requireTool(tool, skip);
    const names = TEMPLATE_KINDS.map((kind) => `${kind}-comprehensive-3d`);
    const { status, lines } = validate(names);
    expect(lines.filter((line) => !line.startsWith('PASS') && line !== '')).toEqual([]);
    expect(lines.filter((line) => line.startsWith('PASS'))).toHaveLength(names.length);
    expect(status).toBe(0);
  });

  it('refuse broken ones', { timeout: PATIENCE_MS }, ({ skip }) => {
    for (const tool of ['dciodvfy', 'dsrdump', 'java']) requireTool(tool, skip);
    const flag = corrupt('ct-negative-comprehensive-3d', 'COMPLETE', 'COMPLETD');
    const graphic = corrupt('film-positive-comprehensive-3d', 'POLYLINE', 'POLYLONE');
    const relationship = corrupt('ct-negative-comprehensive-3d', 'HAS OBS CONTEXT', 'HAS ACQ CONTEXT');
    const { status, lines } = validate([flag, graphic, relationship]);
    expect(status).toBe(1);
    expect(lines.filter((line) => line.startsWith('FAIL'))).toHaveLength(3);
  });

  it.for([
    ['comprehensive-3d', 'Comprehensive 3D SR Document'],
    ['comprehensive', 'Comprehensive SR Document'],
  ])('accept every kind as %s: dciodvfy, dsrdump', ([sopClass, title], { skip }) => {
    for (const tool of ['dciodvfy', 'dsrdump']) requireTool(tool, skip);
    for (const kind of SAMPLE_KINDS) {
      const file = fileOf(`${kind}-${sopClass}`);
      expect(runTool('dciodvfy', ['-new', file]).status).toBe(0);
      const dump = runTool('dsrdump', [file]);
      expect(dump.status).toBe(0);
      expect(dump.stdout.toString()).toContain(title);
    }
  });

  it('write a report as XML and back without loss', ({ skip }) => {
    for (const tool of ['dsr2xml', 'xml2dsr', 'dsrdump']) requireTool(tool, skip);
    const [file, xml, back] = [fileOf('ct-and-films-comprehensive-3d'), join(folder, 'sr.xml'), fileOf('back')];
    expect(runTool('dsr2xml', ['+Ea', '+Wt', file, xml]).status).toBe(0);
    expect(runTool('xml2dsr', [xml, back]).status).toBe(0);
    const tree = (path: string) => runTool('dsrdump', ['+Pc', path]).stdout.toString();
    expect(tree(back)).toBe(tree(file));
  });

  it('find no disagreement between a report and its source image: dcentvfy', ({ skip }) => {
    requireTool('dcentvfy', skip);
    const source = join(folder, 'source.dcm');
    writeFileSync(source, buildDicom({ attributes: sampleSourceAttributes('ct-positive') }));
    const { status, stdout, stderr } = runTool('dcentvfy', [source, fileOf('ct-positive-comprehensive-3d')]);
    const lines = (stdout.toString() + stderr.toString()).split('\n').filter((line) => line !== '');
    // The request inside the report has an accession number of its own, which dcentvfy takes for one of the study.
    expect(lines.filter((line) => !line.includes('Different information entities'))).toEqual([]);
    expect(status).toBe(0);
  });
});
