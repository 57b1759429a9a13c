import { isUtf8 } from 'node:buffer';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { JsonObject } from '../../pin/looseJson';
import { objectIn, parseJson } from '../../pin/looseJson';
import { MAX_TEXT } from '../../pin/pin';

/** Reads a line of JSON: directly from its bytes where it is a plain object, which most lines are; else by parsing it. */

/** Room for the fields of one line, four offsets per field: where its key and value begin and end. */
export const newSpans = (): Int32Array => new Int32Array(4 * MOST_FIELDS);

const MOST_FIELDS = 8;
const [QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE] = [0x22, 0x2c, 0x3a, 0x5c, 0x7b, 0x7d];

/**
 * Finds the fields of `{"key":"text",…}` in ASCII without escapes and blanks, and puts their offsets into `spans`. Gives the number of fields, or -1 for any
 * other line, which may still be JSON.
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

/** The object in a line. Throws `malformed`, whose message names the list. */
export function objectInLine(bytes: Buffer, from: number, to: number, list: string): JsonObject {
  // Decoding would turn each invalid byte into the three bytes of U+FFFD.
  if (!isUtf8(bytes.subarray(from, to))) throw new IpfsKitError('malformed', `${list} sent a line that isn't valid UTF-8.`);
  let value: unknown;
  try {
    value = parseJson(bytes.toString('utf8', from, to));
  } catch (error) {
    throw new IpfsKitError('malformed', `${list} sent a line that isn't JSON.`, { cause: error });
  }
  const object = objectIn(value);
  if (!object) throw noPin(list);
  return object;
}

export function noPin(list: string): IpfsKitError {
  return new IpfsKitError('malformed', `${list} sent a line that isn't a pin.`);
}

/** UTF-16 units that are kept of a text: one more than are shown, so that a longer text is shown as cut off. */
export const KEPT_TEXT = MAX_TEXT + 1;

/** More characters than any CID has: with a digest of 128 bytes, the longest that Kubo accepts, a CID has 213 in base32. */
export const LONGEST_CID = 512;

/** The first KEPT_TEXT units of a text; undefined for an empty one and for anything else. */
export function keptTextIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, KEPT_TEXT) : undefined;
}

/** A text that may be a CID, by its length. Throws `malformed`, whose message names the list. */
export function cidIn(value: unknown, list: string): string {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_CID) throw noPin(list);
  return value;
}
