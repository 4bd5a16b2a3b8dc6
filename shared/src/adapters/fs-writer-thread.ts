import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type FilledSlot,
  SLOT_BYTES,
  type WriterReply,
  type WriterRequest,
  type WriterThreadData,
} from './fs-writer-messages.js';

// Blocking calls in a thread of its own: the fewest switches between threads for each file, and fsync costs the
// receiving thread nothing.

interface OpenFile {
  descriptor: number;
  path: string;
  byteLength: number;
  failure: NodeJS.ErrnoException | null;
}

type CommitRequest = Extract<WriterRequest, { kind: 'commit' }>;

/** Folders kept open for fsync. [design] */
const MAX_OPEN_FOLDERS = 64;
const { root, temporaryFolder, slots } = workerData as WriterThreadData;
const files = new Map<number, OpenFile>();
const folders = new Map<string, number>();

function fileOf(id: number): OpenFile {
  const known = files.get(id);
  if (known) return known;
  const path = join(temporaryFolder, randomUUID());
  const file: OpenFile = { descriptor: -1, path, byteLength: 0, failure: null };
  files.set(id, file);
  try {
    file.descriptor = openSync(path, 'wx');
  } catch (error) {
    file.failure = error as NodeJS.ErrnoException;
  }
  return file;
}

function write(file: OpenFile, { slot, length }: FilledSlot): void {
  if (file.failure) return;
  const bytes = new Uint8Array(slots, slot * SLOT_BYTES, length);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file.descriptor, bytes, at, bytes.length - at);
    file.byteLength += bytes.length;
  } catch (error) {
    file.failure = error as NodeJS.ErrnoException;
  }
}

/** Gives the location. */
function commit(file: OpenFile, request: CommitRequest): string {
  const { folder, name, byteLength, last } = request;
  if (last) write(file, last);
  if (file.failure) throw file.failure;
  if (file.byteLength !== byteLength) {
    throw new Error(`file: expected ${byteLength} bytes to be written, but only ${file.byteLength} were`);
  }
  fdatasyncSync(file.descriptor);
  const location = `${folder}/${name}`;
  const path = join(root, location);
  moveInto(folder, file.path, path);
  try {
    fsyncSync(folderDescriptor(folder));
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
  closeSync(file.descriptor);
  return location;
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
  const slot = request.last?.slot ?? null;
  const file = fileOf(id);
  files.delete(id);
  try {
    reply({ kind: 'committed', file: id, slot, location: commit(file, request) });
  } catch (error) {
    drop(file);
    const { code = '', message } = error as NodeJS.ErrnoException;
    reply({ kind: 'failed', file: id, slot, code, message });
  }
}

parentPort?.on('message', (request: WriterRequest) => {
  switch (request.kind) {
    case 'write':
      write(fileOf(request.file), request);
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
