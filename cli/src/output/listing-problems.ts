import { createReadStream, promises as fs } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Problem } from '../screen/problem.js';

/** A problem with the running number of its input: shards of a run number alike. */
export interface ListingProblem {
  readonly number: number;
  readonly problem: Problem;
}

/** Problems found while the input was listed, in order, one JSON line each. */
export class ListingProblems {
  constructor(readonly path: string) {}

  /** The listing begins (again). */
  clear(): Promise<void> {
    return fs.writeFile(this.path, '');
  }

  add(problem: Problem, number: number): Promise<void> {
    return fs.appendFile(this.path, `${JSON.stringify({ number, problem } satisfies ListingProblem)}\n`);
  }

  async *read(): AsyncGenerator<ListingProblem> {
    const lines = createInterface({ input: createReadStream(this.path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) if (line !== '') yield JSON.parse(line) as ListingProblem;
  }
}
