import { type Static, Type } from 'typebox';

/** One DICOM instance we hold, by its identity and where its bytes are. */
export const StoredInstanceSchema = Type.Object({
  studyInstanceUid: Type.String(),
  seriesInstanceUid: Type.String(),
  sopInstanceUid: Type.String(),
  sopClassUid: Type.String(),
  transferSyntaxUid: Type.String(),
  modality: Type.String(),
  /** What the instance reader needs to find the bytes: opaque to everyone else. */
  location: Type.String(),
  byteLength: Type.Integer({ minimum: 0 }),
  /** SHA-256 of the whole file, hexadecimal. */
  sha256: Type.String(),
});
export type StoredInstance = Static<typeof StoredInstanceSchema>;
