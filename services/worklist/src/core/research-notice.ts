/** What everything we show begins with. */
export const RESEARCH_NOTICE = 'Research software. Not for clinical use until a site has validated it.';
