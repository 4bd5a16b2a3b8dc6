import type { Finding } from '@pce/shared/contracts/finding';
import type { PredecessorDocument } from './report-context.js';

/** An embolus of an earlier report, as far as it can be recognised again. */
export interface PriorEmbolus {
  /** Carried over to the embolus that is the same. */
  readonly trackingUid: string;
  /** What the earlier report calls it: "PCE 2". */
  readonly trackingIdentifier: string;
  readonly side: Finding['side'];
  readonly lobe: Finding['lobe'];
  readonly zone: Finding['zone'];
  readonly lengthMm: number | null;
  readonly calibreMm: number | null;
  /** Null where the earlier result itself is not at hand, and on films. */
  readonly position: { readonly frameOfReferenceUid: string; readonly centreLpsMm: readonly number[] } | null;
}

/** An earlier report of the patient. */
export interface PriorExam {
  readonly report: PredecessorDocument;
  /** YYYYMMDD, or null when the report does not say. */
  readonly studyDate: string | null;
  readonly modalities: readonly string[];
  readonly emboli: readonly PriorEmbolus[];
}

/** What a result is compared with. */
export interface PriorComparison {
  /** The report of the same study that this result replaces: its emboli keep their tracking UIDs. */
  readonly superseded?: PriorExam;
  /** The latest report of an earlier study of the patient: each embolus is new, stable or migrated against it. */
  readonly earlier?: PriorExam;
}
