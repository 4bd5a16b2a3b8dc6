import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test-support/dist/foreign-process.js';

const PCE = join(import.meta.dirname, '../../cli/bin/pce.js');
const RESTART_MS = 300;

/** `pce serve` on ports that stay, started again whenever it ends, as systemd or Kubernetes would. */
export class ServiceProcess {
  name;
  dicomPort = 0;
  webPort = 0;
  /** Ends that nobody caused, with what was printed last. */
  unexpectedEnds = [];
  #settings;
  #child = null;
  #isKept = true;
  #isKilled = false;
  #lastLines = '';

  /** @param settings { folder, configFile, env, services, clockFile } */
  constructor(name, settings) {
    this.name = name;
    this.#settings = settings;
  }

  async start() {
    this.dicomPort ||= await freePort();
    this.webPort ||= await freePort();
    if (this.#settings.clockFile) await writeFile(this.#settings.clockFile, '+0');
    this.#spawn();
    await this.untilReady(60_000);
  }

  get pid() {
    return this.#child?.pid ?? 0;
  }

  signal(signal) {
    if (signal === 'SIGKILL') this.#isKilled = true;
    this.#child?.kill(signal);
  }

  /** @returns whether it became ready in time */
  async untilReady(limitMs) {
    const until = Date.now() + limitMs;
    while (Date.now() < until) {
      if (await this.isReady()) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  async isReady() {
    const answer = await this.get('/readyz').catch(() => null);
    return answer?.status === 200;
  }

  get(path) {
    return fetch(`http://127.0.0.1:${this.webPort}${path}`, { signal: AbortSignal.timeout(5000) });
  }

  /** Ends it for good. */
  async stop() {
    this.#isKept = false;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await new Promise((resolve) => child.once('exit', resolve));
    clearTimeout(insist);
  }

  #spawn() {
    const { folder, configFile, env, services, clockFile, clockLibrary } = this.#settings;
    const clock = clockFile
      ? {
          LD_PRELOAD: clockLibrary,
          FAKETIME_TIMESTAMP_FILE: clockFile,
          FAKETIME_CACHE_DURATION: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          FAKETIME_DONT_RESET: '1',
        }
      : {};
    this.#isKilled = false;
    const child = spawn(process.execPath, [PCE, 'serve'], {
      cwd: folder,
      env: {
        ...process.env,
        PCE_CONFIG: configFile,
        PCE_DIMSE_PORT: `${this.dicomPort}`,
        PCE_HTTP_PORT: `${this.webPort}`,
        ...(services ? { PCE_SERVICES: services } : {}),
        ...env,
        ...clock,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const log = createWriteStream(join(this.#settings.logFolder, `${this.name}.log`), { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        log.write(text);
        this.#lastLines = (this.#lastLines + text).slice(-2000);
      });
    }
    child.once('exit', (code, signal) => {
      log.end();
      if (!this.#isKept) return;
      if (!this.#isKilled) this.unexpectedEnds.push({ code, signal, lastLines: this.#lastLines });
      setTimeout(() => this.#isKept && this.#spawn(), RESTART_MS);
    });
  }
}
