/** Where the words for an object's content go in a series description. */
const CONTENT = '{content}';
const USUAL = `PCE AI: ${CONTENT}`;
/** At the end of every series description, whatever a site sets. */
const RESEARCH = ' (research)';

/** What a series holds, in the words its description has for it. The results are those of reports. */
export const SERIES_CONTENT = {
  present: 'POSITIVE',
  absent: 'NEGATIVE',
  undetermined: 'INDETERMINATE',
  'not-analysable': 'NOT ANALYSABLE',
  'presentation-state': 'marks',
  'secondary-capture': 'key images',
  segmentation: 'emboli',
  'key-object': 'key images of positive',
  'encapsulated-pdf': 'page',
} as const;
export type SeriesContent = keyof typeof SERIES_CONTENT;

/** Source: PS3.5 section 6.2, LO. */
const LONGEST = 64;
const LONGEST_CONTENT = Math.max(...Object.values(SERIES_CONTENT).map((words) => words.length));
/** Characters a site's own words may have. */
const LONGEST_OWN = LONGEST - RESEARCH.length - LONGEST_CONTENT;

/**
 * The description of a series.
 *
 * @param template a site's own words around "{content}"; the usual ones when absent
 */
export function describeSeries(template: string | undefined, content: SeriesContent): string {
  return (template ?? USUAL).replace(CONTENT, () => SERIES_CONTENT[content]) + RESEARCH;
}

/** A site's words as they are used: undefined when they are the usual ones. */
export function ownTemplate(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === USUAL ? undefined : trimmed;
}

/** What is wrong with a site's words, or null. */
export function templateProblem(text: string): string | null {
  const parts = text.trim().split(CONTENT);
  if (parts.length !== 2) return `must hold ${CONTENT} once, where the result or the kind of object goes`;
  const own = parts.join('');
  if (/[\p{Cc}\p{Cs}\\]/u.test(own)) return 'must be one line without a backslash';
  const { length } = [...own];
  return length > LONGEST_OWN ? `must have at most ${LONGEST_OWN} characters beside ${CONTENT}, not ${length}` : null;
}
