import type { DicomJsonDataset } from '@pce/shared/ports/work-item-ledger';
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

export interface UpsQuery {
  matches: { path: string[]; pattern: string }[];
  limit: number;
  offset: number;
}

export type UpsQueryOutcome = { kind: 'query'; query: UpsQuery } | { kind: 'invalid'; message: string };

/** Reads the query part of a search; `match` attributes may be in sequences: "00404021.0020000D". */
export function parseUpsQuery(parameters: Readonly<Record<string, string>>, maxLimit: number): UpsQueryOutcome {
  const query: UpsQuery = { matches: [], limit: maxLimit, offset: 0 };
  for (const [name, value] of Object.entries(parameters)) {
    if (name === 'includefield' || name === 'fuzzymatching') continue;
    if (name === 'limit' || name === 'offset') {
      if (!/^\d+$/.test(value))
        return { kind: 'invalid', message: `${name}: expected a whole number; received ${value}` };
      query[name] = name === 'limit' ? Math.min(Number(value), maxLimit) : Number(value);
      continue;
    }
    const path = name.split('.').map((part) => (TAG.test(part) ? part.toUpperCase() : KEYWORDS[part]));
    if (path.some((tag) => tag === undefined))
      return { kind: 'invalid', message: `${name}: is not an attribute of work items` };
    if (value !== '') query.matches.push({ path: path as string[], pattern: value });
  }
  return { kind: 'query', query };
}

/** Whether a work item meets every condition: lists, wildcards and ranges. Source: PS3.4 section C.2.2.2. */
export function meets(dataset: DicomJsonDataset, { matches }: Pick<UpsQuery, 'matches'>): boolean {
  return matches.every(({ path, pattern }) => valuesAt(dataset, path).some((value) => isMatch(value, pattern)));
}

function valuesAt(dataset: DicomJsonDataset, [tag = '', ...rest]: readonly string[]): string[] {
  const values = dataset[tag]?.Value ?? [];
  if (rest.length > 0) return values.flatMap((item) => valuesAt(item as DicomJsonDataset, rest));
  return values.map((value) =>
    typeof value === 'object' && value !== null && 'Alphabetic' in value ? String(value.Alphabetic) : String(value),
  );
}

function isMatch(value: string, pattern: string): boolean {
  const range = /^(\d{8,14})?-(\d{8,14})?$/.exec(pattern);
  if (range) {
    const [from = '', to] = range.slice(1);
    return value >= from && (to === undefined || value.slice(0, to.length) <= to);
  }
  return pattern.split(',').some((one) => {
    const expression = one
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.');
    return new RegExp(`^${expression}$`, 'isu').test(value);
  });
}
