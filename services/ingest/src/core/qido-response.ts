import { ATTRIBUTES, type Keyword } from '@pce/shared/dicom/tag';
import type { LedgerInstance, LedgerSeries, LedgerStudy, QueryAttributes } from '@pce/shared/ports/ledger';
import { type JsonDataset, jsonAttribute, jsonTag } from './dicom-json.js';

/** One study of a search. Source: PS3.18 table 10.6.3-3. */
export function studyJson(study: LedgerStudy, base: string): JsonDataset {
  return attributesJson(study.attributes, {
    StudyInstanceUID: study.studyInstanceUid,
    ModalitiesInStudy: study.modalities.join('\\'),
    NumberOfStudyRelatedSeries: String(study.seriesCount),
    NumberOfStudyRelatedInstances: String(study.instanceCount),
    InstanceAvailability: 'ONLINE',
    RetrieveURL: `${base}/studies/${study.studyInstanceUid}`,
  });
}

/** One series. Source: PS3.18 table 10.6.3-4. */
export function seriesJson(series: LedgerSeries, base: string): JsonDataset {
  return attributesJson(series.attributes, {
    StudyInstanceUID: series.studyInstanceUid,
    SeriesInstanceUID: series.seriesInstanceUid,
    Modality: series.modality,
    NumberOfSeriesRelatedInstances: String(series.instanceCount),
    RetrieveURL: `${base}/studies/${series.studyInstanceUid}/series/${series.seriesInstanceUid}`,
  });
}

/** One instance. Source: PS3.18 table 10.6.3-5. */
export function instanceJson(instance: LedgerInstance, base: string): JsonDataset {
  return attributesJson(instance.instanceAttributes, {
    SOPClassUID: instance.sopClassUid,
    SOPInstanceUID: instance.sopInstanceUid,
    StudyInstanceUID: instance.studyInstanceUid,
    SeriesInstanceUID: instance.seriesInstanceUid,
    Modality: instance.modality,
    InstanceAvailability: 'ONLINE',
    RetrieveURL: instanceUrl(instance, base),
  });
}

/** Where an instance can be had. */
export function instanceUrl(
  instance: Pick<LedgerInstance, 'studyInstanceUid' | 'seriesInstanceUid' | 'sopInstanceUid'>,
  base: string,
): string {
  return `${base}/studies/${instance.studyInstanceUid}/series/${instance.seriesInstanceUid}/instances/${instance.sopInstanceUid}`;
}

function attributesJson(stored: QueryAttributes, computed: Partial<Record<Keyword, string>>): JsonDataset {
  const json: JsonDataset = {};
  const all = Object.entries({ ...stored, ...computed }) as [Keyword, string][];
  all.sort(([left], [right]) => (ATTRIBUTES[left][0] < ATTRIBUTES[right][0] ? -1 : 1));
  for (const [keyword, value] of all) json[jsonTag(keyword)] = jsonAttribute(keyword, value);
  return json;
}
