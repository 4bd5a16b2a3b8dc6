import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { ExamPart } from '@pce/shared/contracts/study-result';
import { FILM_MODALITIES } from './volume/plan-radiographs.js';
import { notAnalysable } from './volume/reason.js';

/**
 * Parts for images of kinds we read that are too broken to be planned: each film one, and the CT images together
 * where no CT of the study can be read. So a broken study is never taken for one without images.
 *
 * @param hasCt whether a CT image set of the study is in its plan: then its gaps tell of lost slices
 */
export function unreadableParts(unreadable: readonly StoredInstance[], hasCt: boolean): ExamPart[] {
  const films = unreadable.filter((instance) => FILM_MODALITIES.includes(instance.modality));
  const ct = hasCt ? [] : unreadable.filter((instance) => instance.modality === 'CT');
  return [...films.map((film) => [film]), ...(ct.length > 0 ? [ct] : [])].map(toPart);
}

function toPart(instances: StoredInstance[]): ExamPart {
  const { modality, seriesInstanceUid } = instances[0]!;
  const received = `${instances.length} that cannot be read`;
  return {
    modality,
    seriesInstanceUid,
    frameOfReferenceUid: null,
    images: instances.map((instance) => ({
      sopClassUid: instance.sopClassUid,
      sopInstanceUid: instance.sopInstanceUid,
      seriesInstanceUid: instance.seriesInstanceUid,
    })),
    sliceSpacingMm: null,
    sliceThicknessMm: null,
    outcome: notAnalysable('unreadable', 'Images', 'whole DICOM files', received),
  };
}
