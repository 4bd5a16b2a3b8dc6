/** A moment as DICOM writes it: local date and time with the offset they hold at. */
export interface LocalDateTime {
  /** YYYYMMDD */
  readonly date: string;
  /** HHMMSS.FFFFFF */
  readonly time: string;
  /** +HHMM or -HHMM */
  readonly offset: string;
}

const MINUTES_PER_HOUR = 60;
const MS_PER_MINUTE = 60_000;
/** Source: PS3.3 C.12.1.1.8: the offset is between -1200 and +1400. */
const LEAST_OFFSET_MINUTES = -12 * MINUTES_PER_HOUR;
const LARGEST_OFFSET_MINUTES = 14 * MINUTES_PER_HOUR;

const isOffset = (minutes: number): boolean =>
  Number.isInteger(minutes) && minutes >= LEAST_OFFSET_MINUTES && minutes <= LARGEST_OFFSET_MINUTES;

function parseOffset(text: string): number | null {
  const parts = /^([+-])(\d{2})([0-5]\d)$/.exec(text.trim());
  if (!parts) return null;
  const minutes = Number(parts[2]) * MINUTES_PER_HOUR + Number(parts[3]);
  const signed = parts[1] === '-' ? -minutes : minutes;
  return isOffset(signed) ? signed : null;
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / MINUTES_PER_HOUR))}${digits(size % MINUTES_PER_HOUR)}`;
}

/**
 * A moment in the source's time zone, because the offset written holds for the inherited study time as well.
 *
 * @param moment what to write
 * @param sourceOffset Timezone Offset From UTC of the source; ignored when malformed
 * @param fallbackMinutes offset for sources that state none; the offset of this machine when not given
 * Source: PS3.3 C.12.1.1.8
 */
export function localDateTime(
  moment: Date,
  sourceOffset: string | undefined,
  fallbackMinutes: number | undefined,
): LocalDateTime {
  const machine = -moment.getTimezoneOffset();
  const minutes = parseOffset(sourceOffset ?? '') ?? fallbackMinutes ?? machine;
  if (!isOffset(minutes)) throw new RangeError(`time zone offset: expected -720 to 840 minutes; received ${minutes}`);
  const iso = new Date(moment.getTime() + minutes * MS_PER_MINUTE).toISOString();
  return {
    date: iso.slice(0, 10).replaceAll('-', ''),
    time: `${iso.slice(11, 19).replaceAll(':', '')}.${iso.slice(20, 23)}000`,
    offset: formatOffset(minutes),
  };
}
