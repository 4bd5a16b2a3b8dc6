import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..');

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

/** The text below a heading, up to the next heading of its level or above. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '').includes(heading));
  if (at < 0) throw new Error(`expected a heading with "${heading}"; received none`);
  const level = /^#+/.exec(lines[at] as string)?.[0].length ?? 0;
  const end = lines.findIndex((line, index) => index > at && /^#+ /.test(line) && line.search(/[^#]/) <= level);
  return lines.slice(at + 1, end < 0 ? undefined : end).join('\n');
}

/** The rows of the tables in a text, cell by cell, without heads and rules. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  const isRule = (line: string | undefined) => line !== undefined && /^\|[-:| ]+\|$/.test(line);
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}
