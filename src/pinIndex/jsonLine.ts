import { IpfsKitError } from '../ipfsKitError';

/** A line of JSON: told from its bytes where it is written plainly, which most are; parsed where not. */

/** Of one line: where each key and value of a plain object begins and ends, four numbers a field. */
export const newSpans = (): Int32Array => new Int32Array(4 * MOST_FIELDS);

const MOST_FIELDS = 8;
const [QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE] = [0x22, 0x2c, 0x3a, 0x5c, 0x7b, 0x7d];

/**
 * Finds the fields of `{"key":"text",…}`: ASCII, without escapes and without blanks between. -1 for anything else, which may be JSON all the same.
 * Gives the number of fields.
 */
export function plainFields(bytes: Uint8Array, from: number, to: number, spans: Int32Array): number {
  let at = from;
  if (to - from < 2 || bytes[at++] !== OPEN || bytes[to - 1] !== CLOSE) return -1;
  for (let field = 0; field < MOST_FIELDS; field++) {
    for (let part = 0; part < 4; part += 2) {
      if (bytes[at++] !== QUOTE) return -1;
      spans[4 * field + part] = at;
      for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at])
        if (at >= to || byte === undefined || byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return -1;
      spans[4 * field + part + 1] = at++;
      if (part === 0 && bytes[at++] !== COLON) return -1;
    }
    if (at >= to) return -1;
    const next = bytes[at++];
    if (next === CLOSE) return at === to ? field + 1 : -1;
    if (next !== COMMA) return -1;
  }
  return -1;
}

export function isSpelled(bytes: Uint8Array, from: number, to: number, as: Uint8Array): boolean {
  if (to - from !== as.length) return false;
  for (let at = 0; at < as.length; at++) if (bytes[from + at] !== as[at]) return false;
  return true;
}

/** The object that a line holds. Throws `malformed`, naming the list. */
export function objectIn(bytes: Buffer, from: number, to: number, list: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', from, to));
  } catch (error) {
    throw new IpfsKitError('malformed', `${list} sends a line that is not JSON.`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noPin(list);
  return value as Readonly<Record<string, unknown>>;
}

export function noPin(list: string): IpfsKitError {
  return new IpfsKitError('malformed', `${list} sends a line that is no pin.`);
}

/** Text that is not empty; else undefined. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
