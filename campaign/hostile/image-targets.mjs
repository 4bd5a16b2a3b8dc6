import { frameDataset } from '@pce/shared/dicom/functional-groups';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { identifyInstance } from '@pce/shared/dicom/query-identity';
import { describeInstance } from '../../services/detector/dist/core/volume/describe-instance.js';
import { jsonDataset } from '../../services/ingest/dist/core/dicom-json.js';
import { readFileHead } from '../../services/ingest/dist/core/part10-stream.js';
import { routingFacts } from '../../services/ingest/dist/core/routing-facts.js';
import { mutateDicom } from './mutate-dicom.mjs';

const READ_ERRORS = ['DicomReadError'];
const DECODE_ERRORS = [...READ_ERRORS, 'PixelDecodeError', 'UnsupportedTransferSyntaxError'];
/** A path in a name of ours would leave the store. */
const SAFE_UID = /^[\d.]{1,64}$/;

/** What a name may be when it becomes a folder. @throws Error when it could leave the store */
export function checkNames(identity) {
  for (const key of ['studyInstanceUid', 'seriesInstanceUid', 'sopInstanceUid']) {
    if (!SAFE_UID.test(identity[key]) || identity[key].includes('..')) throw new Error(`unsafe ${key}`);
  }
}

/** Header reading, by every door's way, and each decoder family. */
export function imageTargets(seedsByFamily) {
  const all = [...seedsByFamily.values()].flat();
  const targets = {
    header: {
      expected: READ_ERRORS,
      make: (random) => mutateDicom(random.pick(all), random, 1),
      read: readHeader,
    },
  };
  for (const [family, seeds] of seedsByFamily) {
    targets[`decode ${family}`] = {
      expected: DECODE_ERRORS,
      make: (random) => mutateDicom(random.pick(seeds), random, 7),
      read: async (bytes) => {
        const file = readPart10(bytes);
        const { pixels, columns, rows, samplesPerPixel } = await decodeFrame(file, 0);
        if (pixels.length < columns * rows * samplesPerPixel) throw new Error('fewer pixels than stated');
      },
    };
  }
  return targets;
}

function readHeader(bytes) {
  readFileHead(bytes);
  for (const isWhole of [true, false]) {
    const found = identifyInstance(bytes, isWhole);
    if (found.kind === 'identified') checkNames(found.identity);
  }
  const file = readPart10(bytes);
  describeInstance(file);
  routingFacts(file.dataset);
  JSON.stringify(jsonDataset(file.dataset, 'bulk'));
  frameDataset(file.dataset, 0).string('PixelSpacing');
}
