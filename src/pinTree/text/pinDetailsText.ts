import type { Pin } from '../../pin/pin';
import { valueText } from '../../pin/valueText';
import type { PinDetails } from '../../pin/pinTable';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeLines, safeText } from '../../base/safeText';
import { dateAndAge, dateAndUntil } from '../../base/sizeAndAge';
import { longFacts, pinFacts } from './pinFacts';
import type { Noun } from './pinCount';
import { pinLabel } from './pinText';

/** A pin as a plain-text document, in which hostile values are harmless: its facts in words, each once, and below them what else the source has in its rows. */

const WIDEST_NAME = 30;
const LONGEST_LINE = 20_400;
const LONGEST_FACT = 500;

/**
 * `rows`: undefined where they can't be read. `source`: where they come from; `location` is an address or a path, if
 * there is a list. `copies`: as copiesFacts gives them. `detail`: the status in full, a line for each machine. `now` is ms
 * since 1970.
 */
export function pinDetailsText(
  pin: Pin,
  rows: readonly PinDetails[] | undefined,
  source: { readonly name: string; readonly location: string | undefined; readonly noun?: Noun },
  detail: string | undefined,
  now: number,
  copies: readonly (readonly [title: string, value: string])[] = [],
): SafeText {
  const none = safe``;
  const parts = [
    pin.name === undefined ? pinLabel(pin) : safeText(pin.name, LONGEST_FACT),
    none,
    ...table(factsInWords(pin, now, copies)),
  ];
  if (detail !== undefined) parts.push(none, ...safeLines(detail, 1000));
  const where = source.location === undefined ? none : safe` (${safeText(source.location, LONGEST_FACT)})`;
  const from = safe`${safeText(source.name)}${where}`;
  const isSeveral = rows !== undefined && rows.length > 1;
  const others = rows?.map((row) => (isSeveral ? row : row.filter(([, value]) => !isShown(pin, value)))) ?? [];
  for (const [at, row] of others.entries()) {
    const which = isSeveral
      ? safe`Row ${at + 1} of ${others.length}, from`
      : safe`${row.length === 0 ? 'From' : 'Other columns, from'}`;
    parts.push(none, safe`${which} ${from}`, ...(row.length > 0 ? [none, ...table(row)] : []));
  }
  if (rows?.length === 0) parts.push(none, safe`This ${source.noun ?? 'pin'} is no longer in the list from ${from}.`);
  return joined([...parts, ''], '\n');
}

/** The status first, the CID last, and times and types in words. */
function factsInWords(
  pin: Pin,
  now: number,
  copies: readonly (readonly [title: string, value: string])[],
): (readonly [title: string, value: string])[] {
  const { type = '', pinnedAt, lastAccessed, expiresAt } = pin;
  const words: Readonly<Record<string, string | undefined>> = {
    Type: Object.hasOwn(TYPES, type) ? TYPES[type] : undefined,
    Pinned: pinnedAt === undefined ? undefined : dateAndAge(pinnedAt, now),
    'Last accessed': lastAccessed === undefined ? undefined : dateAndAge(lastAccessed, now),
    Expires: expiresAt === undefined ? undefined : dateAndUntil(expiresAt, now),
  };
  const facts = [...pinFacts(pin), ...longFacts(pin)].map(([title, value]) => [title, words[title] ?? value] as const);
  const rank = (title: string): number => (title === 'Status' ? 0 : title === 'Status details' ? 1 : title === 'CID' ? 3 : 2);
  return [...facts, ...copies].sort(([one], [other]) => rank(one) - rank(other));
}

const TYPES: Readonly<Record<string, string>> = {
  recursive: 'recursive (everything below it is pinned too)',
  direct: 'direct (nothing below it is pinned)',
  indirect: 'indirect (it is below another pin)',
};

/** Whether a fact has this value as it is. A longer one is shown only in part, and a time in words isn't exact, so their columns are shown too. */
function isShown(pin: Pin, value: string): boolean {
  const isFact = ([what, fact]: readonly [string, unknown]): boolean => !TIMES.has(what) && valueText(fact) === value;
  return value === '' || (value.length <= LONGEST_FACT && Object.entries(pin).some(isFact));
}

const TIMES: ReadonlySet<string> = new Set(['pinnedAt', 'lastAccessed', 'expiresAt'] satisfies (keyof Pin)[]);

function table(entries: readonly (readonly [name: string, value: string])[]): SafeText[] {
  const width = Math.min(WIDEST_NAME, Math.max(...entries.map(([name]) => safeText(name, 100).length)));
  return entries.flatMap(([name, value]) =>
    safeLines(value, LONGEST_LINE).map((line, at) =>
      safeText(`${(at === 0 ? safeText(name, 100) : '').padEnd(width)}  ${line}`.trimEnd(), LONGEST_LINE),
    ),
  );
}
