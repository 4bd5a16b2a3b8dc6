import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { cleanText } from './clean-text.js';
import {
  CONCEPT,
  type Code,
  FINDING_CODE,
  PRESENCE_CODE,
  QUALITY_CODE,
  SUMMARY_CODE,
  UNIT,
  URGENCY_CODE,
} from './codes.js';
import { comparisonComments } from './comparison-text.js';
import { type ContainerItem, type ContentItem, codeItem, compositeItem, numItem } from './content-item.js';
import { countEmboli } from './count-emboli.js';
import type { ComparedFindings } from './priors.js';
import { examComments } from './report-text.js';
import { examTrackingUid } from './result-uid.js';
import { certainty, comment, measurementGroup, sourceOfMeasurement } from './templates.js';

const EXAM_TRACKING_IDENTIFIER = 'PCE exam result';
const EMBOLISM = FINDING_CODE['pulmonary-cement-embolism'];

/** How far the algorithm came. Candidates below the operating point are not findings. Source: PS3.16 CID 6047. */
function processingSummary(result: StudyResult): Code {
  if (result.outcome.kind !== 'analysed') return SUMMARY_CODE.noneSucceeded;
  const found = result.outcome.findings.some((finding) => finding.assessment !== 'candidate');
  const someFailed = result.parts.some((part) => part.outcome.kind === 'not-analysable');
  if (someFailed) return found ? SUMMARY_CODE.someWithFindings : SUMMARY_CODE.someWithoutFindings;
  return found ? SUMMARY_CODE.allWithFindings : SUMMARY_CODE.allWithoutFindings;
}

/**
 * Numbers about the exam. The number of lesions counts suspected emboli only: what would raise no alarm is not
 * counted among what did; marks on several views that may be one embolus count once. The certainty is that of what is stated: of absence when the exam is called absent.
 */
function examNumbers(result: StudyResult, outcome: Analysed, keyImages: readonly ImageReference[]): ContentItem[] {
  const source = () => sourceOfMeasurement(keyImages);
  const counted = (concept: Code, number: number) => numItem('CONTAINS', concept, number, UNIT.noUnits, source());
  const indeterminate = countEmboli(result, 'indeterminate').marks;
  const candidates = countEmboli(result, 'candidate').marks;
  return [
    counted(CONCEPT.numberOfLesions, countEmboli(result, 'suspected').emboli),
    certainty(outcome.presence === 'absent' ? 1 - outcome.probability : outcome.probability, source()),
    ...(indeterminate > 0 ? [counted(CONCEPT.numberOfIndeterminateFindings, indeterminate)] : []),
    ...(candidates > 0 ? [counted(CONCEPT.numberOfCandidates, candidates)] : []),
  ];
}

/** A negative exam says nothing about urgency: it must never lower a priority. */
function urgency({ suggestedUrgency }: Analysed): ContentItem[] {
  if (suggestedUrgency === 'none') return [];
  return [codeItem('CONTAINS', CONCEPT.suggestedUrgency, URGENCY_CODE[suggestedUrgency])];
}

/** The one group about the exam as a whole: it is there in every report, negative and not analysable ones too. */
export function examGroup(
  result: StudyResult,
  keyImages: readonly ImageReference[],
  compared: ComparedFindings,
): ContainerItem {
  const { outcome } = result;
  const analysed = outcome.kind === 'analysed' ? outcome : null;
  const presence = PRESENCE_CODE[analysed?.presence ?? 'undetermined'];
  const quality = QUALITY_CODE[analysed?.quality.level ?? 'non-diagnostic'];
  return measurementGroup(
    {
      trackingIdentifier: EXAM_TRACKING_IDENTIFIER,
      trackingUid: examTrackingUid(result.studyInstanceUid),
      finding: EMBOLISM,
    },
    [
      ...(analysed ? examNumbers(result, analysed, keyImages) : []),
      codeItem('CONTAINS', EMBOLISM, presence),
      codeItem('CONTAINS', CONCEPT.findingsSummary, processingSummary(result)),
      codeItem('CONTAINS', CONCEPT.imagingStudyQuality, quality),
      ...(analysed ? urgency(analysed) : []),
      ...(compared.earlier ? [compositeItem('CONTAINS', CONCEPT.priorReport, compared.earlier.report)] : []),
      ...[...examComments(result), ...comparisonComments(compared)].map(cleanText).filter(Boolean).map(comment),
    ],
  );
}
