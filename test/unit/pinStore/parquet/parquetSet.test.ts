import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pin } from '../../../../src/pin/pin';
import { columnarTable } from '../../../../src/columns/columnarTable';
import { locateStores } from '../../../../src/pinStore/locate';
import type { OpenedStore } from '../../../../src/pinStore/openNewestStore';
import { openNewestStore } from '../../../../src/pinStore/openNewestStore';
import { readParquet } from '../../../../src/pinStore/parquet/parquetReader';
import { parquetSet } from '../../../../src/pinStore/parquet/parquetSet';
import { watchStore } from '../../../../src/pinStore/watchStore';
import { python } from '../../../support/python';
import { because, NEVER, newFolder } from '../testDatabases';
import { needs, POSIX } from '../../../support/needs';

/** Files of one to four rows with distinct CIDs, which pyarrow writes. */
const MADE = `
import sys, pyarrow as pa, pyarrow.parquet as pq
def t(file, **columns): pq.write_table(pa.table(columns), sys.argv[1] + '/' + file)
t('a', cid=['bafya0', 'bafya1'], name=['first', None], pin_type=['recursive', 'direct'])
t('b', cid=['bafyb0'], type=['direct'], size=pa.array([7], pa.int32()), extra=[1.5])
t('c', cid=['bafyc0', 'bafyc1', 'bafyc2'], size_bytes=[1, 2, 3])
t('none', other=['x'])
both = pa.table({'cid': ['bafyd0', 'bafyd1', 'bafyd2', 'bafyd3'], 'backend': ['s3', 'a b', None, 's3'], 'day': [1, 1, 2, 2]})
pq.write_to_dataset(both, sys.argv[1] + '/hive', partition_cols=['backend', 'day'])
`;

const made = newFolder();
before(() => void python(MADE, made));

/** Copies those files into a new folder, by the name that each gets. */
function setOf(files: Readonly<Record<string, string>>, at = 'pins'): string {
  const folder = path.join(newFolder(), at);
  for (const [name, of] of Object.entries(files)) put(path.join(folder, name), of);
  return folder;
}

function put(file: string, of: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, readFileSync(path.join(made, of)));
}

const open = (place: string): Promise<OpenedStore> =>
  openNewestStore(place, {
    wasmFile: '',
    tables: {
      ofColumns: columnarTable,
      ofArrow: () => Promise.reject(new Error('no Arrow here')),
      ofJson: () => Promise.reject(new Error('no JSON here')),
    },
  });
const pinsIn = async (place: string): Promise<Pin[]> => (await open(place)).table.page({ limit: 1000 }, NEVER);
const cidsIn = async (place: string): Promise<string[]> => (await pinsIn(place)).map(({ cid }) => cid);

describe('a Parquet set', () => {
  for (const [writer, names] of [
    ['Spark', ['part-00000-1b4e.c000.snappy.parquet', 'part-00001-1b4e.c000.snappy.parquet']],
    ['pyarrow', ['part-0.parquet', 'part-1.parquet']],
    ['Dask', ['part.0.parquet', 'part.1.parquet']],
    ['DuckDB', ['data_0.parquet', 'data_1.parquet']],
    ['Polars', ['00000000.parquet', '00000001.parquet']],
    ['Hugging Face', ['pins-00000-of-00002.parquet', 'pins-00001-of-00002.parquet']],
  ] as const)
    it(`as ${writer} names its parts is one list`, async () => {
      const folder = setOf({ [names[0]]: 'a', [names[1]]: 'c', _SUCCESS: 'none', [`.${names[0]}.crc`]: 'none' });
      const { table, passedOver, incomplete } = await open(folder);
      assert.equal(await table.count({}, NEVER), 5);
      assert.equal(table.detail, 'Parquet, 2 parts, 4 columns, 2 row groups');
      assert.deepEqual([passedOver, incomplete], [[], undefined]);
    });

  it('whose folder is named like a file takes parts of any name, below a data folder too', async () => {
    const folder = setOf(
      { 'x.parquet': 'a', 'y.parquet': 'c', '.hidden.parquet': 'b', '_metadata.parquet': 'none' },
      'pins.parquet',
    );
    assert.deepEqual(await cidsIn(folder), ['bafya0', 'bafya1', 'bafyc0', 'bafyc1', 'bafyc2']);
    assert.equal((await open(path.dirname(folder))).path, folder);
  });

  it('keeps the order of its numbers, for any length', async () => {
    const folder = setOf({ 'part-10.parquet': 'a', 'part-9.parquet': 'b' });
    assert.deepEqual(await cidsIn(folder), ['bafyb0', 'bafya0', 'bafya1']);
  });

  it('may name and type its columns differently in each part, or not have them', async () => {
    const pins = await pinsIn(setOf({ 'part-0.parquet': 'a', 'part-1.parquet': 'b', 'part-2.parquet': 'c' }));
    assert.deepEqual(
      pins.map(({ cid, name, type, sizeBytes }) => [cid, name, type, sizeBytes]),
      [
        ['bafya0', 'first', 'recursive', undefined],
        ['bafya1', undefined, 'direct', undefined],
        ['bafyb0', undefined, 'direct', 7],
        ['bafyc0', undefined, undefined, 1],
        ['bafyc1', undefined, undefined, 2],
        ['bafyc2', undefined, undefined, 3],
      ],
    );
  });

  it("in folders of key=value gives each pin the value of its folder's name", async () => {
    const pins = await pinsIn(path.join(made, 'hive'));
    assert.deepEqual(pins.map(({ cid, backend }) => [cid, backend]).sort(), [
      ['bafyd0', 's3'],
      ['bafyd1', 'a b'],
      ['bafyd2', undefined],
      ['bafyd3', 's3'],
    ]);
  });

  it('of the backends of ipfs_kit_py is one list, each pin with its backend', async () => {
    const root = setOf(
      { 's3/pin_mappings.parquet': 'a', 'ipfs/pin_mappings.parquet': 'c', 'ipfs/other.parquet': 'b' },
      'backends',
    );
    const set = locateStores(path.dirname(root)).candidates.find(({ path: at }) => at === root);
    assert.equal(set?.sizeBytes, readFileSync(path.join(made, 'a')).length + readFileSync(path.join(made, 'c')).length);
    const pins = await pinsIn(root);
    assert.deepEqual(
      pins.map(({ backend }) => backend),
      ['ipfs', 'ipfs', 'ipfs', 's3', 's3'],
    );
  });

  it('with a damaged part lists the others, and reports which is missing and why', async () => {
    const folder = setOf({ 'part-0.parquet': 'a', 'part-1.parquet': 'b', 'part-2.parquet': 'c', 'part-3.parquet': 'none' });
    truncateSync(path.join(folder, 'part-1.parquet'), 100);
    const { table, incomplete } = await open(folder);
    assert.equal(await table.count({}, NEVER), 5);
    assert.equal(incomplete?.reason, 'corrupt');
    assert.match(incomplete.message, /2 of 4 parts left out\. .*part-1\.parquet is damaged/);
    rmSync(path.join(folder, 'part-0.parquet'));
    rmSync(path.join(folder, 'part-2.parquet'));
    await assert.rejects(open(folder), because('corrupt', path.join(folder, 'part-1.parquet')));
  });

  it('does not follow symbolic links, and reports them', needs(POSIX), async () => {
    const folder = setOf({ 'k=1/x.parquet': 'a' });
    symlinkSync(path.join(made, 'c'), path.join(folder, 'k=1', 'y.parquet'));
    symlinkSync(path.join(made, 'hive'), path.join(folder, 'k=2'));
    const { table, incomplete } = await open(folder);
    assert.equal(await table.count({}, NEVER), 2);
    assert.match(incomplete?.message ?? '', /2 symbolic links left out\. Replace the links with the files themselves/);
    const whole = setOf({ 'x.parquet': 'a' }, 'pins.parquet');
    symlinkSync(path.join(made, 'c'), path.join(whole, 'newer.parquet'));
    const { path: listed, passedOver } = await open(whole);
    assert.deepEqual([listed, passedOver], [whole, []]);
  });

  it('of more than 1,000 files or eight levels reports what is beyond', async () => {
    const folder = setOf({
      'a=1/b=2/c=3/d=4/e=5/f=6/g=7/h=8/x.parquet': 'a',
      'a=1/b=2/c=3/d=4/e=5/f=6/g=7/h=8/i=9/x.parquet': 'b',
    });
    assert.match((await open(folder)).incomplete?.message ?? '', /1 beyond the 1,000 files or 8 levels/);
    assert.deepEqual(await cidsIn(folder), ['bafya0', 'bafya1']);
    for (let n = 0; n < 1001; n++) writeFileSync(path.join(folder, 'a=1', `${n}.parquet`), '');
    const { parts, aside } = parquetSet(folder) ?? {};
    assert.deepEqual([parts?.length, aside], [1000, ['3 beyond the 1,000 files or 8 levels']]);
  });

  it('that gets another part while it is read includes it, and one memory limit is for all parts', async () => {
    const folder = setOf({ 'part-0.parquet': 'a', 'part-1.parquet': 'c' });
    const reading = readParquet(folder, {});
    put(path.join(folder, 'part-2.parquet'), 'b');
    assert.equal((await reading).source.rows, 6);
    await assert.rejects(readParquet(folder, { limits: { heapBytes: 60 } }), because('too-large', folder));
  });

  it('is distinguished from separate lists side by side, of which the newest is listed and the others are counted', async () => {
    const folder = setOf({ 'pins.parquet': 'a', '2026-01-01.parquet': 'b', '2026-01-02.parquet': 'c', '20260103.parquet': 'c' });
    const { passedOver, table } = await open(folder);
    assert.ok((await table.count({}, NEVER)) <= 3);
    assert.deepEqual(
      passedOver.map(({ reason }) => reason),
      ['left-out'],
    );
    assert.match(passedOver[0]?.message ?? '', /3 other Parquet files beside it ignored/);
  });

  for (const [newest, files, listed, expected] of [
    [
      'extra',
      { 'part-0': 'a', 'part-1': 'b', extra: 'c' },
      3,
      /extra\.parquet is listed, and 2 other .*: part-0\.parquet, part-1\./,
    ],
    ['part-1', { 'part-0': 'a', 'part-1': 'b', extra: 'c' }, 3, /The parts in .* are listed, and 1 other .*: extra\.parquet\./],
    ['pins', { 'tier=a/x': 'a', 'tier=b/y': 'b', pins: 'c' }, 3, /and 2 other Parquet files beside it/],
    [
      'tier=b/y-1',
      { 'tier=a/x': 'a', 'tier=b/y-0': 'b', 'tier=b/y-1': 'b', pins: 'c' },
      4,
      /and 1 other Parquet file beside them/,
    ],
    ['x', { 'pins.parquet/x': 'a', 'pins.parquet/y': 'b', x: 'c' }, 3, /and 2 other .*: pins\.parquet\/x\.parquet/],
  ] as const)
    it(`beside another list is reported, or that list is: ${Object.keys(files).join(', ')}, ${newest} the newest`, async () => {
      const folder = setOf(Object.fromEntries(Object.entries(files).map(([name, of]) => [`${name}.parquet`, of])));
      for (const name of Object.keys(files)) utimesSync(path.join(folder, `${name}.parquet`), 1, name === newest ? 1000 : 1);
      const { table, passedOver } = await open(folder);
      assert.equal(await table.count({}, NEVER), listed);
      assert.equal(passedOver.length, 1);
      assert.match(passedOver[0]?.message.replaceAll(path.sep, '/') ?? '', expected);
    });

  it('whose folder is named like a file takes parts in any folder of it, but not in what is hidden or half written', async () => {
    const folder = setOf(
      {
        'part-0.parquet': 'a',
        'in.parquet/part-0.parquet': 'b',
        'x/y/z.parquet': 'c',
        '_tmp/a.parquet': 'a',
        'x/.t/a.parquet': 'a',
      },
      'pins.parquet',
    );
    for (const place of [folder, path.dirname(folder)]) {
      const { table, passedOver, incomplete } = await open(place);
      assert.equal(await table.count({}, NEVER), 6);
      assert.deepEqual([passedOver, incomplete], [[], undefined]);
    }
  });

  it('that is incomplete reports the next step', async () => {
    const folder = setOf({ 'part-0.parquet': 'a', 'part-1.parquet': 'none' });
    assert.match((await open(folder)).incomplete?.message ?? '', /without a cid column\. If it isn't part of the list, move it/);
    for (let n = 0; n < 1000; n++) writeFileSync(path.join(folder, `part-0${n}.parquet`), '');
    assert.match(parquetSet(folder)?.nextStep ?? '', /^Write the list to fewer files/);
  });

  it("of backends that are symbolic links isn't read, and the links are named", needs(POSIX), async () => {
    const root = setOf({ 'backends/s3/other': 'a' });
    symlinkSync(made, path.join(root, 'backends', 'b2'));
    await assert.rejects(open(root), because('left-out', "backends aren't followed: b2."));
  });

  it('is watched: a new part is seen, in a new folder too, and a changed one', { timeout: 20_000 }, async () => {
    const folder = setOf({ 'k=1/x.parquet': 'a' });
    let notifications = 0;
    const watch = watchStore({
      databasePath: () => folder,
      pidFile: () => undefined,
      onStores: () => Promise.resolve(notifications++),
      onPidFile: () => undefined,
      note: () => undefined,
      debounceMs: 20,
      leastBetweenMs: 20,
    });
    try {
      watch.setActive(true);
      await sleep(200); // Time for the first look of the watch.
      const changes = [
        () => put(path.join(folder, 'k=1', 'y.parquet'), 'b'),
        () => put(path.join(folder, 'k=2', 'x.parquet'), 'b'),
        () => put(path.join(folder, 'k=2', 'in', 'z.parquet'), 'b'),
        () => appendFileSync(path.join(folder, 'k=2', 'x.parquet'), 'more'),
      ];
      for (const change of changes) {
        const before = notifications;
        change();
        while (notifications === before) await sleep(10);
        await sleep(100); // Time for any further notification.
      }
    } finally {
      watch.dispose();
    }
  });
});
