import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runBeside } from '../../test-support/dist/foreign-process.js';
import { imageOf } from './plan.mjs';

const PAUSE_MS = 400;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends studies until each image is acknowledged, by Orthanc or by storescu, and keeps what was acknowledged. */
export class Sender {
  /** Bytes by SOP Instance UID. */
  acknowledged = new Map();
  counts = { sendings: 0, failedSendings: 0, duplicates: 0, lateImages: 0, resentStudies: 0 };
  lastAcknowledgedAt = 0;
  /** Until when a study may be tried; then it counts as stuck. */
  deadline = Infinity;
  stuck = [];
  #world;
  #seed;

  constructor(world, seed) {
    this.#world = world;
    this.#seed = seed;
  }

  /** The first sending of a study. */
  async sendFirst(study) {
    const images = Array.from({ length: study.images }, (_, number) => imageOf(this.#seed, study, number));
    if (study.isDuplicated) this.counts.duplicates += images.length;
    await this.#sendUntilAcknowledged(study, images, study.isDuplicated);
  }

  /** What comes after the first report: a late image, or all of it again. */
  async sendLater(study) {
    const images = Array.from({ length: study.images }, (_, number) => imageOf(this.#seed, study, number));
    if (study.isResent) {
      this.counts.resentStudies += 1;
      await this.#sendUntilAcknowledged(study, images, false);
    }
    if (study.isLate) {
      this.counts.lateImages += 1;
      await this.#sendUntilAcknowledged(study, [imageOf(this.#seed, study, study.images)], false);
    }
  }

  async #sendUntilAcknowledged(study, images, isDuplicated) {
    let left = images;
    while (left.length > 0) {
      this.counts.sendings += 1;
      const taken = await this.#send(study, left, isDuplicated).catch(() => new Set());
      for (const image of left) if (taken.has(image.uid)) this.acknowledged.set(image.uid, image);
      if (taken.size > 0) this.lastAcknowledgedAt = Date.now();
      left = left.filter(({ uid }) => !taken.has(uid));
      if (left.length === 0) return;
      this.counts.failedSendings += 1;
      if (Date.now() > this.deadline) {
        this.stuck.push(`study ${study.index}: ${left.length} images were never acknowledged`);
        return;
      }
      await pause(PAUSE_MS);
    }
  }

  #send(study, images, isDuplicated) {
    return study.sender === 'orthanc' ? this.#byOrthanc(images, isDuplicated) : this.#byStorescu(images, isDuplicated);
  }

  /** Orthanc says of the whole job only whether all was stored. */
  async #byOrthanc(images, isDuplicated) {
    const { source } = this.#world;
    const ids = [];
    for (const { bytes } of images) ids.push((await source.call('POST', '/instances', bytes)).ID);
    const job = { Synchronous: true, Resources: isDuplicated ? [...ids, ...ids] : ids, Permissive: false };
    await source.call('POST', '/modalities/pce/store', job);
    return new Set(images.map(({ uid }) => uid));
  }

  async #byStorescu(images, isDuplicated) {
    const folder = join(this.#world.folder, 'sent', images[0].uid);
    await mkdir(folder, { recursive: true });
    const files = new Map();
    for (const { uid, bytes } of images) {
      files.set(join(folder, `${uid}.dcm`), uid);
      await writeFile(join(folder, `${uid}.dcm`), bytes);
    }
    const paths = isDuplicated ? [...files.keys(), ...files.keys()] : [...files.keys()];
    const options = ['-v', '-ta', '20', '-td', '20', '-aec', 'PCE'];
    const run = await runBeside('storescu', [...options, '127.0.0.1', `${this.#world.senderProxy.port}`, ...paths]);
    await rm(folder, { recursive: true, force: true });
    const taken = new Set();
    let current;
    for (const line of run.output.split('\n')) {
      current = /Sending file: (.*)$/.exec(line)?.[1] ?? current;
      if (line.includes('Received Store Response (Success)')) taken.add(files.get(current));
    }
    return taken;
  }
}
