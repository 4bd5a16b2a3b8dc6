import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file so that it is there whole or not at all, also after a crash: temporary name, fsync, rename.
 *
 * @param temporaryFolder on the same disk; what a crash leaves half-written stays there
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  temporaryFolder = dirname(path),
): Promise<void> {
  await writeWholeFrom(path, [content], temporaryFolder);
}

/** The same from pieces, without holding them together in memory. */
export async function writeWholeFrom(
  path: string,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  temporaryFolder = dirname(path),
): Promise<void> {
  await fs.mkdir(dirname(path), { recursive: true });
  const temporary = join(temporaryFolder, `${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await fs.open(temporary, 'wx');
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } catch (error) {
    await file.close();
    await fs.rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await fs.rename(temporary, path);
}
