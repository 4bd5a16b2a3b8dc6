import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, MaskSlice } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { readPart10 } from '@pce/shared/dicom/part10';
import { requirePython, runPython } from '@pce/test-support/foreign-python';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { sampleDatasets } from '@pce/test-support/sample-images';
import {
  SAMPLE_CONTEXT,
  SAMPLE_CT_GRID,
  type SampleKind,
  sampleResult,
  sampleSource,
} from '@pce/test-support/sample-results';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSegmentations, segmentedImages } from './segmentation.js';

const SIDE = SAMPLE_CT_GRID.columns;

function withFindings(result: StudyResult, change: (finding: Finding) => Finding): StudyResult {
  if (result.outcome.kind !== 'analysed') throw new Error('expected an analysed sample');
  return { ...result, outcome: { ...result.outcome, findings: result.outcome.findings.map(change) } };
}

/** Runs at the corners of the slice, over the end of a row, and of odd places, so that bits of all positions are set. */
function maskOf(result: StudyResult, id: number): MaskSlice[] {
  const images = result.parts[0]!.images.slice(10 * id, 10 * id + 3);
  return images.map((image, index) => ({
    image,
    runs: [0, 1, 7 + id, 3 + index, 5 * SIDE - 2, 5, SIDE * SIDE - 3 - id, 3],
  }));
}

const masked = (kind: SampleKind): StudyResult => {
  const result = sampleResult(kind);
  return withFindings(result, (finding) => ({ ...finding, mask: maskOf(result, finding.id) }));
};

function build(result: StudyResult, kind: SampleKind) {
  const headers = sampleDatasets(kind, segmentedImages(result));
  return buildSegmentations(
    result,
    (image) => headers.get(image.sopInstanceUid) ?? null,
    sampleSource(kind),
    SAMPLE_CONTEXT,
  );
}

/** Pixel numbers of a mask, image by image. */
const pixelsOf = ({ runs }: MaskSlice): number[] =>
  runs.flatMap((first, at) => (at % 2 === 0 ? Array.from({ length: runs[at + 1]! }, (_, step) => first + step) : []));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-seg-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('buildSegmentations', () => {
  it('needs the slices with voxels, or all of the series where no voxels are known', () => {
    expect(segmentedImages(masked('ct-positive'))).toHaveLength(6);
    expect(segmentedImages(sampleResult('ct-positive'))).toHaveLength(150);
    expect(segmentedImages(sampleResult('film-positive'))).toEqual([]);
  });

  it('makes one segment per embolus, named as in the report', () => {
    const [segmentation] = build(masked('ct-positive'), 'ct-positive');
    const { dataset } = readPart10(segmentation!.bytes);
    const segments = dataset.items('SegmentSequence');
    expect(segments.map((segment) => segment.string('SegmentLabel'))).toEqual(['PCE 1', 'PCE 2']);
    expect(segments.map((segment) => segment.string('SegmentDescription'))).toEqual(
      Array(2).fill('Voxels as measured'),
    );
    expect(dataset.number('NumberOfFrames')).toBe(6);
  });

  it('draws a tube where no voxels are known, and says so', () => {
    const straight = withFindings(sampleResult('ct-positive'), (finding) => ({
      ...finding,
      centrelineLpsMm: [
        [-100, -11.2, -190.25],
        [-86, -11.2, -190.25],
      ],
      measurements: { ...finding.measurements, calibreMm: 4.2 },
    }));
    const [segmentation] = build(straight, 'ct-positive');
    const { dataset } = readPart10(segmentation!.bytes);
    expect(dataset.items('SegmentSequence')[0]!.string('SegmentDescription')).toContain('Approximation');
    // Radius 2.1 mm about the slice at -190.25: that slice and its neighbours, 2 mm away.
    const positions = dataset
      .items('PerFrameFunctionalGroupsSequence')
      .map((frame) => frame.items('PlanePositionSequence')[0]!.numbers('ImagePositionPatient')[2]);
    expect(positions.slice(0, 3)).toEqual([-192.25, -190.25, -188.25]);
  });

  it('leaves out what has no header, and makes none of films', () => {
    const result = masked('ct-positive');
    const headers = sampleDatasets('ct-positive', [maskOf(result, 1)[0]!.image]);
    const [only] = buildSegmentations(
      result,
      (image) => headers.get(image.sopInstanceUid) ?? null,
      sampleSource('ct-positive'),
      SAMPLE_CONTEXT,
    );
    expect(readPart10(only!.bytes).dataset.number('NumberOfFrames')).toBe(1);
    expect(buildSegmentations(result, () => null, sampleSource('ct-positive'), SAMPLE_CONTEXT)).toEqual([]);
    expect(build(sampleResult('film-positive'), 'film-positive')).toEqual([]);
  });

  it.for<SampleKind>(['ct-positive', 'ct-enhanced-positive'])(
    'of %s holds the same voxels in a foreign reader',
    (kind, { skip }) => {
      const python = requirePython(['pydicom', 'numpy'], skip);
      const result = masked(kind);
      const [segmentation] = build(result, kind);
      const file = join(folder, `${kind}.dcm`);
      writeFileSync(file, segmentation!.bytes);
      const script = `
import json, sys, pydicom, numpy as np
seg = pydicom.dcmread(sys.argv[1])
pixels = seg.pixel_array.reshape(seg.NumberOfFrames, -1)
out = []
for frame, group in zip(pixels, seg.PerFrameFunctionalGroupsSequence):
    source = group.DerivationImageSequence[0].SourceImageSequence[0]
    out.append([int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber),
                str(source.ReferencedSOPInstanceUID), int(source.get('ReferencedFrameNumber', 0)),
                [int(i) for i in np.flatnonzero(frame)]])
print(json.dumps(out))`;
      const read = runPython(python, script, '', [file]);
      const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
      const written = findings.flatMap(({ mask }, index) =>
        mask!.map((slice) => [index + 1, slice.image.sopInstanceUid, slice.image.frameNumber ?? 0, pixelsOf(slice)]),
      );
      expect(read).toEqual(written);
    },
  );

  it('has no error in dciodvfy', ({ skip }) => {
    requireTool('dciodvfy', skip);
    const file = join(folder, 'checked.dcm');
    writeFileSync(file, build(masked('ct-numerous'), 'ct-numerous')[0]!.bytes);
    const { status, stderr, stdout } = runTool('dciodvfy', ['-new', file]);
    const lines = (stdout.toString() + stderr.toString()).split('\n');
    expect(lines.filter((line) => line.startsWith('Error'))).toEqual([]);
    expect(status).toBe(0);
  });
});
