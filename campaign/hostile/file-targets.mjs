import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { buildZip } from '../../cli/dist/screen/zip.fixture.js';
import { readZipArchive } from '../../cli/dist/screen/zip-archive.js';
import { parseServeConfig } from '../../cli/dist/serve/serve-config.js';
import { parseRoutingRules } from '../../services/ingest/dist/core/routing-rules.js';
import { mutateBytes } from './mutate-bytes.mjs';
import { mutateText } from './mutate-text.mjs';

const EXAMPLE = readFileSync(new URL('../../deploy/pce.example.yaml', import.meta.url), 'utf8');
const RULES = `rules:
  - name: lateral films first
    when: { modality: [DX, CR], viewPosition: [LL, RL], description: ['*vertebroplast*'] }
    action: analyse
    priority: 90
`;
/** Aliases of aliases: nine levels of nine are 387 million items. */
const LAUGHS = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
  .split('')
  .map((name, k) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[k]}`).join(',')}]`)
  .join('\n')}\n`;
const YAML_WORDS = [
  LAUGHS,
  '&a [*a]',
  '*missing',
  '!!js/function "x"',
  '!!binary "////"',
  '<<: *a',
  '? [1]\n: 2',
  '{'.repeat(2000),
  '[[[[',
  '- '.repeat(3000),
  '__proto__: { polluted: true }',
  'constructor: { prototype: { polluted: true } }',
  '---\n',
  '%YAML 9.9\n---\n',
  '.nan',
  '.inf',
  '0o777',
  '\t',
];
const NAMES = ['a.dcm', '../../../etc/cron.d/x', '/etc/passwd', 'C:\\x', '..\\..\\x', 'a/\0/b', 'x'.repeat(60_000), ''];

/** What an administrator or a user hands us as a file. */
export function fileTargets() {
  return {
    'YAML configuration': {
      expected: [],
      make: (random) => mutateText(EXAMPLE, random, YAML_WORDS),
      read: (text) => {
        parseServeConfig({}, text);
        if ({}.polluted !== undefined) throw new Error('prototype polluted');
      },
    },
    'YAML rules': {
      expected: [],
      make: (random) => mutateText(RULES, random, YAML_WORDS),
      read: (text) => void parseRoutingRules(text),
    },
    'zip archive': { expected: [], make: zipBytes, read: readZip },
  };
}

function zipBytes(random) {
  const entries = Array.from({ length: 1 + random.below(4) }, () => ({
    name: random.pick(NAMES),
    bytes: random.oneIn(30) ? Buffer.alloc(4 << 20) : random.bytes(random.below(200)),
    method: random.pick([0, 8, 8, 8, 9, 99]),
    flags: random.pick([0x800, 0, 1, 0x808]),
    unixMode: random.pick([0o100644, 0o120777, 0o040755]),
    ...(random.oneIn(3) ? { declaredBytes: random.pick([0, 1, 0x7fffffff, 0xffffffff]) } : {}),
  }));
  const archive = buildZip(entries);
  return random.oneIn(2) ? mutateBytes(archive, random) : archive;
}

const MAX_PREFIX = 65_536;

async function readZip(bytes) {
  const path = join(tmpdir(), `pce-campaign-${process.pid}-${threadId}.zip`);
  writeFileSync(path, bytes);
  try {
    for await (const entry of readZipArchive(path)) {
      if (!('readPrefix' in entry)) continue;
      // A damaged entry fails when it is read, and the caller makes a problem of it.
      const whole = await entry.readAll().catch(() => null);
      if (whole !== null && whole.length !== entry.byteLength) throw new Error('another length than declared');
      await entry.readPrefix(MAX_PREFIX).catch(() => null);
    }
  } finally {
    unlinkSync(path);
  }
}
