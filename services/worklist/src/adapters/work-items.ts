import type { DicomJsonDataset, WorkItem, WorkItemLedger } from '@pce/shared/ports/work-item-ledger';
import { createWorkItem, type UpsOutcome } from '../core/ups-state.js';
import type { UpsNotifier } from './ups-notifier.js';

/** Told of each change after it is kept. */
export type WorkItemListener = (item: WorkItem) => void;

/** What became of a change that was asked for. */
export type ChangeOutcome = UpsOutcome | { kind: 'absent' } | { kind: 'exists' };

/** Changes made at the same time are made one after the other; more often than this somebody else is to blame. */
const MAX_ROUNDS = 5;

/** The work items: every change is checked, kept, and told. */
export class WorkItems {
  readonly ledger: WorkItemLedger;
  readonly notifier: UpsNotifier;
  readonly #listeners = new Set<WorkItemListener>();

  constructor(ledger: WorkItemLedger, notifier: UpsNotifier) {
    this.ledger = ledger;
    this.notifier = notifier;
  }

  /** For those who do the work. */
  watch(listener: WorkItemListener): void {
    this.#listeners.add(listener);
  }

  async create(sopInstanceUid: string, dataset: DicomJsonDataset): Promise<ChangeOutcome> {
    const outcome = createWorkItem(sopInstanceUid, dataset);
    if (outcome.kind !== 'changed') return outcome;
    if (!(await this.ledger.create(outcome.item))) return { kind: 'exists' };
    await this.notifier.subscribeTo(outcome.item);
    await this.#told(outcome);
    return outcome;
  }

  /** Makes a change to what is there now. */
  async change(sopInstanceUid: string, decide: (item: WorkItem) => UpsOutcome): Promise<ChangeOutcome> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const item = await this.ledger.find(sopInstanceUid);
      if (item === null) return { kind: 'absent' };
      const outcome = decide(item);
      if (outcome.kind !== 'changed') return outcome;
      if (outcome.item !== item && !(await this.ledger.replace(outcome.item))) continue;
      await this.#told(outcome);
      return outcome;
    }
    return { kind: 'refused', status: 409, message: 'the work item is being changed by others' };
  }

  async #told({ item, event }: Extract<UpsOutcome, { kind: 'changed' }>): Promise<void> {
    if (event !== null) await this.notifier.tell(item, event);
    for (const listener of this.#listeners) listener(item);
  }
}
