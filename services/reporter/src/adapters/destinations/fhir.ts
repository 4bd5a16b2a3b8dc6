import { type Destination, NO_MESSAGE, type Parcel, type SendOutcome } from '../../core/destination.js';
import { callHttp, type HttpAnswer, type HttpSettings, noAnswer, statusKind } from '../http-call.js';

/**
 * A transaction bundle to the base of a FHIR R4 server. Its entries are updates by our own identifiers, so that sending
 * it again changes nothing. Source: FHIR R4 http.html#transaction, http.html#cond-update
 */
export function fhirDestination(settings: HttpSettings & { timeoutMs: number }): Destination {
  return {
    async send({ message }: Parcel, signal) {
      if (message === null) return NO_MESSAGE;
      const headers = { 'content-type': 'application/fhir+json; charset=utf-8', accept: 'application/fhir+json' };
      try {
        const limits = { timeoutMs: settings.timeoutMs, signal };
        const request = { path: '', headers, body: Buffer.from(message) };
        return outcomeOf(await callHttp(settings, request, limits), entryCount(message));
      } catch (error) {
        return noAnswer(error);
      }
    },
  };
}

const entryCount = (message: string): number => readJson(message)?.entry?.length ?? 0;

/**
 * A transaction succeeds as a whole; the entries say how: 201 created, 200 there already. Another success, such as the
 * page of a proxy where one logs in, is none. Source: FHIR R4 http.html#transaction-response
 */
function outcomeOf({ status, body }: HttpAnswer, sent: number): SendOutcome {
  const kind = statusKind(status);
  const answer = readJson(body.toString('utf8'));
  if (kind !== 'accepted') return { kind, objects: [], detail: `HTTP ${status}${issueOf(answer)}` };
  const statuses = (answer?.entry ?? []).map(({ response }) => response?.status ?? '');
  const failed = statuses.find((text) => !/^2\d\d/.test(text));
  if (failed !== undefined)
    return { kind: 'troubled', objects: [], detail: `HTTP ${status}, but an entry has "${failed}"` };
  if (statuses.length !== sent) {
    const detail = `HTTP ${status}, but with ${statuses.length} answers to ${sent} entries`;
    return { kind: 'troubled', objects: [], detail };
  }
  const created = statuses.filter((text) => text.startsWith('201')).length;
  return {
    kind,
    objects: [],
    detail: `HTTP ${status}: ${created} created, ${statuses.length - created} there already`,
  };
}

interface FhirAnswer {
  entry?: { response?: { status?: string } }[];
  issue?: { code?: string }[];
}

function readJson(text: string): FhirAnswer | null {
  try {
    return JSON.parse(text) as FhirAnswer;
  } catch {
    return null;
  }
}

/** Only the codes of an OperationOutcome: its words may repeat what was sent. */
function issueOf(answer: FhirAnswer | null): string {
  const codes = (answer?.issue ?? []).flatMap(({ code }) => (code && /^[a-z-]{1,40}$/.test(code) ? [code] : []));
  return codes.length === 0 ? '' : `: ${codes.join(', ')}`;
}
