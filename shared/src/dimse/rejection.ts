/** Result, source and reason of an A-ASSOCIATE-RJ. Source: PS3.8 table 9-21. */
export const REJECTION = {
  'no-reason-given': { result: 1, source: 1, reason: 1 },
  'application-context-not-supported': { result: 1, source: 1, reason: 2 },
  'calling-ae-title-not-recognized': { result: 1, source: 1, reason: 3 },
  'called-ae-title-not-recognized': { result: 1, source: 1, reason: 7 },
  'protocol-version-not-supported': { result: 1, source: 2, reason: 2 },
  'temporary-congestion': { result: 2, source: 3, reason: 1 },
  'local-limit-exceeded': { result: 2, source: 3, reason: 2 },
} as const;
export type Rejection = keyof typeof REJECTION;

/** The name of a rejection as it was received, for people. */
export function describeRejection(source: number, reason: number): string {
  for (const [name, numbers] of Object.entries(REJECTION)) {
    if (numbers.source === source && numbers.reason === reason) return name.replaceAll('-', ' ');
  }
  return 'a reason that PS3.8 does not name';
}
