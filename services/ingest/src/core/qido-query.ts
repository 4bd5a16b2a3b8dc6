import { ATTRIBUTES, type Keyword } from '@pce/shared/dicom/tag';
import type { AttributeMatch, LedgerQuery } from '@pce/shared/ports/ledger';
import { keywordOf } from './dicom-json.js';

/** Most results of one query; more are had with `offset`. [design] */
const MAX_RESULTS = 1000;
const RANGE_VRS = new Set(['DA', 'TM', 'DT']);
/** Parameters that are no attributes. Source: PS3.18 table 8.3.4-1. */
const OTHER_PARAMETERS = new Set([
  'limit',
  'offset',
  'fuzzymatching',
  'includefield',
  'emptyvaluematching',
  'accept',
  'charset',
]);

export type QueryOutcome = { kind: 'query'; query: LedgerQuery } | { kind: 'bad-request'; message: string };

/** Reads the parameters of a search. Source: PS3.18 section 8.3.4. */
export function parseQuery(parameters: Readonly<Record<string, string | string[] | undefined>>): QueryOutcome {
  const matches: AttributeMatch[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (OTHER_PARAMETERS.has(name.toLowerCase()) || value === undefined) continue;
    const keyword = keywordOf(name);
    if (!keyword)
      return { kind: 'bad-request', message: `${name}: expected the keyword or tag of an attribute known here` };
    const text = Array.isArray(value) ? value.join(',') : value;
    if (text !== '' && text !== '*') matches.push(matchOf(keyword, text));
  }
  const limit = wholeNumber(parameters.limit, MAX_RESULTS);
  const offset = wholeNumber(parameters.offset, 0);
  if (limit === null || offset === null)
    return { kind: 'bad-request', message: 'limit and offset: expected whole numbers from 0' };
  return { kind: 'query', query: { matches, limit: Math.min(limit, MAX_RESULTS), offset } };
}

/** Source: PS3.4 section C.2.2.2. */
function matchOf(keyword: Keyword, text: string): AttributeMatch {
  const vr = ATTRIBUTES[keyword][1];
  if (RANGE_VRS.has(vr) && text.includes('-')) {
    const [from = '', to = ''] = text.split('-');
    return { keyword, kind: 'range', from: from || null, to: to || null };
  }
  if (vr === 'UI') return { keyword, kind: 'exact', values: text.split(/[,\\]/) };
  // PS3.4 C.2.2.2.1: names are matched without regard to case, which the wildcard form does.
  if (vr === 'PN' || /[*?]/.test(text)) return { keyword, kind: 'wildcard', pattern: text };
  return { keyword, kind: 'exact', values: text.split('\\') };
}

function wholeNumber(value: string | string[] | undefined, otherwise: number): number | null {
  if (value === undefined) return otherwise;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
}
