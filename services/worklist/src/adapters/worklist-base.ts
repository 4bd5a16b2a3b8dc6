/** Where the pages live. */
export const WORKLIST_BASE = '/worklist';
