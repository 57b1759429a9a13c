import { decodeCid } from '../pin/cid';
import { cutText } from '../pin/pin';

/**
 * What identifies the content of a CID in every version and base: the bytes of its version 1, which are codec and multihash. So `Qm…` and the `bafy…` of the
 * same block are one content, and raw and dag-pb blocks with equal bytes are two. Each text that isn't a CID is separate content: a 0, with which no CID begins,
 * and the text as it is shown.
 */

/** The most bytes of a key: the longest shown text, at three bytes a unit, with the ellipsis and the byte before it. */
export const KEY_BYTES = 16_384;

/** Texts of more bytes are decoded by decodeCid. */
const LONGEST_BASE32 = 128;
/** The letters of 0x1220… in base58btc, all of which have 46 characters. */
const V0_LENGTH = 46;
const V0_BYTES = 34;
/** Version 1, dag-pb, SHA-256 of 32 bytes. */
const V0_START = [1, 0x70, 0x12, 32] as const;

const [B, Q, M] = [0x62, 0x51, 0x6d];

const BASE32 = valuesOf('abcdefghijklmnopqrstuvwxyz234567');
const BASE58 = valuesOf('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz');

function valuesOf(digits: string): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (const [value, digit] of Array.from(digits).entries()) values[digit.charCodeAt(0)] = value;
  return values;
}

/** Writes the key of the UTF-8 text bytes[from … to) into `into`, which has room for KEY_BYTES, and returns its length. */
export function writeContentKey(bytes: Uint8Array, from: number, to: number, into: Uint8Array): number {
  const first = bytes[from];
  if (first === B && to - from <= LONGEST_BASE32) {
    const length = readBase32(bytes, from + 1, to, into);
    if (length > 0 && isPlainCid(into, length)) return length;
  } else if (first === Q && to - from === V0_LENGTH && bytes[from + 1] === M && readVersion0(bytes, from, into)) {
    return V0_BYTES + 2;
  }
  return writeAny(bytes, from, to, into);
}

/** The same for any text, by the decoder of the rest of the extension; two to ten times slower. */
function writeAny(bytes: Uint8Array, from: number, to: number, into: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
  const cid = decodeCid(text);
  if (cid) {
    into.set(cid.bytes);
    return cid.bytes.length;
  }
  into[0] = 0;
  const shown = Buffer.from(cutText(text));
  into.set(shown, 1);
  return 1 + shown.length;
}

/** Whether the bytes are those of a CID whose version, codec, hash and length take a byte each. Others are left to decodeCid. */
function isPlainCid(cid: Uint8Array, length: number): boolean {
  return cid[0] === 1 && (cid[1] ?? 0) < 0x80 && (cid[2] ?? 0) < 0x80 && (cid[3] ?? 0) < 0x80 && length === (cid[3] ?? 0) + 4;
}

/** Decodes digits of base32 as decodeMultibase does, which drops leftover bits; 0 for anything else. */
function readBase32(bytes: Uint8Array, from: number, to: number, into: Uint8Array): number {
  let at = 0;
  let place = from;
  let seen = 0;
  for (; place + 8 <= to; place += 8) {
    const a = digit(BASE32, bytes, place);
    const b = digit(BASE32, bytes, place + 1);
    const c = digit(BASE32, bytes, place + 2);
    const d = digit(BASE32, bytes, place + 3);
    const e = digit(BASE32, bytes, place + 4);
    const f = digit(BASE32, bytes, place + 5);
    const g = digit(BASE32, bytes, place + 6);
    const h = digit(BASE32, bytes, place + 7);
    seen |= a | b | c | d | e | f | g | h;
    into[at] = (a << 3) | (b >> 2);
    into[at + 1] = (b << 6) | (c << 1) | (d >> 4);
    into[at + 2] = (d << 4) | (e >> 1);
    into[at + 3] = (e << 7) | (f << 2) | (g >> 3);
    into[at + 4] = (g << 5) | h;
    at += 5;
  }
  let held = 0;
  let buffer = 0;
  for (; place < to; place++) {
    const value = digit(BASE32, bytes, place);
    seen |= value;
    buffer = ((buffer << 5) | value) & 0xffff;
    held += 5;
    if (held >= 8) into[at++] = buffer >> (held -= 8);
  }
  return seen < 0 || held >= 5 ? 0 : at;
}

function digit(values: Int8Array, bytes: Uint8Array, at: number): number {
  return values[bytes[at] ?? 0] ?? -1;
}

/** A number of 34 bytes, 24 bits at a time from the lowest on: 58^4 of them are below 2^53. */
const LIMBS = new Float64Array(12);
const LIMB = 2 ** 24;
const FOUR_DIGITS = 58 ** 4;

/** Decodes a CID of version 0; false for other text. */
function readVersion0(bytes: Uint8Array, from: number, into: Uint8Array): boolean {
  // The first two digits, then eleven times four.
  let seen = digit(BASE58, bytes, from) | digit(BASE58, bytes, from + 1);
  let used = 1;
  LIMBS[0] = 58 * digit(BASE58, bytes, from) + digit(BASE58, bytes, from + 1);
  for (let place = from + 2; place < from + V0_LENGTH; place += 4) {
    const a = digit(BASE58, bytes, place);
    const b = digit(BASE58, bytes, place + 1);
    const c = digit(BASE58, bytes, place + 2);
    const d = digit(BASE58, bytes, place + 3);
    seen |= a | b | c | d;
    let carry = ((a * 58 + b) * 58 + c) * 58 + d;
    for (let limb = 0; limb < used; limb++) {
      const product = (LIMBS[limb] ?? 0) * FOUR_DIGITS + carry;
      carry = Math.floor(product / LIMB);
      LIMBS[limb] = product - carry * LIMB;
    }
    if (carry > 0) LIMBS[used++] = carry;
  }
  // 33 bytes in eleven limbs, and the first byte in the twelfth.
  if (seen < 0 || used !== LIMBS.length || LIMBS[11] !== V0_START[2]) return false;
  into[0] = V0_START[0];
  into[1] = V0_START[1];
  into[2] = V0_START[2];
  for (let limb = 10, at = 3; limb >= 0; limb--, at += 3) {
    const value = LIMBS[limb] ?? 0;
    into[at] = value >> 16;
    into[at + 1] = value >> 8;
    into[at + 2] = value;
  }
  return into[3] === V0_START[3];
}
