import { foldAscii } from './pinQuery';

/**
 * Bytes as text, with a letter before it that names the base (https://github.com/multiformats/multibase), for each base that Kubo accepts (`ipfs cid bases`).
 */
interface Base {
  /** Values by digit. */
  readonly values: ReadonlyMap<string, number>;
  /** The number of digits that a group is padded to with `=`; 0 without padding. */
  readonly group: number;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DECIMAL = '0123456789';
const BASE32 = `${LOWER}234567`;
const BASE32_HEX = DECIMAL + LOWER.slice(0, 22);
const BASE58_LOWER = LOWER.replace('l', '');
const BASE58_UPPER = UPPER.replace(/[IO]/g, '');
const BASE58 = DECIMAL.slice(1) + BASE58_UPPER + BASE58_LOWER;
const BASE64 = UPPER + LOWER + DECIMAL;
const EMOJI =
  '🚀🪐☄🛰🌌🌑🌒🌓🌔🌕🌖🌗🌘🌍🌏🌎🐉☀💻🖥💾💿😂❤😍🤣😊🙏💕😭😘👍😅👏😁🔥🥰💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌😋💗💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣😜💋👀😪😑💥🙋😞😩😡🤪👊🥳😥🤤👉💃😳✋😚😝😴🌟😬🙃🍀🌷😻😓⭐✅🥺🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝😕🌺🎂🌻😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆🤫👈😮🙆🍻🍃🐶💁😲🌿🧡🎁⚡🌞🎈❌✊👋😰🤨😶🤝🚶💰🍓💢🤟🙁🚨💨🤬✈🎀🍺🤓😙💟🌱😖👶🥴▶➡❓💎💸⬇😨🌚🦋😷🕺⚠🙅😟😵👎🤲🤠🤧📌🔵💅🧐🐾🍒😗🤑🌊🤯🐷☎💧😯💆👆🎤🙇🍑❄🌴💣🐸💌📍🥀🤢👅💡💩👐📸👻🤐🤮🎼🥵🚩🍎🍊👼💍📣🥂';

const DIGITS: Readonly<Record<string, readonly [digits: string, group?: number]>> = {
  '0': ['01'],
  f: [DECIMAL + LOWER.slice(0, 6)],
  b: [BASE32],
  c: [BASE32, 8],
  v: [BASE32_HEX],
  t: [BASE32_HEX, 8],
  k: [DECIMAL + LOWER],
  z: [BASE58],
  Z: [DECIMAL.slice(1) + BASE58_LOWER + BASE58_UPPER],
  m: [`${BASE64}+/`],
  M: [`${BASE64}+/`, 4],
  u: [`${BASE64}-_`],
  U: [`${BASE64}-_`, 4],
  '🚀': [EMOJI],
};
/** After these prefixes, letters of either case mean the same, including the prefix itself. */
const IN_EITHER_CASE = /^[fbcvtk]/i;

const bases = new Map<string, Base>();

/** Created when a text of the base is seen for the first time. */
function baseOf(prefix: string): Base | undefined {
  const known = bases.get(prefix);
  if (known || !Object.hasOwn(DIGITS, prefix)) return known;
  const [digits, group = 0] = DIGITS[prefix] ?? [''];
  const base = { values: new Map(Array.from(digits, (digit, value) => [digit, value])), group };
  bases.set(prefix, base);
  return base;
}

/** More than any CID has, and more than the 128 bytes that Kubo accepts in an identity CID. A list of longer ones would block the editor. */
const MOST_BYTES = 256;
/** This many digits in any base make a number below 2^53. */
const DIGITS_AT_ONCE = 9;

/** The bytes, at most 256; undefined for text in none of these bases. As in Kubo, leftover bits may be set, and `=` must be neither missing nor added. */
export function decodeMultibase(text: string): Uint8Array | undefined {
  if (text.length > 8 * MOST_BYTES + 1) return undefined;
  const prefix = String.fromCodePoint(text.codePointAt(0) ?? 0);
  const isFolded = IN_EITHER_CASE.test(prefix);
  const base = baseOf(isFolded ? prefix.toLowerCase() : prefix);
  if (!base) return undefined;
  const digits = withoutFill(isFolded ? foldAscii(text.slice(1)) : text.slice(prefix.length), base.group);
  if (digits === undefined) return undefined;
  const bits = Math.log2(base.values.size);
  if ((digits.length * bits) / 8 > 2 * MOST_BYTES) return undefined; // an emoji is up to two units
  return Number.isInteger(bits) ? bytesOfBits(digits, bits, base) : bytesOfNumber(digits, base);
}

function withoutFill(text: string, group: number): string | undefined {
  if (group === 0) return text;
  const digits = text.replace(/=+$/, '');
  return text.length === Math.ceil(digits.length / group) * group ? digits : undefined;
}

function bytesOfBits(digits: string, bits: number, { values }: Base): Uint8Array | undefined {
  const bytes = new Uint8Array((digits.length * bits) >> 3);
  let [at, held, buffer] = [0, 0, 0];
  for (const digit of digits) {
    const value = values.get(digit);
    if (value === undefined) return undefined;
    buffer = ((buffer << bits) | value) & 0xffff;
    held += bits;
    if (held >= 8) bytes[at++] = buffer >> (held -= 8);
  }
  return held < bits ? bytes.subarray(0, at) : undefined; // Otherwise the last digit would carry no bits.
}

/** Undefined where the first byte would be 0, which no CID begins with. */
function bytesOfNumber(digits: string, { values }: Base): Uint8Array | undefined {
  const radix = values.size;
  if (values.get(digits.charAt(0)) === 0) return undefined;
  let number = 0n;
  for (let from = 0; from < digits.length; from += DIGITS_AT_ONCE) {
    const some = digits.slice(from, from + DIGITS_AT_ONCE);
    let sum = 0;
    for (const digit of some) sum = sum * radix + (values.get(digit) ?? NaN);
    if (Number.isNaN(sum)) return undefined;
    number = number * BigInt(radix ** some.length) + BigInt(sum);
  }
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

export function toBase32(bytes: Uint8Array): string {
  let [text, held, buffer] = ['', 0, 0];
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    for (held += 8; held >= 5;) text += BASE32[(buffer >> (held -= 5)) & 31] ?? '';
  }
  return `b${text}${held > 0 ? (BASE32[(buffer << (5 - held)) & 31] ?? '') : ''}`;
}

/** Without the prefix, as CIDs of version 0 are written. The first byte must not be 0. */
export function toBase58(bytes: Uint8Array): string {
  let text = '';
  for (let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`); number > 0n; number /= 58n)
    text = (BASE58[Number(number % 58n)] ?? '') + text;
  return text;
}
