import type { Analysed, ExamOutcome, NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { ExamPart } from '@pce/shared/contracts/study-result';
import type { DetectOptions } from './detect-options.js';
import { ctPictures } from './pictures/ct-pictures.js';
import { filmPictures } from './pictures/film-pictures.js';
import type { Sketch } from './pictures/sketch.js';
import type { StudyFiles } from './study-files.js';
import { assembleCtVolume } from './volume/assemble-ct-volume.js';
import { type InstanceHeader, referenceTo } from './volume/instance-header.js';
import type { PlannedPart } from './volume/plan-study.js';
import type { Radiograph } from './volume/radiograph.js';
import { readRadiograph } from './volume/read-radiograph.js';
import { notAnalysable } from './volume/reason.js';
import { standardiseRadiograph, standardiseVolume } from './volume/standard-orientation.js';
import type { Volume } from './volume/volume.js';

/** What finds cement: the two detectors, and what their trained weights are. */
export interface Detectors {
  readonly ct: (volume: Volume, options: DetectOptions) => Promise<Analysed | NotAnalysable>;
  readonly radiograph: (radiograph: Radiograph, options: DetectOptions) => Promise<Analysed | NotAnalysable>;
  /** SHA-256, hexadecimal, over all weights. */
  readonly modelDigest: string;
}

/** One part of a study with its answer and its pictures. */
export interface AnalysedPart {
  readonly part: ExamPart;
  readonly sketches: readonly Sketch[];
}

type CtPlan = Extract<PlannedPart, { kind: 'ct' }>;

/** Answers for one part of a study. A part that fails is not analysable; it never takes the others with it. */
export async function analysePart(
  planned: PlannedPart,
  files: StudyFiles,
  detectors: Detectors,
  options: DetectOptions,
): Promise<AnalysedPart> {
  switch (planned.kind) {
    case 'ct':
      return analyseCt(planned, files, detectors, options);
    case 'radiograph':
      return analyseFilm(planned.header, files, detectors, options);
    case 'refused':
      return { part: describePart(planned.headers, planned.outcome), sketches: [] };
  }
}

/** Image sets of a study tried before it is called not analysable: more would fail for the same reason. [design] */
const MAX_TRIED_IMAGE_SETS = 3;

/** Tries the image sets of the plan, the best first, until one can be analysed; the first failure speaks for all. */
async function analyseCt(
  plan: CtPlan,
  files: StudyFiles,
  detectors: Detectors,
  options: DetectOptions,
): Promise<AnalysedPart> {
  let failed: AnalysedPart | null = null;
  for (const { headers } of plan.candidates.slice(0, MAX_TRIED_IMAGE_SETS)) {
    const answer = await analyseImageSet(headers, files, detectors, options);
    if (answer.part.outcome.kind === 'analysed') return failed ? answer : withRemark(answer, explain(plan));
    failed ??= answer;
  }
  return failed!;
}

function explain(plan: CtPlan): string[] {
  return plan.candidates.length > 1 ? [plan.why] : [];
}

async function analyseImageSet(
  headers: readonly InstanceHeader[],
  files: StudyFiles,
  detectors: Detectors,
  options: DetectOptions,
): Promise<AnalysedPart> {
  const assembled = await assembleCtVolume(headers, files.load);
  if (assembled.kind === 'not-analysable') return { part: describePart(headers, assembled), sketches: [] };
  for (const { image, error } of assembled.broken) files.report(image.sopInstanceUid, error);
  const { image: volume, toStored } = standardiseVolume(assembled.volume);
  const outcome = await guarded(() => detectors.ct(volume, options));
  const part: ExamPart = {
    ...describePart(headers, outcome),
    frameOfReferenceUid: volume.frameOfReferenceUid,
    images: [...new Map(volume.sliceImages.map((image) => [JSON.stringify(image), image])).values()],
    sliceSpacingMm: volume.spacingMm[2],
    sliceThicknessMm: volume.sliceThicknessMm,
  };
  return finishPart(part, toStored, volume.remarks, (findings) => ctPictures(volume, findings));
}

async function analyseFilm(
  header: InstanceHeader,
  files: StudyFiles,
  detectors: Detectors,
  options: DetectOptions,
): Promise<AnalysedPart> {
  const read = await readRadiograph(await files.load(header.sopInstanceUid));
  if (read.kind !== 'radiograph') return { part: describePart([header], read), sketches: [] };
  const { image: radiograph, toStored } = standardiseRadiograph(read.radiograph);
  const outcome = await guarded(() => detectors.radiograph(radiograph, options));
  const part = describePart([header], outcome);
  return finishPart(part, toStored, radiograph.remarks, (findings) => filmPictures(radiograph, findings));
}

/** Pictures are drawn as people look at the image; the findings go back to the image as stored. */
function finishPart(
  part: ExamPart,
  toStored: (finding: Finding) => Finding,
  remarks: readonly string[],
  draw: (findings: readonly Finding[]) => Sketch[],
): AnalysedPart {
  const { outcome } = part;
  if (outcome.kind !== 'analysed') return { part, sketches: draw([]) };
  const sketches = draw(outcome.findings);
  const stored = { ...outcome, findings: outcome.findings.map(toStored) };
  return withRemark({ part: { ...part, outcome: stored }, sketches }, remarks);
}

/** Adds sentences to the quality remarks that are not there yet. */
function withRemark(answer: AnalysedPart, remarks: readonly string[]): AnalysedPart {
  const { outcome } = answer.part;
  if (outcome.kind !== 'analysed' || remarks.length === 0) return answer;
  const quality = { ...outcome.quality, remarks: [...new Set([...outcome.quality.remarks, ...remarks])] };
  return { ...answer, part: { ...answer.part, outcome: { ...outcome, quality } } };
}

function describePart(headers: readonly InstanceHeader[], outcome: ExamOutcome): ExamPart {
  const { modality, seriesInstanceUid } = headers[0]!;
  return {
    modality,
    seriesInstanceUid,
    frameOfReferenceUid: headers[0]!.frames[0]?.frameOfReferenceUid ?? null,
    images: headers.map((header) => referenceTo(header)),
    sliceSpacingMm: null,
    sliceThicknessMm: null,
    outcome,
  };
}

/** A fault in a detector must not look like a clean exam, nor cost the rest of the study. */
async function guarded(detect: () => Promise<Analysed | NotAnalysable>): Promise<Analysed | NotAnalysable> {
  try {
    return await detect();
  } catch (error) {
    const received = error instanceof Error ? `${error.name}: ${error.message}` : 'an error';
    return notAnalysable('analysis-failed', 'Analysis', 'a result', received);
  }
}
