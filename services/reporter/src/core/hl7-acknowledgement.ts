/** What an acknowledgement says. Source: HL7 v2.5.1 section 2.15.8 (MSA) and 2.15.5 (ERR). */
export interface Acknowledgement {
  /** Acknowledgment code, such as "AA", "AE" or "AR". */
  code: string;
  /** Control ID of the message it is about. */
  controlId: string;
  /** HL7 error code of the first ERR segment, a number from table 0357; null when there is none. */
  errorCode: string | null;
}

const CODES = new Set(['AA', 'AE', 'AR', 'CA', 'CE', 'CR']);

/** Reads an acknowledgement; null when the message is none. Its free text is not kept: it may repeat what was sent. */
export function readAcknowledgement(message: string): Acknowledgement | null {
  const segments = message.split(/\r\n|\r|\n/);
  const header = segments[0] ?? '';
  if (!header.startsWith('MSH') || header.length < 5) return null;
  const [fieldSeparator, componentSeparator] = [header.charAt(3), header.charAt(4)];
  const fieldsOf = (name: string) =>
    segments.find((line) => line.startsWith(name + fieldSeparator))?.split(fieldSeparator);
  const msa = fieldsOf('MSA');
  const code = msa?.[1]?.trim() ?? '';
  if (!CODES.has(code)) return null;
  // ERR-3 is "HL7 Error Code", a CWE.
  const errorCode = fieldsOf('ERR')?.[3]?.split(componentSeparator)[0] ?? '';
  return { code, controlId: msa?.[2]?.trim() ?? '', errorCode: /^\d{1,4}$/.test(errorCode) ? errorCode : null };
}
