import type { SafeText } from '../base/safeText';
import { safe } from '../base/safeText';
import { isPathName } from './fileName';

/** The most bytes of a name that file systems take. */
const MOST_BYTES = 255;

/** Why an entry can't have this name, which a person has entered; undefined where it can. */
export function whyNoName(name: string): SafeText | undefined {
  if (name.trim() === '') return safe`Enter a name.`;
  if (!isPathName(name)) return safe`A name can't contain a slash, and can't be “.” or “..”.`;
  if (Buffer.byteLength(name) > MOST_BYTES) return safe`A name has at most ${MOST_BYTES} bytes.`;
  return /[\p{Cc}\p{Cs}\ufffd]/u.test(name) ? safe`A name can't contain line breaks and other control characters.` : undefined;
}

/** A name for an entry that is close to a name that may be anything; `otherwise` where nothing is left of it. */
export function possibleName(name: string, otherwise: string): string {
  let possible = name.replace(/[\p{Cc}\p{Cs}\p{Cf}\ufffd/]+/gu, '_').trim();
  while (Buffer.byteLength(possible) > MOST_BYTES) possible = Array.from(possible).slice(0, -1).join('');
  return whyNoName(possible) === undefined ? possible : otherwise;
}
