/** Whether the bit of a row is 1. Arrow's bitmaps have one bit per row, the lowest bit of a byte first (Columnar.html, "Validity bitmaps"). */
export function isSet(bitmap: Uint8Array, row: number): boolean {
  return ((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** The bitmap of a batch, in which the bits of null rows are 0. Undefined where no row is null: such a batch needs no bitmap. */
export type Validity = Uint8Array | undefined;

/** How many of the first `length` bits are 0. The bitmap must have at least that many bits. */
export function clearBits(bitmap: Uint8Array, length: number): number {
  const fullBytes = length >> 3;
  let set = 0;
  for (let at = 0; at < fullBytes; at++) set += BITS_OF_BYTE[bitmap[at] ?? 0] ?? 0;
  for (let row = fullBytes << 3; row < length; row++) set += ((bitmap[row >> 3] ?? 0) >> (row & 7)) & 1;
  return length - set;
}

const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);
