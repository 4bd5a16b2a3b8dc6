import { type Dirent, promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import { hasDicomPrefix } from './identify-input.js';
import { PREFIX_BYTES, type ScannedInput } from './input-location.js';
import { fileProblem, type Problem } from './problem.js';
import { sniffContent } from './sniff-content.js';
import { MAX_INSTANCE_BYTES, readZipArchive } from './zip-archive.js';

/** Files opened at the same time: hides the latency of a network folder. */
const READ_AHEAD = 16;

/** Left behind by operating systems; never worth a line. Compared in lower case. */
const SYSTEM_FILES = new Set(['.ds_store', 'thumbs.db', 'desktop.ini', 'dicomdir', '.localized']);
const APPLE_DOUBLE_MAGIC = [0x00, 0x05, 0x16, 0x07];

export interface ScanOptions {
  /** Folders not entered, absolute and resolved: the output folder. */
  readonly exclude: ReadonlySet<string>;
}

/**
 * Walks files, folders (recursively, following links once) and zip archives, in a fixed order, and gives the first
 * bytes of each input. Files of the operating system and hidden folders are left out silently.
 *
 * @param paths what the user gave; each must exist
 */
export async function* scanInputs(
  paths: readonly string[],
  options: ScanOptions,
): AsyncGenerator<ScannedInput | Problem> {
  const visitedFolders = new Set<string>();
  for (const path of [...paths].sort(byCodeUnit)) {
    const stats = await fs.stat(path);
    if (stats.isDirectory()) yield* scanFolder(path, options, visitedFolders);
    else if (stats.isFile()) yield* openFile(await readStart(path));
    else yield notAFile(path);
  }
}

/** Sorting that does not depend on the machine's language. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function* scanFolder(
  folder: string,
  options: ScanOptions,
  visited: Set<string>,
): AsyncGenerator<ScannedInput | Problem> {
  const real = await fs.realpath(folder);
  if (visited.has(real) || options.exclude.has(real)) return;
  visited.add(real);
  let entries: Dirent[];
  try {
    entries = await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield cannotRead(folder, error);
    return;
  }
  entries.sort((a, b) => byCodeUnit(a.name, b.name));
  let pending: Promise<FileStart | Problem>[] = [];
  const subfolders: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = await kindOf(path, entry);
    if (kind === 'folder' && !entry.name.startsWith('.') && entry.name !== '__MACOSX') subfolders.push(path);
    if (kind === 'broken-link') yield brokenLink(path);
    if (kind !== 'file' || SYSTEM_FILES.has(entry.name.toLowerCase())) continue;
    pending.push(readStart(path));
    if (pending.length === READ_AHEAD) {
      for (const start of await Promise.all(pending)) yield* openFile(start);
      pending = [];
    }
  }
  for (const start of await Promise.all(pending)) yield* openFile(start);
  for (const subfolder of subfolders) yield* scanFolder(subfolder, options, visited);
}

async function kindOf(path: string, entry: Dirent): Promise<'file' | 'folder' | 'broken-link' | 'special'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'special';
  try {
    const target = await fs.stat(path);
    return target.isDirectory() ? 'folder' : target.isFile() ? 'file' : 'special';
  } catch {
    return 'broken-link';
  }
}

interface FileStart {
  readonly path: string;
  readonly byteLength: number;
  readonly prefix: Uint8Array;
}

async function readStart(path: string): Promise<FileStart | Problem> {
  try {
    const file = await fs.open(path);
    try {
      const { size } = await file.stat();
      return { path, byteLength: size, prefix: await readFileStart(file, Math.min(size, PREFIX_BYTES)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return cannotRead(path, error);
  }
}

async function readFileStart(file: fs.FileHandle, byteCount: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(byteCount);
  const { bytesRead } = await file.read(buffer, 0, byteCount, 0);
  return buffer.subarray(0, bytesRead);
}

/** A file as an input, or the entries of the archive it is. */
async function* openFile(start: FileStart | Problem): AsyncGenerator<ScannedInput | Problem> {
  if ('severity' in start) {
    yield start;
    return;
  }
  const { path, byteLength, prefix } = start;
  if (isAppleDouble(prefix)) return;
  if (isZip(prefix)) {
    yield* openArchive(path);
  } else if (byteLength > MAX_INSTANCE_BYTES) {
    yield tooLarge(path, byteLength);
  } else {
    const readPrefix = async (byteCount: number) => {
      const file = await fs.open(path);
      try {
        return await readFileStart(file, Math.min(byteLength, byteCount));
      } finally {
        await file.close();
      }
    };
    yield { kind: 'input', path, location: { kind: 'file', path }, byteLength, prefix, readPrefix };
  }
}

async function* openArchive(archivePath: string): AsyncGenerator<ScannedInput | Problem> {
  for await (const entry of readZipArchive(archivePath)) {
    if ('severity' in entry) {
      yield entry;
      continue;
    }
    const path = `${archivePath}!/${entry.name}`;
    if (isSystemEntry(entry.name)) continue;
    try {
      const prefix = await entry.readPrefix(PREFIX_BYTES);
      if (isAppleDouble(prefix)) continue;
      const location = { kind: 'zip-entry', archivePath, entryIndex: entry.index } as const;
      yield { kind: 'input', path, location, byteLength: entry.byteLength, prefix, readPrefix: entry.readPrefix };
    } catch (error) {
      yield damagedEntry(path, error);
    }
  }
}

function isSystemEntry(name: string): boolean {
  return name.startsWith('__MACOSX/') || SYSTEM_FILES.has(basename(name).toLowerCase());
}

function isAppleDouble(prefix: Uint8Array): boolean {
  return APPLE_DOUBLE_MAGIC.every((byte, index) => prefix[index] === byte);
}

function isZip(prefix: Uint8Array): boolean {
  return sniffContent(prefix).description === 'a zip archive' && !hasDicomPrefix(prefix);
}

function cannotRead(path: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EIO: 'disk error',
  };
  return fileProblem(path, 'broken', 'cannot-read', {
    what: 'The file or folder could not be opened',
    expected: 'permission to read it, on a disk that works',
    received: reasons[code] ?? code,
  });
}

function brokenLink(path: string): Problem {
  return fileProblem(path, 'broken', 'broken-link', {
    what: 'The link leads nowhere',
    expected: 'a link to a file or folder that exists',
    received: 'a link whose target is missing',
  });
}

function notAFile(path: string): Problem {
  return fileProblem(path, 'ignored', 'not-a-file', {
    what: 'Neither a file nor a folder: passed over',
    expected: 'a file or folder',
    received: 'a device, pipe or socket',
  });
}

function tooLarge(path: string, byteLength: number): Problem {
  return fileProblem(path, 'broken', 'file-too-large', {
    what: 'The file is larger than we read',
    expected: `at most ${MAX_INSTANCE_BYTES} bytes`,
    received: `${byteLength} bytes`,
  });
}

function damagedEntry(path: string, error: unknown): Problem {
  return fileProblem(path, 'broken', 'zip-entry-damaged', {
    what: 'The file inside the archive is damaged',
    expected: 'data that can be unpacked to the declared size',
    received: error instanceof Error ? error.message : String(error),
  });
}
