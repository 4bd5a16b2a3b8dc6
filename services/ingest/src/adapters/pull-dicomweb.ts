import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { boundaryOf, MultipartError, takeParts } from '@pce/shared/adapters/multipart-parts';
import { PullError, type PulledStudy, type PullQuery } from '../core/pull.js';
import type { ReceiverContext } from '../core/receive-instance.js';
import { receiveFile } from './file-receiver.js';

/** A DICOMweb server. */
export interface WebArchive {
  name: string;
  /** Base URL, such as "https://pacs.example/dicom-web". */
  url: string;
  /** Sent as a bearer token. */
  token: string | null;
  maxParts: number;
}

/** A DICOMweb server to pull from. */
export interface WebPullSource extends WebArchive {
  maxInstanceBytes: number;
}

/** Studies asked for at once. [design] */
const PAGE = 100;
/** A server that says nothing for so long is given up. [design] */
const RESPONSE_TIMEOUT_MS = 120_000;
const STUDY_INSTANCE_UID = '0020000D';

/**
 * Finds the studies that meet a query (QIDO-RS) and fetches them as they are stored there (WADO-RS), one after the other.
 *
 * @throws PullError when the search fails, or a Node system error when there is no connection
 */
export async function* pullStudiesOverWeb(
  source: WebPullSource,
  query: PullQuery,
  receiver: ReceiverContext,
): AsyncGenerator<PulledStudy, void, undefined> {
  const origin = { door: 'pull' as const, sender: source.name };
  const take = async (chunks: AsyncIterable<Uint8Array>): Promise<boolean> => {
    const { outcome } = await receiveFile(receiver, chunks, origin, source.maxInstanceBytes);
    return 'instance' in outcome;
  };
  for (const studyInstanceUid of await findStudiesOverWeb(source, query)) {
    yield await retrieveOverWeb(source, studyInstanceUid, take);
  }
}

/**
 * Finds the studies that meet a query (QIDO-RS).
 *
 * @throws PullError when the search fails, or a Node system error when there is no connection
 */
export async function findStudiesOverWeb(source: WebArchive, query: PullQuery): Promise<Set<string>> {
  const studies = new Set<string>();
  for (let offset = 0; ; offset += PAGE) {
    const parameters = new URLSearchParams({ ...query, limit: String(PAGE), offset: String(offset) });
    const response = await ask(source, `/studies?${parameters}`, 'application/dicom+json');
    if (response.status === 204) return studies;
    if (response.status !== 200) {
      throw new PullError(`QIDO-RS at ${source.name}: expected status 200 or 204; received ${response.status}`);
    }
    const found = (await response.json()) as Record<string, { Value?: unknown[] }>[];
    const known = studies.size;
    for (const study of found) {
      const uid = study[STUDY_INSTANCE_UID]?.Value?.[0];
      if (typeof uid === 'string') studies.add(uid);
    }
    // A server that knows no offset would give the same page for ever.
    if (found.length < PAGE || studies.size === known) return studies;
  }
}

/**
 * Fetches a study as it is stored there (WADO-RS).
 *
 * @param take gets each file and says whether it is safe
 * @throws what `take` throws, or a Node system error when the connection is lost
 */
export async function retrieveOverWeb(
  source: WebArchive,
  studyInstanceUid: string,
  take: (chunks: AsyncIterable<Uint8Array>) => Promise<boolean>,
): Promise<PulledStudy> {
  const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
  const response = await ask(source, `/studies/${encodeURIComponent(studyInstanceUid)}`, accept);
  if (response.status !== 200 || response.body === null) {
    return { studyInstanceUid, completed: 0, failed: 1, status: response.status };
  }
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  const counts = { completed: 0, failed: 0 };
  try {
    await takeParts(body, boundaryOf(response.headers.get('content-type') ?? ''), source.maxParts, async (chunks) => {
      if (await take(chunks)) counts.completed += 1;
      else counts.failed += 1;
    });
  } catch (error) {
    // What was taken before stays; the study is to be asked for again.
    if (!(error instanceof MultipartError)) throw error;
    counts.failed += 1;
  }
  return { studyInstanceUid, ...counts, status: response.status };
}

async function ask({ url, token }: WebArchive, path: string, accept: string): Promise<Response> {
  const headers = { accept, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), RESPONSE_TIMEOUT_MS);
  try {
    return await fetch(`${url.replace(/\/$/, '')}${path}`, { headers, signal: giveUp.signal });
  } finally {
    clearTimeout(timer);
  }
}
