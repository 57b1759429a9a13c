import { counted } from '../../base/counted';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { dateAndTime, MONTHS } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';
import type { ChangedRow, HistoryDays, HistoryRow, LostTime, Part, SinceChanges } from '../../history/historyContract';
import { clockText } from './provenanceText';

/** What the history of a list says, as picks, as a plain-text document, and in a notification. All dates are local. */

const LONGEST_NAME = 500;
const DAY_MS = 86_400_000;
/** Days up to this many ago are counted (`3 days ago`); earlier ones are shown as dates. */
const COUNTED_DAYS = 14;

/** A list that can be compared with the last one. */
export interface HistoryDay {
  /** `Yesterday`, `7 days ago`, `1 March 2026`. */
  readonly title: SafeText;
  /** When it came. */
  readonly description: SafeText;
  /** To be compared with the list that came then; ms since 1970. */
  readonly atMs: number;
}

/** The last list of each day, the newest first, and the first one of today; without the last list of all, which they are compared with. */
export function historyDayTexts({ atMs }: Pick<HistoryDays, 'atMs'>, now: number): readonly HistoryDay[] {
  const byDay = new Map<number, number>();
  for (const each of atMs.slice(0, -1)) {
    const ago = daysAgo(each, now);
    if (ago !== 0 || !byDay.has(0)) byDay.set(ago, each);
  }
  return [...byDay]
    .sort(([a], [b]) => a - b)
    .map(([ago, each]) => ({ title: dayTitle(each, ago), description: momentText(each), atMs: each }));
}

function dayTitle(ms: number, ago: number): SafeText {
  if (ago === 0) return safe`Earlier today`;
  if (ago === 1) return safe`Yesterday`;
  return ago > 1 && ago <= COUNTED_DAYS ? safe`${ago} days ago` : dateText(ms);
}

/** The number of midnights between two times. */
function daysAgo(ms: number, now: number): number {
  const midnight = (of: number): number => new Date(of).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(ms)) / DAY_MS); // a day with a change of the clock has an hour more or less
}

function dateText(ms: number): SafeText {
  const at = new Date(ms);
  return safe`${at.getDate()} ${MONTHS[at.getMonth()] ?? ''} ${String(at.getFullYear())}`;
}

/** `1 March 2026, 09:05` */
export function momentText(ms: number): SafeText {
  return safe`${dateAndTime(ms)}`;
}

/** `since 09:05`, `since yesterday`, `since 1 March 2026` */
function sinceText(ms: number, now: number): SafeText {
  const ago = daysAgo(ms, now);
  return ago === 0 ? safe`since ${clockText(ms, now)}` : ago === 1 ? safe`since yesterday` : safe`since ${dateText(ms)}`;
}

/** `12 pins have gone from Kubo since yesterday.` */
export function lostText(name: string, lost: number, sinceMs: number, now: number): SafeText {
  return safe`${counted(lost, 'pin')} ${lost === 1 ? 'has' : 'have'} gone from ${safeText(name)} ${sinceText(sinceMs, now)}.`;
}

/** The whole document. `name`: that of the source. */
export function changesText(name: string, changes: SinceChanges): SafeText {
  const { added, gone, renamed, status, fromMs, toMs, lost } = changes;
  const total = added.count + gone.count + renamed.count + status.count;
  const about = joined(
    [safe`${safeText(name)}, ${momentText(toMs)}`, safe`Compared with the list of ${momentText(fromMs)}`],
    '\n',
  );
  const same = lost.length > 0 ? safe`No change is known.` : safe`Nothing has changed.`;
  const sections = [
    section(safe`Gone`, gone, rowText),
    section(safe`Added`, added, rowText),
    section(safe`Renamed`, renamed, (row) => changedText(row, quoted(row.was), quoted(row.name))),
    section(safe`Status changed`, status, (row) => changedText(row, statusText(row.was), statusText(row.status))),
  ];
  return joined(
    [
      about,
      lost.length > 0 ? joined(lost.map(lostTimeText), '\n') : undefined,
      total === 0 ? same : undefined,
      ...sections,
      safe``,
    ],
    '\n\n',
  );
}

function lostTimeText({ fromMs, toMs }: LostTime): SafeText {
  const when =
    fromMs === undefined ? safe`before ${momentText(toMs)}` : safe`between ${momentText(fromMs)} and ${momentText(toMs)}`;
  return safe`Changes ${when} are missing: the history file was damaged.`;
}

function section<Row extends HistoryRow>(
  title: SafeText,
  { count, rows }: Part<Row>,
  textOf: (row: Row) => SafeText,
): SafeText | undefined {
  if (count === 0) return undefined;
  const more = count - rows.length;
  const rest = more > 0 ? safe`  … and ${withCommas(more)} more` : undefined;
  return joined([safe`${title}: ${withCommas(count)}`, ...rows.map(textOf), rest], '\n');
}

function rowText({ cid, name, status }: HistoryRow): SafeText {
  const facts = joined(
    [name === undefined ? undefined : quoted(name), status === undefined ? undefined : statusText(status)],
    ', ',
  );
  return facts === '' ? cidText(cid) : safe`${cidText(cid)}  ${facts}`;
}

function changedText({ cid }: ChangedRow, was: SafeText, is: SafeText): SafeText {
  return safe`${cidText(cid)}  ${was} → ${is}`;
}

function cidText(cid: string): SafeText {
  return safe`  ${safeText(cid, LONGEST_NAME)}`;
}

function quoted(name: string | undefined): SafeText {
  return name === undefined ? safe`no name` : safe`“${safeText(name, LONGEST_NAME)}”`;
}

function statusText(status: string | undefined): SafeText {
  return safeText(status ?? 'unknown', 60);
}
