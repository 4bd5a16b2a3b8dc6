/** Where log lines go: an event name and what belongs to it. Never patient data. */
export type Log = (level: 'info' | 'warn' | 'error', event: string, fields: Readonly<Record<string, unknown>>) => void;
