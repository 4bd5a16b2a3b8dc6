import type { Dataset } from '@pce/shared/dicom/dataset';
import type { DocumentReference } from './content-item.js';

/** One source instance: its patient and study modules are inherited. */
export interface ReportSource {
  readonly dataset: Dataset;
}

/** Which machine made the report. All texts are SH or LO values: at most 64 characters, serial number included. */
export interface DeviceIdentity {
  /** Derived from manufacturer, model and serial number when not given. */
  readonly observerUid?: string;
  /** Name of this installation, such as "pce-node-1". */
  readonly name: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly serialNumber: string;
}

/** An earlier report this one replaces. */
export type PredecessorDocument = DocumentReference;

export interface ReportContext {
  /** Start of the analysis. */
  readonly analysedAt: Date;
  readonly device: DeviceIdentity;
  /**
   * Offset of local time from UTC, for sources that do not state their own.
   * @default the offset of this machine at `analysedAt`
   */
  readonly timezoneOffsetMinutes?: number;
  /**
   * `comprehensive` is for receivers that refuse the 3D class; the tree is the same.
   * @default 'comprehensive-3d'
   */
  readonly sopClass?: SrSopClass;
  readonly predecessors?: readonly PredecessorDocument[];
  /** A site's own words for series descriptions, see `describeSeries`. @default the usual ones */
  readonly seriesDescription?: string;
}

/** Source: PS3.4 table B.5-1. */
export const SR_SOP_CLASS_UID = {
  'comprehensive-3d': '1.2.840.10008.5.1.4.1.1.88.34',
  comprehensive: '1.2.840.10008.5.1.4.1.1.88.33',
} as const;
export type SrSopClass = keyof typeof SR_SOP_CLASS_UID;
