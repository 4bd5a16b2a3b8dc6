import { describe, expect, it } from 'vitest';
import { parseServeConfig, type ServeConfig } from './serve-config.js';
import { settingsText } from './settings-text.js';

function valid(env: Record<string, string>, yaml = ''): ServeConfig {
  const outcome = parseServeConfig(env, yaml);
  if (outcome.kind === 'invalid') throw new Error(outcome.problems.join('\n'));
  return outcome.config;
}

function problems(env: Record<string, string>, yaml = ''): string[] {
  const outcome = parseServeConfig(env, yaml);
  return outcome.kind === 'invalid' ? outcome.problems : [];
}

describe('parseServeConfig', () => {
  it('has a default for everything: this machine alone may send, and everything runs', () => {
    const { file, services, cluster } = valid({});
    expect(file).toMatchObject({
      aeTitle: 'PCE',
      dataFolder: './data',
      dicom: { host: '127.0.0.1', port: 11112 },
      web: { host: '127.0.0.1', port: 8080, anonymous: 'everything' },
    });
    expect(file.dicom.senders).toMatchObject([{ calledAeTitle: 'PCE', addresses: expect.arrayContaining(['::1']) }]);
    expect([...services]).toEqual(['ingest', 'detector', 'reporter', 'worklist']);
    expect(cluster).toBeNull();
  });

  it('takes the environment before the file, and the file before the defaults', () => {
    const { file } = valid(
      { PCE_AE_TITLE: 'CEMENT', PCE_DIMSE_PORT: '104', PCE_DATA_DIR: '/var/lib/pce' },
      'dicom: { port: 4242 }\nweb: { port: 9999 }\nanalysis: { maxAttempts: 2 }',
    );
    expect(file).toMatchObject({
      dataFolder: '/var/lib/pce',
      dicom: { port: 104, senders: [{ calledAeTitle: 'CEMENT' }] },
      web: { port: 9999 },
      analysis: { maxAttempts: 2, timeLimitSeconds: 600 },
    });
  });

  it('opens DICOMweb to nobody on a reachable address without keys', () => {
    expect(valid({ PCE_BIND: '0.0.0.0' }).file.web.anonymous).toBe('nothing');
  });

  it('gives every problem at once, by line or by variable', () => {
    expect(
      problems({ PCE_HTTP_PORT: 'many', REDIS_URL: 'redis://r', PCE_SERVICES: 'ingest,cook' }, 'aeTitel: X'),
    ).toEqual([
      'line 1: aeTitel: is not a setting that exists here',
      'PCE_HTTP_PORT: web.port: must be integer',
      'PCE_SERVICES: expected some of ingest, detector, reporter, worklist; received cook',
      'DATABASE_URL: expected beside REDIS_URL, as many machines need both; received none',
    ]);
    expect(problems({ PCE_SERVICES: 'detector' })).toEqual([
      'PCE_SERVICES: expected REDIS_URL and DATABASE_URL when not all services run here; received neither',
    ]);
  });

  it('takes rules in the same file', () => {
    const rules = 'rules: [{ name: all, when: { modality: [CT] }, action: analyse }]';
    expect(valid({}, rules).file.rules).toMatchObject([{ name: 'all', priority: 50, destinations: [] }]);
  });
});

describe('settingsText', () => {
  it('says what holds and keeps secrets to itself', () => {
    const config = valid({
      REDIS_URL: 'redis://:hunter2@redis:6379/1',
      DATABASE_URL: 'postgres://pce:hunter3@db/pce?password=hunter4',
      PCE_SERVICES: 'ingest',
      PCE_BIND: '0.0.0.0',
    });
    const text = settingsText(config);
    expect(text).toMatch(/state +postgres:\/\/db\/pce, redis:\/\/redis:6379\/1/);
    expect(text).toMatch(/DICOM +0\.0\.0\.0:11112, AE title PCE, senders on this machine only/);
    expect(text).toMatch(/web .*nobody: add web\.apiKeys/);
    expect(text).not.toContain('hunter');
  });
});
