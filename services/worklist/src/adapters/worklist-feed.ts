import type { Review } from '@pce/shared/ports/review-ledger';
import type { WorklistSelection, WorklistStudy } from '@pce/shared/ports/worklist-ledger';
import { type ResultSummary, summariseResult } from '../core/summarise-result.js';
import { type WorklistRow, worklistRow } from '../core/worklist-row.js';
import type { WorklistDeps } from './worklist-deps.js';

/** Lines that open pages keep up to date. [design] More than a day of a large department. */
export const LISTED_STUDIES = 1000;
/** Changes that come together are told together. [design] */
const GATHER_MS = 150;
/** An event may be lost: the ledger is looked through this often while somebody watches. [design] */
const RECONCILE_MS = 30_000;
/** Summaries of results, which never change, kept. [design] */
const MAX_SUMMARIES = 5000;

type Listener = (rows: WorklistRow[]) => void;

/** The lines of the worklist, and what changes about them while somebody watches. */
export class WorklistFeed {
  readonly #deps: WorklistDeps;
  readonly #summaries = new Map<string, ResultSummary>();
  readonly #listeners = new Set<Listener>();
  readonly #changed = new Set<string>();
  /** The lines as they were told last, as text. */
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #reconcile: NodeJS.Timeout | null = null;
  readonly #unsubscribe: () => void;

  constructor(deps: WorklistDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.events.subscribe(({ studyInstanceUid }) => {
      if (this.#listeners.size === 0) return;
      this.#changed.add(studyInstanceUid);
      this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
    });
  }

  async rows(selection: WorklistSelection): Promise<WorklistRow[]> {
    const { ledger } = this.#deps;
    const studies = await ledger.worklist.studies(selection);
    const reviews = await ledger.reviews.examVerdicts(studies.flatMap(({ current }) => current?.resultId ?? []));
    const rows: WorklistRow[] = [];
    for (const study of studies) rows.push(await this.#row(study, reviews));
    return rows;
  }

  /** @returns ends the watch */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#reconcile ??= setInterval(() => void this.#send({ kind: 'newest', limit: LISTED_STUDIES }), RECONCILE_MS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
    this.#rest();
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#reconcile) clearInterval(this.#reconcile);
    this.#timer = null;
    this.#reconcile = null;
    this.#told.clear();
    this.#changed.clear();
  }

  #tell(): void {
    this.#timer = null;
    const studyInstanceUids = [...this.#changed];
    this.#changed.clear();
    void this.#send({ kind: 'studies', studyInstanceUids });
  }

  async #send(selection: WorklistSelection): Promise<void> {
    try {
      const rows = await this.rows(selection);
      const news = rows.filter((row) => this.#isNews(row));
      if (news.length > 0) for (const listener of this.#listeners) listener(news);
    } catch (error) {
      this.#deps.failed(error as Error);
    }
  }

  #isNews(row: WorklistRow): boolean {
    const text = JSON.stringify(row);
    if (this.#told.get(row.key) === text) return false;
    this.#told.set(row.key, text);
    return true;
  }

  async #row(study: WorklistStudy, reviews: ReadonlyMap<string, Review>): Promise<WorklistRow> {
    if (!study.current) return worklistRow(study, null, null);
    const { resultId } = study.current;
    return worklistRow(study, await this.#summary(resultId), reviews.get(resultId) ?? null);
  }

  async #summary(resultId: string): Promise<ResultSummary | null> {
    const known = this.#summaries.get(resultId);
    if (known) return known;
    const found = await this.#deps.ledger.results.findResult(resultId);
    if (!found) return null;
    const summary = summariseResult(found.result);
    if (this.#summaries.size >= MAX_SUMMARIES) this.#summaries.delete(this.#summaries.keys().next().value ?? '');
    this.#summaries.set(resultId, summary);
    return summary;
  }
}
