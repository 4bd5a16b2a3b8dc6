import type { Dataset } from './dataset.js';
import { readPart10 } from './part10.js';
import { part10Header } from './part10-header.js';

/**
 * Reads a data set that comes without a file around it, as in a DIMSE message.
 *
 * @throws DicomReadError when it cannot be read
 */
export function readBareDataset(bytes: Uint8Array, transferSyntaxUid: string): Dataset {
  const header = part10Header({ sopClassUid: '', sopInstanceUid: '', transferSyntaxUid, implementationClassUid: '' });
  return readPart10(Buffer.concat([header, bytes])).dataset;
}
