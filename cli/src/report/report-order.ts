import { URGENCIES } from '@pce/shared/contracts/exam-outcome';
import type { StudyDigest } from '../screen/run-totals.js';
import type { OutcomeKey } from './wording.js';

/** After urgency and probability: what needs a look before what does not. */
const OUTCOME_ORDER: readonly OutcomeKey[] = ['present', 'undetermined', 'not-analysable', 'absent', 'not-applicable'];

/**
 * Order of the studies in the report: by urgency, then outcome, then falling probability, then UID. A negative result
 * stands after a study that could not be judged.
 */
export function compareForReport(a: StudyDigest, b: StudyDigest): number {
  return (
    URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency) ||
    OUTCOME_ORDER.indexOf(a.outcome) - OUTCOME_ORDER.indexOf(b.outcome) ||
    b.probability - a.probability ||
    (a.studyInstanceUid < b.studyInstanceUid ? -1 : 1)
  );
}
