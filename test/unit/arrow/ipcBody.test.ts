import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Reason } from '../../../src/base/ipfsKitError';
import { isLong } from '../../support/rounds';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { readIpcBody } from '../../../src/arrow/ipcBody';
import { readArrow } from '../../../src/arrow/arrowReader';

const going = new AbortController().signal;

function body(name: string): Buffer {
  return readFileSync(path.join(process.cwd(), 'test/fixtures/arrow', name));
}

const refusedAs =
  (...reasons: Reason[]) =>
  (error: unknown) =>
    IpfsKitError.is(error, ...reasons);

/** Where each message begins, with its lengths. */
function messages(stream: Buffer, from = 0): { at: number; metadata: number; body: number }[] {
  const found = [];
  for (let at = from; stream.readUInt32LE(at) === 0xffffffff && stream.readInt32LE(at + 4) > 0;) {
    const metadata = stream.readInt32LE(at + 4);
    const bodyLength = Number(int64Of(stream.subarray(at + 8, at + 8 + metadata), 3).value);
    found.push({ at, metadata, body: bodyLength });
    at += 8 + metadata + bodyLength;
  }
  return found;
}

/** The place of an int64 of a message's own table, by field number; 0 where it is absent. */
function int64Of(metadata: Buffer, field: number): { at: number; value: bigint } {
  const table = metadata.readUInt32LE(0);
  const vtable = table - metadata.readInt32LE(table);
  const entry = 4 + 2 * field;
  const offset = entry < metadata.readUInt16LE(vtable) ? metadata.readUInt16LE(vtable + entry) : 0;
  return offset === 0 ? { at: 0, value: 0n } : { at: table + offset, value: metadata.readBigInt64LE(table + offset) };
}

/** A copy in which every int64 of this value, in the metadata of the message, is another one. */
function withInt64(stream: Buffer, message: number, from: bigint, to: bigint): Buffer {
  const copy = Buffer.from(stream);
  const { at, metadata } = messages(stream)[message] ?? assert.fail('no such message');
  let changed = 0;
  for (let place = at + 8; place + 8 <= at + 8 + metadata; place += 4) {
    if (copy.readBigInt64LE(place) !== from) continue;
    copy.writeBigInt64LE(to, place);
    changed++;
  }
  assert.ok(changed > 0, `${from} is nowhere in message ${message}`);
  return copy;
}

describe('the messages of an Arrow body', () => {
  const stream = body('made/many-batches.stream.arrows'); // 40 rows, three at a time
  const file = body('made/many-batches.file.arrow');

  it('is walked without being decoded, in both forms', () => {
    const found = { recordBatches: 14, rows: 40, nulls: [0, 13, 0, 0, 13, 13, 13, 13], codecs: new Set() };
    for (const [form, bytes] of Object.entries({ stream, file })) {
      const { columns, dictionaries, batches, ...others } = readIpcBody(bytes);
      assert.deepEqual(others, { form, ...found });
      assert.deepEqual([columns.length, dictionaries.size], [8, 0], form);
      assert.equal(batches.filter(({ dictionary }) => !dictionary).length, 14);
    }
    assert.deepEqual(readIpcBody(body('made/lz4.stream.arrows')).codecs, new Set(['LZ4_FRAME']));
    assert.deepEqual(readIpcBody(body('made/zstd.stream.arrows')).codecs, new Set(['ZSTD']));
  });

  it('must be complete: a stream without its end is truncated', () => {
    assert.throws(() => readIpcBody(stream.subarray(0, -8)), refusedAs('truncated'));
    assert.throws(() => readIpcBody(stream.subarray(0, messages(stream)[1]?.at)), refusedAs('truncated'));
  });

  it('may be followed by zeros, and by nothing else', () => {
    assert.equal(readIpcBody(Buffer.concat([stream, Buffer.alloc(100)])).rows, 40);
    assert.throws(() => readIpcBody(Buffer.concat([stream, Buffer.from('x')])), refusedAs('malformed'));
    assert.throws(() => readIpcBody(Buffer.concat([stream, stream])), refusedAs('malformed'));
  });

  it('of a file must hold the batches that its footer lists', () => {
    const footerLength = file.readInt32LE(file.length - 10);
    const footer = file.length - 10 - footerLength;
    const [, first, second] = messages(file, 8);
    assert.ok(first && second);
    const place = file.indexOf(int64Bytes(second.at), footer);
    assert.ok(place > footer);
    for (const lie of [first.at, 2 ** 40, -8]) {
      const lying = Buffer.from(file);
      lying.writeBigInt64LE(BigInt(lie), place);
      assert.throws(() => readIpcBody(lying), refusedAs('malformed'), String(lie));
    }
    for (const length of [0, -1, 2 ** 31 - 1, file.length]) {
      const lying = Buffer.from(file);
      lying.writeInt32LE(length, file.length - 10);
      assert.throws(() => readIpcBody(lying), refusedAs('malformed'), String(length));
    }
  });

  it('of a file in which a dictionary is replaced is malformed: its first rows would take the texts of its last', () => {
    const growing = body('made/dictionary-grows.file.arrow');
    assert.equal(readIpcBody(growing).rows, 8);
    let deltas = 0;
    for (const { at } of messages(growing, 8)) {
      const metadata = growing.subarray(at + 8);
      const table = tableOf(metadata, 2);
      const vtable = table - metadata.readInt32LE(table);
      const isDelta = metadata.readUInt16LE(vtable) > 8 ? metadata.readUInt16LE(vtable + 8) : 0;
      if (isDelta === 0 || metadata[table + isDelta] !== 1 || metadata.readUInt16LE(vtable) !== 10) continue;
      const replaced = Buffer.from(growing);
      replaced[at + 8 + table + isDelta] = 0;
      assert.throws(() => readIpcBody(replaced), refusedAs('malformed'));
      deltas++;
    }
    assert.equal(deltas, 2);
  });

  it('whose dictionary is extended thousands of times is too large: a decoder takes minutes to join it', () => {
    const growing = body('made/dictionary-deltas.stream.arrows');
    const [first, , , firstBatch, delta, next] = messages(growing);
    assert.ok(first && firstBatch && delta && next);
    const times = (count: number): Buffer => {
      const again = Array.from({ length: count }, () => growing.subarray(delta.at, next.at));
      return Buffer.concat([growing.subarray(0, next.at), ...again, growing.subarray(next.at)]);
    };
    assert.equal(readIpcBody(times(900)).rows, readIpcBody(growing).rows);
    assert.throws(() => readIpcBody(times(1001)), refusedAs('too-large'));
  });

  it('with row counts that no body holds is too large or malformed, before anything is decoded', async () => {
    assert.throws(() => readIpcBody(withInt64(stream, 1, 3n, 10n ** 12n)), refusedAs('too-large'));
    assert.throws(() => readIpcBody(withInt64(stream, 1, 3n, 100_000_000n)), refusedAs('too-large'));
    assert.throws(() => readIpcBody(withInt64(stream, 1, 3n, -1n)), refusedAs('malformed'));
    await assert.rejects(readArrow(withInt64(stream, 1, 3n, 1_000_000n)), refusedAs('malformed'));
  });

  it('with a batch of more rows than its columns is malformed, though a decoder would fill it up with nulls', () => {
    const lying = Buffer.from(stream);
    const { at } = messages(stream)[1] ?? assert.fail();
    const metadata = lying.subarray(at + 8);
    const header = tableOf(metadata, 2);
    const rows = header + metadata.readUInt16LE(header - metadata.readInt32LE(header) + 4);
    assert.equal(metadata.readBigInt64LE(rows), 3n);
    metadata.writeBigInt64LE(4n, rows);
    assert.throws(() => readIpcBody(lying), refusedAs('malformed'));
  });

  it('with lengths beyond the bytes is truncated or malformed, without taking memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const { at, body: bodyLength } = messages(stream)[1] ?? assert.fail();
    for (const metadataLength of [2 ** 31 - 8, 2 ** 31 - 1, -8, 7, 0]) {
      const lying = Buffer.from(stream);
      lying.writeInt32LE(metadataLength, at + 4);
      assert.throws(() => readIpcBody(lying), refusedAs('truncated', 'malformed'), String(metadataLength));
    }
    for (const lie of [2n ** 31n, 2n ** 45n, -8n, 2n ** 63n - 8n, BigInt(bodyLength) + 8n, BigInt(bodyLength) - 8n, 4n])
      assert.throws(
        () => readIpcBody(withInt64(stream, 1, BigInt(bodyLength), lie)),
        refusedAs('truncated', 'malformed'),
        String(lie),
      );
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
  });

  it('of big-endian is unsupported', () => {
    assert.equal(readIpcBody(schemaAlone(0)).rows, 0);
    assert.throws(() => readIpcBody(schemaAlone(1)), refusedAs('unsupported'));
  });

  it('of an unknown version is unsupported', () => {
    const version = Buffer.from(stream);
    const metadata = version.subarray(8);
    const table = metadata.readUInt32LE(0);
    const offset = metadata.readUInt16LE(table - metadata.readInt32LE(table) + 4);
    assert.equal(metadata.readInt16LE(table + offset), 4);
    for (const lie of [0, 2, 5, -1]) {
      metadata.writeInt16LE(lie, table + offset);
      assert.throws(() => readIpcBody(version), refusedAs('unsupported'), String(lie));
    }
  });

  it('is refused for more than the allowed bytes, rows, or decompressed bytes', () => {
    const limits = { maxBytes: 2 ** 30, maxRows: 40 };
    assert.equal(readIpcBody(stream, limits).rows, 40);
    assert.throws(() => readIpcBody(stream, { ...limits, maxRows: 39 }), refusedAs('too-large'));
    assert.throws(() => readIpcBody(stream, { ...limits, maxBytes: stream.length - 1 }), refusedAs('too-large'));
  });

  it('reports the decompressed size of a buffer, and a bomb is too large', async () => {
    for (const name of ['made/lz4.stream.arrows', 'made/zstd.stream.arrows']) {
      const packed = body(name);
      const { at, metadata } = messages(packed)[1] ?? assert.fail();
      const place = packed.indexOf(name.includes('lz4') ? '04224d18' : '28b52ffd', at + 8 + metadata, 'hex') - 8;
      const honest = packed.readBigInt64LE(place);
      assert.ok(honest > 0n && honest < 10_000n);
      for (const [lie, reasons] of [
        [2n ** 40n, ['too-large']],
        [2n ** 62n, ['too-large']],
        [-2n, ['malformed']],
        [0n, ['malformed']],
        [honest - 1n, ['malformed']],
        [honest + 1n, ['malformed']],
        [honest + 2n ** 20n, ['malformed']],
      ] as const) {
        const lying = Buffer.from(packed);
        lying.writeBigInt64LE(lie, place);
        await assert.rejects(readArrow(lying), refusedAs(...reasons), `${name} ${lie}`);
      }
    }
  });
});

/** Each byte is inverted in one run, and has its lowest bit changed in another; a long run does both. */
const turn = Date.now() % 2;
const masksAt = (at: number): readonly number[] => (isLong ? [0xff, 0x01] : [(at + turn) % 2 === 0 ? 0xff : 0x01]);

describe('a broken body of any kind', () => {
  const names = [
    'made/large-utf8.stream.arrows',
    'made/utf8-view.stream.arrows',
    'made/dictionary.stream.arrows',
    'made/dictionary-deltas.stream.arrows',
    'made/time-us.file.arrow',
    'made/dictionary.file.arrow',
    'made/extras.stream.arrows',
  ];

  for (const name of names) {
    it(`(${name}) cut anywhere is refused`, async () => {
      const whole = body(name);
      for (let length = 0; length < whole.length; length++)
        await assert.rejects(readArrow(whole.subarray(0, length)), refusedAs('empty', 'truncated', 'malformed'), String(length));
    });

    it(`(${name}) with a byte changed is refused with a reason, or answers queries; it throws nothing else`, async () => {
      const whole = body(name);
      let refused = 0;
      for (let at = 0; at < whole.length; at++)
        for (const mask of masksAt(at)) {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ mask;
          try {
            const table = await readArrow(changed);
            const pins = await table.page({ limit: 10_000 }, going);
            assert.equal(pins.length, await table.count({ filter: '' }, going));
            await table.page({ filter: 'q', sort: '-time', group: 'month' }, going);
            await table.page({ sort: 'name' }, going);
          } catch (error) {
            assert.ok(IpfsKitError.is(error) && error.reason !== 'internal', `byte ${at} by ${mask}: ${String(error)}`);
            refused++;
          }
        }
      assert.ok(refused > whole.length / 20);
    });
  }
});

function int64Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

/** Where the table of a message's field begins. */
function tableOf(metadata: Buffer, field: number): number {
  const table = metadata.readUInt32LE(0);
  const at = table + metadata.readUInt16LE(table - metadata.readInt32LE(table) + 4 + 2 * field);
  return at + metadata.readUInt32LE(at);
}

/** A stream without columns, built byte by byte: no writer at hand makes one of the other byte order. */
function schemaAlone(endianness: number): Buffer {
  const metadata = Buffer.alloc(64);
  const shorts: [number, number[]][] = [
    [4, [12, 20, 16, 18, 12, 4]], // of the message: where its version, type, header and body length lie
    [36, [4]],
    [40, [8, 12, 8, 4]], // of the schema: endianness, fields
    [56, [endianness]],
  ];
  for (const [at, values] of shorts) for (const [index, value] of values.entries()) metadata.writeInt16LE(value, at + 2 * index);
  metadata[38] = 1; // the header is a schema
  for (const [at, value] of [
    [0, 20],
    [20, 16],
    [32, 16],
    [48, 8],
    [52, 8],
  ] as const)
    metadata.writeInt32LE(value, at);
  const end = Buffer.from('ffffffff00000000', 'hex');
  return Buffer.concat([Buffer.from('ffffffff40000000', 'hex'), metadata, end]);
}
