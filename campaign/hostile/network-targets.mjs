import { Readable } from 'node:stream';
import { boundaryOf, takeParts } from '@pce/shared/adapters/multipart-parts';
import { COMMAND, decodeCommand, encodeCommand } from '@pce/shared/dimse/command';
import { decodeControlPdu } from '@pce/shared/dimse/pdu-decode';
import { dataTransferHeader, encodeControlPdu } from '@pce/shared/dimse/pdu-encode';
import { PduReader } from '@pce/shared/dimse/pdu-reader';
import { startScp } from '@pce/shared/dimse/scp';
import { ctSlice } from '@pce/test-support/ct-slice';
import { receiveFile } from '../../services/ingest/dist/adapters/file-receiver.js';
import { storageAdmission } from '../../services/ingest/dist/adapters/storage-scp.js';
import { isOwnResult } from '../../services/ingest/dist/core/own-result.js';
import { routingFacts } from '../../services/ingest/dist/core/routing-facts.js';
import { readAcknowledgement } from '../../services/reporter/dist/core/hl7-acknowledgement.js';
import { MllpReader } from '../../services/reporter/dist/core/mllp.js';
import { converse } from './converse.mjs';
import { indexDicom } from './dicom-sites.mjs';
import { checkNames } from './image-targets.mjs';
import { mutateBytes } from './mutate-bytes.mjs';
import { mutateDicom } from './mutate-dicom.mjs';
import { mutateText } from './mutate-text.mjs';

const MAX_PDU = 16_384;
const CT = '1.2.840.10008.5.1.4.1.1.2';
const IMPLICIT = '1.2.840.10008.1.2';
const BOUNDARY = 'campaign-boundary';
const MAX_PARTS = 20;
/** A peer that is silent is cut off after this. */
const PATIENCE = { artimMs: 250, stallMs: 250, idleMs: 250 };

const associate = encodeControlPdu({
  kind: 'associate-request',
  protocolVersion: 1,
  calledAeTitle: 'PCE',
  callingAeTitle: 'HOSTILE',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [1, 3].map((id) => ({
    id,
    abstractSyntax: id === 1 ? '1.2.840.10008.1.1' : CT,
    transferSyntaxes: [IMPLICIT, '1.2.840.10008.1.2.1'],
  })),
  userInformation: {
    maxPduLength: MAX_PDU,
    implementationClassUid: '1.2.3',
    implementationVersionName: 'CAMPAIGN',
    asynchronousOperations: { maxInvoked: 2, maxPerformed: 3 },
    roles: [{ sopClassUid: CT, scu: true, scp: true }],
    extendedNegotiations: [{ sopClassUid: CT, information: new Uint8Array(4) }],
    userIdentity: { type: 2, wantsResponse: true, primaryField: new Uint8Array(5), secondaryField: new Uint8Array(5) },
  },
});
const command = encodeCommand({
  affectedSopClassUid: CT,
  commandField: COMMAND.storeRequest,
  messageId: 1,
  priority: 0,
  hasDataset: true,
  affectedSopInstanceUid: '1.2.3.1.1.1',
});
const data = (bytes, isCommand) => Buffer.concat([dataTransferHeader(3, bytes.length, isCommand, true), bytes]);
const slice = Buffer.from(ctSlice('1', 1, {}, 1));
const dataset = slice.subarray(144 + slice.readUInt32LE(140));
const conversation = Buffer.concat([
  associate,
  data(command, true),
  data(dataset.subarray(0, 8000), false),
  encodeControlPdu({ kind: 'release-request' }),
]);
const sliceSeed = indexDicom(slice.subarray(0, 1200 + 8192));
const acknowledgement =
  'MSH|^~\\&|HIS|SITE|PCE|SITE|20261123||ACK^R01|1|P|2.5.1\rMSA|AE|PCE-1|text\rERR||PID^1^3|207^Application error^HL70357|E\r';

/** Whoever talks to us over a network: DICOM peers, DICOMweb callers, HL7 receivers. */
export function networkTargets() {
  return {
    'PDU stream': {
      expected: ['InvalidPduError'],
      make: (random) => [mutateBytes(conversation, random), 1 + random.below(300)],
      read: ([bytes, step]) => {
        const reader = new PduReader({ dataTransferStarted() {}, piece() {}, control() {} }, MAX_PDU);
        for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
      },
    },
    'control PDU': {
      expected: ['InvalidPduError'],
      make: (random) => [1 + random.below(7), mutateBytes(associate.subarray(6), random)],
      read: ([type, bytes]) => decodeControlPdu(type, bytes),
    },
    'command set': {
      expected: ['InvalidMessageError'],
      make: (random) => mutateBytes(command, random),
      read: (bytes) => decodeCommand(bytes),
    },
    association: associationTarget(),
    'STOW body': {
      expected: ['MultipartError'],
      make: stowBody,
      read: readStow,
    },
    'HL7 acknowledgement': {
      expected: ['RangeError'],
      make: (random) => [
        Buffer.from(`\u000b${mutateText(acknowledgement, random)}\u001c\r`, 'utf8'),
        1 + random.below(500),
      ],
      read: ([bytes, step]) => {
        const reader = new MllpReader();
        for (let at = 0; at < bytes.length; at += step) {
          for (const message of reader.push(bytes.subarray(at, at + step)))
            readAcknowledgement(message.toString('utf8'));
        }
      },
    },
  };
}

/** A receiver whose store keeps nothing, but refuses names that would leave it. */
function receiverContext() {
  return {
    store: {
      hasRoom: async () => true,
      begin: () => ({
        write() {},
        discard: async () => {},
        commit: async (address) => {
          checkNames(address);
          return { location: 'nowhere', byteLength: 0, sha256: '' };
        },
      }),
    },
    ledger: { recordInstance: async () => 'new' },
    clock: { now: () => new Date(0) },
    implementationClassUid: '1.2.3',
    isOwnResult: (read) => isOwnResult(read),
    received: (_instance, read) => routingFacts(read),
  };
}

function stowBody(random) {
  const parts = Array.from({ length: 1 + random.below(random.oneIn(20) ? 40 : 3) }, () => {
    const file = mutateDicom(sliceSeed, random, 1);
    return Buffer.concat([Buffer.from(`\r\n--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`), file]);
  });
  const body = Buffer.concat([...parts, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]).subarray(random.oneIn(2) ? 2 : 0);
  const contentType = `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`;
  return {
    body: random.oneIn(2) ? mutateBytes(body, random) : body,
    contentType: random.oneIn(4) ? mutateText(contentType, random) : contentType,
    step: random.pick([1024, 4096, 65_536]),
  };
}

async function readStow({ body, contentType, step }) {
  const chunks = [];
  for (let at = 0; at < body.length; at += step) chunks.push(body.subarray(at, at + step));
  const context = receiverContext();
  const outcomes = await takeParts(Readable.from(chunks), boundaryOf(contentType), MAX_PARTS, (part) =>
    receiveFile(context, part, { door: 'stow', sender: 'campaign' }, 1 << 20),
  );
  const failed = outcomes.find(({ outcome }) => outcome.kind === 'failed');
  if (failed) throw new Error(`not stored: ${failed.outcome.message}`);
}

/** The DICOM server itself, on a socket of this machine. */
function associationTarget() {
  let starting = null;
  const failures = [];
  const start = () =>
    startScp({
      host: '127.0.0.1',
      port: 0,
      maxAssociations: 50,
      maxPduLength: MAX_PDU,
      patience: PATIENCE,
      responseTimeoutMs: 1000,
      asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
      admit: storageAdmission({
        receiver: receiverContext(),
        senders: [
          {
            calledAeTitle: 'PCE',
            callingAeTitles: ['*'],
            addresses: ['*'],
            certificateFingerprints: [],
            maxAssociationsPerPeer: 50,
          },
        ],
        commitment: { requested: async () => ({ status: 0x0110 }) },
        report: (_peer, _uid, outcome) => {
          if (outcome.kind === 'failed') failures.push(outcome.message);
        },
      }),
    });
  return {
    expected: [],
    make: (random) => ({ bytes: mutateBytes(conversation, random), half: random.oneIn(3) }),
    read: async ({ bytes, half }) => {
      starting ??= start();
      const { port } = await starting;
      await converse(port, [bytes.subarray(0, associate.length), bytes.subarray(associate.length)], {
        staysOpen: half,
      });
      if (failures.length > 0) throw new Error(`not stored: ${failures.pop()}`);
    },
  };
}
