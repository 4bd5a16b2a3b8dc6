/** How fast it goes and how long it will still take. */
export interface Pace {
  readonly perMinute: number;
  /** Null before the first one is done. */
  readonly secondsLeft: number | null;
}

export function paceOf(done: number, total: number, seconds: number): Pace {
  if (done === 0 || seconds <= 0) return { perMinute: 0, secondsLeft: null };
  return { perMinute: (done / seconds) * 60, secondsLeft: ((total - done) * seconds) / done };
}

/** "45 s", "3 min 20 s", "2 h 05 min". */
export function inWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** "12.3 studies/min", with two digits that mean something. */
export function paceInWords(perMinute: number): string {
  return `${perMinute < 10 ? perMinute.toFixed(1) : Math.round(perMinute)} studies/min`;
}
