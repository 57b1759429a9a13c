import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import { IpfsKitError } from '../base/ipfsKitError';
import { pacer } from '../base/stepByStep';
import type { CountedRows, RowBuffer, StatusWords } from './countedRows';

/**
 * Rows as bytes, column by column: lengths, statuses, the beginnings of CIDs and names are compressed together; what follows in CIDs, hashes as a rule, only
 * where that pays. A block has at most BLOCK_ROWS rows and about BLOCK_BYTES bytes, so that no native call takes long.
 */

const BLOCK_ROWS = 65_536;
const BLOCK_BYTES = 8 * 2 ** 20;
/** The most bytes of a column of a block: those of a block, and one row more. */
const MOST_BYTES = 2 * BLOCK_BYTES;
/** Version, codec, hash and length of most CIDs, which are equal in many of them. */
const HEAD = 4;
/** In the length of a key: listed in version 0. Keys are shorter. */
const IS_V0 = 0x8000;
/** Compressing must save this share. */
const PAYS = 0.95;
const SAMPLE = 65_536;
/** The rows between two looks at the clock. */
const ROWS_AT_ONCE = 1024;

const deflate = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw);
const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw);
const LEVEL = { level: constants.Z_BEST_SPEED + 2 };

export interface RowBlock {
  readonly payload: Buffer;
  readonly isLast: boolean;
}

/** The blocks of rows, each as often as `times` says; none where there are no rows. */
export async function* blocksOf(
  rows: CountedRows,
  times: (at: number) => number,
  words: StatusWords,
  row: RowBuffer,
  signal: AbortSignal,
): AsyncGenerator<RowBlock> {
  const due = pacer(signal);
  let block = newBlock();
  let before: Buffer | undefined;
  for (let at = 0; at < rows.size; at++) {
    if (at % ROWS_AT_ONCE === 0) await due();
    for (let left = times(at); left > 0; left--) {
      if (block.rows === BLOCK_ROWS || bytesOf(block) >= BLOCK_BYTES) {
        if (before) yield { payload: before, isLast: false };
        before = await encoded(block, words);
        block = newBlock();
      }
      rows.read(at, row);
      addTo(block, row);
    }
  }
  if (before) yield { payload: before, isLast: block.rows === 0 };
  if (block.rows > 0) yield { payload: await encoded(block, words), isLast: true };
}

/** Bytes that are collected. */
interface Column {
  bytes: Buffer;
  length: number;
}

function add(column: Column, from: Uint8Array, start: number, end: number): void {
  const length = column.length + end - start;
  if (length > column.bytes.length) {
    const more = Buffer.allocUnsafe(2 * length);
    column.bytes.copy(more, 0, 0, column.length);
    column.bytes = more;
  }
  column.bytes.set(from.subarray(start, end), column.length);
  column.length = length;
}

function newColumn(): Column {
  return { bytes: Buffer.allocUnsafe(1024), length: 0 };
}

interface Block {
  rows: number;
  readonly keyLengths: number[];
  readonly nameLengths: number[];
  readonly statuses: number[];
  readonly heads: Column;
  readonly names: Column;
  readonly tails: Column;
}

function newBlock(): Block {
  const [heads, names, tails] = [newColumn(), newColumn(), newColumn()];
  return { rows: 0, keyLengths: [], nameLengths: [], statuses: [], heads, names, tails };
}

function bytesOf({ heads, names, tails }: Block): number {
  return heads.length + names.length + tails.length;
}

function addTo(block: Block, { bytes, keyLength, length, isV0, status }: RowBuffer): void {
  const head = Math.min(HEAD, keyLength);
  block.rows++;
  block.keyLengths.push(keyLength | (isV0 ? IS_V0 : 0));
  block.nameLengths.push(length - keyLength);
  block.statuses.push(status);
  add(block.heads, bytes, 0, head);
  add(block.tails, bytes, head, keyLength);
  add(block.names, bytes, keyLength, length);
}

async function encoded(block: Block, words: StatusWords): Promise<Buffer> {
  const texts = Buffer.from(JSON.stringify(words.texts));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(block.rows, 0);
  sizes.writeUInt32LE(texts.length, 4);
  const numbers = Buffer.from(Uint16Array.from([...block.keyLengths, ...block.nameLengths]).buffer);
  const [heads, names, tails] = [block.heads, block.names, block.tails].map(({ bytes, length }) => bytes.subarray(0, length));
  const facts = [sizes, texts, numbers, Buffer.from(block.statuses), heads ?? NONE, names ?? NONE];
  const packed = await deflate(Buffer.concat(facts), LEVEL);
  const rest = await packedIfItPays(tails ?? NONE);
  const start = Buffer.alloc(5);
  start.writeUInt32LE(packed.length, 0);
  start.writeUInt8(rest.isPacked ? 1 : 0, 4);
  return Buffer.concat([start, packed, rest.bytes]);
}

const NONE = Buffer.alloc(0);

async function packedIfItPays(bytes: Buffer): Promise<{ readonly bytes: Buffer; readonly isPacked: boolean }> {
  const sample = bytes.subarray(0, SAMPLE);
  const isPacked = (await deflate(sample, LEVEL)).length < PAYS * sample.length;
  return { bytes: isPacked ? await deflate(bytes, LEVEL) : bytes, isPacked };
}

/** Calls `visit` with each row of a block. Rejects with `corrupt`. */
export async function readBlock(payload: Buffer, words: StatusWords, row: RowBuffer, visit: () => void): Promise<void> {
  if (payload.length === 0) return;
  try {
    const factsEnd = 5 + payload.readUInt32LE(0);
    if (factsEnd > payload.length) throw corrupt();
    const facts = await inflate(payload.subarray(5, factsEnd), { maxOutputLength: 2 * MOST_BYTES });
    const rest = payload.subarray(factsEnd);
    const tails = payload.readUInt8(4) === 1 ? await inflate(rest, { maxOutputLength: MOST_BYTES }) : rest;
    readRows(facts, tails, words, row, visit);
  } catch (error) {
    throw IpfsKitError.is(error) ? error : corrupt(error);
  }
}

function readRows(facts: Buffer, tails: Buffer, words: StatusWords, row: RowBuffer, visit: () => void): void {
  const rows = facts.readUInt32LE(0);
  const keysAt = 8 + facts.readUInt32LE(4);
  const [namesAt, statusesAt] = [keysAt + 2 * rows, keysAt + 4 * rows];
  const own = (JSON.parse(facts.toString('utf8', 8, keysAt)) as readonly string[]).map(words.numberOf);
  let headAt = statusesAt + rows;
  if (headAt > facts.length) throw corrupt();
  let nameAt = headAt;
  for (let at = 0; at < rows; at++) nameAt += Math.min(HEAD, facts.readUInt16LE(keysAt + 2 * at) & ~IS_V0);
  let tailAt = 0;
  for (let at = 0; at < rows; at++) {
    const written = facts.readUInt16LE(keysAt + 2 * at);
    const keyLength = written & ~IS_V0;
    const nameLength = facts.readUInt16LE(namesAt + 2 * at);
    const head = Math.min(HEAD, keyLength);
    if (keyLength + nameLength > row.bytes.length - 8 || nameAt + nameLength > facts.length) throw corrupt();
    if (tailAt + keyLength - head > tails.length) throw corrupt();
    facts.copy(row.bytes, 0, headAt, headAt + head);
    tails.copy(row.bytes, head, tailAt, tailAt + keyLength - head);
    facts.copy(row.bytes, keyLength, nameAt, nameAt + nameLength);
    [headAt, tailAt, nameAt] = [headAt + head, tailAt + keyLength - head, nameAt + nameLength];
    row.keyLength = keyLength;
    row.length = keyLength + nameLength;
    row.isV0 = (written & IS_V0) !== 0;
    row.status = own[facts.readUInt8(statusesAt + at)] ?? 0;
    visit();
  }
}

function corrupt(cause?: unknown): IpfsKitError {
  return new IpfsKitError('corrupt', 'A record of the history is damaged.', { cause });
}
