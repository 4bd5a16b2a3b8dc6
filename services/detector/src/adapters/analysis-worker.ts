import { Piscina } from 'piscina';
import { detectStudy } from '../core/detect.js';
import type { AnalysisTask, PooledAnalysis } from './analysis-task.js';
import { encodeKeyPicture } from './encode-key-picture.js';
import { FileInstanceReader } from './file-instance-reader.js';
import { trainedDetectors } from './trained-detectors.js';

const READER = new FileInstanceReader();

// Loading the networks takes longer than reading a film. What fails here fails, and is told, with the first task.
if ((Piscina.workerData as { isKeptWarm?: boolean } | undefined)?.isKeptWarm) trainedDetectors().catch(() => undefined);

/** Analyses one study in a worker thread; the pictures are handed over, not copied. */
export default async function analyseTask({ instances, options }: AnalysisTask): Promise<PooledAnalysis> {
  const { keyImages, ...rest } = await detectStudy(instances, READER, options, await trainedDetectors());
  const analysis: PooledAnalysis = { ...rest, pictures: keyImages.map(encodeKeyPicture) };
  const transfer = analysis.pictures.map(({ png }) => png.buffer);
  return Piscina.move({
    get [Piscina.transferableSymbol]() {
      return transfer;
    },
    get [Piscina.valueSymbol]() {
      return analysis;
    },
  } as never) as unknown as PooledAnalysis;
}
