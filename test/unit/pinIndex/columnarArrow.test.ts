import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataType } from 'apache-arrow';
import {
  Bool,
  Dictionary,
  Float64,
  Int32,
  Int64,
  LargeUtf8,
  Table,
  tableToIPC,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { IpfsKitError } from '../../../src/ipfsKitError';
import type { PinQuery } from '../../../src/pin/pinQuery';
import { GROUP_KEYS, SORT_KEYS } from '../../../src/pin/pinQuery';
import type { PinTable } from '../../../src/pin/pinTable';
import { readArrow } from '../../../src/pinIndex/arrowReader';
import { columnarTable } from '../../../src/pinIndex/columnarTable';

/** An Arrow body, which is searched by its bytes, must answer as the same rows in an array, which are looked at one by one. */

const going = new AbortController().signal;

type Cell = string | number | bigint | boolean | null;
type Row = Readonly<Record<string, Cell>>;

const word = fc.constantFrom(
  'readme',
  'README',
  'Photos',
  'é',
  'É',
  '日本',
  '\u{1f600}',
  '\ue000',
  '',
  ' ',
  'x\0y',
  '\ufeffmark',
);
const name = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: fc.array(word, { maxLength: 3 }).map((words) => words.join('-')) },
);

const row: fc.Arbitrary<Row> = fc.record({
  cid: fc.oneof(
    { weight: 15, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => `Qm${n}`) },
    { weight: 1, arbitrary: fc.constantFrom(null, '') },
  ),
  name,
  pin_type: fc.constantFrom('recursive', 'direct', null),
  size_bytes: fc.oneof(fc.bigInt({ min: -2n, max: 50n }), fc.constantFrom(null, 2n ** 53n + 1n, 2n ** 53n, 2n ** 62n)),
  timestamp: fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_700_000_009 }), fc.constantFrom(null, 0, NaN, 1_700_000_003.25)),
  vfs_path: fc.constantFrom(null, '/a/b/c', '/a/B/d', '/top', 'relative'),
  primary_tier: fc.constantFrom('local', 's3', null, ''),
  verified: fc.constantFrom(true, false, null),
  metadata: fc.constantFrom(null, '{"name":"Meta-é"}', '{"size_bytes":17}', 'no JSON'),
});

const TEXTS = {
  utf8: () => new Utf8(),
  largeUtf8: () => new LargeUtf8(),
  dictionary: () => new Dictionary(new Utf8(), new Int32()),
  smallDictionary: () => new Dictionary(new Utf8(), new Uint8()),
} satisfies Record<string, () => DataType>;

const layout = fc.record({
  texts: fc.constantFrom(...(Object.keys(TEXTS) as (keyof typeof TEXTS)[])),
  perBatch: fc.integer({ min: 1, max: 20 }),
  form: fc.constantFrom('stream' as const, 'file' as const),
  hasMetadata: fc.boolean(),
});

const query: fc.Arbitrary<PinQuery> = fc.record(
  {
    filter: fc.constantFrom(
      '',
      'read',
      'QM1',
      'é',
      'É',
      'a',
      '/b',
      '\u{1f600}',
      '\ufffd',
      '\ud83d',
      'x\0y',
      ' ',
      'meta',
      'm3',
      'e-',
    ),
    sort: fc.constantFrom(...SORT_KEYS),
    group: fc.constantFrom(...GROUP_KEYS),
    offset: fc.integer({ min: 0, max: 12 }),
    limit: fc.integer({ min: 0, max: 40 }),
  },
  { requiredKeys: [] },
);

function body(
  rows: readonly Row[],
  { texts, perBatch, form, hasMetadata }: typeof layout extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const columns = columnsOf(hasMetadata);
  const types: Record<string, DataType> = { size_bytes: new Int64(), timestamp: new Float64(), verified: new Bool() };
  const tables: Table[] = [];
  // A file can't replace a dictionary, and each table here brings its own.
  const step = form === 'file' && /dictionary/i.test(texts) ? Math.max(1, rows.length) : perBatch;
  for (let from = 0; from < Math.max(1, rows.length); from += step) {
    const part = rows.slice(from, from + step);
    tables.push(
      new Table(
        Object.fromEntries(
          columns.map((column) => [
            column,
            vectorFromArray(
              part.map((each) => each[column] ?? null),
              types[column] ?? TEXTS[texts](),
            ),
          ]),
        ),
      ),
    );
  }
  const [first = assert.fail(), ...rest] = tables;
  return tableToIPC(first.concat(...rest), form);
}

function columnsOf(hasMetadata: boolean): string[] {
  return [
    'cid',
    'name',
    'pin_type',
    'size_bytes',
    'timestamp',
    'vfs_path',
    'primary_tier',
    'verified',
    ...(hasMetadata ? ['metadata'] : []),
  ];
}

async function answers(table: PinTable, queries: readonly PinQuery[]): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const each of queries)
    all.push({
      pins: await table.page(each, going),
      count: await table.count(each, going),
      ...(each.group && { groups: await table.groups(each.group, each, going) }),
    });
  table.close();
  return all;
}

describe('a table of an Arrow body', () => {
  it('answers any query as the same rows in an array do', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 40 }),
        layout,
        fc.array(query, { minLength: 1, maxLength: 8 }),
        async (rows, how, queries) => {
          const plain = columnarTable(
            { rows: rows.length, names: columnsOf(how.hasMetadata), value: (column, at) => rows[at]?.[column] },
            'rows',
          );
          assert.deepEqual(await answers(readArrow(body(rows, how)), queries), await answers(plain, queries));
        },
      ),
      { numRuns: 300 },
    ));

  it('compares by the whole text, and shows of a very long one its beginning', async () => {
    const long = `${'é'.repeat(300_000)}end`;
    const rows: Row[] = [
      { cid: 'Qm1', name: `${long}b` },
      { cid: 'Qm2', name: `${long}A` },
      { cid: 'Qm3', name: null },
    ];
    const table = readArrow(
      tableToIPC(
        new Table({
          cid: vectorFromArray(rows.map(({ cid }) => cid)),
          name: vectorFromArray(
            rows.map((each) => each['name']),
            new Utf8(),
          ),
        }),
      ),
    );
    const cids = async (wanted: PinQuery): Promise<string[]> => (await table.page(wanted, going)).map(({ cid }) => cid);
    assert.deepEqual(await cids({ sort: 'name' }), ['Qm2', 'Qm1', 'Qm3']);
    assert.deepEqual(await cids({ filter: 'ENDa' }), ['Qm2']);
    assert.equal((await table.page({}, going))[0]?.name, `${'é'.repeat(4096)}…`);
  });

  it('keeps its answers apart when filters and orders change to and fro', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => ({
      cid: `Qm${at % 7}`,
      name: `n${(at * 31) % 50}`,
      timestamp: 1_700_000_000 + ((at * 17) % 50),
    }));
    const columns = Object.keys(rows[0] ?? {});
    const make = (): PinTable =>
      columnarTable(
        {
          rows: rows.length,
          names: columns,
          value: (column, at) => Object.entries(rows[at] ?? {}).find(([key]) => key === column)?.[1],
        },
        'rows',
      );
    const table = make();
    for (const wanted of [
      { sort: 'time' },
      { filter: 'n1', sort: 'time' },
      { sort: 'time' },
      { filter: 'n1', sort: '-name' },
      { filter: 'n1', sort: 'time' },
      {},
    ] as const) {
      const fresh = make();
      assert.deepEqual(await table.page(wanted, going), await fresh.page(wanted, going));
    }
  });

  it('refuses a query that is none with a reason', async () => {
    const table = readArrow(tableToIPC(new Table({ cid: vectorFromArray(['Qm1']) })));
    await assert.rejects(table.page({ limit: -1 }, going), (error) => IpfsKitError.is(error, 'invalid-argument'));
  });
});
