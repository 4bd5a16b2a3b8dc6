/** How bad a problem is, worst first. Only the first two make `pce screen` end with exit code 2. */
export const SEVERITIES = ['broken', 'not-analysable', 'not-applicable', 'ignored'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * Why a file, a series or a study has no analysis. Everything in it may be shown to a PACS administrator:
 * UIDs and paths, never attribute values that name a patient.
 */
export interface Problem {
  readonly severity: Severity;
  /** Machine-readable cause, kebab-case. */
  readonly code: string;
  /** The file, `archive.zip!/entry` for one in an archive; null when it concerns a whole study. */
  readonly path: string | null;
  readonly studyInstanceUid: string | null;
  readonly seriesInstanceUid: string | null;
  readonly sopInstanceUid: string | null;
  /** What is wrong, in words. */
  readonly what: string;
  readonly expected: string;
  readonly received: string;
}

/** A problem of one file whose identity is not known. */
export function fileProblem(
  path: string,
  severity: Severity,
  code: string,
  text: { what: string; expected: string; received: string },
): Problem {
  return { severity, code, path, studyInstanceUid: null, seriesInstanceUid: null, sopInstanceUid: null, ...text };
}

/** Parts of a message of the form "what: expected X; received Y"; other messages are all `what`. */
export function splitMessage(message: string): { what: string; expected: string; received: string } {
  const match = /^(?<what>.*?):\s+expected (?<expected>.*?); received (?<received>.*)$/s.exec(message);
  if (!match?.groups) return { what: message, expected: '', received: '' };
  const { what = '', expected = '', received = '' } = match.groups;
  return { what, expected, received };
}
