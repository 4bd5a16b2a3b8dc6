import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameDataset } from '@pce/shared/dicom/functional-groups';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { describe, expect, it } from 'vitest';
import { displayCases } from '../../../../test-support/src/display-cases.js';
import { requireTool, runTool } from '../../../../test-support/src/foreign-tool.js';
import { buildSmallSlice } from '../../../../test-support/src/small-ct.js';
import { buildSmallFilm } from '../../../../test-support/src/small-film.js';
import { describeFrame, type FrameInfo } from '../core/frame-info.js';

/** Rounding, and windows the page draws without the half steps of PS3.3 C.11.2.1.2.1. */
const GREY_TOLERANCE = 1;

async function described(file: Uint8Array): Promise<{ info: FrameInfo; words: Int16Array | Uint16Array }> {
  const read = readPart10(file);
  const { info, pixels } = describeFrame(await decodeFrame(read, 0), frameDataset(read.dataset, 0));
  return { info, words: info.samples === 'uint16' ? new Uint16Array(pixels) : new Int16Array(pixels) };
}

/** What the page makes of a word: slope, intercept, then a straight window, as cornerstone draws. */
function greyOf(word: number, { slope, intercept, windowCentre, windowWidth, isInverted }: FrameInfo): number {
  const shown = ((word * slope + intercept - windowCentre) / windowWidth + 0.5) * 255;
  const grey = Math.min(255, Math.max(0, Math.round(shown)));
  return isInverted ? 255 - grey : grey;
}

describe('a film', () => {
  it.for(displayCases())('with $name goes to the page as dcmtk shows it', async ({ file }, { skip }) => {
    requireTool('dcmj2pnm', skip);
    const folder = await mkdtemp(join(tmpdir(), 'pce-frame-'));
    try {
      const path = join(folder, 'image.dcm');
      await writeFile(path, file);
      const hasTable = readPart10(file).dataset.has('VOILUTSequence');
      const { stdout } = runTool('dcmj2pnm', ['--write-raw-pnm', hasTable ? '+Wl' : '+Wi', '1', path]);
      const expected = stdout.subarray(stdout.length - 64 * 64);
      const { info, words } = await described(file);
      const differences = Array.from(expected, (grey, at) => Math.abs(grey - greyOf(words[at] as number, info)));
      expect(Math.max(...differences)).toBeLessThanOrEqual(GREY_TOLERANCE);
      expect(new Set(expected).size).toBeGreaterThan(100);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('without a window gets one from its values, padding left out', async () => {
    const valueAt = (x: number, y: number) => (y < 0.5 ? 0 : 0.25 + x / 2);
    const [padded, whole] = [
      buildSmallFilm({ valueAt, attributes: { PixelPaddingValue: 0 } }),
      buildSmallFilm({ valueAt }),
    ];
    const low = ({ windowCentre, windowWidth }: FrameInfo) => windowCentre - windowWidth / 2;
    expect(low((await described(padded)).info)).toBeCloseTo(0.25 * 4095, -2);
    expect(low((await described(whole)).info)).toBe(0);
  });
});

describe('a CT', () => {
  const table = new Uint8Array(Uint16Array.from({ length: 401 }, (_, at) => at * 10).buffer);

  it('with a VOI LUT stays in Hounsfield units, in the window the table rises in', async () => {
    const VOILUTSequence = [{ LUTDescriptor: [401, 0, 12], LUTData: table }];
    const slice = { seed: 'voi', positionLpsMm: [0, 0, 0] as const };
    const [plain, withTable] = [
      await described(buildSmallSlice(slice)),
      await described(buildSmallSlice({ ...slice, attributes: { VOILUTSequence } })),
    ];
    expect(withTable.words).toEqual(plain.words);
    expect(withTable.info).toMatchObject({ slope: 1, intercept: -1024, windowCentre: 200, windowWidth: 400 });
  });

  it('with a modality LUT comes as what the table makes of it', async () => {
    const LUTData = new Uint8Array(Int16Array.from({ length: 4096 }, (_, at) => Math.max(0, at - 24)).buffer);
    const ModalityLUTSequence = [{ LUTDescriptor: [4096, 0, 16], ModalityLUTType: 'HU', LUTData }];
    const attributes = { ModalityLUTSequence, RescaleSlope: undefined, RescaleIntercept: undefined };
    const { info, words } = await described(buildSmallSlice({ seed: 'm', positionLpsMm: [0, 0, 0], attributes }));
    expect([info.slope, info.intercept]).toEqual([1, 0]);
    // Air is stored as 24, lung as 174 and soft tissue as 1064.
    expect([...new Set(words)].sort((a, b) => a - b)).toEqual([0, 150, 1040]);
  });
});
