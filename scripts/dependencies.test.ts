import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** Licences that ask for no more than to be named, or (MPL) that changed files of theirs stay under it. */
const LICENCES = /^\(?((MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0|BlueOak-1\.0\.0|MPL-2\.0|Zlib)( (AND|OR) )?)+\)?$/;
/** Its package.json names no licence; its LICENSE file is that of MIT. */
const MIT_BY_FILE = ['png-js'];

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string }[];
  readonly licenses?: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[];
  readonly properties?: readonly { readonly name: string }[];
}

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly workspaces?: readonly string[];
}

const manifest = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
const folders = ['', ...(manifest('').workspaces ?? [])];
const asked = folders.flatMap((folder) => {
  const { dependencies, devDependencies } = manifest(folder);
  return Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => !name.startsWith('@pce/'));
});

describe('dependencies', () => {
  let document: { bomFormat: string; specVersion: string; components: Component[] };
  let foreign: Component[];

  beforeAll(() => {
    const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    document = JSON.parse(stdout);
    const isOurs = (component: Component) =>
      component.properties?.some(({ name }) => name === 'cdx:npm:package:private');
    foreign = document.components.filter((component) => !isOurs(component));
  });

  it('are asked for in exact versions', () => {
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('are all in the bill of materials, with digests', () => {
    expect(document).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
    const listed = new Set(foreign.map(({ purl }) => decodeURIComponent(purl)));
    expect(asked.filter(([name, version]) => !listed.has(`pkg:npm/${name}@${version}`))).toEqual([]);
    // What lies within another package has the digest of that one.
    const own = foreign.filter(({ properties }) => !properties?.some(({ name }) => name === 'cdx:npm:package:bundled'));
    const without = own.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === 'SHA-512'));
    expect(without.map(({ purl }) => purl)).toEqual([]);
  });

  it('are under licences that let them be passed on with closed software', () => {
    const licencesOf = ({ name, licenses = [] }: Component) => {
      if (licenses.length > 0) return licenses.map(({ license, expression }) => license?.id ?? expression ?? 'none');
      return MIT_BY_FILE.includes(name) ? ['MIT'] : ['none'];
    };
    const others = foreign.filter((component) => !licencesOf(component).every((licence) => LICENCES.test(licence)));
    expect(others.map((component) => `${component.name}: ${licencesOf(component)}`)).toEqual([]);
    for (const name of MIT_BY_FILE) {
      const folder = join(ROOT, 'node_modules', name);
      if (!existsSync(folder)) continue;
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      expect(readFileSync(join(folder, `${file}`), 'utf8')).toMatch(/^\s*(The )?MIT License/);
    }
  });
});
