import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessEvents } from '@pce/shared/adapters/in-process-events';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import { AccessSchema } from '@pce/worklist/access-config';
import { addWorklist } from '@pce/worklist/adapters/add-worklist';
import type { WorklistDeps } from '@pce/worklist/adapters/worklist-deps';
import Fastify from 'fastify';
import { Value } from 'typebox/value';
import { LabelFile } from './label-file.js';
import { addImage, addResult, type ReviewCase, readCases } from './load-results.js';
import { labelledStudy, reviewOfLabel } from './reader-labels.js';

export interface ReviewOptions {
  /** Folder of `pce screen`, which the labels go to. */
  readonly folder: string;
  /** Files that may be images of its studies. */
  readonly images: AsyncIterable<string>;
  readonly reader: string;
  readonly port: number;
  /** Told of what no request can be told of. */
  readonly failed: (error: Error) => void;
}

/** A reader study that is being served. */
export interface RunningReview {
  /** Address of the list. */
  readonly url: string;
  readonly cases: number;
  /** Results of which no image was found: they are not listed. */
  readonly withoutImages: number;
  readonly labelPath: string;
  end(): Promise<void>;
}

/** The pages are for this machine alone. */
const HOST = '127.0.0.1';

/**
 * Serves the worklist's pages over a results folder, offline, to one reader. The ledger behind them is made anew each
 * time from the results and the labels and thrown away at the end: the files of labels are the truth.
 *
 * @throws UsageError when there is nothing to read
 */
export async function startReview(options: ReviewOptions): Promise<RunningReview> {
  const { folder, reader } = options;
  const cases = await readCases(folder);
  const scratch = await fs.mkdtemp(join(tmpdir(), 'pce-review-'));
  const ledger = await openSqliteLedger(join(scratch, 'ledger.sqlite'));
  const labels = await LabelFile.open(folder, reader);
  const events = new InProcessEvents(options.failed);
  const app = Fastify({ forceCloseConnections: true });
  const end = async (): Promise<void> => {
    await app.close();
    await events.close();
    await labels.close();
    await ledger.close();
    await fs.rm(scratch, { recursive: true, force: true });
  };
  try {
    const found = await fillLedger(ledger, options, cases, labels);
    const study = labelledStudy(reader, labels, (uid) => presenceOf(cases.get(uid)));
    await addWorklist(app, { ...offlineParts(options), ledger, events, readerStudy: study });
    const origin = await app.listen({ host: HOST, port: options.port });
    const counts = { cases: found.size, withoutImages: cases.size - found.size };
    return { url: `${origin}/worklist`, ...counts, labelPath: labels.path, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Puts images, their results and what the reader has said already into the ledger. @returns studies with an image */
async function fillLedger(
  ledger: SqlLedger,
  { folder, images }: ReviewOptions,
  cases: ReadonlyMap<string, ReviewCase>,
  labels: LabelFile,
): Promise<Set<string>> {
  const now = new Date();
  const found = new Set<string>();
  for await (const path of images) {
    const study = await addImage(ledger, cases, path, now);
    if (study !== null) found.add(study);
  }
  for (const uid of found) await addResult(ledger, folder, cases.get(uid)!, now);
  for (const label of labels.labels) {
    const review = reviewOfLabel(label);
    if (review !== null && found.has(review.studyInstanceUid)) await ledger.reviews.recordReview(review);
  }
  return found;
}

function presenceOf(one: ReviewCase | undefined): string {
  const outcome = one?.record.result?.outcome;
  return outcome?.kind === 'analysed' ? outcome.presence : (outcome?.kind ?? '');
}

/** What the pages need and a folder of results has not: nothing is received, analysed or delivered here. */
function offlineParts({ failed }: ReviewOptions): Omit<WorklistDeps, 'ledger' | 'events' | 'readerStudy'> {
  return {
    store: { read: ({ location }) => fs.readFile(location) },
    clock: { now: () => new Date() },
    access: Value.Decode(AccessSchema, Value.Default(AccessSchema, {})),
    host: HOST,
    isTls: false,
    oidcClientSecret: null,
    system: async () => ({
      queues: [],
      disk: { freeBytes: 0, totalBytes: 0, watermarkBytes: 0 },
      destinations: [],
      deliveryLatenciesMs: [],
      versions: [],
    }),
    report: async () => null,
    analysisRetried: () => {},
    deliveriesRetried: () => {},
    failed,
  };
}
