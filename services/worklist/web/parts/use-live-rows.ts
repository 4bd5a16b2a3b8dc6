import { useCallback, useEffect, useState } from 'preact/hooks';
import type { WorklistRow } from '../../src/core/worklist-row.js';
import { addressOf, getJson } from './api.js';

/** How long a line that changed is pointed out. */
const FRESH_MS = 6000;

export interface LiveRows {
  rows: ReadonlyMap<string, WorklistRow>;
  /** Keys of lines that changed just now. */
  fresh: ReadonlySet<string>;
  connection: 'live' | 'connecting';
  /** Adds lines that were searched for. */
  add: (rows: readonly WorklistRow[]) => void;
}

/** The lines of the worklist, kept up to date by the server's events. */
export function useLiveRows(): LiveRows {
  const [rows, setRows] = useState<ReadonlyMap<string, WorklistRow>>(new Map());
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [connection, setConnection] = useState<LiveRows['connection']>('connecting');
  const add = useCallback((more: readonly WorklistRow[]) => {
    setRows((known) => new Map([...known, ...more.map((row) => [row.key, row] as const)]));
  }, []);
  useEffect(() => {
    const events = new EventSource(addressOf('/api/events'));
    events.addEventListener('listening', async () => {
      // The list comes after the ear is open, so that nothing falls between.
      const { rows: listed } = await getJson<{ rows: WorklistRow[] }>('/api/studies');
      add(listed);
      setConnection('live');
    });
    events.addEventListener('rows', ({ data }) => {
      const changed: WorklistRow[] = JSON.parse(data);
      add(changed);
      const keys = changed.map(({ key }) => key);
      setFresh((known) => new Set([...known, ...keys]));
      setTimeout(() => setFresh((known) => new Set([...known].filter((key) => !keys.includes(key)))), FRESH_MS);
    });
    events.addEventListener('error', () => {
      setConnection('connecting');
      // A browser gives up for good on a refusal: the session has ended.
      if (events.readyState === EventSource.CLOSED) location.reload();
    });
    return () => events.close();
  }, [add]);
  return { rows, fresh, connection, add };
}
