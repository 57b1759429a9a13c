import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import type { HostRun } from '../../support/hostProcess';
import { inHostProcess } from '../../support/hostProcess';
import { writeRepository } from '../../support/ipfsTree';
import type { ListedInHost } from '../../support/listInHost';
import type { MadeColumn, MadePage } from '../../support/parquetFile';
import { CODEC, deltaRun, ENCODING, footerOf, parquetFile, plainTexts, run, TYPE, varint } from '../../support/parquetFile';
import { python } from '../../support/python';
import type { ReadInHost, ReadRun } from '../../support/readInHost';
import { isLong } from '../../support/rounds';
import { needs } from '../../support/needs';

/*
 * Each reader has its largest hostile input, in a process that plays the extension host. One allocation beyond a thread's heap limit ends the whole
 * process, and memory outside the heap isn't counted by that limit. The process must survive, its main thread must continue, and its memory must stay
 * bounded.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'readers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string): string => path.join(folder, name);
/** A request without a sign of life for this long is ended; 20 s in the product. */
const SILENCE_MS = 4000;

async function read(argument: ReadInHost): Promise<HostRun & { readonly result: ReadRun }> {
  const host = await inHostProcess('test/support/readInHost.ts', {
    argument: { silenceMs: SILENCE_MS, ...argument },
    timeoutMs: 90_000,
  });
  assertLives(host);
  return { ...host, result: host.result as ReadRun };
}

function assertLives(host: HostRun): void {
  assert.deepEqual([host.exitCode, host.signal], [0, null], host.failure ?? 'the host has ended');
  assert.ok(host.ticks > 5, `its main thread turned ${host.ticks} times`);
  assert.ok(host.longestBlockMs < 2000, `its main thread was blocked for ${host.longestBlockMs} ms`);
}

function wrote(name: string, parts: readonly Uint8Array[]): string {
  const file = fileOf(name);
  const descriptor = openSync(file, 'w');
  for (const part of parts) writeSync(descriptor, part);
  closeSync(descriptor);
  return file;
}

function texts(name: string, pages: readonly MadePage[], more: Partial<MadeColumn> = {}): MadeColumn {
  return { name, type: TYPE.bytes, pages, ...more };
}

function dictionaryOf(entries: readonly (string | Uint8Array)[]): MadePage {
  return { kind: 'dictionary', bytes: plainTexts(entries), values: entries.length };
}

/** Refers `rows` times to the entry `at` of a dictionary, in one run that may state `runOf` values. */
function entry(rows: number, at = 0, runOf = rows): MadePage {
  return { kind: 'data', bytes: Buffer.concat([Buffer.from([8]), run(runOf, at)]), values: rows, encoding: ENCODING.dictionary };
}

const MB = 2 ** 20;
const FOOTER_BYTES = 64 * MB - 64;
const PARQUET_ROWS = isLong ? 5_000_000 : 1_000_000;
const COLUMNS = isLong ? 60_000_000 : 10_000_000;
const NAME_BYTES = isLong ? 100_000_000 : 25_000_000;
const PACKED_ROWS = isLong ? 8_000_000 : 2_000_000;

describe('a Parquet file', needs('/proc'), () => {
  it('of few bytes that expand to gigabytes ends no host, and takes little of its memory', async () => {
    const levels = run(2 ** 28, 1);
    const lengthOf = Buffer.alloc(4);
    lengthOf.writeUInt32LE(levels.length);
    const optional = {
      kind: 'data',
      bytes: Buffer.concat([lengthOf, levels, plainTexts(Array<string>(1000).fill('x'))]),
      values: 1000,
    } as const;
    const negative = { ...entry(1000, 0, 2 ** 30), kind: 'dataV2', nulls: -(2 ** 29) } as const;
    const nested = Buffer.concat([
      Buffer.from([0x29]),
      ...Array.from({ length: 64 }, () => Buffer.concat([Buffer.from([0xf9]), varint(2 ** 25)])),
    ]);
    const files = {
      [wrote('runs.parquet', parquetFile(1000, [texts('cid', [dictionaryOf(['x']), entry(1000, 0, 2 ** 30)])]))]: ['page'],
      [wrote('levels.parquet', parquetFile(1000, [texts('cid', [optional], { optional: true })]))]: ['page'],
      [wrote('nulls.parquet', parquetFile(1000, [texts('cid', [dictionaryOf(['x']), negative])]))]: ['page'],
      [wrote('lists.parquet', [Buffer.from('PAR1'), ...footerOf(nested)])]: ['page'],
    };
    const { result, peakMb } = await read({ files, silenceMs: 20_000 });
    const [runs, ofLevels, ofNulls, lists] = Object.values(result.answers);
    assert.deepEqual([runs, ofLevels, ofNulls, lists], [['ok', 'ok'], ['ok', 'ok'], ['ok', 'ok'], ['corrupt']]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 300, `${peakMb} MB`);
  });

  it('with the largest allowed footer is rejected before objects are made of it', async () => {
    const structs = Buffer.concat([
      Buffer.from([0x29, 0xfc]),
      varint(FOOTER_BYTES - 16),
      Buffer.alloc(FOOTER_BYTES - 16),
      Buffer.from([0]),
    ]);
    const number = Buffer.concat([Buffer.from([0x36]), Buffer.alloc(FOOTER_BYTES - 16, 0xff), Buffer.from([1, 0])]);
    const files = {
      [wrote('structs.parquet', [Buffer.from('PAR1'), ...footerOf(structs)])]: [],
      [wrote('number.parquet', [Buffer.from('PAR1'), ...footerOf(number)])]: [],
    };
    const { result, peakMb } = await read({ files });
    assert.deepEqual(Object.values(result.answers), [['corrupt'], ['corrupt']]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 500, `${peakMb} MB`);
  });

  it('whose texts build on each other up to the heap limit is reported as too large', async () => {
    const rows = 100_000;
    const growing = Buffer.concat([deltaRun(rows, 0, 1), deltaRun(rows, 1, 0), Buffer.alloc(rows, 0x61)]);
    const page = { kind: 'data', bytes: growing, values: rows, encoding: ENCODING.deltaByteArray } as const;
    const { result, peakMb } = await read({
      files: { [wrote('growing.parquet', parquetFile(rows, [texts('cid', [page])]))]: [] },
      silenceMs: 20_000,
    });
    assert.deepEqual([Object.values(result.answers), result.ended], [[['too-large']], []]);
    assert.ok(peakMb < 1800, `${peakMb} MB`);
  });

  it('with pages of the largest allowed size is read, and with larger ones rejected', async () => {
    const page = (bytes: number): Buffer => {
      const text = Buffer.alloc(bytes, 0x61);
      text.writeUInt32LE(bytes - 4);
      return text;
    };
    const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
    const packers = {
      gzip: (bytes: Buffer) => gzipSync(bytes, { level: 1 }),
      brotli: (bytes: Buffer) => brotliCompressSync(bytes, quick),
    };
    const files: Record<string, string[]> = {};
    for (const [codec, pack] of Object.entries(packers) as ['gzip' | 'brotli', (bytes: Buffer) => Buffer][])
      for (const megabytes of [128, 160]) {
        const bytes = page(megabytes * MB);
        const packed = { kind: 'data', bytes: pack(bytes), unpackedBytes: bytes.length, values: 1 } as const;
        files[wrote(`${codec}-${megabytes}.parquet`, parquetFile(1, [texts('cid', [packed], { codec: CODEC[codec] })]))] = [
          'page',
        ];
      }
    const { result, peakMb } = await read({ files });
    assert.deepEqual(Object.values(result.answers), [['ok', 'ok'], ['too-large'], ['ok', 'ok'], ['too-large']]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 900, `${peakMb} MB`);
  });

  it('of millions of rows that share texts of a megabyte answers all queries', async () => {
    const long = Array.from({ length: 32 }, (_, at) => Buffer.alloc(MB, 0x41 + at));
    const columns = [
      texts('cid', [dictionaryOf(['bafy']), entry(PARQUET_ROWS)]),
      texts('name', [dictionaryOf(long), entry(PARQUET_ROWS, 1)]),
    ];
    const file = wrote('shared.parquet', parquetFile(PARQUET_ROWS, columns));
    const { result, peakMb } = await read({
      files: { [file]: ['page', 'count', 'sort name', 'group status'] },
      silenceMs: 20_000,
    });
    assert.deepEqual(Object.values(result.answers), [['ok', 'ok', 'ok', 'ok', 'ok']]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 900, `${peakMb} MB`);
  });
});

function arrow(kind: string, count: number, name = `${kind}.arrow`): string {
  python(ARROW_PROGRAM, kind, fileOf(name), String(count));
  return fileOf(name);
}

const ARROW_PROGRAM = `import runpy, sys; runpy.run_path('test/support/arrow_hostile.py', run_name='__main__')`;

describe('an Arrow body', needs('/proc'), () => {
  it('that lists millions of columns, up to a gigabyte, is rejected before objects are made of them', async () => {
    const file = arrow('nodes', COLUMNS);
    const server = createServer((request, response) => {
      if (request.url === '/pin-index-arrow') createReadStream(file).pipe(response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const host = await inHostProcess('test/support/listInHost.ts', { argument: { kind: 'live', query: { baseUrl } } });
    server.close();
    assertLives(host);
    const { reason, ended } = host.result as ListedInHost;
    assert.deepEqual([reason, ended], ['too-large', []]);
    assert.ok(host.peakMb < 2600, `${host.peakMb} MB`); // The body itself, and the buffer into which it grows.
  });

  it('whose rows share names of many megabytes answers all queries', async () => {
    const file = arrow('long_names', NAME_BYTES);
    const { result, peakMb } = await read({
      files: { [file]: ['page', 'sort name', 'sort -name', 'search zzz', 'group status'] },
      silenceMs: 20_000,
    });
    assert.deepEqual(Object.values(result.answers), [['ok', 'ok', 'ok', 'ok', 'ok', 'ok']]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 1500, `${peakMb} MB`);
  });

  it('that decompresses to many times its size in one piece is read', async () => {
    const { result, peakMb } = await read({
      files: { [arrow('packed', PACKED_ROWS)]: ['page', 'search zzz'] },
      silenceMs: 20_000,
    });
    assert.deepEqual(Object.values(result.answers), [['ok', 'ok', 'ok']]);
    assert.ok(peakMb < 3000, `${peakMb} MB`);
  });

  it('with too many groups reports it, and keeps working', async () => {
    const { result, peakMb } = await read({
      files: { [arrow('many_groups', 1_200_000)]: ['group backend', 'page'] },
      silenceMs: 20_000,
    });
    assert.deepEqual(Object.values(result.answers), [['ok', 'too-large', 'ok']]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 900, `${peakMb} MB`);
  });
});

/** Writes a database by Python; `db` is the open sqlite3 connection. */
function sqlite(name: string, code: string): string {
  const file = fileOf(`${name}.db`);
  python(`import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n${code}\ndb.close()`, file);
  return file;
}

const ENDLESS = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)';

describe('a SQLite database', needs('/proc'), () => {
  it('whose view computes forever is ended in time', async () => {
    const file = sqlite('endless', `db.execute("CREATE VIEW pins AS ${ENDLESS} SELECT n AS cid, n AS name FROM r")`);
    const { result, peakMb } = await read({ files: { [file]: ['page', 'count'] } });
    assert.deepEqual([Object.values(result.answers), result.ended], [[['ok', 'ok', 'timeout']], ['timeout']]);
    assert.ok(peakMb < 300, `${peakMb} MB`);
  });

  it('whose views store gigabytes is reported as too large, and its texts and definitions take no more', async () => {
    const files = {
      [sqlite('sorted', `db.execute("CREATE VIEW pins AS ${ENDLESS} SELECT zeroblob(20000000) || n AS cid FROM r ORDER BY 1")`)]:
        ['page'],
      [sqlite(
        'queued',
        `db.execute("CREATE VIEW pins AS WITH RECURSIVE r(n, b) AS (SELECT 1, zeroblob(10000000) UNION ALL SELECT n + 1, zeroblob(10000000) FROM r, (SELECT 1 UNION ALL SELECT 2)) SELECT n AS cid, max(length(b)) AS name FROM r")`,
      )]: ['page'],
      [sqlite(
        'default',
        `db.execute("CREATE TABLE pins(cid TEXT DEFAULT '" + "x" * 60_000_000 + "', name TEXT)"); db.execute("INSERT INTO pins VALUES ('bafy', 'x')")`,
      )]: ['count'],
      [sqlite(
        'column',
        `db.execute('CREATE TABLE pins(cid TEXT, "' + 'y' * 40_000_000 + '" TEXT)'); db.execute("INSERT INTO pins VALUES ('bafy', 'x')")`,
      )]: ['page', 'details bafy'],
      [sqlite(
        'texts',
        `
db.execute("CREATE TABLE pins(cid TEXT, name TEXT, vfs_path TEXT)")
for n in range(3): db.execute("INSERT INTO pins VALUES ('bafy' || ?, ?, ?)", (n, '€' + 'x' * 15_000_000, 'é' * 8_000_000))
db.execute("INSERT INTO pins VALUES (?, ?, 'z')", ('b' * 60_000_000, '€' + 'x' * 60_000_000))`,
      )]: ['page', 'sort name', 'search zzz', 'fuzzy zzz', 'details bafy1'],
    };
    const { result, peakMb } = await read({ files, silenceMs: 20_000 });
    assert.deepEqual(Object.values(result.answers), [
      ['ok', 'too-large'],
      ['ok', 'too-large'],
      ['ok', 'ok'],
      ['ok', 'ok', 'ok'],
      ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
    ]);
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 1200, `${peakMb} MB`);
  });
});

const CBOR = 0x71;
const JSON_CODE = 0x0129;
const DAG_PB = 0x70;
const BLOCK_BYTES = 2 ** 22;

/** The head of a dag-cbor list. */
function listHead(items: number): Buffer {
  const head = Buffer.from([0x9a, 0, 0, 0, 0]);
  head.writeUInt32BE(items, 1);
  return head;
}

describe('a block', needs('/proc'), () => {
  it('of four megabytes that expands to four million values, or to hours of work, is shown unchanged or rejected', async () => {
    const many = (byte: number): Buffer => Buffer.concat([listHead(BLOCK_BYTES - 5), Buffer.alloc(BLOCK_BYTES - 5, byte)]);
    const made: readonly (readonly [number, Buffer])[] = [
      ...[0x40, 0x60, 0x80, 0xa0, 0xf6].map((byte) => [CBOR, many(byte)] as const),
      [CBOR, Buffer.concat([Buffer.alloc(BLOCK_BYTES - 1, 0x81), Buffer.from([0])])],
      [CBOR, Buffer.concat([listHead(2 ** 32 - 1), Buffer.alloc(BLOCK_BYTES - 5, 0x80)])],
      [JSON_CODE, Buffer.from(`{"a":{"/":"z${'Q'.repeat(BLOCK_BYTES - 100)}"}}`)],
      [JSON_CODE, Buffer.from('['.repeat(BLOCK_BYTES / 2) + ']'.repeat(BLOCK_BYTES / 2))],
      // Links to an identity CID without bytes, and a folder that contains them.
      [DAG_PB, Buffer.from('12060a0401550000'.repeat(BLOCK_BYTES / 8 - 1) + '0a020801', 'hex')],
    ];
    const blocks = made.map(([code, bytes]) => ({
      cid: CID.createV1(code, create(0x12, createHash('sha256').update(bytes).digest())),
      bytes,
    }));
    const repository = fileOf('repository');
    writeRepository(repository, new Map(blocks.map((block) => [block.cid.toString(), block])));
    const { result, peakMb } = await read({ blocks: { repository, cids: blocks.map(({ cid }) => cid.toString()) } });
    const asItIs = ['ok', 'ok', 'not-a-folder', 'no-entry'];
    assert.deepEqual(
      blocks.map(({ cid }) => result.answers[cid.toString()]),
      [
        asItIs,
        asItIs,
        asItIs,
        asItIs,
        asItIs,
        ...Array<string[]>(1).fill(asItIs),
        asItIs,
        ['ok', 'ok', 'not-a-folder', 'malformed'],
        asItIs,
        asItIs,
      ],
    );
    assert.deepEqual(result.ended, []);
    assert.ok(peakMb < 700, `${peakMb} MB`);
  });
});
