import { CHANGE_CODE, CONCEPT, FINDING_CODE, PRESENCE_CODE } from './codes.js';
import { type ContainerItem, codeItem } from './content-item.js';
import type { PriorFinding } from './prior-exam.js';
import { comment, measurementGroup } from './templates.js';

/**
 * The group of an embolus of the earlier exam that was not found again: it has no region, and keeps its name over
 * time. Cement does not dissolve, so this states no absence.
 */
export function noLongerSeenGroup({ trackingIdentifier, trackingUid, kind }: PriorFinding): ContainerItem {
  const code = FINDING_CODE[kind];
  return measurementGroup({ trackingIdentifier: `Earlier ${trackingIdentifier}`, trackingUid, finding: code }, [
    codeItem('CONTAINS', code, PRESENCE_CODE.undetermined),
    codeItem('CONTAINS', CONCEPT.changeSincePrior, CHANGE_CODE['no-longer-seen']),
    comment(`${trackingIdentifier} of the earlier exam is no longer seen: removed, moved, or missed by this analysis.`),
  ]);
}
