import { randomUUID } from 'node:crypto';
import type { Destination, ObjectReport, Parcel, ParcelObject, SendOutcome } from '../../core/destination.js';
import { callHttp, type HttpAnswer, type HttpSettings, noAnswer, statusKind } from '../http-call.js';

export interface StowSettings extends HttpSettings {
  timeoutMs: number;
}

/** Failure reasons that speak of the SOP class. Source: PS3.18 table I.2-2. */
const CLASS_REFUSED = new Set([0x0122]);

/** STOW-RS: all objects in one request, those refused for their class once more as what stands in for them. */
export function stowDestination(settings: StowSettings): Destination {
  return {
    async send(parcel: Parcel, signal) {
      try {
        const first = await sendObjects(parcel.objects, settings, signal);
        const standIns = parcel.objects.flatMap((object) => {
          const report = first.objects.find(({ sopInstanceUid }) => sopInstanceUid === object.sopInstanceUid);
          const isClassRefused = report?.state === 'refused' && CLASS_REFUSED.has(report.status ?? 0);
          return isClassRefused && object.fallback ? [{ refused: object, fallback: object.fallback }] : [];
        });
        if (standIns.length === 0) return first;
        const fallbacks = standIns.map(({ fallback }) => fallback);
        const second = await sendObjects(fallbacks, settings, signal).catch(noAnswer);
        return withFallbacks(first, second, standIns);
      } catch (error) {
        return noAnswer(error);
      }
    },
  };
}

async function sendObjects(
  objects: readonly ParcelObject[],
  settings: StowSettings,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const boundary = randomUUID();
  const parts: Uint8Array[] = [];
  for (const object of objects) {
    parts.push(Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`), await object.read());
    parts.push(Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  const headers = {
    'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
    accept: 'application/dicom+json',
  };
  const request = { path: '/studies', headers, body: Buffer.concat(parts) };
  const answer = await callHttp(settings, request, { timeoutMs: settings.timeoutMs, signal });
  return outcomeOf(answer, objects);
}

/** Referenced SOP Sequence, Failed SOP Sequence, and in their items SOP Instance UID, Failure and Warning Reason. */
const TAG = { referenced: '00081199', failed: '00081198', uid: '00081155', reason: '00081197', warning: '00081196' };
type JsonItem = Record<string, { Value?: unknown[] } | undefined>;

/** Source: PS3.18 table 10.5.3-1 and section 10.5.3. */
function outcomeOf({ status, body }: HttpAnswer, objects: readonly ParcelObject[]): SendOutcome {
  const read = readJson(body);
  const answer = read ?? {};
  const stored = new Map(itemsOf(answer, TAG.referenced).map((item) => [firstValue(item, TAG.uid), item]));
  const failed = new Map(itemsOf(answer, TAG.failed).map((item) => [firstValue(item, TAG.uid), item]));
  // Not the page of a proxy where one logs in.
  const isSilent = read !== null && stored.size === 0 && failed.size === 0;
  const kind = statusKind(status);
  const reports = objects.flatMap(({ sopInstanceUid }): ObjectReport[] => {
    const failure = failed.get(sopInstanceUid);
    if (failure)
      return [{ sopInstanceUid, state: 'refused', status: Number(firstValue(failure, TAG.reason) ?? status) }];
    const item = stored.get(sopInstanceUid);
    // A success that lists nothing speaks for all; one that lists others does not speak for this one.
    if (!item && !(isSilent && kind === 'accepted')) return [];
    return [{ sopInstanceUid, state: 'acknowledged', status: Number(firstValue(item ?? {}, TAG.warning) ?? status) }];
  });
  // What is refused for now is sent again: it is not settled.
  const settled = reports.filter((report) => !isForNow(report));
  return { ...judge(status, kind, reports, objects.length), objects: settled };
}

/** Out of resources, or a processing failure. Source: PS3.18 table I.2-2. */
const isForNow = ({ state, status }: ObjectReport): boolean =>
  state === 'refused' && (((status ?? 0) & 0xff00) === 0xa700 || status === 0x0110);

function judge(
  status: number,
  kind: 'accepted' | 'refused' | 'troubled',
  reports: readonly ObjectReport[],
  count: number,
): { kind: 'accepted' | 'refused' | 'troubled'; detail: string } {
  const refused = reports.filter(({ state }) => state === 'refused');
  if (refused.length > 0) {
    const reasons = refused.map(({ status: reason }) => `0x${(reason ?? 0).toString(16).padStart(4, '0')}`);
    const detail = `HTTP ${status}: failure reason ${reasons.join(', ')}`;
    return { kind: refused.some(isForNow) ? 'troubled' : 'refused', detail };
  }
  if (kind !== 'accepted') return { kind, detail: `HTTP ${status}` };
  if (reports.length === count) return { kind, detail: `HTTP ${status}: ${count} stored` };
  return { kind: 'troubled', detail: `HTTP ${status}, but only ${reports.length} of ${count} are said to be stored` };
}

function withFallbacks(
  first: SendOutcome,
  second: SendOutcome,
  standIns: readonly { refused: ParcelObject; fallback: ParcelObject }[],
): SendOutcome {
  const taken = new Set(
    second.objects.filter(({ state }) => state === 'acknowledged').map(({ sopInstanceUid }) => sopInstanceUid),
  );
  const replaced = new Set(
    standIns.filter(({ fallback }) => taken.has(fallback.sopInstanceUid)).map(({ refused }) => refused.sopInstanceUid),
  );
  const objects = [
    ...first.objects.map((report) =>
      replaced.has(report.sopInstanceUid) ? { ...report, state: 'replaced' as const } : report,
    ),
    ...second.objects,
  ];
  const isRefused = objects.some(({ state }) => state === 'refused');
  const detail = `${first.detail}; ${second.detail} as a fallback`;
  if (second.kind === 'unreachable' || second.kind === 'troubled') {
    // Both go again: the refusal is only settled with its fallback.
    const open = new Set(standIns.map(({ refused }) => refused.sopInstanceUid).filter((uid) => !replaced.has(uid)));
    const settled = objects.filter(({ sopInstanceUid }) => !open.has(sopInstanceUid));
    // The first request was answered: something may be there, whatever became of the second.
    return { ...second, ...(second.kind === 'unreachable' ? { isPerhapsSent: true } : {}), objects: settled, detail };
  }
  if (second.kind === 'refused') return { ...second, objects, detail };
  return { kind: first.kind === 'troubled' ? 'troubled' : isRefused ? 'refused' : 'accepted', objects, detail };
}

/** The answer's data set, empty where it says nothing; null when it is something else. */
function readJson(body: Buffer): JsonItem | null {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const [first] = Array.isArray(parsed) ? parsed : [parsed];
    return typeof first === 'object' && first !== null ? (first as JsonItem) : null;
  } catch {
    return null;
  }
}

function itemsOf(item: JsonItem, tag: string): JsonItem[] {
  return (item[tag]?.Value ?? []).filter((value): value is JsonItem => typeof value === 'object' && value !== null);
}

function firstValue(item: JsonItem, tag: string): string | undefined {
  const value = item[tag]?.Value?.[0];
  return value === undefined ? undefined : String(value);
}
