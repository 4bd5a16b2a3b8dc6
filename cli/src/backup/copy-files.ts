import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LedgerFile } from '@pce/shared/adapters/ledger-files';

/** What copying found. */
export interface CopyOutcome {
  readonly bytes: number;
  /** Locations of files that are not there, or are not what the ledger says. */
  readonly missing: readonly string[];
}

/**
 * Copies instances that are not there yet. A file of an instance never changes, so one of the right length is the right
 * one: a second backup into the same folder copies what is new.
 */
export async function copyInstances(files: readonly LedgerFile[], from: string, to: string): Promise<CopyOutcome> {
  const missing: string[] = [];
  let bytes = 0;
  for (const { location, byteLength } of files) {
    const copy = join(to, location);
    if ((await lengthOf(copy)) !== byteLength) await copySynced(join(from, location), copy).catch(ignoreAbsence);
    if ((await lengthOf(copy)) === byteLength) bytes += byteLength;
    else missing.push(location);
  }
  return { bytes, missing };
}

/** Locations of files that are not there, or whose bytes are not those that were received. */
export async function damagedFiles(files: readonly LedgerFile[], folder: string): Promise<string[]> {
  const damaged: string[] = [];
  for (const { location, sha256 } of files) {
    if ((await digestOf(join(folder, location))) !== sha256) damaged.push(location);
  }
  return damaged;
}

/** Copies a file so that its name appears once its bytes are on disk. */
export async function copySynced(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, `${to}.new`, constants.COPYFILE_FICLONE);
  const file = await open(`${to}.new`, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${to}.new`, to);
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function lengthOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.size ?? null;
}

async function digestOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    ignoreAbsence(error as NodeJS.ErrnoException);
    return null;
  }
  return hash.digest('hex');
}
