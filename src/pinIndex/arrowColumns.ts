import type { Data, Vector } from 'apache-arrow';
import { IpfsKitError } from '../ipfsKitError';

/** Checks of what a decoder believes: offsets monotone and inside, enough values, enough validity bits, dictionary indices in range. */

/** Throws `malformed`, naming the column. `full` tells that every row holds text that is not empty. */
export function checkColumn(name: string, column: Vector): { readonly full: boolean } {
  let full = true;
  for (const chunk of column.data) full = checkData(name, chunk as Data) && full;
  return { full };
}

function checkData(name: string, data: Data): boolean {
  const { length, nullCount } = data;
  if (length === 0) return true;
  if ((data.typeId as number) === NULL) return false; // no buffers at all
  const broken = (what: string): IpfsKitError =>
    new IpfsKitError('malformed', `The Arrow column "${name.slice(0, 100)}" is broken: ${what}.`);
  const bitmap: unknown = data.nullBitmap;
  if (nullCount > 0 && (!(bitmap instanceof Uint8Array) || bitmap.length * 8 < length))
    throw broken('its validity bitmap is too short');
  const offsets: unknown = data.valueOffsets;
  const values: unknown = data.values;
  if (offsets instanceof Int32Array || offsets instanceof BigInt64Array) {
    if (offsets.length < length + 1) throw broken('it has fewer offsets than rows');
    const bytes = values instanceof Uint8Array ? values.length : 0;
    const texts = offsets instanceof Int32Array ? checkOffsets32(offsets, length, bytes) : checkOffsets64(offsets, length, bytes);
    if (texts === 'broken') throw broken('its offsets lead out of its text');
    return texts === 'full' && nullCount === 0;
  }
  if (data.dictionary) {
    const size = data.dictionary.length;
    checkColumn(name, data.dictionary);
    if (!ArrayBuffer.isView(values)) throw broken('its indices are missing');
    const indices = values as Int32Array | BigInt64Array;
    if (indices.length < length) throw broken('it has fewer indices than rows');
    for (let row = 0; row < length; row++) {
      const index = Number(indices[row]);
      if ((index < 0 || index >= size) && isValid(bitmap, row, nullCount)) throw broken('an index leads out of its dictionary');
    }
    return false;
  }
  if (ArrayBuffer.isView(values)) {
    const { stride } = data;
    const { length: count } = values as Uint8Array;
    const isBits = (data.typeId as number) === BOOL;
    if (isBits ? count * 8 < length : count < length * stride) throw broken('it has fewer values than rows');
  }
  return false;
}

function isValid(bitmap: unknown, row: number, nullCount: number): boolean {
  return nullCount === 0 || !(bitmap instanceof Uint8Array) || ((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** Type.Null and Type.Bool of Schema.fbs; the enum itself would load the library. */
const NULL = 1;
const BOOL = 6;

type Offsets = 'broken' | 'full' | 'gaps';

/** One pass without branches: a step back, or a negative offset, leaves the sign bit. The difference alone would wrap beyond 32 bits. */
function checkOffsets32(offsets: Int32Array, length: number, bytes: number): Offsets {
  let previous = offsets[0] ?? 0;
  let signs = previous;
  let shortest = 1;
  for (let row = 1; row <= length; row++) {
    const next = offsets[row] ?? -1;
    const step = next - previous;
    signs |= next | step;
    shortest = step < shortest ? step : shortest;
    previous = next;
  }
  return signs < 0 || previous > bytes ? 'broken' : shortest > 0 ? 'full' : 'gaps';
}

function checkOffsets64(offsets: BigInt64Array, length: number, bytes: number): Offsets {
  let previous = offsets[0] ?? -1n;
  if (previous < 0n) return 'broken';
  let full = true;
  for (let row = 1; row <= length; row++) {
    const next = offsets[row] ?? -1n;
    if (next < previous) return 'broken';
    full &&= next > previous;
    previous = next;
  }
  return previous > BigInt(bytes) ? 'broken' : full ? 'full' : 'gaps';
}
