import type { DicomJsonDataset } from '../ports/work-item-ledger.js';

/** Longer texts are descriptions, which nobody searches by. [design] */
const MAX_LENGTH = 256;
/** Values of one work item that can be searched by. [design] An ordinary one has some 30. */
const MAX_VALUES = 1000;

/** A value and where it is: tags joined by ".". */
export interface WorkItemValue {
  path: string;
  value: string;
}

/** The values of a work item as searches meet them, sequences opened; each once. */
export function workItemValues(attributes: DicomJsonDataset): WorkItemValue[] {
  const found = new Map<string, WorkItemValue>();
  collect(attributes, '', found);
  return [...found.values()];
}

function collect(dataset: DicomJsonDataset, prefix: string, found: Map<string, WorkItemValue>): void {
  for (const [tag, element] of Object.entries(dataset)) {
    const path = `${prefix}${tag}`;
    for (const value of element?.Value ?? []) {
      if (found.size >= MAX_VALUES) return;
      const text = textOf(value);
      if (text === null) collect(value as DicomJsonDataset, `${path}.`, found);
      else if (text.length <= MAX_LENGTH) found.set(`${path} ${text}`, { path, value: text });
    }
  }
}

/** Null for an item of a sequence. */
function textOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return 'Alphabetic' in value ? String(value.Alphabetic) : null;
}
