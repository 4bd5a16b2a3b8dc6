import type { Static, TSchema } from 'typebox';
import { Default, Errors } from 'typebox/value';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';

export type CheckedYaml<Schema extends TSchema> =
  | { kind: 'valid'; value: Static<Schema> }
  /** Every problem at once, each with the line it is on: "line 3: dicom.port: must be integer". */
  | { kind: 'invalid'; problems: string[] };

/** A change to the document before it is checked, such as from an environment variable. */
export interface YamlOverride {
  path: string[];
  value: unknown;
  /** What to name in a problem instead of a line. */
  origin: string;
  /** Holds only where the document says nothing. */
  isDefault?: boolean;
}

/** What is wrong with one place of a document, though the schema allows it. */
export interface Contradiction {
  path: string[];
  message: string;
}

/**
 * Reads YAML and checks it against a schema, defaults filled in.
 *
 * @param contradictionsOf finds what each setting allows by itself, but not together; asked once the schema is met
 */
export function readCheckedYaml<Schema extends TSchema>(
  schema: Schema,
  text: string,
  overrides: readonly YamlOverride[] = [],
  contradictionsOf: (value: Static<Schema>) => readonly Contradiction[] = () => [],
): CheckedYaml<Schema> {
  const tooDeep = deepNestingIn(text);
  if (tooDeep !== null) return { kind: 'invalid', problems: [tooDeep] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) =>
        `line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}`,
    );
    return { kind: 'invalid', problems };
  }
  for (const { path, value, isDefault } of overrides) {
    if (canHold(document, path) && (!isDefault || !document.hasIn(path))) document.setIn(path, value);
  }
  const plain = toPlain(document);
  if (plain.kind === 'invalid') return plain;
  const value = Default(schema, plain.value ?? {});
  const problems = new Set<string>();
  const add = ({ path, message }: Contradiction) =>
    problems.add(`${placeOf(document, lines, path, overrides)}${path.join('.') || 'file'}: ${message}`);
  for (const error of Errors(schema, value)) for (const problem of explain(error)) add(problem);
  if (problems.size === 0) for (const problem of contradictionsOf(value as Static<Schema>)) add(problem);
  if (problems.size > 0) return { kind: 'invalid', problems: [...problems] };
  return { kind: 'valid', value: value as Static<Schema> };
}

/** The parser's time grows with the square of the depth of `{{{[[[` and `- - -`: no setting is a tenth as deep. [design] */
const MOST_NESTING = 64;

/** Brackets that are open at once, and dashes in one line, whatever stands between them. */
function deepNestingIn(text: string): string | null {
  let open = 0;
  let dashes = 0;
  let line = 1;
  for (const [mark] of text.matchAll(/[[{\]}\n]|[-?:] /g)) {
    if (mark === '\n') {
      line += 1;
      dashes = 0;
    } else if (mark === '[' || mark === '{') open += 1;
    else if (mark === ']' || mark === '}') open = Math.max(0, open - 1);
    else dashes += 1;
    if (open > MOST_NESTING || dashes > MOST_NESTING) return `line ${line}: nested deeper than ${MOST_NESTING}`;
  }
  return null;
}

/** Whether all on the way to a path is a mapping, or nothing, which becomes one; what is neither the schema names. */
function canHold(document: Document, path: readonly string[]): boolean {
  return path.every((_, length) => {
    const place = path.slice(0, length);
    const node = document.getIn(place, true);
    if (node === undefined || node === null || isMap(node)) return true;
    if (!isScalar(node) || node.value !== null) return false;
    document.setIn(place, document.createNode({}));
    return true;
  });
}

/** Aliases of nothing, and aliases of aliases without end, show only now. */
function toPlain(document: Document): { kind: 'plain'; value: unknown } | { kind: 'invalid'; problems: string[] } {
  try {
    return { kind: 'plain', value: document.toJS() };
  } catch (error) {
    if (error instanceof ReferenceError) return { kind: 'invalid', problems: [`aliases: ${error.message}`] };
    throw error;
  }
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  message: string;
  params: object;
}

function explain(error: SchemaError): Contradiction[] {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const params = error.params as {
    additionalProperties?: string[];
    requiredProperties?: string[];
    allowedValues?: unknown[];
  };
  switch (error.keyword) {
    case 'boolean':
      // Said better by "additionalProperties" of the object around it.
      return [];
    case 'additionalProperties':
      return (params.additionalProperties ?? []).map((name) => ({
        path: [...path, name],
        message: 'is not a setting that exists here',
      }));
    case 'required':
      return (params.requiredProperties ?? []).map((name) => ({ path: [...path, name], message: 'is missing' }));
    case 'enum':
      return [{ path, message: `must be one of ${(params.allowedValues ?? []).join(', ')}` }];
    default:
      return [{ path, message: error.message }];
  }
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The line of the nearest node that is in the file, or the origin of an override. */
function placeOf(document: Document, lines: LineCounter, path: string[], overrides: readonly YamlOverride[]): string {
  const override = overrides.find((candidate) => candidate.path.join('.') === path.join('.'));
  if (override) return `${override.origin}: `;
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return `line ${lines.linePos(node.range[0]).line}: `;
  }
  return '';
}
