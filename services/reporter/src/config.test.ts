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
      '  - name: d',
      '    hl7: { host: h, port: 1 }',
      '    seriesDescription: "{content}"',
      '  - name: e',
      '    folder: { path: /out }',
      '    seriesDescription: "always the same"',
      '  - name: f',
      '    stow: { url: "https://x/y" }',
      '    seriesDescription: "A very much longer description of {content}"',
      'priorSources:',
      '  - name: old',
      '    dimse: { host: h, port: 1, aeTitle: A, tls: { keyFile: /k } }',
      '    dicomweb: { url: "https://x/y", passwordFile: /p }',
      '  - name: old',
    ].join('\n');
    expect(problemsOf(yaml)).toEqual([
      'line 3: destinations.0.name: a must have exactly one of cStore, stow, folder, hl7, webhook, fhir; it has none',
      'line 4: destinations.1.name: a is the name of another one too',
      'line 4: destinations.1.name: a must have exactly one of cStore, stow, folder, hl7, webhook, fhir; it has folder and hl7',
      'line 9: destinations.2.retry: firstDelaySeconds 9 must not exceed longestDelaySeconds 1',
      'line 8: destinations.2.stow: user and passwordFile belong together',
      'line 12: destinations.3.seriesDescription: belongs to destinations of objects: cStore, stow, folder',
      'line 15: destinations.4.seriesDescription: must hold {content} once, where the result or the kind of object goes',
      'line 18: destinations.5.seriesDescription: must have at most 31 characters beside {content}, not 34',
      'line 20: priorSources.0.name: old must have exactly one of dicomweb, dimse; it has dicomweb and dimse',
      'line 22: priorSources.0.dicomweb: user and passwordFile belong together',
      'line 21: priorSources.0.dimse: tls.certificateFile and tls.keyFile belong together',
      'line 23: priorSources.1.name: old is the name of another one too',
      'line 23: priorSources.1.name: old must have exactly one of dicomweb, dimse; it has none',
      'line 1: commitmentListener: no destination has cStore.commitment on',
    ]);
  });
});
