import { frameDataset } from '@pce/shared/dicom/functional-groups';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { describeFrame, type FrameInfo } from '../core/frame-info.js';

export interface FrameTask {
  /** A Part 10 file. */
  bytes: Uint8Array;
  /** From 1. */
  frameNumber: number;
}

export interface DecodedFrame {
  info: FrameInfo;
  pixels: ArrayBuffer;
}

/** Decodes one frame in a worker thread; the pixels are handed over, not copied. */
export default async function decodeTask({ bytes, frameNumber }: FrameTask): Promise<DecodedFrame> {
  const file = readPart10(bytes);
  const frame = await decodeFrame(file, frameNumber - 1);
  const decoded = describeFrame(frame, frameDataset(file.dataset, frameNumber - 1));
  return move({
    get [transferableSymbol]() {
      return [decoded.pixels];
    },
    get [valueSymbol]() {
      return decoded;
    },
  } as never) as unknown as DecodedFrame;
}
