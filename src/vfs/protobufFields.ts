const [VARINT, FIXED64, BYTES] = [0, 1, 2] as const;

interface ProtobufField {
  readonly number: number;
  /** The value of a number of variable length; undefined for any other field. */
  readonly value: bigint | undefined;
  /** The bytes of a field with bytes, text, a message or packed numbers. */
  readonly bytes: Uint8Array | undefined;
  /** Where the field begins in the message, and where the next one does. */
  readonly at: number;
  readonly end: number;
}

/**
 * The fields of a protobuf message in order. Used for fields that a decoder leaves out, and for checks before a decoder runs. A message that is cut off ends
 * there (https://protobuf.dev/programming-guides/encoding/).
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

/** The numbers of a packed field of variable length. */
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
