const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;
export const UNIT_WORDS = ['bytes', 'kilobytes', 'megabytes', 'gigabytes', 'terabytes', 'petabytes', 'exabytes'] as const;

/** 1024-based with one decimal, as ipfs_kit_py's own command line writes sizes. */
export function sizeText(size: number | string, units: readonly string[] = UNITS): string {
  let value = Number(size);
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const one = unit === 0 && value === 1 && units === UNIT_WORDS;
  return `${unit === 0 ? value : value.toFixed(1)} ${one ? 'byte' : (units[unit] ?? '')}`;
}

const AGES = [
  { seconds: 365.25 * 86_400, short: 'y', word: 'year' },
  { seconds: 30.44 * 86_400, short: 'mo', word: 'month' },
  { seconds: 86_400, short: 'd', word: 'day' },
  { seconds: 3600, short: 'h', word: 'hour' },
  { seconds: 60, short: 'min', word: 'minute' },
] as const;

/** `3 d`, `just now`; a time more than a minute in the future is written as a date. */
export function ageText(iso: string, now: number, words = false): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < -60) return iso.slice(0, 10);
  const count = countText(seconds, words);
  return count === undefined ? 'just now' : words ? `${count} ago` : count;
}

/** `3 d`, `5 days`, `less than a minute`: how long until a time; undefined where it has passed. */
export function untilText(iso: string, now: number, words = false): string | undefined {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (seconds <= 0) return undefined;
  return countText(seconds, words) ?? (words ? 'less than a minute' : '1 min');
}

function countText(seconds: number, words: boolean): string | undefined {
  const age = AGES.find((candidate) => seconds >= candidate.seconds);
  if (!age) return undefined;
  const count = Math.floor(seconds / age.seconds);
  return words ? `${count} ${age.word}${count === 1 ? '' : 's'}` : `${count} ${age.short}`;
}

export const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `19 July 2026, 06:27 (4 months ago)`, in local time; without the age for a time in the future. */
export function dateAndAge(iso: string, now: number): string {
  return Date.parse(iso) - now > 60_000 ? dateAndTime(iso) : `${dateAndTime(iso)} (${ageText(iso, now, true)})`;
}

/** `19 July 2026, 06:27 (in 5 days)`, in local time. */
export function dateAndUntil(iso: string, now: number): string {
  const until = untilText(iso, now, true);
  return `${dateAndTime(iso)} (${until === undefined ? ageText(iso, now, true) : `in ${until}`})`;
}

/** `19 July 2026, 06:27`, in local time, of a date in ISO 8601 or in ms since 1970. */
export function dateAndTime(of: string | number): string {
  const at = new Date(of);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ''} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
}
