import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { DicomReadError } from '@pce/shared/dicom/read-error';

/** Something of a study that could not be used, although the rest was: for the list of problems. No patient data. */
export interface StudyProblem {
  /** Machine-readable cause, kebab-case. */
  readonly code: string;
  /** Where the instance is, as its reader knows it. */
  readonly location: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly what: string;
  readonly expected: string;
  readonly received: string;
}

/** What an error about an instance says, in the parts of a problem. */
export function problemFromError(instance: StoredInstance, error: unknown): StudyProblem {
  const details =
    error instanceof Error ? (error as Error & Partial<Record<'what' | 'expected' | 'received', unknown>>) : null;
  return describeProblem(
    instance,
    error instanceof DicomReadError ? error.code : 'undecodable',
    text(details?.what) ?? 'The image cannot be read',
    text(details?.expected) ?? 'a readable image',
    text(details?.received) ?? details?.message ?? 'an error',
  );
}

export function describeProblem(
  instance: StoredInstance,
  code: string,
  what: string,
  expected: string,
  received: string,
): StudyProblem {
  const { location, seriesInstanceUid, sopInstanceUid } = instance;
  return { code, location, seriesInstanceUid, sopInstanceUid, what, expected, received };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
