import { withCommas } from '../base/withCommas';

/** A raw value of a column as text for people, in full unless it is very long. */

/** The most UTF-16 units of a text, and bytes of a binary value. */
const LONGEST_TEXT = 20_000;
const LONGEST_BYTES = 256;

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return cut(indented(value));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'not a valid time' : value.toISOString();
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.subarray(0, LONGEST_BYTES)).toString('hex');
    return `${withCommas(value.length)} bytes: ${hex}${value.length > LONGEST_BYTES ? '…' : ''}`;
  }
  if (typeof value === 'object') return cut(indented(JSON.stringify(value)));
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
}

/** The most lists and objects in a text that is indented: each could be in the one before, and indent all that follows. */
const MOST_BRACKETS = 200;

/** Indents JSON in a text, as metadata columns hold it. */
function indented(text: string): string {
  if (!/^\s*[[{]/.test(text) || text.length > LONGEST_TEXT || text.split(/[[{]/, MOST_BRACKETS + 2).length > MOST_BRACKETS + 1)
    return text;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text; // Text that isn't JSON is shown as it is.
  }
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}… (${withCommas(text.length)} characters in all)`;
}
