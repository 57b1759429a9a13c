import { isUtf8 } from 'node:buffer';
import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';

/**
 * Finds where the values of a JSON text (RFC 8259) begin and end, from its bytes. A value is parsed only when a caller asks for it, and takes no memory before.
 * As strict as JSON.parse, except for depth, which is limited here, and for NaN and the infinities, which Python's json module writes and which are read as
 * unknown values. Every position is an index into the bytes.
 */
export interface JsonScan {
  readonly bytes: Buffer;
  /** The first position from `at` on that isn't a blank. */
  readonly blanks: (at: number) => number;
  /** For a string whose opening quote is at `at`: the position of its closing quote, or `~` of that position, which is negative, if the string has escapes. */
  readonly string: (at: number) => number;
  /** The position behind a value of any type that begins at `at`. */
  readonly value: (at: number) => number;
  /** The error for invalid JSON at this position. */
  readonly fault: (at: number) => IpfsKitError;
}

/** The most levels of nested lists and objects: the rows of no source have more than six. */
const MOST_DEPTH = 64;

export const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c] as const;
export const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d] as const;
export const [TRUE, FALSE, NULL] = [0x74, 0x66, 0x6e] as const;
export const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39] as const;
const [SPACE, PLUS, DOT, LETTER_U] = [0x20, 0x2b, 0x2e, 0x75] as const;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** 1 for bytes that may follow a backslash. */
const ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => Number('"\\/bfnrtu'.includes(String.fromCharCode(byte))));
const HEX = Uint8Array.from({ length: 256 }, (_, byte) => Number(/[\da-fA-F]/.test(String.fromCharCode(byte))));
const WORDS = new Map(['true', 'false', 'null', 'NaN', 'Infinity'].map((word) => [word.charCodeAt(0), Buffer.from(word)]));
const LETTER_I = 0x49;

/** Scans a text that is UTF-8 as a whole; a byte order mark is skipped. Throws `malformed`, naming the text by `what`. */
export function jsonScan(body: Uint8Array, what: string): JsonScan {
  const hasMark = BYTE_ORDER_MARK.every((byte, at) => body[at] === byte);
  const bytes = Buffer.from(
    body.buffer,
    body.byteOffset + (hasMark ? BYTE_ORDER_MARK.length : 0),
    body.length - (hasMark ? 3 : 0),
  );
  if (!isUtf8(bytes)) throw new IpfsKitError('malformed', `${what} isn't valid UTF-8.`);
  const { length } = bytes;
  /** For each list and object around a value: the byte that closes it. */
  const closers = new Uint8Array(MOST_DEPTH);

  const fault = (at: number): IpfsKitError =>
    new IpfsKitError(
      'malformed',
      at >= length ? `${what} ends in the middle of its JSON.` : `${what} isn't valid JSON (byte ${withCommas(at)}).`,
    );

  const blanks = (from: number): number => {
    let at = from;
    while (at < length) {
      const byte = bytes[at] ?? 0;
      if (byte > SPACE || (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
      at++;
    }
    return at;
  };

  const string = (from: number): number => {
    let at = from + 1;
    let hasEscapes = false;
    for (; at < length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) return hasEscapes ? ~at : at;
      if (byte < SPACE) throw fault(at);
      if (byte !== BACKSLASH) continue;
      hasEscapes = true;
      const escaped = bytes[++at] ?? 0;
      if (ESCAPES[escaped] !== 1) throw fault(at);
      if (escaped !== LETTER_U) continue;
      for (const end = at + 4; at < end;) if (HEX[bytes[++at] ?? 0] !== 1) throw fault(at);
    }
    throw fault(at);
  };

  const digits = (from: number): number => {
    let at = from;
    while (at < length && (bytes[at] ?? 0) >= ZERO && (bytes[at] ?? 0) <= NINE) at++;
    if (at === from) throw fault(at);
    return at;
  };

  const number = (from: number): number => {
    let at = bytes[from] === MINUS ? from + 1 : from;
    at = bytes[at] === ZERO ? at + 1 : digits(at);
    if (bytes[at] === DOT) at = digits(at + 1);
    if (((bytes[at] ?? 0) | SPACE) !== 0x65) return at;
    const sign = bytes[++at];
    return digits(sign === PLUS || sign === MINUS ? at + 1 : at);
  };

  const scalar = (at: number): number => {
    const first = bytes[at] ?? 0;
    if (first === QUOTE) {
      const end = string(at);
      return (end < 0 ? ~end : end) + 1;
    }
    const start = first === MINUS && bytes[at + 1] === LETTER_I ? at + 1 : at;
    const word = WORDS.get(bytes[start] ?? 0);
    if (!word) return number(at);
    for (let letter = 1; letter < word.length; letter++) if (bytes[start + letter] !== word[letter]) throw fault(start + letter);
    return start + word.length;
  };

  /** The position behind a key, its colon, and the blanks after that. */
  const key = (at: number): number => {
    if (bytes[at] !== QUOTE) throw fault(at);
    const end = string(at);
    const colon = blanks((end < 0 ? ~end : end) + 1);
    if (bytes[colon] !== COLON) throw fault(colon);
    return blanks(colon + 1);
  };

  const value = (from: number): number => {
    let at = from;
    let depth = 0;
    for (;;) {
      const first = bytes[at];
      if (first === OPEN_LIST || first === OPEN_OBJECT) {
        if (depth === MOST_DEPTH) throw new IpfsKitError('malformed', `${what} is nested more than ${MOST_DEPTH} levels deep.`);
        closers[depth++] = first + 2; // `]` and `}` have the codes of `[` and `{` plus two.
        at = blanks(at + 1);
        if (bytes[at] !== first + 2) {
          if (first === OPEN_OBJECT) at = key(at);
          continue;
        }
        at++;
        depth--;
      } else at = scalar(at);
      for (;;) {
        if (depth === 0) return at;
        at = blanks(at);
        const closer = closers[depth - 1];
        if (bytes[at] === COMMA) {
          at = blanks(at + 1);
          if (closer === CLOSE_OBJECT) at = key(at);
          break;
        }
        if (bytes[at] !== closer) throw fault(at);
        at++;
        depth--;
      }
    }
  };

  return { bytes, blanks, string, value, fault };
}

/** The string between an opening and a closing quote. */
export function stringAt({ bytes }: JsonScan, from: number, end: number): string {
  return end < 0 ? (JSON.parse(bytes.toString('utf8', from, ~end + 1)) as string) : bytes.toString('utf8', from + 1, end);
}
