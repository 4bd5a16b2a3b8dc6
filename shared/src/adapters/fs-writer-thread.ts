import { createHash, type Hash, randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type FilledSlot,
  SLOT_BYTES,
  SLOT_FREE,
  type WriterReply,
  type WriterRequest,
  type WriterThreadData,
} from './fs-writer-messages.js';

// Blocking calls in a thread of its own: the fewest switches between threads for each file, and fsync costs the
// receiving thread nothing. The digest is made here too, beside the reception of what follows.

interface OpenFile {
  descriptor: number;
  path: string;
  byteLength: number;
  hash: Hash;
  failure: NodeJS.ErrnoException | null;
}

type CommitRequest = Extract<WriterRequest, { kind: 'commit' }>;

/** Folders kept open for fsync. [design] */
const MAX_OPEN_FOLDERS = 64;
/** Digits of the digest in a file name: enough to keep different bytes of one UID apart. */
const DIGEST_DIGITS = 16;
const { root, temporaryFolder, slots, slotStates } = workerData as WriterThreadData;
const states = new Int32Array(slotStates);
const files = new Map<number, OpenFile>();
const folders = new Map<string, number>();

function fileOf(id: number): OpenFile {
  const known = files.get(id);
  if (known) return known;
  const path = join(temporaryFolder, randomUUID());
  const file: OpenFile = { descriptor: -1, path, byteLength: 0, hash: createHash('sha256'), failure: null };
  files.set(id, file);
  try {
    file.descriptor = openSync(path, 'wx');
  } catch (error) {
    file.failure = error as NodeJS.ErrnoException;
  }
  return file;
}

function write(file: OpenFile, { slot, length }: FilledSlot): void {
  if (!file.failure) append(file, new Uint8Array(slots, slot * SLOT_BYTES, length));
  Atomics.store(states, slot, SLOT_FREE);
}

function append(file: OpenFile, bytes: Uint8Array): void {
  try {
    file.hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(file.descriptor, bytes, at, bytes.length - at);
    file.byteLength += bytes.length;
  } catch (error) {
    file.failure = error as NodeJS.ErrnoException;
  }
}

function commit(file: OpenFile, request: CommitRequest): { location: string; sha256: string } {
  const { folder, stem, byteLength, last } = request;
  if (last) write(file, last);
  if (file.failure) throw file.failure;
  if (file.byteLength !== byteLength) {
    throw new Error(`file: expected ${byteLength} bytes to be written, but only ${file.byteLength} were`);
  }
  fdatasyncSync(file.descriptor);
  const sha256 = file.hash.digest('hex');
  const location = `${folder}/${stem}.${sha256.slice(0, DIGEST_DIGITS)}.dcm`;
  const path = join(root, location);
  moveInto(folder, file.path, path);
  try {
    fsyncSync(folderDescriptor(folder));
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
  closeSync(file.descriptor);
  return { location, sha256 };
}

function moveInto(folder: string, from: string, to: string): void {
  folderDescriptor(folder);
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Retention took the empty folder away in the meantime.
    forgetFolder(folder);
    folderDescriptor(folder);
    renameSync(from, to);
  }
}

/** Opens a folder, making it and what is above it durable at first use, whoever made it. */
function folderDescriptor(folder: string): number {
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const path = join(root, folder);
  mkdirSync(path, { recursive: true });
  for (let above = dirname(path); above.length >= root.length; above = dirname(above)) {
    const descriptor = openSync(above, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
  const [oldest] = folders.keys();
  if (folders.size >= MAX_OPEN_FOLDERS && oldest !== undefined) forgetFolder(oldest);
  const descriptor = openSync(path, 'r');
  folders.set(folder, descriptor);
  return descriptor;
}

function forgetFolder(folder: string): void {
  const descriptor = folders.get(folder);
  folders.delete(folder);
  if (descriptor !== undefined) closeSync(descriptor);
}

function drop(file: OpenFile): void {
  try {
    if (file.descriptor >= 0) closeSync(file.descriptor);
    unlinkSync(file.path);
  } catch {
    // It is swept at the next start.
  }
}

function reply(message: WriterReply): void {
  parentPort?.postMessage(message);
}

function commitAndReply(request: CommitRequest): void {
  const { file: id } = request;
  const file = fileOf(id);
  files.delete(id);
  try {
    reply({ kind: 'committed', file: id, ...commit(file, request) });
  } catch (error) {
    drop(file);
    const { code = '', message } = error as NodeJS.ErrnoException;
    reply({ kind: 'failed', file: id, code, message });
  }
}

parentPort?.on('message', (request: WriterRequest) => {
  switch (request.kind) {
    case 'write':
      write(fileOf(request.file), request);
      break;
    case 'commit':
      commitAndReply(request);
      break;
    case 'discard': {
      const file = files.get(request.file);
      files.delete(request.file);
      if (file) drop(file);
      break;
    }
    case 'drain':
      reply({ kind: 'drained' });
  }
});
