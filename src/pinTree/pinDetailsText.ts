import type { Pin } from '../pin/pin';
import type { PinDetails } from '../pin/pinTable';
import { safeLine } from '../safeText';
import { pinFacts } from './pinFacts';
import { pinLabel } from './pinText';

/** A pin as a text document: what is known of it, and each column of its rows as the source has them. Hostile values are harmless in plain text. */

const WIDEST_NAME = 30;

/** `source`: where the rows come from, for people; `rows`: undefined where they are not to be had; `detail`: how it stands, a line for each machine. */
export function pinDetailsText(
  pin: Pin,
  rows: readonly PinDetails[] | undefined,
  source: string,
  detail: string | undefined,
): string {
  const known = pin.name === undefined ? pinFacts(pin) : [['Name', safeLine(pin.name, 500)] as const, ...pinFacts(pin)];
  const parts = [pinLabel(pin), '', ...table(known)];
  if (detail !== undefined) parts.push('', ...detail.split('\n').map((line) => safeLine(line, 1000)));
  const told = new Set(known.map(([, value]) => value));
  // What is longer is told in part alone.
  const isTold = (value: string): boolean => value.length <= 500 && (value === '' || told.has(safeLine(value, 500)));
  const isNew = rows !== undefined && (rows.length > 1 || rows.some((row) => !row.every(([, value]) => isTold(value))));
  if (!isNew && rows?.length === 1) parts.push('', `From ${safeLine(source, 500)}`);
  for (const [at, row] of (isNew ? rows : []).entries()) {
    const which = (rows?.length ?? 0) > 1 ? `Row ${at + 1} of ${rows?.length ?? 0}` : 'All columns';
    parts.push('', `${which} (${safeLine(source, 500)})`, '', ...table(row));
  }
  if (rows?.length === 0) parts.push('', `It is no longer in the list (${safeLine(source, 500)}).`);
  return `${parts.join('\n')}\n`;
}

function table(entries: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.min(WIDEST_NAME, Math.max(...entries.map(([name]) => safeLine(name, 100).length)));
  return entries.map(([name, value]) => {
    const lines = value.split('\n').map((line) => safeLine(line, 20_100));
    return `${safeLine(name, 100).padEnd(width)}  ${lines.join(`\n${' '.repeat(width + 2)}`)}`.trimEnd();
  });
}
