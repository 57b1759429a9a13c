import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { groupKeyOf } from '../../../src/pin/groupOfPin';
import type { Pin } from '../../../src/pin/pin';
import { shapeOf } from '../../../src/pin/columnNames';
import { sizeOf, toPin } from '../../../src/pin/pinRecord';
import type { GroupKey, PinFilter, PinQuery, PinTotal } from '../../../src/pin/pinQuery';
import { foldAscii, GROUP_KEYS, SORT_KEYS } from '../../../src/pin/pinQuery';
import type { PinTable, SizesToAdd } from '../../../src/pin/pinTable';
import { withAddedSizes } from '../../../src/columns/addedSizes';
import { columnarTable } from '../../../src/columns/columnarTable';
import { readJson } from '../../../src/pinWorker/lists/jsonReader';
import { openSqlite } from '../../../src/pinStore/sqlite/sqliteReader';
import { comparePlainly } from '../../support/plainNaturalOrder';
import { isPlainlyFuzzy } from '../../support/plainFuzzy';
import { rounds } from '../../support/rounds';
import { sqlJs } from '../../support/sqlJs';

const folder = mkdtempSync(path.join(tmpdir(), 'tables-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const going = new AbortController().signal;
const wasmFile = path.join(process.cwd(), 'dist/sql-wasm.wasm');

type Row = Readonly<Record<string, string | number | null>>;

const COLUMNS = [
  ...['cid', 'name', 'pin_type', 'size_bytes', 'created_at', 'vfs_path', 'primary_tier', 'backend', 'status'],
  ...['expire_at', 'replicas_pinned', 'replication_factor_min', 'cluster_metadata'],
];

const word = fc.constantFrom(
  'readme',
  'README',
  'Photos',
  'é',
  'É',
  '日本',
  '\u{1f600}',
  '\ue000',
  'a%b_c',
  "it's",
  '',
  ' ',
  'x\0y',
  'v2',
  'v10',
  'V02',
  '9',
  '1'.repeat(30),
  ':',
);
const text = fc.oneof(
  fc.constant(null),
  word,
  fc.tuple(word, word).map(([a, b]) => `${a}-${b}`),
);
const row: fc.Arbitrary<Row> = fc.record({
  cid: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => `Qm${n}`) },
    { weight: 1, arbitrary: fc.constantFrom(null, '') },
  ),
  name: text,
  pin_type: fc.constantFrom('recursive', 'direct', null),
  size_bytes: fc.oneof(fc.integer({ min: -2, max: 50 }), fc.constantFrom(0, null, 2 ** 40, '77', 'many', 2.5)),
  created_at: fc.oneof(
    fc.integer({ min: 1_700_000_000, max: 1_700_000_009 }),
    fc.constantFrom(null, 0, '2023-11-14T22:13:22', '2023-11-14 22:13:25', 'never', 1_700_000_003.25, 1_700_000_004_500),
  ),
  vfs_path: fc.constantFrom(null, '/a/b/c', '/a/b/d', '/top', 'relative', '/Ä/x', '/2/x', '/10/x', '/02/x', '/A/b/c'),
  primary_tier: fc.constantFrom('local', 's3', null, '', '["local"]', '[]', '[', '["a",1]'),
  backend: fc.constantFrom('ipfs', null, '["ipfs","s3"]'),
  status: fc.constantFrom('pinned', 'queued', 'Queued', '', null, 7),
  expire_at: fc.constantFrom(
    null,
    '',
    'soon',
    'never',
    '0001-01-01T00:00:00Z',
    '2024-01-01T00:00:00Z',
    '2024-01-02',
    1_704_153_600,
  ),
  replicas_pinned: fc.constantFrom(null, 0, 1, 2, 3, '2', -1, 'x'),
  replication_factor_min: fc.constantFrom(null, -1, 0, 1, 2, '3'),
  cluster_metadata: fc.constantFrom(
    null,
    '',
    '{}',
    '{',
    '[]',
    '{"team":"x"}',
    '{"Team":"É","a.b":7}',
    '{"team":{}}',
    '{"team":"xy"}',
  ),
});

const within = fc
  .constantFrom(undefined, 'recursive', 'local', 's3', 'ipfs', 'ipfs, s3', 'queued', '2023-11', '/a/b', '/', '/Ä', 'nowhere')
  .map((key) => ({ ...(key !== undefined && { key }) }));

/** The meaning of each filter: the remaining text, and the statuses that match. */
const STATUS_FILTERS: Readonly<Record<string, readonly [text: string, fits: ((status: string) => boolean) | undefined]>> = {
  'status:pinned': ['', (status) => status === 'pinned'],
  'status:QUE': ['', (status) => status === 'queued' || status === 'Queued'],
  '-status:pinned': ['', (status) => status !== 'pinned'],
  'status:p status:q': ['', (status) => status !== '7'],
  '-status:pinned -status:7': ['', (status) => status === 'queued' || status === 'Queued'],
  'status:q -status:queued': ['', () => false],
  'read status:': ['read', undefined],
  'status:q': ['', (status) => /^q/i.test(status)],
  'read -in: expires:<7 copies:>': ['read', undefined],
  'read status:q': ['read', (status) => /^q/i.test(status)],
  'Status:que  READ': ['read', (status) => /^que/i.test(status)],
  'mystatus:q': ['mystatus:q', undefined],
  'a -status:x\0y b': ['a b', () => true],
};

/** The meaning of each filter by what is known of a pin: undefined where that isn't enough to tell. */
const FACT_FILTERS: Readonly<Record<string, (pin: Row) => boolean | undefined>> = {
  'expires:never': ({ expire_at: at }) => isNever(at) ?? (expiry(at) === undefined ? undefined : false),
  'expires:<2024-01-02': ({ expire_at: at }) =>
    isNever(at) === true ? false : at === '2024-01-01T00:00:00Z' || (expiry(at) && false),
  'expires:>=2024-01-02': ({ expire_at: at }) => (isNever(at) === true ? false : expiry(at) && at !== '2024-01-01T00:00:00Z'),
  'replicas:2': ({ replicas_pinned: had }) => count(had, 0, (n) => n === 2),
  'replicas:>=1': ({ replicas_pinned: had }) => count(had, 0, (n) => n >= 1),
  'replicas:<min': ({ replicas_pinned: had, replication_factor_min: least }) =>
    count(had, 0, (n) => count(least, 1, (m) => n < m)),
  'meta.team': ({ cluster_metadata: notes }) => isNotes(notes) && /team/i.test(String(notes)),
  'meta.team=X': ({ cluster_metadata: notes }) => isNotes(notes) && String(notes).includes('"x"'),
  'META.a.b=7': ({ cluster_metadata: notes }) => isNotes(notes) && String(notes).includes('7'),
  'in:here': () => undefined,
  'copies:>0': () => undefined,
};

function isNever(at: Row[string] | undefined): true | undefined {
  return at === 'never' || at === '0001-01-01T00:00:00Z' ? true : undefined;
}

function expiry(at: Row[string] | undefined): true | undefined {
  return /^(?:2024|17)/.test(String(at)) ? true : undefined;
}

function count<T>(of: Row[string] | undefined, least: number, fits: (n: number) => T): T | undefined {
  return of === null || of === undefined || !(Number(of) >= least) ? undefined : fits(Number(of));
}

function isNotes(notes: Row[string] | undefined): true | undefined {
  return notes === '{' || notes === '[]' ? undefined : true;
}

const query: fc.Arbitrary<PinQuery> = fc
  .record(
    {
      fuzzy: fc.boolean(),
      filter: fc.constantFrom(
        '',
        'read',
        'rdm',
        'raedme',
        'eE',
        'a b/c',
        'QM1',
        'é',
        'É',
        '%',
        '_',
        "'",
        '/b',
        '\u{1f600}',
        'x\0y',
        ' ',
        ...Object.keys(STATUS_FILTERS),
        ...Object.keys(FACT_FILTERS).flatMap((word) => [word, `-${word}`, `read ${word}`, `-${word} status:q`]),
      ),
      sort: fc.constantFrom(...SORT_KEYS),
      group: fc.constantFrom(...GROUP_KEYS),
      offset: fc.integer({ min: 0, max: 12 }),
      limit: fc.integer({ min: 0, max: 12 }),
      within,
    },
    { requiredKeys: [] },
  )
  .map(({ within: group, ...rest }) => (rest.group === undefined || group === undefined ? rest : { ...rest, within: group }));

const FACT_WORD = /^(?:(read) )?(-?)((?:expires:|replicas:|meta\.|in:|copies:)\S*)(?: (status:q))?$/i;

/** The plainest implementation of a query. */
function oracle(
  rows: readonly Row[],
  { filter: asked = '', fuzzy = false, sort, group, within: wanted, offset = 0, limit = 200 }: PinQuery,
): { pins: Pin[]; count: number } {
  const [, before = '', minus, word = '', after = ''] = FACT_WORD.exec(asked) ?? [];
  const rest = word === '' ? asked : before + after;
  const [filter, fits] = STATUS_FILTERS[rest] ?? [rest, undefined];
  const shape = shapeOf(COLUMNS);
  assert.ok(shape);
  const isFitting = (each: Row): boolean => word === '' || FACT_FILTERS[word]?.(each) === (minus === '');
  const pins = rows.filter(isFitting).flatMap((each) => toPin(shape, (column) => each[column]) ?? []);
  const hits = pins
    .filter(({ name = '', cid, vfsPath = '' }) =>
      fuzzy && filter !== ''
        ? [name, vfsPath].some((value) => isPlainlyFuzzy(value, filter))
        : [name, cid, vfsPath].some((value) => foldAscii(value).includes(foldAscii(filter))),
    )
    .filter(({ status }) => fits === undefined || (status !== undefined && fits(status)))
    .filter((pin) => group === undefined || wanted === undefined || groupKeyOf(pin, group) === wanted.key);
  const compare = (a: string | number | undefined, b: string | number | undefined, descending: boolean): number => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const sign = typeof a === 'string' && typeof b === 'string' ? comparePlainly(a, b) : Number(a) - Number(b);
    return descending ? -sign : sign;
  };
  const key = ({ name, pinnedAt, sizeBytes }: Pin): string | number | undefined => {
    switch (sort?.replace('-', '') ?? '') {
      case 'name':
        return name;
      case 'time':
        return pinnedAt === undefined ? undefined : Date.parse(pinnedAt);
      case 'size':
        return sizeBytes === undefined ? undefined : Number(sizeBytes);
      default:
        return undefined;
    }
  };
  const tie = (a = '', b = ''): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  hits.sort(
    (a, b) =>
      (group
        ? compare(groupKeyOf(a, group), groupKeyOf(b, group), false) || tie(groupKeyOf(a, group), groupKeyOf(b, group))
        : 0) || compare(key(a), key(b), sort?.startsWith('-') === true),
  );
  return { pins: hits.slice(offset, offset + limit), count: hits.length };
}

function oracleGroups(rows: readonly Row[], key: GroupKey, of: PinFilter): unknown {
  const all = oracle(rows, { ...of, group: key, limit: 10_000 }).pins;
  const groups = new Map<string | undefined, { count: number; sized: number; sizeBytes?: number }>();
  for (const pin of all) {
    const name = groupKeyOf(pin, key);
    const { count, sized, ...sum } = groups.get(name) ?? { count: 0, sized: 0 };
    const sizeBytes = pin.sizeBytes === undefined ? sum.sizeBytes : (sum.sizeBytes ?? 0) + Number(pin.sizeBytes);
    const known = sizeBytes === undefined ? { sized } : { sized: sized + Number(pin.sizeBytes !== undefined), sizeBytes };
    groups.set(name, { count: count + 1, ...known });
  }
  return [...groups].map(([name, group]) => ({ ...(name !== undefined && { key: name }), ...group }));
}

const sql = sqlJs();

async function sqliteTable(rows: readonly Row[]): Promise<PinTable> {
  const file = path.join(folder, 'pins.db');
  const db = new (await sql).Database();
  db.run(`CREATE TABLE pins (${COLUMNS.join(', ')})`);
  for (const each of rows)
    db.run(
      `INSERT INTO pins VALUES (${COLUMNS.map(() => '?').join(', ')})`,
      COLUMNS.map((column) => each[column] ?? null),
    );
  writeFileSync(file, db.export());
  db.close();
  return openSqlite(file, { wasmFile });
}

function arrayTable(rows: readonly Row[]): PinTable {
  return columnarTable({ rows: rows.length, names: COLUMNS, value: (column, at) => rows[at]?.[column] }, 'rows');
}

async function walked(table: PinTable, query: PinQuery): Promise<Pin[]> {
  const walk = table.walk(query);
  const all: Pin[] = [];
  for (let next = await walk.next(going); next.length > 0; next = await walk.next(going)) all.push(...next);
  walk.close();
  return all;
}

async function answers(table: PinTable, queries: readonly PinQuery[]): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const each of queries) {
    const total = await table.total(each, going);
    all.push({
      pins: await table.page(each, going),
      total,
      count: await table.count(each, going),
      walked: await walked(table, each),
    });
    if (each.group) all.push(await table.groups(each.group, filterOf(each), going));
  }
  table.close();
  return all;
}

function filterOf({ filter, fuzzy }: PinQuery): PinFilter {
  return { ...(filter !== undefined && { filter }), ...(fuzzy !== undefined && { fuzzy }) };
}

function expected(rows: readonly Row[], queries: readonly PinQuery[]): unknown[] {
  return queries.flatMap((each) => [
    { ...oracle(rows, each), ...oracleOfAll(rows, each) },
    ...(each.group ? [oracleGroups(rows, each.group, filterOf(each))] : []),
  ]);
}

function oracleOfAll(rows: readonly Row[], each: PinQuery): { walked: Pin[]; total: PinTotal } {
  const walked = oracle(rows, { ...each, offset: 0, limit: 10_000 }).pins;
  const sizes = walked.flatMap(({ sizeBytes }) => (sizeBytes === undefined ? [] : [Number(sizeBytes)]));
  const known = sizes.length > 0 && { sizeBytes: sizes.reduce((sum, size) => sum + size) };
  return { walked, total: { count: walked.length, sized: sizes.length, ...known } };
}

/** A table of columns without sizes, to which those of the rows have been added. */
async function addedTo(rows: readonly Row[]): Promise<PinTable> {
  const value = (column: string, at: number): unknown => rows[at]?.[column];
  const names = COLUMNS.filter((name) => name !== 'size_bytes');
  const { source, sizes } = withAddedSizes({ rows: rows.length, names, value });
  const table = columnarTable(source, 'rows', sizes);
  for (let from: number | undefined = 0; from !== undefined;) {
    const { rows: unasked, next }: Awaited<ReturnType<SizesToAdd['unasked']>> = await (table.sizes ?? assert.fail()).unasked(
      {},
      from,
      7,
      going,
    );
    // As a daemon gives them: whole, and none for some.
    table.sizes?.add(new Map(unasked.map(({ row }) => [row, Number(sizeOf(rows[row]?.['size_bytes']) ?? NaN) || undefined])));
    from = next;
  }
  return table;
}

describe('a table', () => {
  const tables = fc.tuple(fc.array(row, { maxLength: 40 }), fc.array(query, { minLength: 1, maxLength: 8 }));

  it('of columns answers any query as the plainest implementation does', () =>
    fc.assert(
      fc.asyncProperty(tables, async ([rows, queries]) =>
        assert.deepEqual(await answers(arrayTable(rows), queries), expected(rows, queries)),
      ),
      { numRuns: rounds(300) },
    ));

  it('to which sizes were added gives the same results', () =>
    fc.assert(
      fc.asyncProperty(tables, async ([rows, queries]) =>
        assert.deepEqual(await answers(await addedTo(rows), queries), expected(rows, queries)),
      ),
      { numRuns: rounds(100) },
    ));

  it('orders by sizes, groups and adds them up again after each that is added, and asks for each once', async () => {
    const rows = Array.from({ length: 5 }, (_, at) => ({ cid: `Qm${at}`, pin_type: 'direct' }));
    const value = (column: string, at: number): unknown => rows[at]?.[column as 'cid'];
    const { source, sizes } = withAddedSizes({ rows: rows.length, names: ['cid', 'pin_type'], value });
    const table = columnarTable(source, 'rows', sizes);
    const state = async (): Promise<unknown> => [
      (await table.page({ sort: '-size' }, going)).map(({ cid }) => cid).join(' '),
      (await table.groups('type', {}, going))[0]?.sizeBytes,
      await table.total({}, going),
      (await table.sizes?.unasked({}, 0, 9, going))?.rows.map(({ row }) => row),
    ];
    assert.deepEqual(await state(), ['Qm0 Qm1 Qm2 Qm3 Qm4', undefined, { count: 5, sized: 0 }, [0, 1, 2, 3, 4]]);
    table.sizes?.add(new Map([[3, 7]]));
    assert.deepEqual(await state(), ['Qm3 Qm0 Qm1 Qm2 Qm4', 7, { count: 5, sized: 1, sizeBytes: 7 }, [0, 1, 2, 4]]);
    table.sizes?.add(new Map([[1, 9], [2, undefined]])); // prettier-ignore
    assert.deepEqual(await state(), ['Qm1 Qm3 Qm0 Qm2 Qm4', 16, { count: 5, sized: 2, sizeBytes: 16 }, [0, 4]]);
    assert.deepEqual(await table.sizes?.unasked({ filter: 'Qm4' }, 0, 9, going), {
      rows: [{ row: 4, place: 0, cid: 'Qm4' }],
      next: undefined,
    });
    assert.deepEqual(await table.details('Qm1', going), [[['cid', 'Qm1'], ['pin_type', 'direct'], ['size_bytes', '9']]]); // prettier-ignore
  });

  it('of SQLite gives the same results', { timeout: 100_000 }, () =>
    fc.assert(
      fc.asyncProperty(tables, async ([rows, queries]) =>
        assert.deepEqual(await answers(await sqliteTable(rows), queries), expected(rows, queries)),
      ),
      { numRuns: rounds(120) },
    ),
  );

  it('is walked in stretches of 2,000 rows, and of few where their texts are long', async () => {
    const named = (length: number): readonly Row[] =>
      Array.from({ length: 4001 }, (_, at) => ({ cid: `bafy${at}`, name: 'x'.repeat(length) }));
    for (const [length, most] of [
      [1, 2000],
      [4096, 256],
    ] as const)
      // prettier-ignore
      for (const table of [arrayTable(named(length)), await sqliteTable(named(length))]) {
        const walk = table.walk({});
        const stretches: number[] = [];
        for (let next = await walk.next(going); next.length > 0; next = await walk.next(going)) stretches.push(next.length);
        assert.deepEqual(
          [Math.max(...stretches), stretches.length, stretches.reduce((sum, rows) => sum + rows)],
          [most, Math.ceil(4001 / most), 4001],
        );
        table.close();
      }
  });

  it('stops in the middle of its work when it is canceled', async () => {
    const controller = new AbortController();
    const table = columnarTable(
      {
        rows: 10 ** 9,
        names: ['cid'],
        value: (_, at) => {
          if (at === 100_000) controller.abort();
          return 'Qm';
        },
        hasTextInEveryRow: () => false,
      },
      'endless',
    );
    await assert.rejects(table.count({ filter: 'x' }, controller.signal), (error) => IpfsKitError.is(error, 'cancelled'));
  });
});

describe('a JSON list', () => {
  const pinsOf = async (body: string): Promise<Pin[]> => (await readJson(Buffer.from(body), going)).page({}, going);
  const recorded = (name: string): string =>
    readFileSync(path.join(process.cwd(), 'test/fixtures/http', name), 'utf8').split('\r\n\r\n')[1] ?? '';

  it('of the recorded daemon is read by its nineteen columns', async () => {
    const pins = await pinsOf(recorded('pandas/pins.http'));
    assert.equal(pins.length, 3);
    assert.deepEqual(pins[0], {
      cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8',
      name: 'pin_QmYwAPJzv5CZ',
      type: 'recursive',
      sizeBytes: 1688,
      pinnedAt: new Date(1795408997481).toISOString(),
      tier: 'local',
      replicas: 1,
      integrity: 'unverified',
      lastAccessed: new Date(1795408997481).toISOString(),
    });
  });

  it('may be a plain list, or the items of a dashboard', async () => {
    assert.deepEqual(await pinsOf('[{"cid":"QmA"},{"name":"b"}]'), [{ cid: 'QmA' }]);
    assert.deepEqual(await pinsOf('{"items":[{"cid":"QmA","name":"a"}]}'), [{ cid: 'QmA', name: 'a' }]);
  });

  it('without pins is empty, not an error', async () =>
    assert.deepEqual(await pinsOf('{"pins":[],"total":0,"last_updated":1.5}'), []));

  it('with an error in it is unreadable, although its status was 200', async () => {
    for (const name of ['shipped/pins.http', 'pandas/pins_text_parquet.http'])
      await assert.rejects(readJson(Buffer.from(recorded(name)), going), (error) => IpfsKitError.is(error, 'unreadable'), name);
  });

  for (const body of ['', 'x', '{"pins":7}', '{}', 'null', '"text"', '{"pins":[', '\u0000', '[NaN]'])
    it(`that is ${JSON.stringify(body)} is refused`, () =>
      assert.rejects(readJson(Buffer.from(body), going), (error) => IpfsKitError.is(error, 'malformed', 'empty')));

  it('with keys of Object.prototype as columns takes nothing from it', async () =>
    assert.deepEqual(await pinsOf('{"pins":[{"cid":"QmA","__proto__":{"name":"evil"},"constructor":"x"}]}'), [{ cid: 'QmA' }]));
});
