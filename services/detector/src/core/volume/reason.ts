import type { NotAnalysable, NotApplicable } from '@pce/shared/contracts/exam-outcome';

/** Why an image of a kind we read cannot be judged: "what: expected this; received that". */
export function notAnalysable(code: string, what: string, expected: string, received: string): NotAnalysable {
  return { kind: 'not-analysable', reason: { code, message: sentence(what, expected, received) } };
}

/** Why an image is of a kind this software does not read. */
export function notApplicable(code: string, what: string, expected: string, received: string): NotApplicable {
  return { kind: 'not-applicable', reason: { code, message: sentence(what, expected, received) } };
}

function sentence(what: string, expected: string, received: string): string {
  return `${what}: expected ${expected}; received ${received}`;
}
