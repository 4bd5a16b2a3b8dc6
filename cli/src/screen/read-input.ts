import { promises as fs } from 'node:fs';
import type { InputLocation } from './input-location.js';
import { readZipArchive } from './zip-archive.js';

/** Reads the whole of an input, wherever it lies. */
export async function readInput(location: InputLocation): Promise<Uint8Array> {
  if (location.kind === 'file') return fs.readFile(location.path);
  for await (const entry of readZipArchive(location.archivePath, new Set([location.entryIndex]))) {
    if ('severity' in entry) break;
    return entry.readAll();
  }
  throw new Error(`${location.archivePath}: entry ${location.entryIndex} can no longer be read`);
}
