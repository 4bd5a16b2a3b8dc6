import type { Finding } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import { isUid } from '@pce/shared/dicom/uid';
import { cleanLine, cutText } from './clean-text.js';
import { CONCEPT } from './codes.js';
import { type ContainerItem, container } from './content-item.js';
import { examGroup } from './exam-group.js';
import { findingGroup } from './finding-group.js';
import { noLongerSeenGroup } from './no-longer-seen-group.js';
import { type ComparedFindings, compareWithPriors } from './priors.js';
import {
  algorithmIdentification,
  type DeviceObserver,
  deviceObserver,
  imageLibrary,
  type LibraryGroup,
  languageOfContent,
  procedureReported,
} from './templates.js';

/** A result no report can be made of. Carries what was wrong, never a patient's data. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  constructor(
    readonly subject: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${subject}: expected ${expected}; received ${received}`);
  }
}

/** The source instance itself, for a study of which no image could be used. */
export interface SourceImage {
  readonly modality: string;
  readonly image: ImageReference;
}

const findingsOf = (result: StudyResult): readonly Finding[] =>
  result.outcome.kind === 'analysed' ? result.outcome.findings : [];

/** Parts of kinds we do not read do not enter the report. */
const reportedParts = (result: StudyResult): ExamPart[] =>
  result.parts.filter((part) => part.outcome.kind !== 'not-applicable');

/** The image that stands for a part: where its most probable finding shows best, else the middle one. */
function keyImage(part: ExamPart, findings: readonly Finding[]): ImageReference {
  const [shown] = findings
    .filter((finding) => finding.regions[0]!.image.seriesInstanceUid === part.seriesInstanceUid)
    .filter((finding) => part.images.some((image) => isSameImage(image, finding.regions[0]!.image)))
    .sort((a, b) => b.probability - a.probability);
  return shown ? shown.regions[0]!.image : part.images[Math.floor(part.images.length / 2)]!;
}

const isSameImage = (a: ImageReference, b: ImageReference): boolean =>
  a.sopInstanceUid === b.sopInstanceUid && a.frameNumber === b.frameNumber;

/** One group per part: its key image and the images of its findings, once each, in slice order. A malformed frame of reference says nothing. */
function libraryGroup(part: ExamPart, findings: readonly Finding[]): LibraryGroup {
  const wanted = [keyImage(part, findings), ...findings.map((finding) => finding.regions[0]!.image)];
  return {
    modality: part.modality,
    frameOfReferenceUid: isUid(part.frameOfReferenceUid ?? '') ? part.frameOfReferenceUid : null,
    images: part.images.filter((image) => wanted.some((reference) => isSameImage(image, reference))),
  };
}

function checkFindingsAreInParts(parts: readonly ExamPart[], findings: readonly Finding[]): void {
  const known = new Set(parts.flatMap((part) => part.images.map((image) => image.sopInstanceUid)));
  for (const finding of findings) {
    const { sopInstanceUid } = finding.regions[0]!.image;
    if (!known.has(sopInstanceUid)) {
      throw new ReportError(`finding ${finding.id}`, 'an image of the analysed parts', sopInstanceUid);
    }
  }
}

/** TEXT that must not be empty, though the contract lets an algorithm have no name. */
const named = (text: string): string => cutText(cleanLine(text), 64) || 'unknown';

/**
 * The content tree of a study's report: always one exam group, then one group per finding.
 *
 * @param result an analysed or not analysable study
 * @param observer the machine that reports
 * @param sourceImage what to refer to when the result has no part
 * @param compared the findings with their tracking UIDs and what became of them
 * @throws ReportError when nothing of the study is of a kind we read, or a finding lies on an image that was not analysed
 * Source: PS3.16 TID 1500
 */
export function measurementReport(
  result: StudyResult,
  observer: DeviceObserver,
  sourceImage: SourceImage | null,
  compared: ComparedFindings = compareWithPriors(result),
): ContainerItem {
  if (result.outcome.kind === 'not-applicable') {
    throw new ReportError(
      'study outcome',
      'analysed or not analysable',
      `not applicable: ${result.outcome.reason.code}`,
    );
  }
  const findings = findingsOf(result);
  const parts = reportedParts(result);
  checkFindingsAreInParts(parts, findings);
  const groups = parts.map((part) => libraryGroup(part, findings));
  if (groups.length === 0 && sourceImage) {
    groups.push({ modality: sourceImage.modality, frameOfReferenceUid: null, images: [sourceImage.image] });
  }
  const analysed = parts.filter((part) => part.outcome.kind === 'analysed').map((part) => keyImage(part, findings));
  const keyImages = analysed.length > 0 ? analysed : groups.flatMap((group) => group.images);
  const { name, version } = result.algorithm;
  return container(
    null,
    CONCEPT.imagingMeasurementReport,
    [
      languageOfContent(),
      ...deviceObserver(observer),
      procedureReported(groups.map((group) => group.modality)),
      imageLibrary(groups),
      container('CONTAINS', CONCEPT.imagingMeasurements, [
        ...algorithmIdentification(named(name), named(version)),
        examGroup(result, keyImages, compared),
        ...findings.map((finding) => findingGroup(finding, compared)),
        ...compared.noLongerSeen.map(noLongerSeenGroup),
      ]),
    ],
    '1500',
  );
}
