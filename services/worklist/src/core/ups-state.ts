import type { DicomJsonDataset, WorkItem } from '@pce/shared/ports/work-item-ledger';
import { element, itemsOf, textOf, UPS, UPS_PUSH, type UpsState } from './ups-attributes.js';

/** What subscribers are told of. Source: PS3.4 table CC.2.4-1. */
export type UpsEventKind = 'state' | 'cancel-requested' | 'progress';

/** A change that was made, or why it was not, with the status HTTP has for it. Source: PS3.18 sections 11.4 to 11.8. */
export type UpsOutcome =
  | { kind: 'changed'; item: WorkItem; event: UpsEventKind | null }
  /** Already so, which is no error. */
  | { kind: 'unchanged'; message: string }
  | { kind: 'refused'; status: 400 | 409; message: string };

const refuse = (status: 400 | 409, message: string): UpsOutcome => ({ kind: 'refused', status, message });

/** What a work item has to say when it is made. Source: PS3.4 table CC.2.5-3. */
const NEEDED_AT_CREATION = { priority: UPS.priority, label: UPS.label, scheduledStart: UPS.scheduledStart } as const;
const PRIORITIES = new Set(['HIGH', 'MEDIUM', 'LOW']);
const READINESS = new Set(['READY', 'UNAVAILABLE', 'INCOMPLETE']);
/** What was done has to be told before it is completed. Source: PS3.4 table CC.2.5-3, final state. */
const NEEDED_AT_COMPLETION = [
  UPS.performedStart,
  UPS.performedEnd,
  UPS.performedStationName,
  UPS.performedWorkitemCode,
];
/** Set by changing the state or by making the work item, and by nothing else. Source: PS3.4 section CC.2.6. */
const NOT_UPDATED = new Set<string>([UPS.state, UPS.transactionUid, UPS.sopInstanceUid, UPS.sopClassUid]);

/** Makes a work item of what somebody asks for. */
export function createWorkItem(sopInstanceUid: string, dataset: DicomJsonDataset): UpsOutcome {
  if (textOf(dataset, UPS.state) !== 'SCHEDULED') {
    return refuse(400, `00741000: expected SCHEDULED; received ${textOf(dataset, UPS.state) || 'none'}`);
  }
  if (textOf(dataset, UPS.transactionUid) !== '') return refuse(400, '00081195: expected no value; received one');
  for (const [name, tag] of Object.entries(NEEDED_AT_CREATION)) {
    if (textOf(dataset, tag) === '') return refuse(400, `${tag} (${name}): expected a value; received none`);
  }
  const [priority, readiness] = [textOf(dataset, UPS.priority), textOf(dataset, UPS.inputReadiness)];
  if (!PRIORITIES.has(priority)) return refuse(400, `00741200: expected HIGH, MEDIUM or LOW; received ${priority}`);
  if (!READINESS.has(readiness)) {
    return refuse(400, `00404041: expected READY, UNAVAILABLE or INCOMPLETE; received ${readiness || 'none'}`);
  }
  const attributes: DicomJsonDataset = { ...dataset };
  delete attributes[UPS.transactionUid];
  attributes[UPS.sopClassUid] = element('UI', UPS_PUSH);
  attributes[UPS.sopInstanceUid] = element('UI', sopInstanceUid);
  return { kind: 'changed', item: { sopInstanceUid, attributes, transactionUid: null, version: 0 }, event: 'state' };
}

/** Changes attributes: of what is claimed only by who has claimed it. */
export function updateWorkItem(item: WorkItem, changes: DicomJsonDataset, transactionUid: string): UpsOutcome {
  const state = stateOf(item);
  if (isFinal(item)) return refuse(409, `a work item that is ${state} does not change`);
  const forbidden = Object.keys(changes).find((tag) => NOT_UPDATED.has(tag) && textOf(changes, tag) !== '');
  if (forbidden && forbidden !== UPS.transactionUid) return refuse(400, `${forbidden}: cannot be updated`);
  if (state === 'IN PROGRESS' && transactionUid !== item.transactionUid) return wrongTransaction();
  const attributes = { ...item.attributes, ...changes };
  delete attributes[UPS.transactionUid];
  const isProgress = UPS.progressInformation in changes;
  return { kind: 'changed', item: { ...item, attributes }, event: isProgress ? 'progress' : null };
}

/** SCHEDULED is claimed with a Transaction UID; IN PROGRESS is ended with the same one. Source: PS3.4 table CC.1.1-2. */
export function changeState(item: WorkItem, wanted: string, transactionUid: string): UpsOutcome {
  if (transactionUid === '') return refuse(400, '00081195: expected a Transaction UID; received none');
  const state = stateOf(item);
  if (wanted === 'IN PROGRESS') {
    if (state === 'SCHEDULED') return changed(item, 'IN PROGRESS', transactionUid);
    return refuse(409, `only a work item that is SCHEDULED can be claimed; this one is ${state}`);
  }
  if (wanted !== 'COMPLETED' && wanted !== 'CANCELED') {
    return refuse(400, `00741000: expected IN PROGRESS, COMPLETED or CANCELED; received ${wanted || 'none'}`);
  }
  if (state === wanted) return { kind: 'unchanged', message: `the work item is ${wanted} already` };
  if (state !== 'IN PROGRESS')
    return refuse(409, `only a work item that is IN PROGRESS can be ended; this one is ${state}`);
  if (transactionUid !== item.transactionUid) return wrongTransaction();
  if (wanted === 'COMPLETED') {
    const [performed] = itemsOf(item.attributes, UPS.performedProcedure);
    const missing = NEEDED_AT_COMPLETION.find((tag) => (performed?.[tag]?.Value ?? []).length === 0);
    if (missing) return refuse(409, `00741216.${missing}: expected a value before COMPLETED; received none`);
  }
  return changed(item, wanted, transactionUid);
}

/**
 * Asks whoever has claimed it to give up; what nobody has claimed is canceled at once.
 * Source: PS3.4 section CC.2.2, PS3.18 section 11.8.
 */
export function requestCancellation(item: WorkItem, reason: string, at: string): UpsOutcome {
  const state = stateOf(item);
  if (state === 'CANCELED') return { kind: 'unchanged', message: 'the work item is CANCELED already' };
  if (state === 'COMPLETED') return refuse(409, 'a work item that is COMPLETED cannot be canceled');
  if (state === 'IN PROGRESS') return { kind: 'changed', item, event: 'cancel-requested' };
  const progress = {
    [UPS.cancellationTime]: element('DT', at),
    [UPS.reasonForCancellation]: reason ? element('LT', reason) : element('LT'),
  };
  const attributes = { ...item.attributes, [UPS.progressInformation]: element('SQ', progress) };
  return changed({ ...item, attributes }, 'CANCELED', null);
}

/** Whether nothing can become of it any more. */
export function isFinal(item: Pick<WorkItem, 'attributes'>): boolean {
  const state = stateOf(item);
  return state === 'COMPLETED' || state === 'CANCELED';
}

export function stateOf({ attributes }: Pick<WorkItem, 'attributes'>): UpsState {
  return textOf(attributes, UPS.state) as UpsState;
}

function changed(item: WorkItem, state: UpsState, transactionUid: string | null): UpsOutcome {
  const attributes = { ...item.attributes, [UPS.state]: element('CS', state) };
  return { kind: 'changed', item: { ...item, attributes, transactionUid }, event: 'state' };
}

function wrongTransaction(): UpsOutcome {
  return refuse(409, '00081195: expected the Transaction UID the work item was claimed with; received another');
}
