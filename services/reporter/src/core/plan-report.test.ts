import { readCheckedYaml } from '@pce/shared/config/checked-yaml';
import type { ReportedObject } from '@pce/shared/ports/delivery-ledger';
import { sampleResult } from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { type DestinationConfig, ReporterConfigSchema } from '../config-schema.js';
import { destinationsOf, objectsFor, planDeliveries } from './plan-report.js';

function destinations(...list: object[]): DestinationConfig[] {
  const checked = readCheckedYaml(ReporterConfigSchema, JSON.stringify({ destinations: list }));
  if (checked.kind === 'invalid') throw new Error(checked.problems.join('\n'));
  return checked.value.destinations;
}

const cStore = { host: 'h', port: 104, aeTitle: 'A' };
const made = (kind: string, uid: string): ReportedObject => ({
  kind,
  sopClassUid: '1.2.3',
  sopInstanceUid: uid,
  seriesInstanceUid: '1.2',
  studyInstanceUid: '1',
});
const objects = [made('sr', '1'), made('sr-comprehensive', '2'), made('gsps', '3'), made('gsps', '4')];

describe('planDeliveries', () => {
  it('gives each destination what it lists, and a fallback where the receiver may refuse', () => {
    const list = destinations({ name: 'pacs', cStore }, { name: 'out', folder: { path: '/o' }, objects: ['sr'] });
    expect([...objectsFor(list).get(undefined)!].sort()).toEqual(['gsps', 'sr', 'sr-comprehensive']);
    expect(planDeliveries(sampleResult('ct-positive'), objects, list, () => null)).toEqual([
      { destination: 'pacs', objects: ['1', '3', '4'], fallbacks: { 1: '2' }, message: null, skipped: null },
      { destination: 'out', objects: ['1'], fallbacks: {}, message: null, skipped: null },
    ]);
  });

  it('gives a destination with a description of its own the objects that have it', () => {
    const list = destinations(
      { name: 'ris', hl7: { host: 'h', port: 1 }, objects: ['sr'] },
      { name: 'pacs', cStore, seriesDescription: ' KI: {content} ', objects: ['sr'] },
      { name: 'out', folder: { path: '/o' }, seriesDescription: 'PCE AI: {content}' },
    );
    expect(objectsFor(list)).toEqual(
      new Map([
        ['KI: {content}', new Set(['sr', 'sr-comprehensive'])],
        [undefined, new Set(['sr', 'gsps'])],
      ]),
    );
    const own = { seriesDescription: 'KI: {content}' };
    const all = [...objects, { ...made('sr', '5'), ...own }, { ...made('sr-comprehensive', '6'), ...own }];
    const plans = planDeliveries(sampleResult('ct-positive'), all, list, ({ name }) => (name === 'ris' ? 'MSH' : null));
    expect(plans.map((plan) => [plan.objects, plan.fallbacks, plan.message])).toEqual([
      [[], {}, 'MSH'],
      [['5'], { 5: '6' }, null],
      [['1', '3', '4'], {}, null],
    ]);
  });

  it('has the report made whatever destinations list', () => {
    const captures = { name: 'old', cStore, objects: ['secondary-capture'], seriesDescription: 'KI: {content}' };
    expect(objectsFor(destinations(captures))).toEqual(
      new Map([['KI: {content}', new Set(['sr', 'secondary-capture'])]]),
    );
    expect(objectsFor([])).toEqual(new Map([[undefined, new Set(['sr'])]]));
  });

  it('sends nothing where a result gives no message', () => {
    const list = destinations({ name: 'ris', hl7: { host: 'h', port: 1, message: 'priority' } });
    const [plan] = planDeliveries(sampleResult('ct-negative'), [], list, () => null);
    expect(plan).toMatchObject({ message: null, skipped: 'the result gives this destination no message' });
  });

  it('says why a destination gets nothing', () => {
    const [list] = [destinations({ name: 'ris', hl7: { host: 'h', port: 1 }, only: 'positives-and-indeterminates' })];
    const planned = (kind: 'ct-positive' | 'ct-indeterminate' | 'ct-negative' | 'not-analysable') =>
      planDeliveries(sampleResult(kind), [], list, () => 'MSH').map(({ message, skipped }) => message ?? skipped)[0];
    expect(planned('ct-positive')).toBe('MSH');
    expect(planned('ct-indeterminate')).toBe('MSH');
    expect(planned('ct-negative')).toBe('this destination takes positives and indeterminates; the result is absent');
    expect(planned('not-analysable')).toContain('not-analysable');
  });
});

describe('destinationsOf', () => {
  const list = destinations({ name: 'a', cStore }, { name: 'b', cStore, isDefault: false });

  it('follows the rules, or takes the default ones, and names strangers', () => {
    const names = (wanted: string[]) => destinationsOf(wanted, list).chosen.map(({ name }) => name);
    expect(names([])).toEqual(['a']);
    expect(names(['b'])).toEqual(['b']);
    expect(destinationsOf(['b', 'nobody'], list).unknown).toEqual(['nobody']);
  });
});
