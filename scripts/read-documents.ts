import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The repository. */
export const ROOT = join(import.meta.dirname, '..');

/** Never ours, or made by a build or a run. */
const SKIPPED = new Set(['node_modules', 'dist', '.git', 'data', 'demo-out', 'out', 'coverage']);

/** A page of documentation. */
export interface Page {
  /** From the repository, with forward slashes. */
  path: string;
  text: string;
}

/** Every page in Markdown. */
export async function readPages(): Promise<Page[]> {
  const pages: Page[] = [];
  for (const entry of await readdir(ROOT, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const names = entry.isDirectory()
      ? (await readdir(join(ROOT, entry.name), { recursive: true })).map((name) => join(entry.name, name))
      : [entry.name];
    for (const name of names) {
      if (!name.endsWith('.md') || name.split(sep).some((part) => SKIPPED.has(part))) continue;
      if (name.startsWith('NOTE-')) continue;
      pages.push({ path: relative(ROOT, join(ROOT, name)).split(sep).join('/'), text: readPage(name) });
    }
  }
  return pages.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One page. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
