import { objectIn } from '../../pin/looseJson';
import { MAX_TEXT } from '../../pin/pin';
import { KEPT_TEXT } from './jsonLine';

/** What a list says of a pin in lists and objects, as the JSON texts of columns. */

/** In place of an object that can't be written as JSON: it isn't read as one, so its members aren't known. */
const NOT_KNOWN = '…';

const LONGEST_MAIN = 500;

/** A list of texts; undefined where there is none, or it is longer than MAX_TEXT. */
export function listText(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every((each) => typeof each === 'string')) return undefined;
  const text = JSON.stringify(value);
  return text.length <= MAX_TEXT ? text : undefined;
}

/** An object; undefined where it has no members. Of one that is longer than MAX_TEXT the `main` member is kept; without one it is cut: shown, but not read. */
export function objectText(value: unknown, main?: string): string | undefined {
  const object = objectIn(value);
  if (!object || Object.keys(object).length === 0) return undefined;
  try {
    const text = JSON.stringify(object);
    const kept = main === undefined || text.length <= MAX_TEXT ? undefined : object[main];
    return main !== undefined && typeof kept === 'string'
      ? JSON.stringify({ [main]: kept.slice(0, LONGEST_MAIN) })
      : text.slice(0, KEPT_TEXT);
  } catch {
    return NOT_KNOWN; // nested too deeply: JSON.stringify is recursive, JSON.parse isn't
  }
}
