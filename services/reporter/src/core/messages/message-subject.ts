import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import type { PriorComparison } from '../prior-exam.js';
import type { ReportContext } from '../report-context.js';
import type { ReportObject } from '../report-object.js';

/** An object the message points to; its bytes are elsewhere. */
export type ObjectReference = Pick<ReportObject, 'kind' | 'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid'>;

/** Everything a message about a result is made of. */
export interface MessageSubject {
  readonly result: StudyResult;
  /** Header of one image of the study: patient, order and accession number are taken from it as they stand. */
  readonly source: Dataset;
  /** The result's objects, stored already. */
  readonly objects: readonly ObjectReference[];
  readonly context: ReportContext;
  /** What the objects were compared with. */
  readonly prior?: PriorComparison;
}
