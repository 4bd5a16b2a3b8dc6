import type { Review } from '@pce/shared/ports/review-ledger';
import type { ReaderMark, ReaderStudy } from '@pce/worklist/core/reader-study';
import { EMPTY_LABEL, type Label } from './label.js';
import type { LabelFile } from './label-file.js';

/** A reader study whose labels are kept in a file. @param presenceOf what a study's result says of the exam */
export function labelledStudy(
  readerName: string,
  file: LabelFile,
  presenceOf: (studyInstanceUid: string) => string,
): ReaderStudy {
  return {
    readerName,
    keepReview: (review) => file.keep(labelOfReview(review, presenceOf(review.studyInstanceUid))),
    keepMark: (mark) => file.keep(labelOfMark(mark, presenceOf(mark.studyInstanceUid))),
    marksOf: (study) => file.labels.flatMap(markOfLabel).filter((mark) => mark.studyInstanceUid === study),
  };
}

function labelOfReview(review: Review, presence: string): Label {
  return {
    ...EMPTY_LABEL,
    label_id: review.reviewId,
    reader: review.userName,
    labelled_at: review.reviewedAt.toISOString(),
    subject: review.findingId === null ? 'exam' : 'finding',
    label: review.verdict,
    study_instance_uid: review.studyInstanceUid,
    result_id: review.resultId,
    algorithm: review.algorithm,
    algorithm_version: review.algorithmVersion,
    presence,
    finding_id: review.findingId === null ? '' : String(review.findingId),
    comment: review.comment,
  };
}

function labelOfMark(mark: ReaderMark, presence: string): Label {
  return {
    ...EMPTY_LABEL,
    label_id: mark.markId,
    reader: mark.userName,
    labelled_at: mark.markedAt.toISOString(),
    subject: 'mark',
    label: mark.isWithdrawn ? 'withdrawn' : 'added',
    study_instance_uid: mark.studyInstanceUid,
    result_id: mark.resultId,
    presence,
    series_instance_uid: mark.seriesInstanceUid,
    sop_instance_uid: mark.sopInstanceUid,
    frame_number: String(mark.frameNumber),
    column_px: mark.columnPx.toFixed(2),
    row_px: mark.rowPx.toFixed(2),
    comment: mark.comment,
  };
}

function markOfLabel(label: Label): ReaderMark[] {
  if (label.subject !== 'mark' || label.label !== 'added') return [];
  return [
    {
      markId: label.label_id,
      studyInstanceUid: label.study_instance_uid,
      resultId: label.result_id,
      seriesInstanceUid: label.series_instance_uid,
      sopInstanceUid: label.sop_instance_uid,
      frameNumber: Number(label.frame_number),
      columnPx: Number(label.column_px),
      rowPx: Number(label.row_px),
      comment: label.comment,
      isWithdrawn: false,
      userName: label.reader,
      markedAt: new Date(label.labelled_at),
    },
  ];
}

/** The review a label was made of; null for marks. */
export function reviewOfLabel(label: Label): Review | null {
  if (label.subject === 'mark') return null;
  return {
    reviewId: label.label_id,
    studyInstanceUid: label.study_instance_uid,
    resultId: label.result_id,
    findingId: label.finding_id === '' ? null : Number(label.finding_id),
    verdict: label.label as Review['verdict'],
    comment: label.comment,
    userName: label.reader,
    algorithm: label.algorithm,
    algorithmVersion: label.algorithm_version,
    reviewedAt: new Date(label.labelled_at),
  };
}
