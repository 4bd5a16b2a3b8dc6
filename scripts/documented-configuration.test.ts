import { parseRoutingRules } from '@pce/ingest/core/routing-rules';
import { readPage } from '@pce/test-support/documents';
import { describe, expect, it } from 'vitest';
import { parseServeConfig } from '../cli/src/serve/serve-config.js';

const operations = readPage('docs/operations.md');
const blocks = [...operations.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text as string);
const firstLine = (text: string) => text.split('\n')[0] as string;

/** What a reader has to fill in, and what another block on the page has. */
function completed(text: string): string {
  const filledIn = text.replace('$..."', '$c2FsdA$aGFzaA"');
  return text.startsWith('rules:') ? `${filledIn}\ndestinations: [{ name: pacs, folder: { path: out } }]\n` : filledIn;
}

describe('the configuration in operations', () => {
  it('is found', () => {
    expect(blocks.length).toBeGreaterThan(4);
  });

  it.each(blocks.map((text) => [firstLine(text), text]))('holds: %s', (_first, text) => {
    const outcome = parseServeConfig({}, completed(text));
    expect(outcome.kind === 'invalid' ? outcome.problems : []).toEqual([]);
  });

  it('has rules that hold in a file of their own, too', () => {
    const rules = blocks.filter((text) => text.startsWith('rules:'));
    expect(rules.map((text) => parseRoutingRules(text).kind)).toEqual(['valid']);
  });

  it('is all of it: every section and every variable of the environment is named', () => {
    const outcome = parseServeConfig({}, '');
    const sections = outcome.kind === 'valid' ? Object.keys(outcome.config.file) : [];
    const variables = [...readPage('cli/src/serve/serve-config.ts').matchAll(/'(PCE_\w+)'/g)].map(([, name]) => name);
    expect([sections.length > 10, variables.length > 4]).toEqual([true, true]);
    const missing = [...sections, ...variables].filter((name) => !new RegExp(`\\b${name}\\b`).test(operations));
    expect(missing).toEqual([]);
  });
});
