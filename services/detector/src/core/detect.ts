import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { STUDY_RESULT_VERSION, type StudyResult } from '@pce/shared/contracts/study-result';
import type { InstanceReader } from '@pce/shared/ports/instance-reader';
import { describeAlgorithm, digestInstanceSet } from './algorithm.js';
import { type AnalysedPart, analysePart, type Detectors } from './analyse-part.js';
import type { DetectOptions } from './detect-options.js';
import { DETECTORS } from './detectors.js';
import { finishKeyImages, type KeyImage } from './key-images.js';
import { mergeOutcomes } from './merge-outcomes.js';
import { StudyFiles } from './study-files.js';
import type { StudyProblem } from './study-problem.js';
import { unreadableParts } from './unreadable-parts.js';
import { type PassedOver, planStudy } from './volume/plan-study.js';

/** Everything an analysis of one study came to. */
export interface StudyAnalysis {
  readonly result: StudyResult;
  readonly keyImages: readonly KeyImage[];
  /** Instances that could not be used. */
  readonly problems: readonly StudyProblem[];
  /** Images left out on purpose, with the reason. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * Analyses one study: its best CT series and every film of chest or spine.
 *
 * The same instances give the same result in any order. A broken image is a problem, not a failure.
 *
 * @param instances of one study, at least one
 * @param detectors @default those of this version
 * @throws RangeError when the instances are of several studies, or none
 * @throws InstanceUnavailableError when the reader fails
 */
export async function detectStudy(
  instances: readonly StoredInstance[],
  reader: InstanceReader,
  options: DetectOptions,
  detectors: Detectors = DETECTORS,
): Promise<StudyAnalysis> {
  const studyInstanceUid = theStudyOf(instances);
  const files = new StudyFiles(instances, reader);
  const plan = planStudy(await files.describeAll());
  const answers: AnalysedPart[] = [];
  for (const planned of plan.parts) answers.push(await analysePart(planned, files, detectors, options));
  const hasCt = answers.some(({ part }) => part.modality === 'CT');
  for (const part of unreadableParts(files.unreadable, hasCt)) answers.push({ part, sketches: [] });
  const merged = mergeOutcomes(answers.map(({ part }) => part.outcome));
  const result: StudyResult = {
    contractVersion: STUDY_RESULT_VERSION,
    studyInstanceUid,
    instanceSetDigest: digestInstanceSet(instances),
    algorithm: describeAlgorithm(options, detectors.modelDigest),
    parts: answers.map(({ part }, index) => ({ ...part, outcome: merged.parts[index]! })),
    outcome: merged.outcome,
  };
  const keyImages = answers.flatMap(({ part, sketches }, index) =>
    finishKeyImages(sketches, part.modality, merged.findings[index]!),
  );
  return { result, keyImages, problems: files.problems, passedOver: plan.passedOver };
}

function theStudyOf(instances: readonly StoredInstance[]): string {
  const studies = new Set(instances.map((instance) => instance.studyInstanceUid));
  if (studies.size === 1) return instances[0]!.studyInstanceUid;
  throw new RangeError(`detectStudy: expected instances of one study; received ${studies.size} studies`);
}
