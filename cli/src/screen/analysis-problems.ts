import type { PooledAnalysis } from '@pce/detector/adapters/analysis-task';
import type { Reason } from '@pce/shared/contracts/exam-outcome';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { IndexedStudy } from './indexed-instance.js';
import { type Problem, type Severity, splitMessage } from './problem.js';

type Analysis = Pick<PooledAnalysis, 'problems' | 'passedOver' | 'result'>;

/** Everything in a study that was not analysed: broken instances, parts that cannot be judged, images left out. */
export function analysisProblems(study: IndexedStudy, { problems, passedOver, result }: Analysis): Problem[] {
  const { studyInstanceUid } = study;
  const paths = new Map(study.instances.map(({ sopInstanceUid, path }) => [sopInstanceUid, path]));
  const ofImages = (
    severity: Severity,
    seriesInstanceUid: string,
    images: readonly ImageReference[],
    reason: Reason,
  ): Problem => ({
    severity,
    code: reason.code,
    path: commonPlace(images.flatMap(({ sopInstanceUid }) => paths.get(sopInstanceUid) ?? [])),
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid: images.length === 1 ? images[0]!.sopInstanceUid : null,
    ...splitMessage(reason.message),
  });
  const broken = problems.map(
    ({ code, seriesInstanceUid, sopInstanceUid, what, expected, received }): Problem => ({
      severity: 'broken',
      code,
      path: paths.get(sopInstanceUid) ?? null,
      studyInstanceUid,
      seriesInstanceUid,
      sopInstanceUid,
      what,
      expected,
      received,
    }),
  );
  const parts = result.parts.flatMap(({ outcome, seriesInstanceUid, images }) =>
    outcome.kind === 'analysed' ? [] : [ofImages(outcome.kind, seriesInstanceUid, images, outcome.reason)],
  );
  const leftOut = passedOver.map(({ seriesInstanceUid, images, reason }) =>
    ofImages('ignored', seriesInstanceUid, images, reason),
  );
  return [...broken, ...parts, ...leftOut];
}

/** A problem of a study as a whole. */
export function studyProblem(
  { studyInstanceUid }: { readonly studyInstanceUid: string },
  severity: Severity,
  code: string,
  error: unknown,
): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return {
    severity,
    code,
    path: null,
    studyInstanceUid,
    seriesInstanceUid: null,
    sopInstanceUid: null,
    ...splitMessage(message),
  };
}

/** The path itself for one file; for several the folder they share, with the system's or an archive's separator. */
export function commonPlace(paths: readonly string[]): string | null {
  const [first, ...others] = paths;
  if (first === undefined) return null;
  if (others.length === 0) return first;
  let length = first.length;
  for (const path of others) {
    length = Math.min(length, path.length);
    while (length > 0 && !path.startsWith(first.slice(0, length))) length -= 1;
  }
  const shared = first.slice(0, length);
  const end = Math.max(shared.lastIndexOf('/'), shared.lastIndexOf('\\'));
  return end < 0 ? null : shared.slice(0, end + 1);
}
