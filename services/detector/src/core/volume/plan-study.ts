import type { NotAnalysable, NotApplicable, Reason } from '@pce/shared/contracts/exam-outcome';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import { type CtImageSet, describeImageSet } from './ct-image-set.js';
import { type InstanceHeader, referenceTo } from './instance-header.js';
import { isFilm, planRadiographs } from './plan-radiographs.js';
import { rankImageSets, whyBetter } from './rank-image-sets.js';
import { notApplicable } from './reason.js';
import { splitSeries } from './split-series.js';

/** What to do with one CT series, one film, or images that cannot be judged. */
export type PlannedPart =
  /** Image sets that can be tried, the best first: one of them is analysed. */
  | { readonly kind: 'ct'; readonly candidates: readonly CtImageSet[]; readonly why: string }
  | { readonly kind: 'radiograph'; readonly header: InstanceHeader }
  | {
      readonly kind: 'refused';
      readonly headers: readonly InstanceHeader[];
      readonly outcome: NotAnalysable | NotApplicable;
    };

/** Images of a series that are left out, and why. */
export interface PassedOver {
  readonly modality: string;
  readonly seriesInstanceUid: string;
  readonly images: readonly ImageReference[];
  readonly reason: Reason;
}

/** What of a study is read, and what is not and why. Every image is in one of the two. */
export interface StudyPlan {
  readonly parts: readonly PlannedPart[];
  readonly passedOver: readonly PassedOver[];
}

/** Objects that carry no image of their own: reports, presentation states, segmentations, documents. */
const NOT_IMAGES = ['SR', 'PR', 'KO', 'SEG', 'DOC', 'REG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'PLAN', 'FID', 'AU', 'ECG'];

/**
 * Decides what of a study is analysed: the best image set of its CT series, and every film of chest or spine.
 *
 * Images of kinds we do not read make a part only when the study has nothing else, so that it still gets an answer.
 * The order of `headers` changes nothing.
 */
export function planStudy(headers: readonly InstanceHeader[]): StudyPlan {
  const sorted = [...headers].sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  const ct = planCt(sorted.filter((header) => header.modality === 'CT'));
  const films = planFilms(sorted.filter((header) => header.modality !== 'CT' && isFilm(header)));
  const rest = sorted.filter((header) => header.modality !== 'CT' && !isFilm(header));
  const documents = rest.filter((header) => NOT_IMAGES.includes(header.modality));
  const otherImages = bySeries(rest.filter((header) => !NOT_IMAGES.includes(header.modality))).map(refuseModality);
  const decided = [...ct.parts, ...films.parts];
  const isJudged = (part: PlannedPart) => part.kind !== 'refused' || part.outcome.kind === 'not-analysable';
  const applicable = decided.filter(isJudged);
  const notApplicableParts = [...decided.filter((part) => !isJudged(part)), ...otherImages] as RefusedPart[];
  const passedOver = [...ct.passedOver, ...films.passedOver, ...bySeries(documents).map(passOverDocuments)];
  if (applicable.length === 0) return { parts: notApplicableParts, passedOver };
  const left = notApplicableParts.map(({ headers: images, outcome }) => passOver(images, outcome.reason));
  return { parts: applicable, passedOver: [...passedOver, ...left] };
}

type RefusedPart = Extract<PlannedPart, { kind: 'refused' }>;

function planCt(headers: readonly InstanceHeader[]): StudyPlan {
  const sets = bySeries(headers).flatMap(splitSeries).map(describeImageSet);
  const candidates = rankImageSets(sets.filter((set) => set.refusal === null));
  const refused = sets.filter((set) => set.refusal !== null);
  const [best, ...others] = candidates;
  if (!best) return planRefusedCt(refused);
  const why = explainChoice(best, others);
  const passedOver = [
    ...others.map((set) =>
      passOver(set.headers, { code: 'other-series', message: `Another series ${whyNot(best, set)}.` }),
    ),
    ...refused.map((set) => passOver(set.headers, set.refusal!.reason)),
  ];
  return { parts: [{ kind: 'ct', candidates, why }], passedOver };
}

/** With nothing to read, the largest image set that is a CT of the chest at all speaks for the study. */
function planRefusedCt(sets: readonly CtImageSet[]): StudyPlan {
  const ofChest = sets.filter((set) => set.refusal?.kind === 'not-analysable');
  const largest = ofChest.reduce<CtImageSet | null>(
    (best, set) => (best === null || set.sliceCount > best.sliceCount ? set : best),
    null,
  );
  const chosen = largest === null ? sets : [largest];
  return {
    parts: chosen.map((set) => ({ kind: 'refused', headers: set.headers, outcome: set.refusal! })),
    passedOver: sets.filter((set) => !chosen.includes(set)).map((set) => passOver(set.headers, set.refusal!.reason)),
  };
}

function explainChoice(best: CtImageSet, others: readonly CtImageSet[]): string {
  const what = `${best.sliceCount} slices at ${best.spacingMm.toFixed(2)} mm over ${Math.round(best.coverageMm)} mm`;
  if (others.length === 0) return `The only CT image set that can be read: ${what}.`;
  const reasons = [...new Set(others.map((set) => whyBetter(best, set)))].join('; or ');
  return `Chosen of ${others.length + 1} CT image sets: ${what}. It ${reasons}.`;
}

function whyNot(best: CtImageSet, set: CtImageSet): string {
  return `of the study is read, which ${whyBetter(best, set)}`;
}

function planFilms(films: readonly InstanceHeader[]): StudyPlan {
  const parts: PlannedPart[] = [];
  const passedOver: PassedOver[] = [];
  for (const decision of planRadiographs(films)) {
    const { header } = decision;
    if (decision.kind === 'read') parts.push({ kind: 'radiograph', header });
    else if (decision.kind === 'refused') parts.push({ kind: 'refused', headers: [header], outcome: decision.outcome });
    else passedOver.push(passOver([header], decision.reason));
  }
  return { parts, passedOver };
}

function refuseModality(headers: readonly InstanceHeader[]): PlannedPart {
  const { modality } = headers[0]!;
  const received = modality === '' ? 'none' : modality.slice(0, 16);
  return {
    kind: 'refused',
    headers,
    outcome: notApplicable('modality', 'Modality', 'CT, CR or DX', received),
  };
}

function passOverDocuments(headers: readonly InstanceHeader[]): PassedOver {
  const received = headers[0]!.modality;
  return passOver(headers, notApplicable('not-an-image', 'Object', 'an image', received).reason);
}

function passOver(headers: readonly InstanceHeader[], reason: Reason): PassedOver {
  const { modality, seriesInstanceUid } = headers[0]!;
  return { modality, seriesInstanceUid, images: headers.map((header) => referenceTo(header)), reason };
}

function bySeries(headers: readonly InstanceHeader[]): InstanceHeader[][] {
  const series = new Map<string, InstanceHeader[]>();
  for (const header of headers) {
    const known = series.get(header.seriesInstanceUid);
    if (known) known.push(header);
    else series.set(header.seriesInstanceUid, [header]);
  }
  return [...series.values()];
}
