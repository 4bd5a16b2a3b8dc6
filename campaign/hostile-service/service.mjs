import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@pce/test-support/foreign-process';

const PCE = fileURLToPath(new URL('../../cli/bin/pce.js', import.meta.url));
/** Doors open to this machine, and nothing waits long. */
const SETTINGS = `
watermarkBytes: 0
sweepSeconds: 5
readiness: { quietSeconds: { CT: 2, DX: 2 } }
watchedFolder: { path: watched, settleSeconds: 1 }
dicom: { maxAssociations: 200, artimSeconds: 2, stallSeconds: 2, idleSeconds: 5 }
web: { requestsPerMinute: 100000000 }
`;
/** A service that does not say it is well for so long hangs. [design] */
const HEALTH_MS = 60_000;
const START_MS = 120_000;

/** `pce serve` in a process and a folder of its own. */
export class Service {
  dicomPort = 0;
  webPort = 0;
  highestRssBytes = 0;
  /** What its log tells of, and how often. */
  events = new Map();
  #folder = mkdtempSync(join(tmpdir(), 'pce-hostile-'));
  #child = null;
  #lastErrors = [];

  get watchedFolder() {
    return join(this.#folder, 'watched');
  }

  async start() {
    [this.dicomPort, this.webPort] = [await freePort(), await freePort()];
    const config = join(this.#folder, 'pce.yaml');
    writeFileSync(config, SETTINGS);
    const ports = { PCE_DIMSE_PORT: `${this.dicomPort}`, PCE_HTTP_PORT: `${this.webPort}`, PCE_CONFIG: config };
    const child = spawn(process.execPath, [PCE, 'serve'], {
      cwd: this.#folder,
      env: { ...process.env, ...ports },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#note(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => this.#lastErrors.push(text.slice(0, 2000)));
    await this.#until(() => this.events.has('ready'), START_MS);
  }

  #note(line) {
    const event = /"event":"([^"]+)"/.exec(line)?.[1] ?? 'other';
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }

  /** @returns why it is not well, or null */
  async trouble() {
    const { exitCode, signalCode, pid } = this.#child;
    if (exitCode !== null || signalCode !== null) {
      return `the service ended with ${exitCode ?? signalCode}: ${this.#lastErrors.slice(-3).join('')}`;
    }
    this.#lookAtMemory(pid);
    const signal = AbortSignal.timeout(HEALTH_MS);
    const { status } = await fetch(`http://127.0.0.1:${this.webPort}/healthz`, { signal }).catch((error) => ({
      status: `${error}`,
    }));
    return status === 200 ? null : `/healthz: expected 200; received ${status}`;
  }

  #lookAtMemory(pid) {
    if (process.platform !== 'linux') return;
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    this.highestRssBytes = Math.max(this.highestRssBytes, Number(rss?.[1] ?? 0) * 1024);
  }

  /** Waits until a report of the study has been delivered. @throws Error when none comes in time */
  async reportOf(studyInstanceUid, withinMs) {
    const outbox = join(this.#folder, 'data/outbox');
    const isThere = () =>
      readdirSync(outbox, { recursive: true })
        .filter((name) => name.endsWith('.dcm'))
        .some((name) => readFileSync(join(outbox, name)).includes(studyInstanceUid));
    await this.#until(isThere, withinMs);
  }

  async #until(isSo, withinMs) {
    for (const end = Date.now() + withinMs; Date.now() < end; await new Promise((go) => setTimeout(go, 200))) {
      if (this.#child.exitCode !== null) throw new Error(`the service ended: ${this.#lastErrors.join('')}`);
      try {
        if (isSo()) return;
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    }
    throw new Error(`expected something within ${withinMs} ms; received nothing`);
  }

  /** @returns the exit code of a service that was asked to end */
  async stop() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    return child.exitCode;
  }
}
