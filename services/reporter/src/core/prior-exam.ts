import type { Finding, FindingKind } from '@pce/shared/contracts/finding';
import type { DocumentReference } from './content-item.js';

/** A finding of an earlier report, as far as it can be recognised again. */
export interface PriorFinding {
  readonly kind: FindingKind;
  /** Only a suspected or undecided finding can be missed later: a candidate was never shown to anyone. */
  readonly isShown: boolean;
  /** Carried over to the finding that is the same. */
  readonly trackingUid: string;
  /** What the earlier report calls it: "PCE 2". */
  readonly trackingIdentifier: string;
  readonly side: Finding['side'];
  readonly lobe: Finding['lobe'];
  readonly zone: Finding['zone'];
  readonly lengthMm: number | null;
  readonly calibreMm: number | null;
  /** Null on films, and where the earlier result itself is not at hand. */
  readonly position: { readonly frameOfReferenceUid: string; readonly centreLpsMm: readonly number[] } | null;
  /** The image it was drawn on, and the middle of the drawing in pixels. */
  readonly onImage: { readonly sopInstanceUid: string; readonly centrePx: readonly number[] } | null;
}

/** An earlier report of the patient, of an exam that could be judged. */
export interface PriorExam {
  readonly report: DocumentReference;
  /** YYYYMMDD, or null when the report does not say. */
  readonly studyDate: string | null;
  /** What was analysed then: "CT", "DX". */
  readonly modalities: readonly string[];
  readonly findings: readonly PriorFinding[];
}

/** What a result is compared with. */
export interface PriorComparison {
  /** A source of earlier reports did not answer: there may be a later one than `earlier`, or one at all. */
  readonly isLookupIncomplete?: boolean;
  /** The last report of the same study that could judge it: its findings keep their tracking UIDs. */
  readonly superseded?: PriorExam;
  /** The findings of all its earlier reports, each once: whoever keeps them must be told of those that are gone. */
  readonly former?: readonly PriorFinding[];
  /** The latest report of an earlier study of the patient: each embolus is new, stable or migrated against it. */
  readonly earlier?: PriorExam;
}

/** What of a comparison goes into the UIDs of objects: everything that may go into their content. */
export function priorParts({ superseded, earlier, isLookupIncomplete }: PriorComparison): string[] {
  const exams = superseded || earlier ? [superseded, earlier].map((exam) => (exam ? JSON.stringify(exam) : '')) : [];
  return [...exams, ...(isLookupIncomplete ? ['a source of earlier reports did not answer'] : [])];
}
