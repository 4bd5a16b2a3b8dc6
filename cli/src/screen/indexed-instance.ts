import type { InputLocation } from './input-location.js';

/** A DICOM instance found by the scan: its identity from the header, and where its bytes are. */
export interface IndexedInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly modality: string;
  /** For messages. */
  readonly path: string;
  readonly location: InputLocation;
  readonly byteLength: number;
}

/** The instances of one study, in the order they were found. */
export interface IndexedStudy {
  readonly studyInstanceUid: string;
  readonly instances: readonly IndexedInstance[];
}
