import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './exit-codes.js';

/**
 * All files below some paths in order of name; links are not followed and hidden folders are left out.
 *
 * @throws UsageError when a path cannot be read
 */
export async function* filesBelow(paths: readonly string[], subject: string): AsyncGenerator<string> {
  for (const path of paths) {
    const stats = await fs.stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(subject, 'a file or folder that can be read', `${path} (${error.code ?? 'unknown error'})`);
    });
    if (stats.isFile()) yield path;
    if (!stats.isDirectory()) continue;
    const entries = await fs.readdir(path, { withFileTypes: true });
    const shown = entries.filter((entry) => !entry.isSymbolicLink() && !entry.name.startsWith('.'));
    yield* filesBelow(shown.map(({ name }) => join(path, name)).sort(), subject);
  }
}
