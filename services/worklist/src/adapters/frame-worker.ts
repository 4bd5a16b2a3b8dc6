import { frameDataset } from '@pce/shared/dicom/functional-groups';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { PixelDecodeError, UnsupportedTransferSyntaxError } from '@pce/shared/dicom/pixel-error';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { describeFrame, type FrameInfo } from '../core/frame-info.js';

export interface FrameTask {
  /** A Part 10 file. */
  bytes: Uint8Array;
  /** From 1. */
  frameNumber: number;
}

export interface DecodedFrame {
  kind: 'decoded';
  info: FrameInfo;
  pixels: ArrayBuffer;
}

/** What became of a frame. Errors lose their class on the way out of a thread, so what is expected is a value. */
export type FrameOutcome = DecodedFrame | { kind: 'unreadable'; message: string };

/** Decodes one frame in a worker thread; the pixels are handed over, not copied. */
export default async function decodeTask(task: FrameTask): Promise<FrameOutcome> {
  try {
    return await decode(task);
  } catch (error) {
    if (isOfTheFile(error)) return { kind: 'unreadable', message: error.message };
    throw error;
  }
}

async function decode({ bytes, frameNumber }: FrameTask): Promise<DecodedFrame> {
  const file = readPart10(bytes);
  const frame = await decodeFrame(file, frameNumber - 1);
  const decoded: DecodedFrame = {
    kind: 'decoded',
    ...describeFrame(frame, frameDataset(file.dataset, frameNumber - 1)),
  };
  return move({
    get [transferableSymbol]() {
      return [decoded.pixels];
    },
    get [valueSymbol]() {
      return decoded;
    },
  } as never) as unknown as DecodedFrame;
}

function isOfTheFile(error: unknown): error is Error {
  return [DicomReadError, PixelDecodeError, UnsupportedTransferSyntaxError, RangeError].some(
    (kind) => error instanceof kind,
  );
}
