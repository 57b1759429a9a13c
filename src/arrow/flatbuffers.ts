/**
 * A small reader of flatbuffers for Arrow's metadata: fields by number, and 0 or the default where one is absent. Everything that points outside the bytes
 * throws RangeError, and no list is longer than the bytes that contain it. Format: flatbuffers.dev, "FlatBuffers internals".
 */
export interface FlatTable {
  u8(field: number): number;
  i16(field: number, usual?: number): number;
  i32(field: number, usual?: number): number;
  /** Values beyond 2^53 are rounded. */
  i64(field: number): number;
  /** Undefined where it is absent; invalid UTF-8 is replaced. */
  text(field: number): string | undefined;
  table(field: number): FlatTable | undefined;
  /** A vector of tables. */
  tables(field: number): FlatTable[];
  /** A vector of int64; values beyond 2^53 are rounded. */
  i64s(field: number): number[];
  /** A vector of structs of `size` bytes each: returns their offsets, for i64At and i32At. */
  structs(field: number, size: number): number[];
  i64At(at: number): number;
  i32At(at: number): number;
}

export function rootTable(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return tableAt(view, view.getUint32(0, true));
}

/** Other readers treat these as signed, and would read from a different place. */
function small(value: number): number {
  if (value >= 2 ** 15) throw new RangeError('A table is larger than its bytes.');
  return value;
}

function tableAt(view: DataView, at: number): FlatTable {
  const vtable = at - view.getInt32(at, true);
  const size = small(view.getUint16(vtable, true));
  const i64At = (where: number): number => Number(view.getBigInt64(where, true));
  /** 0 where the field is absent: no field is at offset 0, since a buffer begins with the offset of its root. */
  const place = (field: number): number => {
    const entry = 4 + 2 * field;
    const offset = entry < size ? small(view.getUint16(vtable + entry, true)) : 0;
    return offset === 0 ? 0 : at + offset;
  };
  const scalar = (field: number, read: (where: number) => number, usual = 0): number => {
    const where = place(field);
    return where === 0 ? usual : read(where);
  };
  const target = (where: number): number => where + view.getUint32(where, true);
  const items = (field: number, itemSize: number): number[] => {
    const where = place(field);
    if (where === 0) return [];
    const vector = target(where);
    const count = view.getUint32(vector, true);
    if (vector + 4 + itemSize * count > view.byteLength) throw new RangeError('A list is longer than the bytes that hold it.');
    return Array.from({ length: count }, (_, index) => vector + 4 + itemSize * index);
  };
  return {
    u8: (field) => scalar(field, (where) => view.getUint8(where)),
    i16: (field, usual) => scalar(field, (where) => view.getInt16(where, true), usual),
    i32: (field, usual) => scalar(field, (where) => view.getInt32(where, true), usual),
    i64: (field) => scalar(field, i64At),
    text: (field) => {
      const where = place(field);
      if (where === 0) return undefined;
      const at = target(where);
      const length = view.getUint32(at, true);
      if (at + 4 + length > view.byteLength) throw new RangeError('A text is longer than the bytes that hold it.');
      return Buffer.from(view.buffer, view.byteOffset + at + 4, length).toString('utf8');
    },
    table: (field) => {
      const where = place(field);
      return where === 0 ? undefined : tableAt(view, target(where));
    },
    tables: (field) => items(field, 4).map((where) => tableAt(view, target(where))),
    i64s: (field) => items(field, 8).map(i64At),
    structs: items,
    i64At,
    i32At: (where) => view.getInt32(where, true),
  };
}
