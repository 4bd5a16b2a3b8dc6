import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Page, ROOT, readPage, readPages } from '@pce/test-support/documents';
import { describe, expect, it } from 'vitest';

const pages = await readPages();

/** A heading's address, as the places that show Markdown make it. */
function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function anchorsOf(text: string): Set<string> {
  const bare = text.replace(/^```[\s\S]*?^```/gm, '');
  return new Set([...bare.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading as string)));
}

/** Links that lead nowhere, with their page. */
function brokenLinks({ path, text }: Page): string[] {
  const bare = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const targets = [...bare.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, place))) return true;
      return anchor !== undefined && place.endsWith('.md') && !anchorsOf(readPage(place)).has(anchor);
    })
    .map((target) => `${path}: ${target}`);
}

/** Files and folders of the repository that a page names in code marks and that are not there. */
function missingFiles({ path, text }: Page): string[] {
  const named = [
    ...text.matchAll(
      /`((?:shared|services|cli|test-support|training|scripts|bench|campaign|deploy|golden|docs)\/[\w@./-]+)`/g,
    ),
  ];
  return named
    .map(([, file]) => file as string)
    .filter((file) => !existsSync(join(ROOT, file)))
    .map((file) => `${path}: ${file}`);
}

describe('the documents', () => {
  it('are found', () => {
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/operations.md']));
    expect(pages.length).toBeGreaterThan(25);
  });

  it('have no broken link to a file or heading of ours', () => {
    expect(pages.flatMap(brokenLinks)).toEqual([]);
  });

  it('name no file or test that is not there', () => {
    expect(pages.flatMap(missingFiles)).toEqual([]);
  });

  it('name scripts, benchmarks and campaigns that are there', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const asked = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:-s )?([\w:-]+)(?: -- ([a-z][\w-]*))?/g)].map(([, script, name]) => ({
        path,
        script,
        name,
      })),
    );
    expect(asked.length).toBeGreaterThan(5);
    for (const { path, script, name } of asked) {
      expect(Object.keys(scripts), path).toContain(script);
      if (script === 'bench' && name)
        expect(existsSync(join(ROOT, 'bench', `${name}.mjs`)), `${path}: ${name}`).toBe(true);
      if (script === 'campaign' && name)
        expect(existsSync(join(ROOT, 'campaign', name)), `${path}: ${name}`).toBe(true);
    }
  });

  it('are all reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) {
      const links = [...readPage(path).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target as string);
      for (const target of links.filter((link) => !/^[a-z]+:/.test(link))) {
        const place = normalize(join(dirname(path), target));
        if (place.endsWith('.md') && existsSync(join(ROOT, place))) reached.add(place);
        // The decisions are listed by their folder.
        if (place === 'docs/adr/') for (const page of pages) if (page.path.startsWith(place)) reached.add(page.path);
      }
    }
    expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });
});
