import { type Static, Type } from 'typebox';

/** One image, or one frame of it. */
export const ImageReferenceSchema = Type.Object({
  sopClassUid: Type.String(),
  sopInstanceUid: Type.String(),
  seriesInstanceUid: Type.String(),
  /** Frame number from 1, for multi-frame images only. */
  frameNumber: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type ImageReference = Static<typeof ImageReferenceSchema>;
