import type { Permission } from '../../src/core/access-rules.js';

const BASE = '/worklist';

/** Who uses the page. */
export interface Visitor {
  userName: string | null;
  permissions: Permission[];
  csrfToken: string | null;
  /** Nobody has to sign in: only this machine is served. */
  isOpen: boolean;
  ways: { password: boolean; oidc: boolean };
}

/** The server said no, or could not be reached. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

let csrfToken: string | null = null;

/** Asks who is signed in; goes to the sign-in page when nobody is. */
export async function visitor(): Promise<Visitor> {
  const found = await getJson<Visitor>('/api/session');
  csrfToken = found.csrfToken;
  return found;
}

export async function getJson<T>(path: string): Promise<T> {
  return (await ask(path, {})).json() as Promise<T>;
}

/** Sends a change. @throws RequestError with what the server says */
export async function postJson<T>(path: string, body: unknown): Promise<T | null> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (csrfToken !== null) headers['x-csrf-token'] = csrfToken;
  const response = await ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.status === 204 ? null : (response.json() as Promise<T>);
}

/** @throws RequestError; a session that has ended leads to the sign-in page */
export async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(BASE + path, { credentials: 'same-origin', ...init }).catch(() => {
    throw new RequestError(0, 'the server does not answer');
  });
  if (response.ok) return response;
  if (response.status === 401 && path !== '/api/sign-in') location.assign(`${BASE}/sign-in`);
  const { message } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new RequestError(response.status, message ?? `status ${response.status}`);
}

/** Address of something of ours. */
export function addressOf(path: string): string {
  return BASE + path;
}
