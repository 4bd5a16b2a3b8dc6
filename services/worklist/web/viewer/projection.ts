import type { Frame } from './frame-store.js';

/** Shown in the overview: from lung to solid cement. [design] */
const OVERVIEW_WINDOW = { low: -450, high: 1350 };
/** Value of what has not come yet. */
const EMPTY = -32768;

/** The largest value of each column of each slice: a CT seen from the front. */
export class CoronalProjection {
  readonly slices: number;
  columns = 0;
  /** Row k is slice k. */
  #values = new Int16Array(0);
  #pixelSpacingMm = 1;
  #loaded = 0;

  constructor(slices: number) {
    this.slices = slices;
  }

  /** Share of the slices that have come. */
  get progress(): number {
    return this.#loaded / this.slices;
  }

  get columnSpacingMm(): number {
    return this.#pixelSpacingMm;
  }

  add(slice: number, { info, pixels }: Frame): void {
    if (this.columns === 0) {
      this.columns = info.columns;
      this.#pixelSpacingMm = info.pixelSpacingMm?.[0] ?? 1;
      this.#values = new Int16Array(this.slices * this.columns).fill(EMPTY);
    }
    if (info.columns !== this.columns || info.samples === 'rgba' || !this.#isEmpty(slice)) return;
    const row = slice * this.columns;
    const largest = new Float64Array(this.columns).fill(Number.NEGATIVE_INFINITY);
    for (let at = 0, column = 0; at < pixels.length; at += 1) {
      const value = pixels[at] as number;
      if (value > (largest[column] as number)) largest[column] = value;
      column = column + 1 === this.columns ? 0 : column + 1;
    }
    for (let column = 0; column < this.columns; column += 1) {
      const value = (largest[column] as number) * info.slope + info.intercept;
      this.#values[row + column] = Math.max(EMPTY + 1, Math.min(32767, Math.round(value)));
    }
    this.#loaded += 1;
  }

  /** As grey levels; the head at the top. */
  picture(isFeetFirst: boolean): ImageData | null {
    if (this.columns === 0) return null;
    const picture = new ImageData(this.columns, this.slices);
    const { low, high } = OVERVIEW_WINDOW;
    for (let slice = 0; slice < this.slices; slice += 1) {
      const row = (isFeetFirst ? this.slices - 1 - slice : slice) * this.columns;
      for (let column = 0; column < this.columns; column += 1) {
        const grey = (255 * ((this.#values[slice * this.columns + column] as number) - low)) / (high - low);
        const at = 4 * (row + column);
        picture.data[at] = grey;
        picture.data[at + 1] = grey;
        picture.data[at + 2] = grey;
        picture.data[at + 3] = 255;
      }
    }
    return picture;
  }

  #isEmpty(slice: number): boolean {
    return this.#values[slice * this.columns] === EMPTY;
  }
}
