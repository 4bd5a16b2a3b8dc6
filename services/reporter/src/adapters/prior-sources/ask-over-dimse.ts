import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { type SmallDataset, writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import type { Association } from '@pce/shared/dimse/association';
import { find, get } from '@pce/shared/dimse/scu-operations';
import type { StoreDecision, StoreRequest } from '@pce/shared/dimse/services';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { isSuccessOrWarning, STATUS } from '@pce/shared/dimse/status';
import { type PriorArchive, STUDY_KEYWORDS, toArchivedStudy } from '../../core/prior-archive.js';
import { SR_SOP_CLASS_UID } from '../../core/report-context.js';
import { connectTo, endInOrder, type ReceiverAddress } from '../destinations/receiver-association.js';

const PLAIN = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];
const REPORT_CLASSES: readonly string[] = Object.values(SR_SOP_CLASS_UID);
/** Largest report taken, bytes. [design] Ours have some ten thousand. */
const MAX_REPORT_BYTES = 16 * 1024 * 1024;

/**
 * Asks an archive by C-FIND and C-GET, on one association. Source: PS3.4 annex C.
 *
 * @throws the errors of `openAssociation`; NoPresentationContextError when the archive does not offer the services
 */
export async function askOverDimse<Found>(
  address: ReceiverAddress,
  look: (archive: PriorArchive) => Promise<Found>,
  signal: AbortSignal,
): Promise<Found> {
  const fetched: Dataset[] = [];
  const association = await connectTo(
    address,
    [SOP_CLASS.studyRootFind, SOP_CLASS.studyRootGet, ...REPORT_CLASSES].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: PLAIN,
    })),
    {
      roles: REPORT_CLASSES.map((sopClassUid) => ({ sopClassUid, scu: false, scp: true })),
      services: { store: (request) => takeReport(request, fetched) },
    },
  );
  const abort = () => association.abort('no time is left for this search');
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await look({
      findStudies: (patientId, untilDate) => findStudies(association, patientId, untilDate),
      fetchReports: (studyInstanceUid) => fetchReports(association, studyInstanceUid, fetched),
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await endInOrder(association);
  }
}

/** What the archive sends during C-GET. A report that cannot be read is no report. */
function takeReport({ context }: StoreRequest, fetched: Dataset[]): StoreDecision {
  const parts: Uint8Array[] = [];
  let length = 0;
  return {
    kind: 'take',
    sink: {
      write: (bytes) => {
        length += bytes.length;
        if (length <= MAX_REPORT_BYTES) parts.push(Uint8Array.from(bytes));
      },
      end: async () => {
        if (length > MAX_REPORT_BYTES) return { status: STATUS.outOfResources };
        try {
          fetched.push(readBareDataset(Buffer.concat(parts), context.transferSyntax));
          return { status: STATUS.success };
        } catch {
          return { status: STATUS.processingFailure };
        }
      },
      discard: () => {},
    },
  };
}

async function findStudies(association: Association, patientId: string, untilDate: string) {
  const asked = Object.fromEntries(STUDY_KEYWORDS.map((keyword) => [keyword, '']));
  const answers = await findAll(association, {
    ...asked,
    ...(/^[\x20-\x7e]*$/.test(patientId) ? {} : { SpecificCharacterSet: 'ISO_IR 192' }),
    QueryRetrieveLevel: 'STUDY',
    PatientID: patientId,
    StudyDate: `-${untilDate}`,
  });
  return answers.map((answer) => toArchivedStudy((keyword) => answer.strings(keyword)));
}

async function fetchReports(association: Association, studyInstanceUid: string, fetched: Dataset[]) {
  const study = { StudyInstanceUID: studyInstanceUid };
  const keys = { ...study, QueryRetrieveLevel: 'SERIES', Modality: 'SR', SeriesInstanceUID: '' };
  fetched.length = 0;
  for (const series of await findAll(association, keys)) {
    const seriesInstanceUid = series.string('SeriesInstanceUID');
    if (!seriesInstanceUid || (series.string('Modality') ?? 'SR') !== 'SR') continue;
    const isExplicit = explicitFor(association, SOP_CLASS.studyRootGet);
    const wanted = { ...study, QueryRetrieveLevel: 'SERIES', SeriesInstanceUID: seriesInstanceUid };
    let status: number = STATUS.success;
    for await (const progress of get(association, SOP_CLASS.studyRootGet, writeSmallDataset(wanted, isExplicit))) {
      ({ status } = progress);
    }
    if (!isSuccessOrWarning(status)) throw new Error(`C-GET: expected success; received ${hex(status)}`);
  }
  return [...fetched];
}

async function findAll(association: Association, keys: SmallDataset): Promise<Dataset[]> {
  const { transferSyntax } = association.contextFor(SOP_CLASS.studyRootFind, null);
  const identifier = writeSmallDataset(keys, explicitFor(association, SOP_CLASS.studyRootFind));
  const answers = find(association, SOP_CLASS.studyRootFind, identifier);
  const found: Dataset[] = [];
  for (;;) {
    const next = await answers.next();
    if (!next.done) {
      found.push(readBareDataset(next.value, transferSyntax));
      continue;
    }
    if (!isSuccessOrWarning(next.value.status)) {
      throw new Error(`C-FIND: expected success; received ${hex(next.value.status)}`);
    }
    return found;
  }
}

const explicitFor = (association: Association, sopClassUid: string): boolean =>
  association.contextFor(sopClassUid, null).transferSyntax !== IMPLICIT_VR_LITTLE_ENDIAN;

const hex = (status: number): string => `0x${status.toString(16).padStart(4, '0')}`;
