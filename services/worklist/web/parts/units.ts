/** "350 ms", "4.2 s", "3 min". */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

/** "12.3 GB". */
export function bytesText(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** A time as people here write it. @param iso ISO 8601 */
export function timeText(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
}

export function percentText(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
