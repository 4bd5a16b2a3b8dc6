import { matchesWildcard } from '@pce/shared/dicom/wildcard-match';
import type { DicomJsonDataset, WorkItemMatch } from '@pce/shared/ports/work-item-ledger';
import { UPS } from './ups-attributes.js';

/** Tags of the keywords a search may name beside tags. Source: PS3.18 section 8.3.4. */
const KEYWORDS: Readonly<Record<string, string>> = {
  SOPInstanceUID: UPS.sopInstanceUid,
  PatientID: UPS.patientId,
  PatientName: UPS.patientName,
  StudyInstanceUID: UPS.studyInstanceUid,
  AccessionNumber: UPS.accessionNumber,
  ProcedureStepState: UPS.state,
  ScheduledProcedureStepPriority: UPS.priority,
  ProcedureStepLabel: UPS.label,
  WorklistLabel: UPS.worklistLabel,
  ScheduledProcedureStepStartDateTime: UPS.scheduledStart,
  InputReadinessState: UPS.inputReadiness,
  ScheduledWorkitemCodeSequence: UPS.scheduledWorkitemCode,
  ReferencedRequestSequence: UPS.referencedRequests,
  InputInformationSequence: UPS.inputInformation,
  CodeValue: UPS.codeValue,
};
const TAG = /^[0-9a-fA-F]{8}$/;

/** Longer patterns are no values of DICOM that are searched by. [design] */
const MAX_PATTERN = 256;
const RANGE = /^(\d{8,14})?-(\d{8,14})?$/;

export interface UpsQuery {
  matches: WorkItemMatch[];
  limit: number;
  offset: number;
}

export type UpsQueryOutcome = { kind: 'query'; query: UpsQuery } | { kind: 'invalid'; message: string };

type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** Reads the query part of a search; attributes may be in sequences: "00404021.0020000D". */
export function parseUpsQuery(parameters: Parameters, maxLimit: number): UpsQueryOutcome {
  const query: UpsQuery = { matches: [], limit: maxLimit, offset: 0 };
  for (const [name, value] of pairsOf(parameters)) {
    if (name === 'includefield' || name === 'fuzzymatching') continue;
    if (name === 'limit' || name === 'offset') {
      if (!/^\d{1,9}$/.test(value))
        return { kind: 'invalid', message: `${name}: expected a whole number; received ${value}` };
      query[name] = name === 'limit' ? Math.min(Number(value), maxLimit) : Number(value);
      continue;
    }
    const match = parseMatch(name, value);
    if (typeof match === 'string') return { kind: 'invalid', message: match };
    if (match) query.matches.push(match);
  }
  return { kind: 'query', query };
}

/**
 * Reads the conditions of a filtered subscription: `filter=attribute=value,attribute=value`, or, as earlier editions
 * have it, each as a parameter of its own. Source: PS3.18 section 11.10.1.2; PS3.18 2019a section 6.9.7.1.
 */
export function parseUpsFilter(parameters: Parameters): UpsQueryOutcome {
  const pairs = pairsOf(parameters).flatMap(([name, value]): [string, string][] => {
    if (name === 'deletionlock') return [];
    if (name !== 'filter') return [[name, value]];
    // A comma may be part of a list of values: only one before another attribute divides.
    return value.split(/,(?=[A-Za-z0-9.]+=)/).map((one) => {
      const [attribute = '', ...rest] = one.split('=');
      return [attribute, rest.join('=')];
    });
  });
  const outcome = parseUpsQuery(Object.fromEntries(pairs), 0);
  if (outcome.kind === 'query' && pairs.length === 0) {
    return { kind: 'invalid', message: 'filter: expected attribute=value; received none' };
  }
  return outcome;
}

function pairsOf(parameters: Parameters): [string, string][] {
  return Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
}

/** Null where everything matches; a text says what is wrong. */
function parseMatch(name: string, value: string): WorkItemMatch | string | null {
  const path = name.split('.').map((part) => (TAG.test(part) ? part.toUpperCase() : KEYWORDS[part]));
  if (path.some((tag) => tag === undefined)) return `${name}: is not an attribute of work items`;
  if (value.length > MAX_PATTERN)
    return `${name}: expected at most ${MAX_PATTERN} characters; received ${value.length}`;
  const range = RANGE.exec(value);
  if (range && value !== '-') {
    return { kind: 'range', path: path as string[], from: range[1] ?? null, to: range[2] ?? null };
  }
  // Nothing, or stars alone, is met by everything, values or none. Source: PS3.4 section C.2.2.2.3.
  return /^\**$/.test(value) ? null : { kind: 'any-of', path: path as string[], patterns: value.split(',') };
}

/** Whether a work item meets every condition, as the ledger's search would say. Source: PS3.4 section C.2.2.2. */
export function meets(dataset: DicomJsonDataset, matches: readonly WorkItemMatch[]): boolean {
  return matches.every((match) => valuesAt(dataset, match.path).some((value) => isMatch(value, match)));
}

function valuesAt(dataset: DicomJsonDataset, [tag = '', ...rest]: readonly string[]): string[] {
  const values = dataset[tag]?.Value ?? [];
  if (rest.length > 0) return values.flatMap((item) => valuesAt((item ?? {}) as DicomJsonDataset, rest));
  return values.map((value) =>
    typeof value === 'object' && value !== null && 'Alphabetic' in value ? String(value.Alphabetic) : String(value),
  );
}

function isMatch(value: string, match: WorkItemMatch): boolean {
  if (match.kind === 'any-of') return match.patterns.some((pattern) => matchesWildcard(value, pattern));
  const { from, to } = match;
  return (from === null || value >= from) && (to === null || value.slice(0, to.length) <= to);
}
