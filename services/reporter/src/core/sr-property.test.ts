import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRESENCES, QUALITIES, URGENCIES } from '@pce/shared/contracts/exam-outcome';
import {
  ARTERY_LEVELS,
  ASSESSMENTS,
  FINDING_KINDS,
  type Finding,
  LOBES,
  MORPHOLOGIES,
  SIDES,
  SITES,
  ZONES,
} from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { ATTRIBUTES, type Keyword } from '@pce/shared/dicom/tag';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { SAMPLE_CONTEXT } from '@pce/test-support/sample-results';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildStructuredReport } from './sr-document.js';
import { expectedInstead } from './value-rules.js';

/** Any text at all: control characters, single surrogates, backslashes, every script. */
const anyText = fc.string({ unit: 'binary', maxLength: 100 });
const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const coordinate = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const uid = fc.nat().map((seed) => uidFromSeed(String(seed)));
const reason = fc.record({ code: anyText, message: anyText });

const anyPart: fc.Arbitrary<ExamPart> = fc
  .record({
    modality: fc.constantFrom('CT', 'CR', 'DX', 'RF', 'MR', '?'),
    seriesInstanceUid: uid,
    frameOfReferenceUid: orNull(uid),
    sliceSpacingMm: orNull(anyNumber),
    sliceThicknessMm: orNull(anyNumber),
    instances: fc.uniqueArray(uid, { minLength: 1, maxLength: 5 }),
    frames: fc.constantFrom(0, 0, 3),
    fails: fc.boolean(),
    reason,
  })
  .map(({ instances, frames, fails, reason: why, ...part }) => {
    const images = instances.flatMap((sopInstanceUid): ImageReference[] => {
      const image = {
        sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
        sopInstanceUid,
        seriesInstanceUid: part.seriesInstanceUid,
      };
      return frames === 0
        ? [image]
        : Array.from({ length: frames }, (_, frame) => ({ ...image, frameNumber: frame + 1 }));
    });
    const quality = { level: 'diagnostic' as const, remarks: [] };
    const analysed = {
      kind: 'analysed' as const,
      presence: 'absent' as const,
      probability: 0,
      suggestedUrgency: 'none' as const,
    };
    const outcome = fails ? { kind: 'not-analysable' as const, reason: why } : { ...analysed, quality, findings: [] };
    return { ...part, images, outcome };
  });

/** A finding on one of the images, drawn anyhow. */
const anyFinding = (images: readonly ImageReference[]): fc.Arbitrary<Omit<Finding, 'id'>> =>
  fc.record({
    kind: fc.constantFrom(...FINDING_KINDS),
    assessment: fc.constantFrom(...ASSESSMENTS),
    probability,
    morphology: fc.constantFrom(...MORPHOLOGIES),
    site: fc.constantFrom(...SITES),
    side: orNull(fc.constantFrom(...SIDES)),
    zone: orNull(fc.constantFrom(...ZONES)),
    lobe: orNull(fc.constantFrom(...LOBES)),
    arteryLevel: orNull(fc.constantFrom(...ARTERY_LEVELS)),
    regions: fc.array(
      fc.record({
        image: fc.constantFrom(...images),
        purpose: fc.constantFrom('outline' as const, 'centreline' as const, 'centre' as const),
        pointsPx: fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 6 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    centreLpsMm: orNull(fc.tuple(coordinate, coordinate, coordinate)),
    centrelineLpsMm: fc.constant([]),
    measurements: fc.record({
      lengthMm: orNull(anyNumber),
      calibreMm: orNull(anyNumber),
      volumeMm3: orNull(anyNumber),
      peakHu: orNull(anyNumber),
      peakIsClipped: fc.boolean(),
      contrastToNoise: orNull(anyNumber),
      inDetectorPlane: fc.boolean(),
    }),
    reasons: fc.array(anyText, { maxLength: 3 }),
  });

const numbered = (findings: readonly Omit<Finding, 'id'>[]): Finding[] =>
  findings.map((finding, index) => ({ ...finding, id: index + 1 }));

const anyOutcome = (parts: readonly ExamPart[]): fc.Arbitrary<StudyResult['outcome']> => {
  const notAnalysable = fc.record({ kind: fc.constant('not-analysable' as const), reason });
  const images = parts.flatMap((part) => part.images);
  if (images.length === 0) return notAnalysable;
  const analysed = fc.record({
    kind: fc.constant('analysed' as const),
    presence: fc.constantFrom(...PRESENCES),
    probability,
    suggestedUrgency: fc.constantFrom(...URGENCIES),
    quality: fc.record({ level: fc.constantFrom(...QUALITIES), remarks: fc.array(anyText, { maxLength: 3 }) }),
    findings: fc.array(anyFinding(images), { maxLength: 5 }).map(numbered),
  });
  return fc.oneof({ weight: 5, arbitrary: analysed }, notAnalysable);
};

const anyResult: fc.Arbitrary<StudyResult> = fc
  .uniqueArray(anyPart, { maxLength: 3, selector: (part) => part.seriesInstanceUid })
  .chain((parts) =>
    fc.record({
      contractVersion: fc.constant(1 as const),
      studyInstanceUid: uid,
      instanceSetDigest: anyText,
      algorithm: fc.record({ name: anyText, version: anyText, parametersDigest: anyText, reportAbove: probability }),
      parts: fc.constant(parts),
      outcome: anyOutcome(parts),
    }),
  );

/** Attributes a report inherits, with the VR their bytes claim to be of. */
const INHERITED: readonly (readonly [string, string])[] = [
  ['x00080020', 'DA'],
  ['x00080030', 'TM'],
  ['x00080050', 'SH'],
  ['x00080090', 'PN'],
  ['x00080201', 'SH'],
  ['x00081030', 'LO'],
  ['x00081048', 'PN'],
  ['x00100010', 'PN'],
  ['x00100020', 'LO'],
  ['x00100021', 'LO'],
  ['x00100030', 'DA'],
  ['x00100032', 'TM'],
  ['x00100040', 'CS'],
  ['x00101010', 'AS'],
  ['x00101020', 'DS'],
  ['x00101030', 'DS'],
  ['x001021b0', 'LT'],
  ['x00104000', 'LT'],
  ['x00200010', 'SH'],
];
/** Whatever stands in real headers: right, nearly right, and bytes of no meaning. */
const anyValue = fc.oneof(
  fc.constantFrom(
    '19570102',
    '1957.01.02',
    '19570231',
    '081500',
    '08:15:00',
    '999999',
    'F',
    'f',
    'W',
    '069Y',
    '69',
    '70.5',
  ),
  fc.constantFrom('A\\B', ' ', '\\', 'x'.repeat(80), 'a^b^c^d^e^f=g=h=i', '^^^^', 'Müller^Jörg', '-0500', '+9999'),
  fc.string({ unit: 'binary', maxLength: 90 }),
);
const toEvenBytes = (bytes: Uint8Array): Uint8Array => (bytes.length % 2 ? Uint8Array.of(...bytes, 0x20) : bytes);
const anyBytes = fc.oneof(
  anyValue.map((text) => toEvenBytes(new TextEncoder().encode(text))),
  fc.uint8Array({ maxLength: 100 }).map(toEvenBytes),
);

const anySource = fc
  .record({
    characterSet: fc.constantFrom<string | string[]>(
      '',
      'ISO_IR 100',
      'ISO_IR 192',
      'GB18030',
      ['', 'ISO 2022 IR 87'],
      'NONSENSE',
    ),
    values: fc.array(orNull(anyBytes), { minLength: INHERITED.length, maxLength: INHERITED.length }),
    requestId: anyBytes,
  })
  .map(({ characterSet, values, requestId }) => {
    const present = INHERITED.flatMap(([tag, vr], index) =>
      values[index] ? [[tag, { vr, value: values[index] }]] : [],
    );
    return buildDicom({
      attributes: {
        SpecificCharacterSet: characterSet,
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: '1.2.3.4',
        SeriesInstanceUID: '1.2.3',
        Modality: 'CT',
        RequestAttributesSequence: [{ x00401001: { vr: 'SH', value: requestId } }],
        ...Object.fromEntries(present),
      },
    });
  });

const reportOf = ([result, source]: [StudyResult, Uint8Array]) =>
  buildStructuredReport(result, { dataset: readPart10(source).dataset }, SAMPLE_CONTEXT);

const KEYWORDS = Object.keys(ATTRIBUTES) as Keyword[];
/** VRs whose values we read as text. */
const TEXT_VRS: ReadonlySet<string> = new Set([
  'AS',
  'CS',
  'DA',
  'DS',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UI',
  'UT',
]);

/** Values, of all levels, that break their VR. */
function badValues(dataset: Dataset): string[] {
  return KEYWORDS.filter((keyword) => dataset.has(keyword)).flatMap((keyword) => {
    const vr = ATTRIBUTES[keyword][1];
    if (vr === 'SQ') return dataset.items(keyword).flatMap(badValues);
    if (!TEXT_VRS.has(vr)) return [];
    const expected = dataset.strings(keyword).map((value) => expectedInstead(vr, value));
    return expected.filter((problem) => problem !== null).map((problem) => `${keyword} ${vr}: ${problem}`);
  });
}

/** Errors of dciodvfy, less those of one kind that are its own: it counts bytes where DICOM counts characters. */
function dciodvfyErrors(file: string): string[] {
  const { stdout, stderr } = runTool('dciodvfy', ['-new', file]);
  const errors = (stdout.toString() + stderr.toString()).split('\n').filter((line) => line.startsWith('Error'));
  return errors.filter((line) => {
    const [, value = '', limit = '0'] = /<([^>]*)> - Length invalid for this VR = .* <= (\d+)/.exec(line) ?? [];
    return [...value].length > Number(limit) || Buffer.byteLength(value) <= Number(limit);
  });
}

describe('a report of any result and any source', () => {
  it('is written, and every value in it conforms', () => {
    fc.assert(
      fc.property(fc.tuple(anyResult, anySource), (given) => {
        const { bytes, sopInstanceUid } = reportOf(given);
        const { dataset } = readPart10(bytes);
        expect(dataset.string('SOPInstanceUID')).toBe(sopInstanceUid);
        expect(dataset.string('StudyInstanceUID')).toBe(given[0].studyInstanceUid);
        expect(dataset.items('ContentSequence').length).toBeGreaterThan(8);
        expect(badValues(dataset)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('satisfies dciodvfy and dsrdump', { timeout: 300_000 }, ({ skip }) => {
    for (const tool of ['dciodvfy', 'dsrdump']) requireTool(tool, skip);
    const folder = mkdtempSync(join(tmpdir(), 'pce-sr-any-'));
    try {
      const file = join(folder, 'sr.dcm');
      for (const given of fc.sample(fc.tuple(anyResult, anySource), { numRuns: 40, seed: 20261122 })) {
        writeFileSync(file, reportOf(given).bytes);
        expect(dciodvfyErrors(file)).toEqual([]);
        expect(runTool('dsrdump', [file]).status).toBe(0);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
