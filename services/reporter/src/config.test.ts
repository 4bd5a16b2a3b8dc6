import { describe, expect, it } from 'vitest';
import { parseReporterConfig } from './service-config.js';

const problemsOf = (yaml: string): string[] => {
  const outcome = parseReporterConfig({}, yaml);
  return outcome.kind === 'invalid' ? outcome.problems : [];
};

describe('parseReporterConfig', () => {
  it('fills in what is not said', () => {
    const outcome = parseReporterConfig(
      { PCE_DATA_DIR: '/data' },
      'destinations: [{ name: a, folder: { path: /out } }]',
    );
    expect(outcome).toMatchObject({
      kind: 'valid',
      config: {
        dataFolder: '/data',
        destinations: [{ name: 'a', objects: ['sr', 'gsps'], only: 'all', retry: { maxAttempts: 10 } }],
      },
    });
  });

  it('gives every problem of the form at once, by line', () => {
    const yaml = [
      'destinations:',
      '  - name: "a b"',
      '    cStore: { host: pacs, port: 0, aeTitle: PACS }',
      '  - name: b',
      '    objects: [sr, video]',
      '    folder: { paht: /out }',
    ].join('\n');
    const problems = problemsOf(yaml);
    expect(problems.map((problem) => problem.split(':', 2).join(':'))).toEqual([
      'line 2: destinations.0.name',
      'line 3: destinations.0.cStore.port',
      'line 5: destinations.1.objects.1',
      'line 6: destinations.1.folder.path',
      'line 6: destinations.1.folder.paht',
    ]);
  });

  it('gives every contradiction, by line', () => {
    const yaml = [
      'commitmentListener: { port: 1 }',
      'destinations:',
      '  - name: a',
      '  - name: a',
      '    folder: { path: /out }',
      '    hl7: { host: h, port: 1 }',
      '  - name: c',
      '    stow: { url: "https://x/y", user: me }',
      '    retry: { firstDelaySeconds: 9, longestDelaySeconds: 1 }',
    ].join('\n');
    expect(problemsOf(yaml)).toEqual([
      'line 3: destinations.0.name: a must have exactly one of cStore, stow, folder, hl7, webhook, fhir; it has none',
      'line 4: destinations.1.name: a must have exactly one of cStore, stow, folder, hl7, webhook, fhir; it has folder and hl7',
      'line 4: destinations.1.name: a is the name of another destination too',
      'line 9: destinations.2.retry: firstDelaySeconds 9 must not exceed longestDelaySeconds 1',
      'line 8: destinations.2.stow: user and passwordFile belong together',
      'line 1: commitmentListener: no destination has cStore.commitment on',
    ]);
  });
});
