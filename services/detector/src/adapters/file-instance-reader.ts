import { promises as fs } from 'node:fs';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { InstanceReader } from '@pce/shared/ports/instance-reader';

/** Reads instances whose location is the path of a file. */
export class FileInstanceReader implements InstanceReader {
  /** @throws the file system's error when the file is gone */
  async read(instance: StoredInstance): Promise<Uint8Array> {
    return fs.readFile(instance.location);
  }
}
