import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checksumOf } from '../../src/vfs/leveldb/checksum';

/** The plainest writer of LevelDB files, for tests of the reader. */

/** A write of a key; without a value, its deletion. */
export interface TestWrite {
  readonly key: string;
  readonly value?: Uint8Array | undefined;
}

export interface TestBatch {
  /** The number of its first write. */
  readonly sequence: number;
  readonly writes: readonly TestWrite[];
}

interface TestTable {
  readonly number: number;
  readonly level: number;
  readonly batches: readonly TestBatch[];
  /** Default 4096. */
  readonly blockBytes?: number;
  /** The bytes of each block instead of those of its entries. */
  readonly block?: Buffer;
}

export interface TestDb {
  readonly manifest?: number;
  readonly comparator?: string;
  readonly nextNumber?: number;
  readonly logNumber?: number;
  readonly logs: Readonly<Record<number, readonly TestBatch[]>>;
  readonly tables: readonly TestTable[];
  /** Tables of earlier versions, which an edit adds and a later one deletes; they have no files. */
  readonly deleted?: readonly number[];
  /** A further edit of the manifest. */
  readonly edit?: Uint8Array;
}

export function writeLevelDb(folder: string, db: TestDb): void {
  const { manifest = 1, logs, tables, deleted = [] } = db;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, bytes: Uint8Array | string): void => writeFileSync(path.join(folder, name), bytes);
  const name = (number: number): string => String(number).padStart(6, '0');
  const numbers = [...Object.keys(logs).map(Number), ...tables.map(({ number }) => number), ...deleted, manifest];
  const logNumber = db.logNumber ?? Math.min(...Object.keys(logs).map(Number));
  const written = tables.map((table) => ({ ...table, ...tableBytes(table) }));
  const head = [varint(1), text(Buffer.from(db.comparator ?? 'leveldb.BytewiseComparator'))];
  const facts = [2, logNumber, 3, db.nextNumber ?? Math.max(...numbers) + 1, 4, 1000].map(varint);
  const old = deleted.map((number) => Buffer.concat([...[7, 0, number, 10].map(varint), text(tail('a', 1)), text(tail('z', 1))]));
  const gone = deleted.map((number) => Buffer.concat([6, 0, number].map(varint)));
  const added = written.map(({ number, level, bytes, smallest, largest }) =>
    Buffer.concat([...[7, level, number, bytes.length].map(varint), text(smallest), text(largest)]),
  );
  write(
    `MANIFEST-${name(manifest)}`,
    logBytes([Buffer.concat([...head, ...facts, ...old]), ...added, Buffer.concat(gone), ...(db.edit ? [db.edit] : [])]),
  );
  write('CURRENT', `MANIFEST-${name(manifest)}\n`);
  for (const [number, batches] of Object.entries(logs)) write(`${name(Number(number))}.log`, logBytes(batches.map(batchBytes)));
  for (const { number, bytes } of written) write(`${name(number)}.ldb`, bytes);
}

const BLOCK = 32_768;
const HEADER = 7;

/** Records as a log has them: in pieces that don't cross the end of a block. */
export function logBytes(records: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  let at = 0;
  const push = (part: Uint8Array): void => {
    parts.push(part);
    at += part.length;
  };
  for (const record of records) {
    for (let from = 0, isFirst = true; isFirst || from < record.length; isFirst = false) {
      if (BLOCK - (at % BLOCK) < HEADER) push(new Uint8Array(BLOCK - (at % BLOCK)));
      const piece = record.subarray(from, from + BLOCK - (at % BLOCK) - HEADER);
      from += piece.length;
      const isLast = from >= record.length;
      const kind = isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3;
      const kindAndData = Buffer.concat([Buffer.from([kind]), piece]);
      const head = Buffer.alloc(6);
      head.writeUInt32LE(checksumOf(kindAndData), 0);
      head.writeUInt16LE(piece.length, 4);
      push(head);
      push(kindAndData);
    }
  }
  return Buffer.concat(parts);
}

export function batchBytes({ sequence, writes }: TestBatch): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(sequence), 0);
  head.writeUInt32LE(writes.length, 8);
  const each = writes.map(({ key, value }) =>
    Buffer.concat([Buffer.from([value ? 1 : 0]), text(Buffer.from(key)), ...(value ? [text(value)] : [])]),
  );
  return Buffer.concat([head, ...each]);
}

function tableBytes({ batches, blockBytes = 4096, block }: TestTable): { bytes: Buffer; smallest: Buffer; largest: Buffer } {
  const writes = batches
    .flatMap(({ sequence, writes: of }) => of.map((write, at) => ({ ...write, sequence: sequence + at })))
    .sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)) || other.sequence - one.sequence);
  const entries = writes.map(
    ({ key, value, sequence }) => [tail(key, sequence, value ? 1 : 0), value ?? Buffer.alloc(0)] as const,
  );
  const parts: Buffer[] = [];
  let at = 0;
  const addBlock = (of: readonly (readonly [Buffer, Uint8Array])[], block = blockBytesOf(of)): Buffer => {
    const handle = Buffer.concat([varint(at), varint(block.length)]);
    const withKind = Buffer.concat([block, Buffer.from([0])]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(checksumOf(withKind));
    parts.push(withKind, sum);
    at += withKind.length + 4;
    return handle;
  };
  const index: (readonly [Buffer, Buffer])[] = [];
  for (let from = 0; from < entries.length;) {
    let to = from;
    for (let bytes = 0; to < entries.length && bytes < blockBytes; to++) bytes += (entries[to]?.[1].length ?? 0) + 20;
    const part = entries.slice(from, to);
    index.push([part.at(-1)?.[0] ?? Buffer.alloc(0), addBlock(part, block)]);
    from = to;
  }
  const filters = addBlock([]);
  const footer = Buffer.alloc(48);
  Buffer.concat([filters, addBlock(index)]).copy(footer);
  Buffer.from('57fb808b247547db', 'hex').copy(footer, 40);
  const [smallest, largest] = [entries[0]?.[0], entries.at(-1)?.[0]];
  if (!smallest || !largest) throw new Error('A table has at least one write.');
  return { bytes: Buffer.concat([...parts, footer]), smallest, largest };
}

/** A block whose keys begin anew with every third entry. */
function blockBytesOf(entries: readonly (readonly [Buffer, Uint8Array])[]): Buffer {
  const parts: Buffer[] = [];
  const restarts: number[] = [];
  let [at, before]: [number, Buffer] = [0, Buffer.alloc(0)];
  for (const [number, [key, value]] of entries.entries()) {
    let shared = 0;
    if (number % 3 === 0) restarts.push(at);
    else while (shared < Math.min(before.length, key.length) && before[shared] === key[shared]) shared++;
    const head = [shared, key.length - shared, value.length].map(varint);
    const entry = Buffer.concat([...head, key.subarray(shared), value]);
    parts.push(entry);
    at += entry.length;
    before = key;
  }
  const ends = Buffer.alloc(4 * restarts.length + 4);
  restarts.forEach((restart, number) => ends.writeUInt32LE(restart, 4 * number));
  ends.writeUInt32LE(restarts.length, 4 * restarts.length);
  return Buffer.concat([...parts, ends]);
}

/** A key as tables have it. */
export function tail(key: string, sequence: number, kind = 1): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE((BigInt(sequence) << 8n) | BigInt(kind));
  return Buffer.concat([Buffer.from(key), number]);
}

/** Bytes with their length before them. */
export function text(bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(bytes.length), bytes]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return Buffer.from([...bytes, left]);
}
