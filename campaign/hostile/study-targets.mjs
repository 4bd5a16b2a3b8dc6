import { createHash } from 'node:crypto';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { sampleImageAttributes } from '@pce/test-support/sample-images';
import { SAMPLE_CONTEXT, sampleResult } from '@pce/test-support/sample-results';
import { buildSmallEnhancedCt, buildSmallSlice } from '@pce/test-support/small-ct';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { detectStudy } from '../../services/detector/dist/core/detect.js';
import { buildReportObjects } from '../../services/reporter/dist/core/report-objects.js';
import { indexDicom } from './dicom-sites.mjs';
import { mutateDicom } from './mutate-dicom.mjs';

const SLICES = 12;
const [SIDE, PIXEL_MM] = [16, 16];
/** What is found is not at stake: how a study is put together is. */
const NO_FINDINGS = {
  kind: 'not-analysable',
  reason: { code: 'campaign', message: 'Campaign: expected nothing; received a study.' },
};
const DETECTORS = { ct: async () => NO_FINDINGS, radiograph: async () => NO_FINDINGS, modelDigest: 'none' };
const REPORT_KINDS = new Set(['sr', 'sr-comprehensive', 'gsps', 'key-object', 'segmentation', 'encapsulated-pdf']);

/** Studies of damaged images through planning and assembly; reports on images with damaged headers. */
export function studyTargets() {
  const slices = Array.from({ length: SLICES }, (_, k) =>
    indexDicom(
      buildSmallSlice({ seed: `${k}`, positionLpsMm: [-120, -120, k * 3 - 100], side: SIDE, pixelMm: PIXEL_MM }),
    ),
  );
  const enhanced = indexDicom(buildSmallEnhancedCt(Array.from({ length: SLICES }, (_, k) => [-124, -124, k * 3])));
  const film = indexDicom(buildSmallFilm({ columns: 256, rows: 256 }));
  return {
    'study of slices': study((random) => {
      const damaged = 1 + random.below(random.oneIn(4) ? SLICES : 3);
      return slices.map((seed, k) => (k < damaged ? mutateDicom(seed, random, 1) : seed.bytes));
    }),
    'study with one fault': study((random) => {
      const place = random.below(2 ** 31);
      return slices.map((seed) => mutateDicom(seed, sameChoices(place), 0));
    }),
    'study of frames': study((random) => [mutateDicom(enhanced, random, 1)]),
    'study of films': study((random) => [mutateDicom(film, random, 1), mutateDicom(film, random, 1)]),
    report: reportTarget(),
  };
}

/** The same draws for every slice of a study, so that all of them say the same wrong thing. */
function sameChoices(start) {
  let state = start;
  const below = (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % Math.max(1, Math.floor(limit));
  };
  return {
    below,
    oneIn: (n) => below(n) === 0,
    pick: (list) => list[below(list.length)],
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

function study(makeFiles) {
  return {
    expected: [],
    make: makeFiles,
    read: (files) => detectStudy(...studyOf(files), { reportAbove: 0.3 }, DETECTORS),
  };
}

function studyOf(files) {
  const instances = files.map((bytes, index) => ({
    studyInstanceUid: '2.25.1',
    seriesInstanceUid: '2.25.2',
    sopInstanceUid: instanceUidOf(bytes) ?? `2.25.3.${index}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    modality: 'CT',
    location: `${index}`,
    byteLength: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  return [instances, { read: async ({ location }) => files[Number(location)] }];
}

/** As the ledger has it: what the instance says of itself when it is received. */
function instanceUidOf(bytes) {
  try {
    return readPart10(bytes).dataset.string('SOPInstanceUID');
  } catch {
    return undefined;
  }
}

function reportTarget() {
  const kinds = ['ct-positive', 'film-positive', 'not-analysable'];
  const samples = kinds.map((kind) => {
    const result = sampleResult(kind);
    const images = result.parts.flatMap((part) => part.images).slice(0, 3);
    const seeds = images.map((image) => [
      image.sopInstanceUid,
      indexDicom(buildDicom({ attributes: sampleImageAttributes(kind, image) })),
    ]);
    return { result, seeds };
  });
  return {
    expected: ['DicomReadError', 'ReportError', 'ConformanceError'],
    make: (random) => {
      const { result, seeds } = random.pick(samples);
      return { result, files: seeds.map(([uid, seed]) => [uid, mutateDicom(seed, random, 0)]) };
    },
    read: async ({ result, files }) => {
      const datasets = new Map(files.map(([uid, bytes]) => [uid, readPart10(bytes).dataset]));
      const request = { result, datasets, keyPictures: [], context: SAMPLE_CONTEXT, kinds: REPORT_KINDS };
      for (const { bytes } of await buildReportObjects(request)) readPart10(bytes);
    },
  };
}
