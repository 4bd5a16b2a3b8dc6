import { Readable } from 'node:stream';
import { boundaryOf, takeParts } from '@pce/shared/adapters/multipart-parts';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { ATTRIBUTES, type Keyword } from '@pce/shared/dicom/tag';
import { type PriorArchive, STUDY_KEYWORDS, toArchivedStudy } from '../../core/prior-archive.js';
import { SR_SOP_CLASS_UID } from '../../core/report-context.js';
import { callHttp, type HttpAnswer, type HttpSettings } from '../http-call.js';

/** Studies of a patient asked for; archives list them in an order of their own. [design] */
const MAX_STUDIES = 1000;
/** Instances a retrieved one may come with. */
const MAX_PARTS = 16;
const REPORT_CLASSES: readonly string[] = Object.values(SR_SOP_CLASS_UID);

type Ask = (path: string, accept: string) => Promise<HttpAnswer>;

/**
 * Asks an archive by QIDO-RS and WADO-RS. Source: PS3.18 chapter 10.
 *
 * @throws NoHttpAnswerError, MultipartError; an Error that names the service and the status, never the patient
 */
export async function askOverWeb<Found>(
  settings: HttpSettings & { timeoutMs: number },
  look: (archive: PriorArchive) => Promise<Found>,
  signal: AbortSignal,
): Promise<Found> {
  const { timeoutMs } = settings;
  const ask: Ask = (path, accept) => callHttp(settings, { path, headers: { accept } }, { timeoutMs, signal });
  return look({
    findStudies: async (patientId, untilDate) => {
      const query = new URLSearchParams({ PatientID: patientId, StudyDate: `-${untilDate}`, limit: `${MAX_STUDIES}` });
      for (const keyword of STUDY_KEYWORDS) query.append('includefield', keyword);
      // A space as "%20": not every server reads "+" as one.
      const studies = await search(ask, `/studies?${`${query}`.replaceAll('+', '%20')}`);
      return studies.map((study) => toArchivedStudy((keyword) => valuesOf(study, keyword)));
    },
    fetchReports: (studyInstanceUid) => fetchReports(ask, studyInstanceUid),
  });
}

type JsonDataset = Record<string, { Value?: unknown[] } | undefined>;

async function fetchReports(ask: Ask, studyInstanceUid: string): Promise<Dataset[]> {
  const study = `/studies/${studyInstanceUid}`;
  const reports: Dataset[] = [];
  for (const found of await search(ask, `${study}/series?Modality=SR`)) {
    const [seriesInstanceUid] = valuesOf(found, 'SeriesInstanceUID');
    if (!seriesInstanceUid || (valuesOf(found, 'Modality')[0] ?? 'SR') !== 'SR') continue;
    const series = `${study}/series/${encodeURIComponent(seriesInstanceUid)}`;
    for (const instance of await search(ask, `${series}/instances`)) {
      const [sopInstanceUid] = valuesOf(instance, 'SOPInstanceUID');
      const [sopClassUid = ''] = valuesOf(instance, 'SOPClassUID');
      if (!sopInstanceUid || !REPORT_CLASSES.includes(sopClassUid)) continue;
      reports.push(...(await retrieve(ask, `${series}/instances/${encodeURIComponent(sopInstanceUid)}`)));
    }
  }
  return reports;
}

async function search(ask: Ask, path: string): Promise<JsonDataset[]> {
  const { status, body } = await ask(path, 'application/dicom+json');
  if (status === 204) return [];
  if (status !== 200) throw new Error(`QIDO-RS: expected status 200 or 204; received ${status}`);
  const found = readJson(body);
  if (!Array.isArray(found)) throw new Error('QIDO-RS: expected a JSON list; received something else');
  return found;
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function valuesOf(dataset: JsonDataset, keyword: Keyword): string[] {
  const values = dataset[ATTRIBUTES[keyword][0].slice(1).toUpperCase()]?.Value ?? [];
  return values.filter((value) => typeof value === 'string');
}

/** A report that cannot be read is no report. */
async function retrieve(ask: Ask, path: string): Promise<Dataset[]> {
  const { status, contentType, body } = await ask(
    path,
    'multipart/related; type="application/dicom"; transfer-syntax=*',
  );
  if (status !== 200) throw new Error(`WADO-RS: expected status 200; received ${status}`);
  const files = /^application\/dicom\b/i.test(contentType)
    ? [body]
    : await takeParts(Readable.from([body]), boundaryOf(contentType), MAX_PARTS, async (chunks) => {
        const parts: Uint8Array[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        return Buffer.concat(parts);
      });
  return files.flatMap((file) => {
    try {
      return [readPart10(file).dataset];
    } catch {
      return [];
    }
  });
}
