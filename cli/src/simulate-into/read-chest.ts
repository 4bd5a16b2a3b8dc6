import { assembleCtVolume } from '@pce/detector/core/volume/assemble-ct-volume';
import { describeInstance } from '@pce/detector/core/volume/describe-instance';
import type { InstanceHeader } from '@pce/detector/core/volume/instance-header';
import { planStudy } from '@pce/detector/core/volume/plan-study';
import { standardiseVolume } from '@pce/detector/core/volume/standard-orientation';
import type { Volume } from '@pce/detector/core/volume/volume';
import { readPart10 } from '@pce/shared/dicom/part10';
import { UsageError } from '../exit-codes.js';
import { indexStudies } from '../screen/index-studies.js';
import { readInput } from '../screen/read-input.js';
import { scanInputs } from '../screen/scan-inputs.js';

/** The best chest CT of each study in a place. Only reading is shared with the detector, no anatomy. */
export async function readChests(path: string): Promise<Volume[]> {
  const { studyList } = await indexStudies(scanInputs([path], { exclude: new Set() }), {
    problem: () => {},
    progress: () => {},
    stopped: () => false,
  });
  const volumes: Volume[] = [];
  for (const { instances } of studyList) {
    const headers: InstanceHeader[] = [];
    const read = new Map<string, () => Promise<ReturnType<typeof readPart10>>>();
    for (const { location, sopInstanceUid } of instances) {
      const open = async () => readPart10(await readInput(location));
      headers.push(describeInstance(await open()));
      read.set(sopInstanceUid, open);
    }
    const planned = planStudy(headers).parts.find((part) => part.kind === 'ct');
    if (planned?.kind !== 'ct') continue;
    const assembled = await assembleCtVolume(planned.candidates[0]!.headers, async (uid) => read.get(uid)!());
    if (assembled.kind === 'volume') volumes.push(standardiseVolume(assembled.volume).image);
  }
  if (volumes.length === 0) throw new UsageError('--into', 'a chest CT that can be read', path);
  return volumes;
}
