const [BYTES, TEXT] = [2, 3] as const;

/**
 * The number of data items in a CBOR block, including keys and nested items; counting stops past `most`. Nothing is decoded: each item begins with a byte that
 * says how many follow it (RFC 8949, 3). A broken block is counted as far as it goes, since the decoder will report it. `onItem` gets each item: its first
 * byte, and the bytes of text or byte strings.
 */
export function cborItems(block: Uint8Array, most: number, onItem?: (head: number, bytes: Uint8Array) => void): number {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  let items = 0;
  for (let at = 0; at < block.length && items <= most; items++) {
    const head = block[at++] ?? 0;
    const size = (head & 0x1f) < 24 ? 0 : 2 ** ((head & 0x1f) - 24);
    if (size > 8 || at + size > block.length) break;
    const major = head >> 5;
    const length = major === BYTES || major === TEXT ? numberAt(view, at, size, head & 0x1f) : 0;
    at += size;
    onItem?.(head, block.subarray(at, at + length));
    at += length;
  }
  return items;
}

function numberAt(view: DataView, at: number, size: number, small: number): number {
  switch (size) {
    case 0:
      return small;
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at);
    case 4:
      return view.getUint32(at);
    default:
      return Number(view.getBigUint64(at));
  }
}
