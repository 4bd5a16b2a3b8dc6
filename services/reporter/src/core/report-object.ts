/** The kinds of objects a result may become; which of them a destination gets is its own setting. */
export const REPORT_OBJECT_KINDS = [
  'sr',
  'sr-comprehensive',
  'gsps',
  'secondary-capture',
  'segmentation',
  'key-object',
  'encapsulated-pdf',
] as const;
export type ReportObjectKind = (typeof REPORT_OBJECT_KINDS)[number];

/** A DICOM object made of a result, ready to be stored and sent. */
export interface ReportObject {
  readonly kind: ReportObjectKind;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  /** A site's own words in its series description; absent: the usual ones. */
  readonly seriesDescription?: string;
  /** The whole Part 10 file. */
  readonly bytes: Uint8Array;
}
