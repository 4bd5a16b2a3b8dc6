import { createHash } from 'node:crypto';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import type { Clock } from '@pce/shared/ports/clock';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import type { WorkItem, WorkItemMatch } from '@pce/shared/ports/work-item-ledger';
import { matchesForUs, performedProcedure, studyToAnalyse } from '../core/analysis-task.js';
import { type ObjectReference, readingTask, readingTaskUid } from '../core/reading-task.js';
import { UPS, type UpsState } from '../core/ups-attributes.js';
import { changeState, requestCancellation, stateOf, updateWorkItem } from '../core/ups-state.js';
import type { WorkItems } from './work-items.js';

export interface TaskDeskOptions {
  ledger: SqlLedger;
  workItems: WorkItems;
  events: EventHub;
  clock: Clock;
  aeTitle: string;
  /** Has what is held of a study analysed; false when nothing is held. */
  requestAnalysis: (studyInstanceUid: string) => Promise<boolean>;
  failed: (error: Error) => void;
}

/** Tasks looked through at a time. */
const PAGE_TASKS = 500;

/**
 * Makes a task to read for each result that is reported, and does the tasks others give us: it claims them, has the
 * study analysed, and completes them with the report. Safe to repeat.
 */
export class TaskDesk {
  readonly #options: TaskDeskOptions;
  readonly #end: () => void;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(options: TaskDeskOptions) {
    this.#options = options;
    const { events, workItems } = options;
    this.#end = events.subscribe(({ kind, studyInstanceUid }) => {
      if (kind === 'reported') this.#enqueue(() => this.#reported(studyInstanceUid));
      if (kind === 'analysis-failed') this.#enqueue(() => this.#analysisFailed(studyInstanceUid));
    });
    workItems.watch((item) => {
      if (stateOf(item) === 'SCHEDULED') this.#enqueue(() => this.#claim(item));
    });
  }

  /** What was missed while nobody listened. */
  async sweep(): Promise<void> {
    for (const item of await this.#tasksForUs(['SCHEDULED', 'IN PROGRESS'])) {
      const study = studyToAnalyse(item.attributes, this.#options.aeTitle);
      if (study === null) continue;
      if (stateOf(item) === 'SCHEDULED') this.#enqueue(() => this.#claim(item));
      if (this.#isOurs(item)) this.#enqueue(() => this.#reported(study));
    }
    await this.#underWay;
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#underWay;
  }

  #enqueue(work: () => Promise<void>): void {
    this.#underWay = this.#underWay.then(work).catch(this.#options.failed);
  }

  async #claim({ sopInstanceUid, attributes }: WorkItem): Promise<void> {
    const { workItems, aeTitle, requestAnalysis } = this.#options;
    const study = studyToAnalyse(attributes, aeTitle);
    if (study === null) return;
    const transaction = ourTransaction(sopInstanceUid);
    const claimed = await workItems.change(sopInstanceUid, (item) => changeState(item, 'IN PROGRESS', transaction));
    if (claimed.kind !== 'changed') return;
    if (!(await requestAnalysis(study))) {
      await workItems.change(sopInstanceUid, (item) => changeState(item, 'CANCELED', transaction));
      return;
    }
    // The very set of images may have been reported long ago: then there is nothing to wait for.
    await this.#complete(study);
  }

  async #reported(study: string): Promise<void> {
    await this.#offerReading(study);
    await this.#complete(study);
  }

  async #offerReading(study: string): Promise<void> {
    const { ledger, workItems, clock } = this.#options;
    const results = await ledger.results.resultsOfStudy(study);
    for (const { resultId } of results.filter(({ supersededBy }) => supersededBy !== null)) {
      const reason = 'a later report has replaced this one';
      await workItems.change(readingTaskUid(resultId), (item) =>
        stateOf(item) === 'SCHEDULED'
          ? requestCancellation(item, reason, dicomTime(clock.now()))
          : { kind: 'unchanged', message: 'nobody is asked any more' },
      );
    }
    const current = results.find(isCurrent);
    if (!current || current.result.outcome.kind === 'not-applicable') return;
    const [listed] = await ledger.worklist.studies({ kind: 'studies', studyInstanceUids: [study] });
    const { outcome } = current.result;
    const dataset = readingTask({
      studyInstanceUid: study,
      patient: listed?.attributes ?? {},
      presence: outcome.kind === 'analysed' ? outcome.presence : 'undetermined',
      urgency: outcome.kind === 'analysed' ? outcome.suggestedUrgency : 'none',
      objects: await this.#objectsOf(current),
      now: dicomTime(clock.now()),
    });
    await workItems.create(readingTaskUid(current.resultId), dataset);
  }

  async #complete(study: string): Promise<void> {
    const { ledger, workItems, aeTitle, clock } = this.#options;
    const current = (await ledger.results.resultsOfStudy(study)).find(isCurrent);
    const analyses = await ledger.analysesOfStudy(study);
    if (!current?.isReported || analyses.some(({ state }) => state === 'pending')) return;
    const objects = await this.#objectsOf(current);
    const [from, to] = [dicomTime(current.analysedAt), dicomTime(clock.now())];
    for (const item of await this.#ourTasks(study)) {
      const transaction = ourTransaction(item.sopInstanceUid);
      const performed = performedProcedure(aeTitle, from, to, objects);
      await workItems.change(item.sopInstanceUid, (one) => updateWorkItem(one, performed, transaction));
      await workItems.change(item.sopInstanceUid, (one) => changeState(one, 'COMPLETED', transaction));
    }
  }

  async #analysisFailed(study: string): Promise<void> {
    const { ledger, workItems } = this.#options;
    const analyses = await ledger.analysesOfStudy(study);
    if (analyses.some(({ state }) => state === 'pending')) return;
    for (const { sopInstanceUid } of await this.#ourTasks(study)) {
      const transaction = ourTransaction(sopInstanceUid);
      await workItems.change(sopInstanceUid, (item) => changeState(item, 'CANCELED', transaction));
    }
  }

  async #ourTasks(study: string): Promise<WorkItem[]> {
    const items = await this.#tasksForUs(['IN PROGRESS']);
    return items.filter(
      (item) => this.#isOurs(item) && studyToAnalyse(item.attributes, this.#options.aeTitle) === study,
    );
  }

  /** Tasks that name our work or us, in one of these states. */
  async #tasksForUs(states: UpsState[]): Promise<WorkItem[]> {
    const { workItems, aeTitle } = this.#options;
    const found = new Map<string, WorkItem>();
    for (const ofUs of matchesForUs(aeTitle)) {
      const matches: WorkItemMatch[] = [{ kind: 'any-of', path: [UPS.state], patterns: states }, ofUs];
      for (let offset = 0, count = PAGE_TASKS; count === PAGE_TASKS; offset += PAGE_TASKS) {
        const page = await workItems.ledger.search(matches, PAGE_TASKS, offset);
        for (const item of page) found.set(item.sopInstanceUid, item);
        count = page.length;
      }
    }
    return [...found.values()];
  }

  /** Claimed by us, this process or another. */
  #isOurs(item: WorkItem): boolean {
    return stateOf(item) === 'IN PROGRESS' && item.transactionUid === ourTransaction(item.sopInstanceUid);
  }

  async #objectsOf({ resultId }: LedgerResult): Promise<ObjectReference[]> {
    return this.#options.ledger.deliveries.objectsOfResult(resultId);
  }
}

const isCurrent = ({ supersededBy }: LedgerResult) => supersededBy === null;

/** The same in every process of ours, so that any of them can end what another has claimed. */
function ourTransaction(sopInstanceUid: string): string {
  const digest = createHash('sha256').update(`claimed ${sopInstanceUid}`).digest('hex').slice(0, 30);
  return `2.25.${BigInt(`0x${digest}`)}`;
}

/** UTC, as DICOM writes date and time (DT). Source: PS3.5 table 6.2-1. */
export function dicomTime(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;
}
