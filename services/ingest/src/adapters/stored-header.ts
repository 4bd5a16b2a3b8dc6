import type { Dataset } from '@pce/shared/dicom/dataset';
import { identifyInstance } from '@pce/shared/dicom/query-identity';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { LedgerInstance } from '@pce/shared/ports/ledger';

/** The header is first looked for in this many bytes, then in four times as many, and so on. [design] */
const FIRST_LOOK_BYTES = 64 * 1024;
const GROWTH = 4;

/** The attributes of an instance that is held, without its pixels; null when its bytes are gone or cannot be read. */
export async function readStoredHeader(
  store: Pick<InstanceStore, 'readPrefix'>,
  instance: LedgerInstance,
): Promise<Dataset | null> {
  try {
    for (let length = FIRST_LOOK_BYTES; ; length *= GROWTH) {
      const isWhole = length >= instance.byteLength;
      const found = identifyInstance(await store.readPrefix(instance, length), isWhole);
      if (found.kind === 'identified') return found.dataset;
      if (found.kind === 'unreadable' || isWhole) return null;
    }
  } catch {
    return null;
  }
}
