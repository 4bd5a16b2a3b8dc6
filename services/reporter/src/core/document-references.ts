import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { DocumentReference } from './content-item.js';
import type { Attributes } from './dicom-writer.js';

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

type InstanceReference = Pick<ImageReference, 'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid'>;

/** References of one study, by series. Source: PS3.3 table C.17-3. */
export function hierarchicalReference(studyInstanceUid: string, images: readonly InstanceReference[]): Attributes[] {
  if (images.length === 0) return [];
  const bySeries = groupBy(images, (image) => image.seriesInstanceUid);
  const series = [...bySeries].map(([seriesInstanceUid, members]) => ({
    SeriesInstanceUID: seriesInstanceUid,
    ReferencedSOPSequence: members.map((image) => ({
      ReferencedSOPClassUID: image.sopClassUid,
      ReferencedSOPInstanceUID: image.sopInstanceUid,
    })),
  }));
  return [{ StudyInstanceUID: studyInstanceUid, ReferencedSeriesSequence: series }];
}

/** References of several studies; nothing for none. Source: PS3.3 table C.17-3. */
export function documentReferences(documents: readonly DocumentReference[]): Attributes[] | undefined {
  if (documents.length === 0) return undefined;
  const byStudy = groupBy(documents, (document) => document.studyInstanceUid);
  return [...byStudy].flatMap(([study, members]) => hierarchicalReference(study, members));
}
