import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../config.js';
import type { IngestConfig } from '../config-schema.js';
import { type Ingest, type IngestSurroundings, startIngest } from '../start-ingest.js';

/** A running ingest service with a folder of its own, for tests. */
export interface TestIngest extends Ingest {
  folder: string;
  dicomPort: number;
  events: { event: string; fields: Readonly<Record<string, unknown>> }[];
  /** Ends it and removes the folder. */
  end(): Promise<void>;
}

/** Everyone may send to PCE; no disk is too full. */
const OPEN_TO_ALL = `
watermarkBytes: 0
dicom: { host: 127.0.0.1, port: 0, senders: [{ calledAeTitle: PCE, callingAeTitles: ['*'] }] }
web: { port: 0 }
`;

/**
 * Starts ingest on loopback ports. `change` may alter the configuration first.
 *
 * @param earlier one that was stopped, whose folder is taken over
 */
export async function startTestIngest(
  change: (config: IngestConfig, folder: string) => void = () => {},
  earlier: TestIngest | null = null,
  around: IngestSurroundings = {},
): Promise<TestIngest> {
  const folder = earlier?.folder ?? (await mkdtemp(join(tmpdir(), 'pce-ingest-')));
  const outcome = parseConfig({ PCE_DATA_FOLDER: join(folder, 'data') }, OPEN_TO_ALL);
  if (outcome.kind === 'invalid') throw new Error(outcome.problems.join('\n'));
  change(outcome.config, folder);
  const events: TestIngest['events'] = [];
  const clock = { now: () => new Date() };
  const ingest = await startIngest(
    outcome.config,
    clock,
    (_level, event, fields) => events.push({ event, fields }),
    around,
  );
  return {
    ...ingest,
    folder,
    events,
    dicomPort: ingest.scp.port,
    end: async () => {
      await ingest.stop(0);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The bytes after the File Meta Information: the data set as it is on the wire. */
export function datasetBytes(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  // The group length element is the first: its value begins at 140. Source: PS3.10 section 7.1.
  return bytes.subarray(144 + bytes.readUInt32LE(140));
}

/** Whether what is held under a UID is the data set of the file, byte for byte. */
export async function holdsDataset(ingest: Ingest, sopInstanceUid: string, file: string): Promise<boolean> {
  const [instance] = await ingest.ledger.findInstances(sopInstanceUid);
  if (!instance) return false;
  return datasetBytes(await ingest.store.read(instance)).equals(datasetBytes(await readFile(file)));
}
