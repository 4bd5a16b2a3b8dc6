import { createHash, type Hash, randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  DIGEST_DIGITS,
  DIGEST_PLACEHOLDER,
  SLOT_BYTES,
  type WriterReply,
  type WriterRequest,
  type WriterThreadData,
} from './fs-writer-messages.js';

// Blocking calls in a thread of its own: the fewest switches between threads for each file, and hashing and fsync cost
// the receiving thread nothing.

interface OpenFile {
  descriptor: number;
  path: string;
  hash: Hash;
  byteLength: number;
  failure: NodeJS.ErrnoException | null;
}

/** Folders kept open for fsync. [design] */
const MAX_OPEN_FOLDERS = 64;
const { root, temporaryFolder, slots } = workerData as WriterThreadData;
const files = new Map<number, OpenFile>();
const folders = new Map<string, number>();

function fileOf(id: number): OpenFile {
  const known = files.get(id);
  if (known) return known;
  const path = join(temporaryFolder, randomUUID());
  const file: OpenFile = { descriptor: -1, path, hash: createHash('sha256'), byteLength: 0, failure: null };
  files.set(id, file);
  try {
    file.descriptor = openSync(path, 'wx');
  } catch (error) {
    file.failure = error as NodeJS.ErrnoException;
  }
  return file;
}

function write(file: OpenFile, bytes: Uint8Array): void {
  if (file.failure) return;
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file.descriptor, bytes, at, bytes.length - at);
    file.hash.update(bytes);
    file.byteLength += bytes.length;
  } catch (error) {
    file.failure = error as NodeJS.ErrnoException;
  }
}

function commit(file: OpenFile, folder: string, name: string): { location: string; sha256: string } {
  if (file.failure) throw file.failure;
  fdatasyncSync(file.descriptor);
  const sha256 = file.hash.digest('hex');
  const location = `${folder}/${name.replace(DIGEST_PLACEHOLDER, sha256.slice(0, DIGEST_DIGITS))}`;
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

function lost(expected: number, received: number): Error {
  return new Error(`file: expected ${expected} bytes to be written, but only ${received} were`);
}

function commitAndReply({ file: id, folder, name, byteLength }: Extract<WriterRequest, { kind: 'commit' }>): void {
  const file = fileOf(id);
  files.delete(id);
  try {
    // A thread that was started anew in between does not have what its predecessor was given.
    if (!file.failure && file.byteLength !== byteLength) throw lost(byteLength, file.byteLength);
    const { location, sha256 } = commit(file, folder, name);
    reply({ kind: 'committed', file: id, location, byteLength: file.byteLength, sha256 });
  } catch (error) {
    drop(file);
    const { code = '', message } = error as NodeJS.ErrnoException;
    reply({ kind: 'failed', file: id, code, message });
  }
}

parentPort?.on('message', (request: WriterRequest) => {
  switch (request.kind) {
    case 'write':
      write(fileOf(request.file), new Uint8Array(slots, request.slot * SLOT_BYTES, request.length));
      reply({ kind: 'written', slot: request.slot });
      break;
    case 'commit':
      commitAndReply(request);
      break;
    case 'discard': {
      const file = files.get(request.file);
      files.delete(request.file);
      if (file) drop(file);
    }
  }
});
