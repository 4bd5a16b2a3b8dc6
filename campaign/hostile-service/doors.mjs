import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND, encodeCommand } from '@pce/shared/dimse/command';
import { dataTransferHeader, encodeControlPdu } from '@pce/shared/dimse/pdu-encode';
import { buildSmallSlice } from '@pce/test-support/small-ct';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { converse } from '../hostile/converse.mjs';
import { indexDicom } from '../hostile/dicom-sites.mjs';
import { mutateBytes } from '../hostile/mutate-bytes.mjs';
import { mutateDicom } from '../hostile/mutate-dicom.mjs';
import { requestKinds } from './requests.mjs';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const DX = '1.2.840.10008.5.1.4.1.1.1.1';
const EXPLICIT = '1.2.840.10008.1.2.1';
const MAX_PDU = 16_384;
const SLICES = 6;
/** A peer that says nothing more is gone after this. [design] */
const SILENCE_MS = 400;
/**
 * Until an answer to a request, of which the connection stays open: who ends it is not answered. Requests that say they
 * are longer than they are get none. [design]
 */
const ANSWER_MS = 2000;
const BOUNDARY = 'campaign-boundary';

/**
 * Every way into a running service, and damage for each. `make` follows from the random numbers alone; `send` gives the
 * status of an HTTP answer, or null.
 */
export async function serviceDoors(service) {
  const dicom = async (pieces, isSilent) => {
    await converse(service.dicomPort, pieces, isSilent ? { staysOpen: true, patienceMs: SILENCE_MS } : {});
    return null;
  };
  const web = async (bytes) =>
    statusOf(await converse(service.webPort, [bytes], { staysOpen: true, patienceMs: ANSWER_MS }));
  let fileNumber = 0;
  return {
    'C-STORE': { make: (random) => [storing(damagedFiles(random)), false], send: (input) => dicom(...input) },
    conversation: {
      make: (random) => [damagedConversation(random), random.oneIn(4)],
      send: (input) => dicom(...input),
    },
    STOW: { make: (random) => stowing(damagedFiles(random), random), send: web },
    'watched folder': {
      make: (random) => mutateDicom(indexDicom(fileOf(random)), random, 1),
      send: (bytes) => {
        fileNumber += 1;
        const path = join(service.watchedFolder, `${fileNumber}.part`);
        writeFileSync(path, bytes);
        renameSync(path, path.replace('.part', '.dcm'));
        return null;
      },
    },
    ...(await requestKinds(service, web)),
  };
}

/** A film, or a slice of a study that has others. */
function fileOf(random, study = `${random.below(2 ** 31)}`) {
  if (random.oneIn(8))
    return Buffer.from(
      buildSmallFilm({ seed: study, columns: 128, rows: 128, attributes: { StudyInstanceUID: uidFromSeed(study) } }),
    );
  const k = random.below(SLICES);
  return Buffer.from(buildSmallSlice({ seed: `${k}`, study, positionLpsMm: [-120, -120, k * 3 - 100] }));
}

function damagedFiles(random) {
  const study = `${random.below(2 ** 31)}`;
  return Array.from({ length: 1 + random.below(SLICES) }, () => damaged(fileOf(random, study), random));
}

/** Damaged behind its file meta information, which a C-STORE does not carry. */
function damaged(file, random) {
  const seed = indexDicom(file);
  return mutateDicom({ ...seed, sites: seed.sites.filter(({ isMeta }) => !isMeta) }, random, 1);
}

/** Pieces as long as those of a whole one: damage moves what is in them. */
function damagedConversation(random) {
  const whole = storing([fileOf(random), fileOf(random)]);
  const bytes = mutateBytes(Buffer.concat(whole), random);
  const starts = whole.map((_, k) => whole.slice(0, k).reduce((sum, { length }) => sum + length, 0));
  return starts.map((start, k) => bytes.subarray(start, starts[k + 1]));
}

/** An association that stores files, from request to release, in pieces of which each is answered. */
export function storing(files) {
  const messages = files.map((file, index) => {
    const sopClass = file.includes(DX) ? 3 : 1;
    const command = encodeCommand({
      affectedSopClassUid: sopClass === 3 ? DX : CT,
      commandField: COMMAND.storeRequest,
      messageId: index + 1,
      priority: 0,
      hasDataset: true,
      affectedSopInstanceUid: instanceUidOf(file),
    });
    return Buffer.concat([fragment(sopClass, command, true, true), ...fragments(sopClass, datasetOf(file))]);
  });
  return [associate, ...messages, encodeControlPdu({ kind: 'release-request' })];
}

const associate = encodeControlPdu({
  kind: 'associate-request',
  protocolVersion: 1,
  calledAeTitle: 'PCE',
  callingAeTitle: 'HOSTILE',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [CT, DX].map((abstractSyntax, k) => ({ id: 2 * k + 1, abstractSyntax, transferSyntaxes: [EXPLICIT] })),
  userInformation: {
    maxPduLength: MAX_PDU,
    implementationClassUid: '1.2.3',
    implementationVersionName: 'CAMPAIGN',
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
    roles: [],
    extendedNegotiations: [],
  },
});
const fragment = (context, bytes, isCommand, isLast) =>
  Buffer.concat([dataTransferHeader(context, bytes.length, isCommand, isLast), bytes]);

function fragments(context, bytes) {
  const step = MAX_PDU - 64;
  const count = Math.max(1, Math.ceil(bytes.length / step));
  return Array.from({ length: count }, (_, k) =>
    fragment(context, bytes.subarray(k * step, (k + 1) * step), false, k === count - 1),
  );
}

/** Behind preamble, prefix and the group length of the file meta information. */
const datasetOf = (file) => (file.length < 144 ? file : file.subarray(144 + file.readUInt32LE(140)));

/** Of (0002,0003), which nobody damages here but by cutting the file short. */
function instanceUidOf(file) {
  const at = file.indexOf(Buffer.from([2, 0, 3, 0, 0x55, 0x49]));
  if (at < 0 || at + 8 > file.length) return '1.2.3';
  const value = file.subarray(at + 8, at + 8 + file.readUInt16LE(at + 6));
  return value.toString('latin1').replace(/\0$/, '') || '1.2.3';
}

function stowing(files, random) {
  const parts = files.map((file) =>
    Buffer.concat([Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`), file, Buffer.from('\r\n')]),
  );
  const whole = Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
  const body = random.oneIn(3) ? mutateBytes(whole, random) : whole;
  const head = [
    'POST /dicomweb/studies HTTP/1.1',
    'Host: campaign',
    'Connection: close',
    `Content-Type: multipart/related; type="application/dicom"; boundary=${BOUNDARY}`,
    `Content-Length: ${random.oneIn(10) ? random.below(2 * body.length) : body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

const statusOf = (answer) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1] ?? Number.NaN) || null;
