import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { fileProblem, type Problem } from './problem.js';

/** More entries than this are not looked at: an archive of every image of a large hospital's day stays far below. */
export const MAX_ZIP_ENTRIES = 1_000_000;
/** The largest file Node can hold in one buffer, and more than any instance in clinical use. */
export const MAX_INSTANCE_BYTES = 2 ** 31 - 1;

/** Unix file type bits of a zip entry's external attributes, upper half. Source: APPNOTE.TXT 4.4.15, stat.h. */
const UNIX_TYPE_MASK = 0o170000;
const UNIX_SYMLINK = 0o120000;
/** General purpose bit 11: the name is UTF-8. Source: APPNOTE.TXT 4.4.4. */
const UTF8_NAME_BIT = 0x800;

/** A file inside an archive. Its name is for messages only and never becomes a path we write to. */
export interface ZipEntry {
  readonly index: number;
  readonly name: string;
  readonly byteLength: number;
  readPrefix(byteCount: number): Promise<Uint8Array>;
  /** The whole content; fails when it is not exactly as long as the archive declares. */
  readAll(): Promise<Uint8Array>;
}

/**
 * Walks a zip archive by its central directory: the files in it, and what cannot be read as problems.
 * An entry can be read until the next one is taken. Nothing is inflated beyond what is asked for.
 *
 * @param only the entries wanted, by index; all when absent
 */
export async function* readZipArchive(path: string, only?: ReadonlySet<number>): AsyncGenerator<ZipEntry | Problem> {
  let archive: yauzl.ZipFile;
  try {
    archive = await openArchive(path);
  } catch (error) {
    yield damagedArchive(path, error);
    return;
  }
  try {
    let index = 0;
    let remaining = only?.size ?? Number.POSITIVE_INFINITY;
    for await (const entry of entriesOf(archive)) {
      const current = index++;
      if (only && !only.has(current)) continue;
      const item = describeEntry(path, archive, entry, current);
      if (item) yield item;
      remaining -= 1;
      if (remaining === 0) return;
      if (index >= MAX_ZIP_ENTRIES && index < archive.entryCount) {
        yield tooManyEntries(path, archive.entryCount);
        return;
      }
    }
  } catch (error) {
    yield damagedArchive(path, error);
  } finally {
    archive.close();
  }
}

function describeEntry(
  archivePath: string,
  archive: yauzl.ZipFile,
  entry: yauzl.Entry,
  index: number,
): ZipEntry | Problem | null {
  const name = entryName(entry);
  const path = `${archivePath}!/${name}`;
  const isSymlink = ((entry.externalFileAttributes >>> 16) & UNIX_TYPE_MASK) === UNIX_SYMLINK;
  if (name.endsWith('/') || isSymlink) return null;
  if (entry.isEncrypted()) {
    return fileProblem(path, 'broken', 'zip-entry-encrypted', {
      what: 'The archive is protected by a password',
      expected: 'an archive without a password',
      received: 'an encrypted entry',
    });
  }
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    return fileProblem(path, 'broken', 'zip-method-unsupported', {
      what: 'The archive uses a compression we cannot undo: unpack it and give the folder instead',
      expected: 'zip compression method 0 (stored) or 8 (deflate)',
      received: `method ${entry.compressionMethod}`,
    });
  }
  if (entry.uncompressedSize > MAX_INSTANCE_BYTES) {
    return fileProblem(path, 'broken', 'file-too-large', {
      what: 'The file is larger than we read',
      expected: `at most ${MAX_INSTANCE_BYTES} bytes`,
      received: `${entry.uncompressedSize} bytes`,
    });
  }
  const read = (byteCount: number) => readEntry(archive, entry, byteCount);
  return {
    index,
    name,
    byteLength: entry.uncompressedSize,
    readPrefix: read,
    readAll: () => read(Number.POSITIVE_INFINITY),
  };
}

function openArchive(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    // Names stay undecoded: yauzl would give up the whole archive at the first name with "..", which we never follow.
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true };
    yauzl.open(path, options, (error, archive) => (error ? reject(error) : resolve(archive as yauzl.ZipFile)));
  });
}

async function* entriesOf(archive: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | null>((resolve, reject) => {
      const settle = (value: yauzl.Entry | null) => {
        archive.removeAllListeners();
        resolve(value);
      };
      archive.once('entry', settle);
      archive.once('end', () => settle(null));
      archive.once('error', reject);
      archive.readEntry();
    });
    if (entry === null) return;
    yield entry;
  }
}

function entryName(entry: yauzl.Entry): string {
  const raw = entry.fileName as unknown as Uint8Array;
  const isUtf8 = (entry.generalPurposeBitFlag & UTF8_NAME_BIT) !== 0;
  const name = new TextDecoder(isUtf8 ? 'utf-8' : 'latin1').decode(raw);
  return name.replaceAll('\\', '/');
}

async function readEntry(archive: yauzl.ZipFile, entry: yauzl.Entry, byteCount: number): Promise<Uint8Array> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    archive.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= byteCount) break;
  }
  return Buffer.concat(chunks).subarray(0, Math.min(length, byteCount));
}

function damagedArchive(path: string, error: unknown): Problem {
  return fileProblem(path, 'broken', 'zip-damaged', {
    what: 'The zip archive is damaged or incomplete; what could be read before the damage is used',
    expected: 'a zip archive with an intact central directory',
    received: error instanceof Error ? error.message : String(error),
  });
}

function tooManyEntries(path: string, entryCount: number): Problem {
  return fileProblem(path, 'broken', 'zip-too-many-entries', {
    what: 'The archive holds more files than we look at: unpack it and give the folder instead',
    expected: `at most ${MAX_ZIP_ENTRIES} entries`,
    received: `${entryCount} entries`,
  });
}
