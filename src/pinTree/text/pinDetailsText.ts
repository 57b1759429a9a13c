import type { Pin } from '../../pin/pin';
import type { PinDetails } from '../../pin/pinTable';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeLines, safeText } from '../../base/safeText';
import { pinFacts } from './pinFacts';
import { pinLabel } from './pinText';

/** A pin as a plain-text document, in which hostile values are harmless: its facts, and each column of its rows as the source has them. */

const WIDEST_NAME = 30;
const LONGEST_LINE = 20_400;

/** `rows`: undefined where they can't be read. `source`: where they come from, for people. `detail`: the status in full, a line for each machine. */
export function pinDetailsText(
  pin: Pin,
  rows: readonly PinDetails[] | undefined,
  source: string,
  detail: string | undefined,
): SafeText {
  const known = pin.name === undefined ? pinFacts(pin) : [['Name', safeText(pin.name, 500)] as const, ...pinFacts(pin)];
  const none = safe``;
  const parts = [pinLabel(pin), none, ...table(known)];
  if (detail !== undefined) parts.push(none, ...safeLines(detail, 1000));
  const shown = new Set<string>(known.map(([, value]) => value));
  // A longer value is shown only in part above, so that its column is shown too.
  const isShown = (value: string): boolean => value.length <= 500 && (value === '' || shown.has(safeText(value, 500)));
  const isNew = rows !== undefined && (rows.length > 1 || rows.some((row) => !row.every(([, value]) => isShown(value))));
  if (!isNew && rows?.length === 1) parts.push(none, safe`From ${safeText(source, 500)}`);
  for (const [at, row] of (isNew ? rows : []).entries()) {
    const which = (rows?.length ?? 0) > 1 ? `Row ${at + 1} of ${rows?.length ?? 0}` : 'All columns';
    parts.push(none, safe`${which} (${safeText(source, 500)})`, none, ...table(row));
  }
  if (rows?.length === 0) parts.push(none, safe`This pin is no longer in the list (${safeText(source, 500)}).`);
  return joined([...parts, ''], '\n');
}

function table(entries: readonly (readonly [name: string, value: string])[]): SafeText[] {
  const width = Math.min(WIDEST_NAME, Math.max(...entries.map(([name]) => safeText(name, 100).length)));
  return entries.flatMap(([name, value]) =>
    safeLines(value, LONGEST_LINE).map((line, at) =>
      safeText(`${(at === 0 ? safeText(name, 100) : '').padEnd(width)}  ${line}`.trimEnd(), LONGEST_LINE),
    ),
  );
}
