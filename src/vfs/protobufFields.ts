const [VARINT, FIXED64, BYTES] = [0, 1, 2] as const;

interface ProtobufField {
  readonly number: number;
  /** Of a number of variable length; undefined for everything else. */
  readonly value: bigint | undefined;
  /** Of bytes, of text, of a message, of packed numbers: what they are. */
  readonly bytes: Uint8Array | undefined;
  /** Where in the message it begins, and where the next one does. */
  readonly at: number;
  readonly end: number;
}

/**
 * The fields of a protobuf message in order: for what a decoder leaves out, and for what is asked before one is let at it.
 * A message that is cut ends where it is cut (https://protobuf.dev/programming-guides/encoding/).
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  for (let at = 0; at < message.length;) {
    const tag = varint(message, at);
    const kind = Number(tag.value) & 7;
    const number = Number(tag.value) >>> 3;
    const next = kind === VARINT || kind === BYTES ? varint(message, tag.end) : undefined;
    const from = next?.end ?? tag.end;
    const end = kind === BYTES ? from + Number(next?.value) : kind === VARINT ? from : from + (kind === FIXED64 ? 8 : 4);
    const bytes = kind === BYTES ? message.subarray(from, end) : undefined;
    yield { number, value: kind === VARINT ? next?.value : undefined, bytes, at, end };
    at = end;
  }
}

/** Packed numbers of variable length. */
export function* varints(packed: Uint8Array): Generator<bigint> {
  for (let at = 0; at < packed.length;) {
    const { value, end } = varint(packed, at);
    yield value;
    at = end;
  }
}

function varint(message: Uint8Array, from: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  let at = from;
  for (let shift = 0n; at < message.length && shift < 70n; shift += 7n) {
    const byte = message[at++] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return { value: BigInt.asUintN(64, value), end: at };
}
