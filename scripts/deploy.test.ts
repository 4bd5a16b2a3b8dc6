import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool, requireTool, runTool } from '@pce/test-support/foreign-tool';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Metrics } from '../cli/src/serve/metrics.js';
import { parseServeConfig } from '../cli/src/serve/serve-config.js';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** All objects of a Kubernetes file. */
function objectsOf(path: string) {
  return parseAllDocuments(read(path)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
}

const kubernetes = ['pce', 'services', 'autoscaling'].flatMap((name) => objectsOf(`deploy/kubernetes/${name}.yaml`));

/** A version whose API has every object of ours. */
const KUBERNETES = '1.31';

/** Linters come from PyPI, which not every machine that runs the tests can reach: without them nothing else fails. */
function requireLinter(name: string, skip: (reason: string) => void): void {
  if (findTool(name)) return;
  console.warn(`skipped: ${name} is not installed`);
  skip(`${name} is not installed`);
}

describe('what deploys the service', () => {
  it('docker-compose takes docker-compose.yml, and refuses it without a password', async ({ skip }) => {
    requireTool('docker-compose', skip);
    const folder = await mkdtemp(join(tmpdir(), 'pce-compose-'));
    await writeFile(join(folder, '.env'), 'POSTGRES_PASSWORD=secret\n');
    const args = ['-f', join(root, 'docker-compose.yml'), '--project-directory', root];
    const whole = runTool('docker-compose', [...args, '--env-file', join(folder, '.env'), 'config']);
    expect(`${whole.stderr}`).toBe('');
    expect(`${whole.stdout}`).toContain('postgres://pce:secret@postgres:5432/pce');
    await writeFile(join(folder, '.env'), '');
    const bare = runTool('docker-compose', [...args, '--env-file', join(folder, '.env'), 'config']);
    expect(`${bare.stderr}`).toContain('POSTGRES_PASSWORD');
    await rm(folder, { recursive: true });
  });

  it('hadolint finds nothing in the Dockerfile, and something in a bad one', ({ skip }) => {
    requireLinter('hadolint', skip);
    const clean = runTool('hadolint', [join(root, 'Dockerfile')]);
    expect([clean.status, `${clean.stdout}${clean.stderr}`]).toEqual([0, '']);
    const bad = runTool('hadolint', ['-'], { input: Buffer.from('FROM node:latest\nRUN cd /app && npm install\n') });
    expect([bad.status, `${bad.stdout}`]).toEqual([1, expect.stringContaining('DL3007')]);
  });

  it.for(['pce', 'services'])('Kubernetes takes every field of %s.yaml, none misspelt', async (name, { skip }) => {
    requireLinter('kubernetes-validate', skip);
    const folder = await mkdtemp(join(tmpdir(), 'pce-kubernetes-'));
    const validate = (path: string) => runTool('kubernetes-validate', ['--strict', '-k', KUBERNETES, path]);
    const good = validate(join(root, `deploy/kubernetes/${name}.yaml`));
    expect([good.status, `${good.stdout}`]).toEqual([0, expect.not.stringMatching(/WARN|ERROR/)]);
    const misspelt = join(folder, 'misspelt.yaml');
    await writeFile(misspelt, read(`deploy/kubernetes/${name}.yaml`).replace('readOnlyRootFilesystem', 'readonlyRoot'));
    expect(validate(misspelt).status).not.toBe(0);
    await rm(folder, { recursive: true });
  });

  it('the example configuration and the one on Kubernetes hold', () => {
    const environment = { REDIS_URL: 'redis://r', DATABASE_URL: 'postgres://d', PCE_BIND: '0.0.0.0' };
    const onKubernetes = kubernetes.find(({ kind }) => kind === 'ConfigMap').data['pce.yaml'];
    for (const yaml of [read('deploy/pce.example.yaml'), onKubernetes]) {
      expect(parseServeConfig(environment, yaml)).toMatchObject({ kind: 'valid' });
    }
  });

  it('every container on Kubernetes runs a service there is, without rights it does not need', () => {
    const deployments = kubernetes.filter(({ kind }) => kind === 'Deployment');
    const names = deployments.map(({ metadata }) => metadata.name).sort();
    expect(names).toEqual(['pce-detector', 'pce-ingest', 'pce-redis', 'pce-reporter', 'pce-worklist']);
    for (const { spec } of deployments) {
      const [container] = spec.template.spec.containers;
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      });
      const services = container.env?.find(({ name }: { name: string }) => name === 'PCE_SERVICES');
      if (!services) continue;
      const environment = { REDIS_URL: 'redis://r', DATABASE_URL: 'postgres://d', PCE_SERVICES: services.value };
      expect(parseServeConfig(environment, '')).toMatchObject({ kind: 'valid' });
    }
    const scaled = kubernetes.find(({ kind }) => kind === 'ScaledObject');
    expect(names).toContain(scaled.spec.scaleTargetRef.name);
  });

  it('the dashboard asks for metrics there are', async () => {
    const told = await new Metrics().names();
    const asked = new Set([...read('deploy/grafana-dashboard.json').matchAll(/\bpce_[a-z_]+/g)].map(([name]) => name));
    expect(asked.size).toBeGreaterThan(8);
    for (const name of asked) expect(told).toContain(name.replace(/_(bucket|sum|count)$/, ''));
  });
});
