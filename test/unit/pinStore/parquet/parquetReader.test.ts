import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parquetRead } from 'hyparquet';
import { zstd } from '../../../../src/base/codecs';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Pin } from '../../../../src/pin/pin';
import type { PinQuery } from '../../../../src/pin/pinQuery';
import type { PinTable } from '../../../../src/pin/pinTable';
import { columnarTable } from '../../../../src/columns/columnarTable';
import { readParquet } from '../../../../src/pinStore/parquet/parquetReader';
import { oraclePins, python } from '../../../support/python';
import { because, copyOfFixture, fixture, NEVER, newFile, newFolder } from '../testDatabases';

async function tableOf(file: string, signal?: AbortSignal): Promise<PinTable> {
  const { source, detail } = await readParquet(file, signal ? { signal } : {});
  return columnarTable(source, detail);
}

async function pinsOf(file: string, query: PinQuery = { limit: 1000 }): Promise<Pin[]> {
  return (await tableOf(file)).page(query, NEVER);
}

/** Writes a file from Python code, in which `table` is a dict of columns; a pyarrow schema may be added. */
function written(code: string, options = ''): string {
  const file = newFile('pins.parquet');
  python(
    `import sys, datetime, decimal\nimport pyarrow as pa, pyarrow.parquet as pq\n${code}\npq.write_table(pa.table(table) if isinstance(table, dict) else table, sys.argv[1] ${options})`,
    file,
  );
  return file;
}

const CIDS = `cids = [f'bafy{n:05}' for n in range(1000)]`;

describe('a Parquet file', () => {
  const genuine = readdirSync(fixture('parquet')).filter((name) => !/not-parquet|shard_index|mappings/.test(name));

  for (const name of genuine)
    it(`of ipfs_kit_py gives what pyarrow gives: ${name}`, async () => {
      const file = fixture(`parquet/${name}`);
      const expected = oraclePins('parquet', file);
      assert.ok(expected.length > 0);
      assert.deepEqual(await pinsOf(file), expected);
    });

  it('of a backend gives its pins with the name of its folder as their backend', async () => {
    const folder = path.join(newFolder(), 'backends', 'ipfs_local');
    mkdirSync(folder, { recursive: true });
    const file = copyOfFixture('parquet/pin_mappings.parquet', path.join(folder, 'pin_mappings.parquet'));
    assert.deepEqual(
      (await pinsOf(file)).map(({ name, sizeBytes, backend }) => [name, sizeBytes, backend]),
      [
        ['readme', 1688, 'ipfs_local'],
        [undefined, undefined, 'ipfs_local'],
      ],
    );
  });

  it('without a column of CIDs has no pins', async () => {
    const file = fixture('parquet/simplepin-shard_index-empty.parquet');
    await assert.rejects(readParquet(file, {}), because('no-pins-table', file));
  });

  for (const compression of ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'])
    it(`is read at any size of its row groups and pages (${compression})`, async () => {
      const file = written(
        `${CIDS}\ntable = {'cid': cids, 'name': [None if n % 3 == 0 else f'näme {n} \\U0001f4cc' for n in range(1000)], 'size_bytes': list(range(1000)), 'pin_type': ['recursive'] * 1000}`,
        `, compression='${compression}', row_group_size=300, data_page_size=512`,
      );
      const pins = await pinsOf(file);
      assert.equal(pins.length, 1000);
      assert.deepEqual(pins, oraclePins('parquet', file));
      assert.equal((await tableOf(file)).detail, 'Parquet, 4 columns, 4 row groups');
    });

  it('is read in every encoding that pyarrow writes, as either version of data pages', async () => {
    const text = ['PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'];
    const number = ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'];
    for (const version of ['1.0', '2.0'])
      for (const [index, encoding] of text.entries()) {
        const file = written(
          `${CIDS}\ntable = {'cid': cids, 'size_bytes': [n * 1000 for n in range(1000)]}`,
          `, use_dictionary=False, data_page_version='${version}', column_encoding={'cid': '${encoding}', 'size_bytes': '${number[index]}'}`,
        );
        assert.deepEqual(await pinsOf(file), oraclePins('parquet', file), `${encoding} ${version}`);
      }
  });

  it('gives value by value what hyparquet decodes, for all encodings, types and nulls', async () => {
    let compared = 0;
    for (const options of [
      `, data_page_version='1.0', row_group_size=7000, data_page_size=3000`,
      `, data_page_version='2.0', compression='zstd', data_page_size=20000`,
      `, data_page_version='2.0', use_dictionary=False, compression='snappy', column_encoding={'cid': 'DELTA_BYTE_ARRAY', 'name': 'DELTA_LENGTH_BYTE_ARRAY', 'size_bytes': 'DELTA_BINARY_PACKED', 'replication_factor': 'BYTE_STREAM_SPLIT', 'verified': 'RLE'}`,
      `, use_deprecated_int96_timestamps=True, use_dictionary=False, compression='gzip'`,
    ]) {
      const file = written(
        `
import random
dice = random.Random(1)
rows = 20_000
def maybe(make): return [None if dice.random() < 0.2 else make(n) for n in range(rows)]
stamp = lambda n: datetime.datetime(2025, 1, 1) + datetime.timedelta(milliseconds=dice.randrange(10**11))
table = pa.table({
  'cid': pa.array([f'bafy{n // 3:07}' + 'é' * (n % 5) for n in range(rows)]),
  'name': pa.array(maybe(lambda n: f'näme {dice.randrange(5000)}')),
  'pin_type': pa.array(maybe(lambda n: 'recursive')),
  'status': pa.array(maybe(lambda n: bytes(dice.randrange(256) for _ in range(4))), pa.binary(4)),
  'size_bytes': pa.array(maybe(lambda n: dice.randrange(2**63)), pa.int64()),
  'replication_factor': pa.array(maybe(lambda n: dice.randrange(2**31)), pa.int32()),
  'timestamp': pa.array(maybe(stamp), pa.timestamp('us')),
  'last_accessed': pa.array(maybe(stamp), pa.timestamp('ms')),
  'verified': pa.array(maybe(lambda n: dice.random() < 0.5)),
  'vfs_path': pa.array(maybe(lambda n: decimal.Decimal(dice.randrange(10**6)) / 100), pa.decimal128(20, 2)),
  'mount_point': pa.array(maybe(lambda n: dice.random())),
  'backend': pa.array(maybe(lambda n: dice.randrange(2**32)), pa.uint32()),
  'tier': pa.array(maybe(lambda n: datetime.date(2025, 1, 1) + datetime.timedelta(days=dice.randrange(999)))),
})`,
        options,
      );
      const { source } = await readParquet(file, {});
      const bytes = readFileSync(file);
      const expected: Record<string, unknown>[] = [];
      await parquetRead({
        file: { byteLength: bytes.length, slice: (from, to) => Uint8Array.from(bytes.subarray(from, to)).buffer },
        rowFormat: 'object',
        onComplete: (rows) => expected.push(...(rows as Record<string, unknown>[])),
        compressors: { ZSTD: await zstd(), GZIP: (packed) => gunzipSync(packed) },
      });
      assert.equal(source.rows, expected.length);
      for (const name of source.names)
        for (const [row, wanted] of expected.entries()) {
          const value = source.value(name, row) ?? undefined;
          if (value !== wanted[name]) assert.deepEqual(value, wanted[name] ?? undefined, `${name} ${row} ${options}`);
          compared++;
        }
    }
    assert.equal(compared, 4 * 13 * 20_000);
  });

  it("may hold times, flags and numbers of every kind, and columns that aren't part of a pin", async () => {
    const file = written(`
t = datetime.datetime(2025, 7, 27, 8, 0, 0, 250000)
table = pa.table({
  'cid': pa.array(['a', 'b', None, ''], pa.large_string()),
  'name': pa.array(['x', None, 'y', 'z']).dictionary_encode(),
  'timestamp': pa.array([t, None, t, t], pa.timestamp('us')),
  'last_accessed': pa.array([1753603200.25, float('nan'), None, 0.0]),
  'size_bytes': pa.array([2**62, 0, None, 1], pa.uint64()),
  'replication_factor': pa.array([3, None, 1, 1], pa.int8()),
  'verified': pa.array([True, False, None, True]),
  'vfs_path': pa.nulls(4),
  'tags': pa.array([['p'], [], None, ['q', 'r']]),
  'extra': pa.array([{'deep': 1}, None, {'deep': 2}, None]),
})`);
    assert.deepEqual(await pinsOf(file), [
      {
        cid: 'a',
        name: 'x',
        pinnedAt: '2025-07-27T08:00:00.250Z',
        lastAccessed: '2025-07-27T08:00:00.250Z',
        sizeBytes: '4611686018427387904',
        replicas: 3,
        integrity: 'verified',
      },
      { cid: 'b', integrity: 'unverified' },
    ]);
  });

  it('answers filters, sorts and groups as any other list does', async () => {
    const file = written(
      `${CIDS}\ntable = {'cid': cids, 'name': [f'Name {n}' for n in range(1000)], 'pin_type': ['recursive' if n % 2 else 'direct' for n in range(1000)]}`,
    );
    const table = await tableOf(file);
    assert.equal(await table.count({ filter: 'NAME 99' }, NEVER), 11);
    assert.equal((await table.page({ sort: '-name', limit: 1 }, NEVER))[0]?.name, 'Name 999');
    assert.deepEqual(
      (await table.groups('type', {}, NEVER)).map(({ key, count }) => [key, count]),
      [
        ['direct', 500],
        ['recursive', 500],
      ],
    );
  });

  it('of an unsupported codec is reported with its name', async () => {
    const whole = readFileSync(written(`${CIDS}\ntable = {'cid': cids}`, `, compression='snappy'`));
    // In the Thrift of the footer, the codec follows the column's path as a zigzag number; 3 is LZO.
    const codec = whole.indexOf(Buffer.from('1918036369641502', 'hex')) + 7;
    assert.ok(codec > 7);
    whole[codec] = 0x06;
    const file = newFile();
    writeFileSync(file, whole);
    await assert.rejects(readParquet(file, {}), (error: unknown) => {
      because('unsupported', file)(error);
      assert.match(String(error), /LZO/);
      return true;
    });
  });

  it('stops between two pieces when it is canceled', async () => {
    const file = written(`${CIDS}\ntable = {'cid': cids}`, ', row_group_size=10');
    const controller = new AbortController();
    const reading = readParquet(file, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(reading, (error: unknown) => IpfsKitError.is(error, 'cancelled'));
  });

  it('that is written meanwhile is read again', async () => {
    const file = written(`${CIDS}\ntable = {'cid': cids}`, ', row_group_size=10');
    const reading = readParquet(file, {});
    const later = written(`table = {'cid': ['later']}`);
    writeFileSync(file, readFileSync(later));
    assert.equal((await reading).source.rows, 1);
  });
});

describe('a damaged Parquet file', () => {
  it('that is truncated anywhere is reported as such', async () => {
    const whole = readFileSync(fixture('parquet/pins-19col-duckdb.parquet'));
    const file = newFile();
    for (let length = 0; length < whole.length; length += 61) {
      writeFileSync(file, whole.subarray(0, length));
      await assert.rejects(
        readParquet(file, {}),
        (error: unknown) => IpfsKitError.is(error, 'corrupt', 'unsupported', 'no-pins-table', 'too-large'),
        `${length}`,
      );
    }
  });

  it('with any byte changed gives rows or an error, and quickly', { timeout: 100_000 }, async () => {
    const whole = readFileSync(fixture('parquet/pins-19col-duckdb.parquet'));
    const file = newFile();
    let refused = 0;
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8((bytes.readUInt8(at) ^ (1 << (at % 8))) & 0xff, at);
      writeFileSync(file, bytes);
      try {
        const pins = await pinsOf(file);
        assert.ok(pins.length <= 5);
      } catch (error) {
        assert.ok(IpfsKitError.is(error, 'corrupt', 'unsupported', 'no-pins-table', 'too-large'), `${at}: ${String(error)}`);
        refused++;
      }
    }
    assert.ok(refused > 50, `${refused} were rejected`);
  });

  it('whose pages declare more bytes than there is memory is refused before they are decompressed', async () => {
    const bomb = written(`table = {'cid': ['x' * 10_000_000 + 'y']}`, `, use_dictionary=False, compression='snappy'`);
    assert.ok(readFileSync(bomb).length < 1_000_000);
    await assert.rejects(readParquet(bomb, { limits: { unpackedBytes: 5_000_000 } }), because('too-large', bomb));
    assert.equal((await readParquet(bomb, {})).source.rows, 1);
  });

  it('whose pages state wrong lengths is rejected before memory is allocated', async () => {
    const whole = readFileSync(written(`table = {'cid': ['a', 'b']}`, `, use_dictionary=False, compression='none'`));
    // The header of the first page states 2 values as the zigzag varint 0x04.
    const at = whole.indexOf(Buffer.from([0x2c, 0x15, 0x04]));
    assert.ok(at > 0 && at < 40);
    const file = newFile();
    for (const values of [[0x06], [0xfe, 0xff, 0xff, 0xff, 0x0f], [0x01]]) {
      writeFileSync(file, Buffer.concat([whole.subarray(0, at + 2), Buffer.from(values), whole.subarray(at + 3)]));
      await assert.rejects(readParquet(file, {}), because('corrupt', file));
    }
  });

  it('that exceeds the heap limit is reported as too large as soon as that is known', async () => {
    const file = written(`${CIDS}\ntable = {'cid': cids}`, `, use_dictionary=False`);
    await assert.rejects(readParquet(file, { limits: { heapBytes: 20_000 } }), because('too-large', file));
    assert.equal((await readParquet(file, { limits: { heapBytes: 50_000 } })).source.rows, 1000);
  });

  it('with junk after its end is refused', async () => {
    const file = copyOfFixture('parquet/pins-19col-duckdb.parquet');
    appendFileSync(file, 'junk');
    await assert.rejects(readParquet(file, {}), because('corrupt', file));
  });
});
