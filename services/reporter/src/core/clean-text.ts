/** Characters no text value may hold, with single surrogates; line ends are kept for texts of several lines. */
const FORBIDDEN = /(?![\n\r])[\p{Cc}\p{Cs}]/gu;
const LINE_ENDS = /[\r\n]+/g;

/** Text for a TEXT content item: control characters become spaces, ends trimmed. Source: PS3.5 section 6.1.3. */
export function cleanText(text: string): string {
  return text.replace(FORBIDDEN, ' ').trim();
}

/** Text for a value of one line, such as SH, LO or PN: line ends and the value separator become spaces too. */
export function cleanLine(text: string): string {
  return cleanText(text.replace(LINE_ENDS, ' ').replaceAll('\\', ' '));
}

/** The first `length` characters (code points), without trailing space. Source: PS3.5 section 6.2: lengths count characters. */
export function cutText(text: string, length: number): string {
  return [...text].slice(0, length).join('').trimEnd();
}

/** Length in characters as DICOM counts them, not in UTF-16 units or bytes. */
export function characterCount(text: string): number {
  return [...text].length;
}
