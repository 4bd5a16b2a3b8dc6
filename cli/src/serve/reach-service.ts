import { LedgerLockedError } from '@pce/shared/adapters/sqlite-ledger';
import { openState, type State } from './open-state.js';
import type { ServeConfig } from './serve-config.js';

/** The service's ledger itself, or the running service that has it open. */
export type Reached =
  | { kind: 'state'; state: State }
  | { kind: 'service'; get(path: string): Promise<Response>; post(path: string, body: unknown): Promise<Response> };

/**
 * Opens the ledger and the store the settings name; when the service runs and holds them, speaks to it instead.
 *
 * @param apiKey for a service that asks who calls
 */
export async function reachService(config: ServeConfig, apiKey: string | undefined): Promise<Reached> {
  try {
    return { kind: 'state', state: await openState(config) };
  } catch (error) {
    if (!(error instanceof LedgerLockedError)) throw error;
  }
  const { host, port, tls } = config.file.web;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const base = `${tls ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}), 'content-type': 'application/json' };
    const answer = await fetch(base + path, { ...init, headers });
    if (answer.ok || answer.status === 404) return answer;
    throw new Error(`The service at ${base} answered ${answer.status}: ${await answer.text()}`);
  };
  return {
    kind: 'service',
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}
