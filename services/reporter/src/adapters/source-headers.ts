import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10, readPart10Header } from '@pce/shared/dicom/part10';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger, LedgerInstance } from '@pce/shared/ports/ledger';
import type { ReportObjectKind } from '../core/report-object.js';
import { imagesNeeded } from '../core/report-objects.js';

/** The header is first looked for in this many bytes, then in four times as many, and so on. [design] */
const FIRST_LOOK_BYTES = 64 * 1024;

/**
 * Headers of the images that objects of these kinds need, by SOP Instance UID; of one image of the study when they
 * are about none, or all of those are gone. Those that are gone are
 * left out.
 */
export async function readSourceHeaders(
  result: StudyResult,
  kinds: ReadonlySet<ReportObjectKind>,
  { store, ledger }: { store: InstanceStore; ledger: Ledger },
): Promise<Map<string, Dataset>> {
  const wanted = new Set(imagesNeeded(result, kinds).map((image) => image.sopInstanceUid));
  const held = (await ledger.instancesOfStudy(result.studyInstanceUid)).filter((instance) => !instance.isOwnResult);
  const headers = new Map<string, Dataset>();
  const read = async (instances: readonly LedgerInstance[], enough: number) => {
    for (const instance of instances) {
      if (headers.size >= enough) return;
      const header = headers.has(instance.sopInstanceUid) ? null : await readHeader(instance, store);
      if (header !== null) headers.set(instance.sopInstanceUid, header);
    }
  };
  await read(
    held.filter((instance) => wanted.has(instance.sopInstanceUid)),
    wanted.size,
  );
  await read(held, 1);
  return headers;
}

async function readHeader(instance: LedgerInstance, store: InstanceStore): Promise<Dataset | null> {
  if (!(await store.holds(instance))) return null;
  for (let lookBytes = FIRST_LOOK_BYTES; ; lookBytes *= 4) {
    if (lookBytes >= instance.byteLength) return readPart10(await store.read(instance)).dataset;
    const file = readPart10Header(await store.readPrefix(instance, lookBytes));
    if (file !== 'needs-more') return file.dataset;
  }
}
