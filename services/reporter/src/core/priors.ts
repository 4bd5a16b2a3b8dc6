import type { Finding } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { matchFindings } from './match-findings.js';
import type { PriorComparison, PriorExam, PriorFinding } from './prior-exam.js';
import { findingTrackingUids, uidFromParts } from './result-uid.js';

/** What became of an embolus since the earlier exam. */
export type Change = 'new' | 'stable' | 'migrated';

/** A result's findings with their names over time, and what became of them. */
export interface ComparedFindings {
  /** Names the embolus, not the report: the same in every report of it. */
  readonly trackingUids: ReadonlyMap<Finding, string>;
  /** Of emboli only; empty without an earlier exam. */
  readonly changes: ReadonlyMap<Finding, Change>;
  /** Emboli of the earlier exam that were looked for and are not there. */
  readonly noLongerSeen: readonly PriorFinding[];
  readonly earlier: PriorExam | null;
  /** A source of earlier reports did not answer. */
  readonly isLookupIncomplete: boolean;
}

const hasCt = (modalities: readonly string[]): boolean => modalities.includes('CT');

/** Whether an exam would show what another one showed: a film misses most of what CT shows. */
const canShow = (modalities: readonly string[], other: readonly string[]): boolean =>
  hasCt(modalities) || !hasCt(other);

const analysedModalities = ({ parts }: StudyResult): string[] =>
  parts.filter(({ outcome }) => outcome.kind === 'analysed').map(({ modality }) => modality);

/** The findings' own UIDs, with those of recognised findings in their place; a clash gets a UID of its own. */
function carryOver(
  studyInstanceUid: string,
  findings: readonly Finding[],
  known: ReadonlyMap<Finding, string>,
): Map<Finding, string> {
  const taken = new Set(known.values());
  const uids = new Map<Finding, string>();
  for (const [finding, own] of findingTrackingUids(studyInstanceUid, findings)) {
    const isTaken = !known.has(finding) && taken.has(own);
    uids.set(finding, known.get(finding) ?? (isTaken ? uidFromParts(['tracking', own, 'another finding']) : own));
  }
  return uids;
}

/**
 * Compares a result with what was reported before.
 *
 * "New" is said only where the earlier exam would have shown it, and "no longer seen" only where this one would:
 * films never contradict CT.
 */
export function compareWithPriors(result: StudyResult, prior: PriorComparison = {}): ComparedFindings {
  const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const { superseded, earlier, isLookupIncomplete = false } = prior;
  const replaced = matchFindings(result, findings, superseded?.findings ?? [], false);
  const modalities = analysedModalities(result);
  const mayMove = hasCt(modalities) && hasCt(earlier?.modalities ?? []);
  const before = matchFindings(result, findings, earlier?.findings ?? [], mayMove);
  const known = new Map<Finding, string>();
  for (const { finding, prior: same } of [...replaced, ...before]) {
    const isGiven = [...known.values()].includes(same.trackingUid);
    if (!known.has(finding) && !isGiven) known.set(finding, same.trackingUid);
  }
  const trackingUids = carryOver(result.studyInstanceUid, findings, known);
  if (!earlier || result.outcome.kind !== 'analysed') {
    return { trackingUids, changes: new Map(), noLongerSeen: [], earlier: null, isLookupIncomplete };
  }
  const changes = new Map<Finding, Change>();
  for (const finding of findings.filter(({ kind }) => kind === 'pulmonary-cement-embolism')) {
    const match = before.find((candidate) => candidate.finding === finding);
    if (match) changes.set(finding, match.kind === 'moved' ? 'migrated' : 'stable');
    else if (canShow(earlier.modalities, modalities)) changes.set(finding, 'new');
  }
  const found = new Set(before.map((match) => match.prior));
  const isMissing = (one: PriorFinding) => one.kind === 'pulmonary-cement-embolism' && one.isShown && !found.has(one);
  const noLongerSeen = canShow(modalities, earlier.modalities) ? earlier.findings.filter(isMissing) : [];
  return { trackingUids, changes, noLongerSeen, earlier, isLookupIncomplete };
}
