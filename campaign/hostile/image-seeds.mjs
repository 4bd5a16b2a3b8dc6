import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { findTool, runTool } from '@pce/test-support/foreign-tool';
import { buildTestImage, SAMPLE_KINDS, storedBytes, testSamples } from '@pce/test-support/test-image';
import { indexDicom } from './dicom-sites.mjs';

const [COLUMNS, ROWS] = [32, 24];
/** Foreign encoders of what no package here writes: JPEG lossless, and JPEG of 12 bits. */
const TOOLS = [
  ['dcmcjpeg', ['+e1', '+un'], 's12'],
  ['dcmcjpeg', ['+el', '+un'], 'u16'],
  ['dcmcjpeg', ['+ee'], 'u12'],
  ['dcmcrle', [], 's12'],
];
/** Larger images cost time and say nothing more about a reader. [design] */
const MOST_SEED_BYTES = 400_000;

/** Valid images by codec family, each indexed for mutation. Families without any seed are absent. */
export async function imageSeeds(imageFolder) {
  const byFamily = new Map();
  const add = (bytes) => {
    const seed = indexDicom(bytes);
    const { codec } = readPart10(bytes).transferSyntax;
    const family = codec ?? 'no decoder';
    byFamily.set(family, [...(byFamily.get(family) ?? []), seed]);
  };
  for (const bytes of [...nativeImages(), ...(await encodedImages()), ...foreignImages()]) {
    // Damage to what never was whole would prove nothing.
    await decodeFrame(readPart10(bytes), 0);
    add(bytes);
  }
  for (const bytes of imageFolder ? filesBelow(imageFolder) : []) {
    try {
      add(bytes);
    } catch {
      // Not all of a collection is readable, which other tests are about; a seed has to be.
    }
  }
  return byFamily;
}

function nativeImages() {
  const native = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99'];
  const images = native.flatMap((transferSyntaxUid) =>
    ['u8', 's12', 'u16'].map((kind) =>
      buildTestImage({ kind: SAMPLE_KINDS[kind], columns: COLUMNS, rows: ROWS, transferSyntaxUid }),
    ),
  );
  const plain = storedBytes(testSamples(SAMPLE_KINDS.u12, COLUMNS, ROWS), SAMPLE_KINDS.u12);
  images.push(encapsulated('1.2.840.10008.1.2.1.98', 'u12', plain));
  images.push(encapsulated('1.2.840.10008.1.2.8.1', 'u12', deflateRawSync(plain)));
  return images;
}

const encapsulated = (transferSyntaxUid, kind, fragment) =>
  buildTestImage({
    kind: SAMPLE_KINDS[kind],
    columns: COLUMNS,
    rows: ROWS,
    transferSyntaxUid,
    pixelData: [fragment],
    attributes: { NumberOfFrames: 1 },
  });

/** OpenJPEG makes five levels of wavelets unless told otherwise, which so small an image has not. */
const twoLevels = (encoder) => encoder.setDecompositions(1);

/** Encoders of the codec packages: JPEG-LS, JPEG 2000, HTJ2K, JPEG baseline. */
async function encodedImages() {
  const [charls, openjpeg, openjph, turbo] = await Promise.all(
    ['codec-charls', 'codec-openjpeg', 'codec-openjph', 'codec-libjpeg-turbo-8bit'].map(async (name) =>
      (await import(`@cornerstonejs/${name}/wasmjs`)).default({ print() {}, printErr() {} }),
    ),
  );
  const of = (Encoder, kind, prepare) => encode(new Encoder(), kind, prepare);
  return [
    encapsulated(
      '1.2.840.10008.1.2.4.80',
      'u12',
      of(charls.JpegLSEncoder, 'u12', (e) => e.setNearLossless(0)),
    ),
    encapsulated(
      '1.2.840.10008.1.2.4.81',
      'u8',
      of(charls.JpegLSEncoder, 'u8', (e) => e.setNearLossless(2)),
    ),
    encapsulated('1.2.840.10008.1.2.4.90', 's12', of(openjpeg.J2KEncoder, 's12', twoLevels)),
    encapsulated('1.2.840.10008.1.2.4.91', 'u8', of(openjpeg.J2KEncoder, 'u8', twoLevels)),
    encapsulated(
      '1.2.840.10008.1.2.4.201',
      'u12',
      of(openjph.HTJ2KEncoder, 'u12', (e) => e.setQuality(true, 0)),
    ),
    encapsulated(
      '1.2.840.10008.1.2.4.203',
      's16',
      of(openjph.HTJ2KEncoder, 's16', (e) => e.setQuality(true, 0)),
    ),
    encapsulated(
      '1.2.840.10008.1.2.4.50',
      'u8',
      of(turbo.JPEGEncoder, 'u8', (e) => e.setQuality(90)),
    ),
  ];
}

function encode(encoder, kind, prepare) {
  const { bits, allocated, signed } = SAMPLE_KINDS[kind];
  const info = { width: COLUMNS, height: ROWS, bitsPerSample: bits, componentCount: 1, isSigned: signed };
  const samples = storedBytes(testSamples(SAMPLE_KINDS[kind], COLUMNS, ROWS), SAMPLE_KINDS[kind]);
  encoder
    .getDecodedBuffer({ ...info, isUsingColorTransform: false })
    .set(samples.subarray(0, (COLUMNS * ROWS * allocated) / 8));
  prepare(encoder);
  encoder.encode();
  const codestream = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return codestream;
}

function foreignImages() {
  const folder = mkdtempSync(join(tmpdir(), 'pce-seeds-'));
  try {
    return TOOLS.flatMap(([tool, options, kind]) => {
      if (findTool(tool) === null) return [];
      const [from, to] = [join(folder, 'from.dcm'), join(folder, 'to.dcm')];
      writeFileSync(from, buildTestImage({ kind: SAMPLE_KINDS[kind], columns: COLUMNS, rows: ROWS }));
      return runTool(tool, [...options, from, to]).status === 0 ? [readFileSync(to)] : [];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= MOST_SEED_BYTES)
    .map((path) => readFileSync(path));
}
