import type { FrameInfo } from '../../src/core/frame-info.js';
import type { StackImage } from '../../src/core/image-stacks.js';
import { ask } from '../parts/api.js';

/** A decoded image at hand. */
export interface Frame {
  info: FrameInfo;
  pixels: Int16Array | Uint16Array | Uint8ClampedArray;
}

/** Pixels kept. [design] A CT of 500 slices; more are fetched again when looked at. */
const MAX_BYTES = 320 * 1024 * 1024;
/** Requests at a time: browsers open six connections to a server, and one is for events. */
const AT_A_TIME = 4;

/** Images of one study, fetched when asked for and, what is likely to be asked for next, before. */
export class FrameStore {
  readonly #studyKey: string;
  readonly #frames = new Map<string, Promise<Frame>>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #ahead: StackImage[] = [];
  #running = 0;
  readonly #loaded: (image: StackImage, frame: Frame) => void;

  /** @param loaded told of every image that has come */
  constructor(studyKey: string, loaded: (image: StackImage, frame: Frame) => void) {
    this.#studyKey = studyKey;
    this.#loaded = loaded;
  }

  /** @throws RequestError when the image cannot be read */
  get(image: StackImage): Promise<Frame> {
    const name = nameOf(image);
    const known = this.#frames.get(name);
    if (known) {
      // The one used last is dropped last.
      this.#frames.delete(name);
      this.#frames.set(name, known);
      return known;
    }
    const coming = this.#fetch(image);
    this.#frames.set(name, coming);
    coming.then(
      (frame) => this.#keep(name, image, frame),
      () => this.#frames.delete(name),
    );
    return coming;
  }

  /** Fetches these while nothing else is to be done, the first first. */
  prefetch(images: readonly StackImage[]): void {
    this.#ahead = images.filter((image) => !this.#frames.has(nameOf(image)));
    while (this.#running < AT_A_TIME && this.#ahead.length > 0) void this.#fetchAhead();
  }

  async #fetchAhead(): Promise<void> {
    this.#running += 1;
    for (let image = this.#ahead.shift(); image; image = this.#ahead.shift()) {
      // One that cannot be read says so when it is looked at.
      if (!this.#frames.has(nameOf(image))) await this.get(image).catch(() => undefined);
    }
    this.#running -= 1;
  }

  async #fetch({ sha256, frameNumber }: StackImage): Promise<Frame> {
    const response = await ask(`/api/studies/${this.#studyKey}/images/${sha256}/frames/${frameNumber}`, {});
    const info: FrameInfo = JSON.parse(response.headers.get('pce-frame') ?? '');
    return { info, pixels: pixelsOf(info, await response.arrayBuffer()) };
  }

  #keep(name: string, image: StackImage, frame: Frame): void {
    this.#sizes.set(name, frame.pixels.byteLength);
    this.#bytes += frame.pixels.byteLength;
    this.#loaded(image, frame);
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= MAX_BYTES) break;
      const size = this.#sizes.get(oldest);
      if (size === undefined || oldest === name) continue;
      this.#bytes -= size;
      this.#sizes.delete(oldest);
      this.#frames.delete(oldest);
    }
  }
}

function nameOf({ sha256, frameNumber }: StackImage): string {
  return `${sha256} ${frameNumber}`;
}

/** Words come in little endian, as every browser's machine has them. */
function pixelsOf({ samples }: FrameInfo, buffer: ArrayBuffer): Frame['pixels'] {
  switch (samples) {
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'rgba':
      return new Uint8ClampedArray(buffer);
  }
}
