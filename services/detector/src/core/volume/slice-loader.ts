import { type ModalityLut, readModalityLut } from '@pce/shared/dicom/modality-lut';
import type { DicomFile } from '@pce/shared/dicom/part10';
import { decodeFrame, type PixelFrame } from '@pce/shared/dicom/pixel-data';
import { readPadding } from '@pce/shared/dicom/stored-padding';
import { type HounsfieldTable, tabulateHounsfield, writeHounsfield } from './hounsfield.js';
import type { FrameHeader, InstanceHeader } from './instance-header.js';
import type { Slice } from './slice-stack.js';

/**
 * An instance whose bytes could not be had: the store failed, not the image. Nothing is concluded from it; the
 * analysis as a whole fails and may be tried again.
 */
export class InstanceUnavailableError extends Error {
  override readonly name = 'InstanceUnavailableError';
  constructor(
    readonly sopInstanceUid: string,
    options?: ErrorOptions,
  ) {
    super(`Instance ${sopInstanceUid}: expected its bytes from the store; received a failure`, options);
  }
}

/** Gives the file of an instance. Fails when it is broken, and with `InstanceUnavailableError` when it is gone. */
export type LoadFile = (sopInstanceUid: string) => Promise<DicomFile>;

/** Decodes slices one at a time, keeping the last file, the last table and the last two slices: memory stays bounded. */
export class SliceLoader {
  readonly #load: LoadFile;
  #file: { readonly sopInstanceUid: string; readonly file: DicomFile } | null = null;
  #table: { readonly key: string; readonly table: HounsfieldTable } | null = null;
  readonly #recent: { readonly slice: Slice; readonly hu: Int16Array }[] = [];
  /** Lowest of the attenuations at which the stored values of the slices read so far end. */
  storedLimitHu = Number.POSITIVE_INFINITY;
  /** Largest of the values read so far. */
  largestHu = Number.NEGATIVE_INFINITY;

  constructor(load: LoadFile) {
    this.#load = load;
  }

  /**
   * The values of a slice in Hounsfield units, row by row.
   *
   * @throws whatever reading or decoding throws, and RangeError when the matrix is not what the header says
   */
  async hounsfield(slice: Slice): Promise<Int16Array> {
    const known = this.#recent.find((entry) => entry.slice === slice);
    if (known) return known.hu;
    const hu = new Int16Array(slice.header.rows * slice.header.columns);
    await this.write(slice, hu);
    if (this.#recent.length === 2) this.#recent.shift();
    this.#recent.push({ slice, hu });
    return hu;
  }

  /** Writes the values of a slice where they belong, without keeping them. Throws as `hounsfield` does. */
  async write(slice: Slice, target: Int16Array): Promise<void> {
    const { header, frame } = slice;
    const file = await this.#fileOf(header.sopInstanceUid);
    const pixels = await decodeFrame(file, frame.frameIndex);
    if (pixels.columns !== header.columns || pixels.rows !== header.rows || pixels.samplesPerPixel !== 1) {
      const expected = `${header.columns} x ${header.rows} grey pixels`;
      throw new RangeError(`CT slice: expected ${expected}; received ${pixels.columns} x ${pixels.rows}`);
    }
    const table = this.#tableOf(file, header, frame, pixels);
    this.largestHu = Math.max(this.largestHu, writeHounsfield(pixels, table, target));
    this.storedLimitHu = Math.min(this.storedLimitHu, table.storedLimitHu);
  }

  async #fileOf(sopInstanceUid: string): Promise<DicomFile> {
    if (this.#file?.sopInstanceUid === sopInstanceUid) return this.#file.file;
    const file = await this.#load(sopInstanceUid);
    this.#file = { sopInstanceUid, file };
    return file;
  }

  #tableOf(file: DicomFile, header: InstanceHeader, frame: FrameHeader, pixels: PixelFrame): HounsfieldTable {
    const { signed, bitsStored } = pixels;
    const padding = readPadding(file.dataset, signed, bitsStored);
    const isTable = header.hasModalityTable;
    const { slope = 1, intercept = 0 } = frame.rescale ?? {};
    const key = isTable ? header.sopInstanceUid : JSON.stringify([slope, intercept, padding, signed, bitsStored]);
    if (this.#table?.key === key) return this.#table.table;
    const lut: ModalityLut = isTable ? readModalityLut(file.dataset) : { kind: 'linear', slope, intercept };
    const table = tabulateHounsfield({ lut, padding, signed, bitsStored });
    this.#table = { key, table };
    return table;
  }
}
