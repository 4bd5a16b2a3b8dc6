import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { ClientTls } from '../config-schema.js';
import type { SendOutcome } from '../core/destination.js';
import { readTls } from './read-tls.js';

/** Where to call, and as whom. */
export interface HttpSettings {
  url: string;
  tokenFile?: string | undefined;
  user?: string | undefined;
  passwordFile?: string | undefined;
  tls?: ClientTls | undefined;
}

export interface HttpAnswer {
  status: number;
  /** Empty where the answer says nothing. */
  contentType: string;
  body: Buffer;
}

/** A request; without a body it is a GET, else a POST. */
export interface HttpRequest {
  /** Added to the base URL. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array;
}

/** The call ended without an answer. */
export class NoHttpAnswerError extends Error {
  override readonly name = 'NoHttpAnswerError';
  constructor(
    message: string,
    /** Whether the receiver may have got the request. */
    readonly isPerhapsSent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Answers are read up to this size, bytes. [design] Those of STOW-RS and FHIR have some kilobytes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Calls a server. Redirects are not followed: patients' data go where the settings say.
 *
 * @throws NoHttpAnswerError
 */
export async function callHttp(
  settings: HttpSettings,
  { path, headers, body }: HttpRequest,
  limits: { timeoutMs: number; signal: AbortSignal },
): Promise<HttpAnswer> {
  const url = new URL(settings.url.replace(/\/+$/, '') + path);
  const authorization = await authorizationOf(settings);
  const tls = await readTls(settings.tls);
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]);
  const request = url.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const fail = (cause: Error) => {
      const message = signal.aborted ? `no answer within ${limits.timeoutMs} ms` : cause.message;
      reject(new NoHttpAnswerError(message, isConnected, { cause }));
    };
    const call = request(url, {
      method: body ? 'POST' : 'GET',
      agent: false,
      signal,
      headers: {
        ...headers,
        ...(authorization ? { authorization } : {}),
        ...(body ? { 'content-length': body.length } : {}),
      },
      ...tls,
    });
    call.on('socket', (socket) => {
      socket.setNoDelay(true);
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        isConnected = true;
      });
    });
    call.on('error', fail);
    call.on('response', (response) => {
      readAnswer(response).then(resolve, fail);
    });
    call.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) throw new Error(`the answer exceeds ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  const contentType = response.headers['content-type'] ?? '';
  return { status: response.statusCode ?? 0, contentType, body: Buffer.concat(parts) };
}

async function authorizationOf({ tokenFile, user, passwordFile }: HttpSettings): Promise<string | null> {
  if (tokenFile) return `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
  if (!user || !passwordFile) return null;
  const password = (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Statuses that say no for good; all other failures may pass: tokens are renewed, servers come back. */
const REFUSALS = new Set([400, 405, 406, 409, 410, 411, 413, 415, 422, 501]);

/** What a status says, where nothing more is known. Source: RFC 9110 section 15. */
export function statusKind(status: number): 'accepted' | 'refused' | 'troubled' {
  if (status >= 200 && status < 300) return 'accepted';
  return REFUSALS.has(status) ? 'refused' : 'troubled';
}

/** The outcome of a call that got no answer. @throws what is no such failure */
export function noAnswer(error: unknown): SendOutcome {
  if (!(error instanceof NoHttpAnswerError)) throw error;
  return { kind: 'unreachable', isPerhapsSent: error.isPerhapsSent, objects: [], detail: error.message };
}
