import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, it } from 'vitest';
import { AuditRetention } from '../adapters/audit-retention.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

let worklist: TestWorklist;
afterEach(() => worklist.end());

const get = (path: string) => worklist.app.inject({ url: `/worklist/api/${path}` });
const START = Date.UTC(2026, 0, 1);

/** Events a minute apart; two share each moment. */
async function recordEvents(count: number): Promise<string[]> {
  const names = [];
  for (let index = 0; index < count; index += 1) {
    const userName = index === 3 ? '=1+1' : `user, "${index}"`;
    names.push(userName);
    await worklist.ledger.access.recordAudit({
      eventId: `event ${String(index).padStart(5, '0')}`,
      at: new Date(START + Math.floor(index / 2) * 60_000),
      userName,
      action: 'view-study',
      address: '10.0.0.1',
      studyInstanceUid: '2.25.1',
      resultId: null,
    });
  }
  return names;
}

describe('the audit as a file', () => {
  it('has every event once, the oldest first, and nothing a spreadsheet would run', async () => {
    worklist = await startTestWorklist();
    const names = await recordEvents(503);
    const answer = await get('audit.csv');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="pce-audit.csv"');
    const rows = parse(answer.body, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ userName }) => userName)).toEqual([
      ...names.map((name) => (name.startsWith('=') ? `'${name}` : name)),
      'local reader',
    ]);
    expect(rows[0]).toEqual({
      at: '2026-01-01T00:00:00.000Z',
      userName: 'user, "0"',
      action: 'view-study',
      address: '10.0.0.1',
      studyInstanceUid: '2.25.1',
      resultId: '',
      eventId: 'event 00000',
    });
    expect(rows.at(-1)).toMatchObject({ action: 'export-audit' });
  });

  it('has a line of JSON for each event of a span', async () => {
    worklist = await startTestWorklist();
    const names = await recordEvents(20);
    const answer = await get('audit.ndjson?from=2026-01-01T00:01:00Z&until=2026-01-01T00:03:00Z');
    const lines = answer.body.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).userName)).toEqual(names.slice(2, 6));
    expect((await get('audit.csv?from=yesterday')).statusCode).toBe(400);
  });

  it('is kept as long as the site says, and for ever when it says nothing', async () => {
    worklist = await startTestWorklist();
    await recordEvents(10);
    let now = new Date(START + 2.5 * 60_000 + 86_400_000);
    const forgotten: number[] = [];
    const retention = (days?: number) =>
      new AuditRetention({
        access: worklist.ledger.access,
        clock: { now: () => now },
        days,
        forgotten: (events) => forgotten.push(events),
      });
    await retention().sweep();
    expect(await worklist.ledger.access.auditEvents(100)).toHaveLength(10);
    const daily = retention(1);
    await daily.sweep();
    expect(await worklist.ledger.access.auditEvents(100)).toHaveLength(4);
    now = new Date(now.getTime() + 60_000);
    await daily.sweep();
    now = new Date(now.getTime() + 3_600_000);
    await daily.sweep();
    expect(forgotten).toEqual([6, 4]);
  });
});
