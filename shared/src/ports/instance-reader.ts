import type { StoredInstance } from '../contracts/stored-instance.js';

/** Gives the bytes of an instance: a whole DICOM Part 10 file. Fails when they are gone. */
export interface InstanceReader {
  read(instance: StoredInstance): Promise<Uint8Array>;
}
