/** UIDs branded by level, so that passing a series UID where a study UID belongs does not compile. */
declare const level: unique symbol;
type Uid<Level extends string> = string & { readonly [level]: Level };

export type StudyInstanceUid = Uid<'study'>;
export type SeriesInstanceUid = Uid<'series'>;
export type SopInstanceUid = Uid<'instance'>;
export type SopClassUid = Uid<'sop-class'>;
export type TransferSyntaxUid = Uid<'transfer-syntax'>;

/** PS3.5 section 9.1: at most 64 characters. */
const UID_MAX_LENGTH = 64;
/** PS3.5 section 9.1: components of digits separated by dots, no leading zero in a component. */
const UID_FORM = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/;

/** A UID that breaks PS3.5 section 9.1. Carries the attribute it came from, never the patient's data. */
export class InvalidUidError extends Error {
  override readonly name = 'InvalidUidError';
  constructor(
    readonly attribute: string,
    readonly received: string,
  ) {
    super(
      `${attribute}: expected a UID of digits and dots, at most ${UID_MAX_LENGTH} characters; received ${JSON.stringify(received.slice(0, UID_MAX_LENGTH + 1))}`,
    );
  }
}

/** Whether `text` is a well-formed UID. Source: PS3.5 section 9.1. */
export function isUid(text: string): boolean {
  return text.length <= UID_MAX_LENGTH && UID_FORM.test(text);
}

/**
 * Brands a well-formed UID. Call it once, where the text enters.
 *
 * @param text the value without padding
 * @param attribute the keyword it came from, for the error
 * @throws InvalidUidError when the text is not a UID
 */
export function parseUid<U extends Uid<string>>(text: string, attribute: string): U {
  if (!isUid(text)) throw new InvalidUidError(attribute, text);
  return text as U;
}
