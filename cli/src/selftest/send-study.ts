import { readPart10 } from '@pce/shared/dicom/part10';
import { openAssociation, type ScuOptions } from '@pce/shared/dimse/scu';
import { type InstanceToStore, store, storeContexts } from '@pce/shared/dimse/scu-operations';
import { STATUS } from '@pce/shared/dimse/status';
import type { SimulatedStudy } from '@pce/test-support/truth';

/** The service under test, as a sender sees it. */
export type ServiceAddress = Pick<ScuOptions, 'host' | 'port' | 'callingAeTitle' | 'calledAeTitle'>;

/** The group length element ends here; its value is the length of the rest of the meta information. PS3.10 7.1. */
const AFTER_GROUP_LENGTH = 144;

/**
 * Sends a study by C-STORE on one association.
 *
 * @returns when the last image was acknowledged, milliseconds since 1970
 * @throws Error when an image is not taken, and what opening an association throws
 */
export async function sendStudy(address: ServiceAddress, study: SimulatedStudy): Promise<number> {
  const instances = study.files.map(({ bytes }) => toInstance(bytes));
  const association = await openAssociation({ ...address, contexts: storeContexts(instances) });
  for (const instance of instances) {
    const { status } = await store(association, instance);
    if (status !== STATUS.success) {
      throw new Error(`C-STORE of ${instance.sopInstanceUid}: expected status 0; received 0x${status.toString(16)}`);
    }
  }
  const at = Date.now();
  await association.release();
  return at;
}

function toInstance(bytes: Uint8Array): InstanceToStore {
  const { dataset, transferSyntaxUid } = readPart10(bytes);
  return {
    sopClassUid: dataset.string('SOPClassUID') ?? '',
    sopInstanceUid: dataset.string('SOPInstanceUID') ?? '',
    transferSyntaxUid,
    dataset: datasetBytes(bytes),
  };
}

function datasetBytes(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return bytes.subarray(AFTER_GROUP_LENGTH + bytes.readUInt32LE(AFTER_GROUP_LENGTH - 4));
}
