// Throws damaged input at every reader that meets a stranger: the PDU stream, the control PDUs, the command set, the
// head of a file and the Part 10 reader. FUZZ_COUNT inputs in all (20,000); the campaign runs 1,000,000.
// Fails on anything but the readers' own errors, on an input that takes over a second, and on allocations beyond what
// is allowed.

import { readPart10 } from '@pce/shared/dicom/part10';
import { COMMAND, decodeCommand, encodeCommand } from '@pce/shared/dimse/command';
import { decodeControlPdu } from '@pce/shared/dimse/pdu-decode';
import { dataTransferHeader, encodeControlPdu } from '@pce/shared/dimse/pdu-encode';
import { PduReader } from '@pce/shared/dimse/pdu-reader';
import { ctSlice } from '@pce/test-support/ct-slice';
import { readFileHead } from '../services/ingest/dist/core/part10-stream.js';

const COUNT = Number(process.env.FUZZ_COUNT ?? 20_000);
let state = Number(process.env.FUZZ_SEED ?? 1) >>> 0;
/** xorshift32: the same seed, the same inputs. */
const random = () => {
  state ^= state << 13;
  state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state;
};
const below = (limit) => random() % limit;

const userInformation = {
  maxPduLength: 16384,
  implementationClassUid: '1.2.3',
  implementationVersionName: 'FUZZ',
  asynchronousOperations: { maxInvoked: 2, maxPerformed: 3 },
  roles: [{ sopClassUid: '1.2.3', scu: true, scp: true }],
  extendedNegotiations: [{ sopClassUid: '1.2.3', information: new Uint8Array(4) }],
  userIdentity: { type: 2, wantsResponse: true, primaryField: new Uint8Array(5), secondaryField: new Uint8Array(5) },
};
const associate = encodeControlPdu({
  kind: 'associate-request',
  protocolVersion: 1,
  calledAeTitle: 'A',
  callingAeTitle: 'B',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [1, 3, 5].map((id) => ({
    id,
    abstractSyntax: '1.2.840.10008.1.1',
    transferSyntaxes: ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'],
  })),
  userInformation,
});
const command = encodeCommand({
  affectedSopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  commandField: COMMAND.storeRequest,
  messageId: 1,
  priority: 0,
  hasDataset: true,
  affectedSopInstanceUid: '1.2.3',
});
const data = (bytes, isCommand) => Buffer.concat([dataTransferHeader(1, bytes.length, isCommand, true), bytes]);
const stream = Buffer.concat([
  associate,
  data(command, true),
  data(Buffer.alloc(300, 7), false),
  encodeControlPdu({ kind: 'release-request' }),
]);
const file = Buffer.from(ctSlice('1', 1, { RequestAttributesSequence: [{ StudyDescription: 'a' }] })).subarray(0, 1100);

const MAX_PDU = 16384;
const readers = {
  'PDU stream': {
    seed: stream,
    expected: ['InvalidPduError'],
    read: (bytes) => {
      const reader = new PduReader({ dataTransferStarted() {}, piece() {}, control() {} }, MAX_PDU);
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + below(200);
        reader.push(bytes.subarray(at, end));
        at = end;
      }
    },
  },
  'control PDU': {
    seed: associate.subarray(6),
    expected: ['InvalidPduError'],
    read: (bytes) => decodeControlPdu(1 + below(7), bytes),
  },
  'command set': { seed: command, expected: ['InvalidMessageError'], read: (bytes) => decodeCommand(bytes) },
  'file head': { seed: file, expected: [], read: (bytes) => readFileHead(bytes) },
  'Part 10': { seed: file, expected: ['DicomReadError', 'InvalidUidError'], read: (bytes) => readPart10(bytes) },
};

function damage(seed) {
  const bytes = Buffer.from(seed);
  const changes = 1 + below(8);
  for (let change = 0; change < changes; change += 1) {
    const at = below(bytes.length);
    // Lengths are where readers go wrong: whole fields of extremes as often as single bytes.
    if (below(3) === 0 && at + 4 <= bytes.length)
      bytes.writeUInt32LE([0, 1, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff][below(6)], at);
    else bytes[at] = below(256);
  }
  return below(4) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes;
}

const names = Object.keys(readers);
const counts = Object.fromEntries(names.map((name) => [name, { read: 0, refused: 0, slowestMs: 0 }]));
const faults = [];
const heapBefore = process.memoryUsage().arrayBuffers;
let highest = 0;
for (let turn = 0; turn < COUNT && faults.length < 20; turn += 1) {
  const name = names[turn % names.length];
  const { seed, expected, read } = readers[name];
  const bytes = damage(seed);
  const start = performance.now();
  try {
    read(bytes);
    counts[name].read += 1;
  } catch (error) {
    counts[name].refused += 1;
    if (!expected.includes(error.name))
      faults.push(`${name}: ${error.name}: ${error.message} on ${bytes.toString('base64')}`);
  }
  const elapsed = performance.now() - start;
  counts[name].slowestMs = Math.max(counts[name].slowestMs, elapsed);
  if (elapsed > 1000) faults.push(`${name}: took ${elapsed.toFixed(0)} ms on ${bytes.toString('base64')}`);
  if (turn % 1000 === 0) highest = Math.max(highest, process.memoryUsage().arrayBuffers - heapBefore);
}
for (const name of names) {
  const { read, refused, slowestMs } = counts[name];
  console.log(`${name.padEnd(12)} ${read} read, ${refused} refused, slowest ${slowestMs.toFixed(1)} ms`);
}
console.log(`buffers at most ${(highest / 1e6).toFixed(0)} MB above the start; ${faults.length} faults`);
for (const fault of faults) console.error(fault.slice(0, 500));
process.exit(faults.length > 0 ? 1 : 0);
