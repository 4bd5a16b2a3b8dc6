import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { isUid } from '@pce/shared/dicom/uid';
import { OWN_SCHEME, OWN_SCHEME_NAME } from './codes.js';
import { assertConformance } from './conformance.js';
import { referencedDocuments, referencedImages } from './content-item.js';
import { type Attributes, writePart10 } from './dicom-writer.js';
import { documentReferences, hierarchicalReference } from './document-references.js';
import { encodeContent } from './encode-content.js';
import { equipmentModules, observerOf } from './equipment.js';
import { type InheritanceRemark, inheritedModules } from './inherited-modules.js';
import { type LocalDateTime, localDateTime } from './local-date-time.js';
import { measurementReport, ReportError, type SourceImage } from './measurement-report.js';
import { type PriorComparison, priorParts } from './prior-exam.js';
import { compareWithPriors } from './priors.js';
import { type ReportContext, type ReportSource, SR_SOP_CLASS_UID, type SrSopClass } from './report-context.js';
import { outputUid } from './result-uid.js';
import { describeSeries } from './series-description.js';

/** High, so that our series sorts behind the images. [design] */
const SERIES_NUMBER = '9901';

export interface StructuredReport {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** The whole Part 10 file. */
  readonly bytes: Uint8Array;
  /** Source values that could not be inherited as they were. */
  readonly remarks: readonly InheritanceRemark[];
}

/** The source instance as an image, if it says what it is. */
function sourceImage(source: Dataset): SourceImage | null {
  const [sopClassUid, sopInstanceUid, seriesInstanceUid] = [
    source.string('SOPClassUID') ?? '',
    source.string('SOPInstanceUID') ?? '',
    source.string('SeriesInstanceUID') ?? '',
  ];
  if (![sopClassUid, sopInstanceUid, seriesInstanceUid].every(isUid)) return null;
  return { modality: source.string('Modality') ?? 'OT', image: { sopClassUid, sopInstanceUid, seriesInstanceUid } };
}

/** What a worklist shows without opening the report. */
function seriesDescription({ outcome }: StudyResult, context: ReportContext): string {
  return describeSeries(context.seriesDescription, outcome.kind === 'analysed' ? outcome.presence : 'not-analysable');
}

/** Source: PS3.3 C.17.1 (SR Document Series), C.17.2 (SR Document General), C.12.1 (SOP Common). */
function documentModules(result: StudyResult, when: LocalDateTime, context: ReportContext): Attributes {
  return {
    InstanceCreationDate: when.date,
    InstanceCreationTime: when.time,
    TimezoneOffsetFromUTC: when.offset,
    CodingSchemeIdentificationSequence: [{ CodingSchemeDesignator: OWN_SCHEME, CodingSchemeName: OWN_SCHEME_NAME }],
    Modality: 'SR',
    SeriesNumber: SERIES_NUMBER,
    SeriesDate: when.date,
    SeriesTime: when.time,
    SeriesDescription: seriesDescription(result, context),
    ReferencedPerformedProcedureStepSequence: [],
    InstanceNumber: '1',
    ContentDate: when.date,
    ContentTime: when.time,
    ContentQualification: 'RESEARCH',
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    PreliminaryFlag: 'PRELIMINARY',
    PerformedProcedureCodeSequence: [],
  };
}

/** The report's UIDs; what it replaces and what it is compared with go into them, because they go into the report. */
function identity(result: StudyResult, context: ReportContext, kind: SrSopClass, prior: PriorComparison) {
  const { predecessors = [] } = context;
  const replaced = [...predecessors.map((document) => document.sopInstanceUid).sort(), ...priorParts(prior)];
  return {
    sopClassUid: SR_SOP_CLASS_UID[kind],
    sopInstanceUid: outputUid(result, context, kind, replaced),
    seriesInstanceUid: outputUid(result, context, `${kind}-series`, replaced),
  };
}

/**
 * The DICOM structured report of a study: Comprehensive 3D SR (or Comprehensive SR) of TID 1500, for positive,
 * negative and not analysable studies alike. Pure: equal arguments give equal bytes.
 *
 * @param result what the detector came to
 * @param source an instance of the study, whose patient and study modules are inherited
 * @param context when, on which machine, and for whom
 * @param prior what to compare with
 * @throws ReportError when the study is of a kind we do not read, or the result contradicts itself
 * @throws ConformanceError, ContentItemError, DicomWriteError rather than give an invalid file
 * Source: PS3.3 A.35.13, PS3.16 TID 1500
 */
export function buildStructuredReport(
  result: StudyResult,
  source: ReportSource,
  context: ReportContext,
  prior: PriorComparison = {},
): StructuredReport {
  const { studyInstanceUid } = result;
  if (!isUid(studyInstanceUid)) throw new ReportError('Study Instance UID', 'a UID', 'another text');
  const { predecessors = [], sopClass = 'comprehensive-3d' } = context;
  const observer = observerOf(context);
  const root = measurementReport(result, observer, sourceImage(source.dataset), compareWithPriors(result, prior));
  assertConformance(root);
  const inherited = inheritedModules(source.dataset, studyInstanceUid);
  const uids = identity(result, context, sopClass, prior);
  const when = localDateTime(
    context.analysedAt,
    source.dataset.string('TimezoneOffsetFromUTC'),
    context.timezoneOffsetMinutes,
  );
  const evidence = hierarchicalReference(studyInstanceUid, referencedImages(root));
  const bytes = writePart10({
    ...inherited.attributes,
    ReferencedRequestSequence: inherited.requests.length > 0 ? inherited.requests : undefined,
    SOPClassUID: uids.sopClassUid,
    SOPInstanceUID: uids.sopInstanceUid,
    StudyInstanceUID: studyInstanceUid,
    SeriesInstanceUID: uids.seriesInstanceUid,
    ...documentModules(result, when, context),
    ...equipmentModules(result, observer),
    PredecessorDocumentsSequence: documentReferences(predecessors),
    PertinentOtherEvidenceSequence: documentReferences(referencedDocuments(root)),
    CurrentRequestedProcedureEvidenceSequence: evidence.length > 0 ? evidence : undefined,
    ...encodeContent(root),
  });
  return { ...uids, bytes, remarks: inherited.remarks };
}
