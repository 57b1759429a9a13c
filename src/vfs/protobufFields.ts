const [VARINT, FIXED64, BYTES] = [0, 1, 2] as const;

export interface ProtobufField {
  readonly number: number;
  /** Of a number of variable length; undefined for everything else. */
  readonly value: bigint | undefined;
}

/**
 * The fields of a protobuf message in order, without what they hold: for what a decoder leaves out, and for what is asked before one is let at it.
 * A message that is cut ends where it is cut (https://protobuf.dev/programming-guides/encoding/).
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < message.length && shift < 70n; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return BigInt.asUintN(64, value);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    const value = kind === VARINT ? varint() : undefined;
    if (kind === BYTES) at += Number(varint());
    else if (kind !== VARINT) at += kind === FIXED64 ? 8 : 4;
    yield { number: tag >>> 3, value };
  }
}
