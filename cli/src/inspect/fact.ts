/** One line of an explanation. */
export interface Fact {
  /** For programs. */
  readonly key: string;
  /** For people. */
  readonly label: string;
  readonly value: string | number | boolean | null;
}

/** Facts as aligned lines; what the file does not state says so. */
export function factsText(facts: readonly Fact[]): string {
  const width = Math.max(0, ...facts.map(({ label }) => label.length));
  return facts
    .map(({ label, value }) => `${label.padEnd(width)}  ${value === null || value === '' ? '(not stated)' : value}\n`)
    .join('');
}

/** Facts as an object; a key that comes several times becomes a list. */
export function factsObject(facts: readonly Fact[]): Record<string, Fact['value'] | Fact['value'][]> {
  const byKey = new Map<string, Fact['value'][]>();
  for (const { key, value } of facts) byKey.set(key, [...(byKey.get(key) ?? []), value]);
  return Object.fromEntries([...byKey].map(([key, values]) => [key, values.length === 1 ? values[0]! : values]));
}
