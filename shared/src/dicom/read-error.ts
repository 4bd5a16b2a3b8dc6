/** What kept a file from being read, in a form tables can hold. */
export type ReadErrorCode =
  | 'empty-file'
  | 'not-dicom'
  | 'dicomdir'
  | 'truncated'
  | 'malformed'
  | 'too-large'
  | 'missing-attribute'
  | 'invalid-attribute';

/**
 * A DICOM file that cannot be read. The message is for a PACS administrator: what was expected, what was received,
 * which attribute. It never carries a value that could identify a patient.
 */
export class DicomReadError extends Error {
  override readonly name = 'DicomReadError';
  constructor(
    readonly code: ReadErrorCode,
    readonly expected: string,
    readonly received: string,
    /** The attribute, as in "StudyInstanceUID (0020,000d)". */
    readonly tag: string | null = null,
    options?: ErrorOptions,
  ) {
    super(`${tag === null ? '' : `${tag}: `}expected ${expected}; received ${received}`, options);
  }
}
