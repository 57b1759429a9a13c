import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Database } from 'sql.js';
import type { PinQuery, PinSelection } from '../../../../src/pin/pinQuery';
import { GROUP_KEYS, SORT_KEYS } from '../../../../src/pin/pinQuery';
import type { Pin } from '../../../../src/pin/pin';
import type { PinTable } from '../../../../src/pin/pinTable';
import { columnarTable } from '../../../../src/columns/columnarTable';
import { databaseOf, NEVER, newFile, open, using } from '../testDatabases';
import { isDeepStrictEqual } from 'node:util';
import type { SoughtPin } from '../../../../src/pin/soughtPin';
import { soughtAmong } from '../../../../src/pin/soughtPin';
import { rounds } from '../../../support/rounds';

type Value = string | number | bigint | Uint8Array | null;
type Row = readonly Value[];

/** Values as real columns hold them, and values that they should not hold. */
const COLUMNS: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  name: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'readme',
        'README',
        'Readme.md',
        'ärger',
        'Ärger',
        'a\0b',
        '𝄞',
        '\uffee',
        '\ufeff',
        '\ufeffreadme',
        '',
        ' ',
        '%_',
        '\'"',
      ),
    },
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    anything(),
  ),
  pin_type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('recursive', 'direct', 'indirect', '') }, anything()),
  recursive: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 1) }, anything()),
  size_bytes: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -1, max: 5 }) },
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 62n }),
    fc.constantFrom('12', ' 7 ', '9007199254740993', '12.75', '1e3', '-4', 'many', 1.5, 0.5, -2.5, 9e15, Infinity),
    fc.constantFrom(2 ** 63 - 1024, 2 ** 63, 2 ** 64 - 2048, 2 ** 64, 1e300, '9223372036854775807', '18446744073709551616'),
    anything(),
  ),
  created_at: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '2025-07-27T08:00:00',
        '2025-07-27 08:00',
        '2025-07-27T10:00:00+02:00',
        '2025-07-26',
        'soon',
        '1753600000',
      ),
    },
    fc.double({ min: 1.7e9, max: 1.7e9 + 2, noNaN: true }),
    fc.integer({ min: -1, max: 3 }),
    fc.constantFrom(
      1753600000,
      1753600000001,
      1753600000000002,
      1753600000000000003n,
      99_999_999_999_999_999n,
      1e11,
      1e14,
      1e17,
      2.534e20,
      3e20,
      0.0001,
    ),
    fc.double({ min: 0, max: 4e20, noNaN: true }),
    anything(),
  ),
  vfs_path: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('/a/b/c', '/a/b/d', '/a', 'a', '', '/', '//', '/A/B', 'x/y', '\ufeff/a') },
    anything(),
  ),
  primary_tier: fc.oneof(fc.constantFrom('\ufefflocal', 'local', 's3', '\uffee', '𝄞', 'Local'), anything()),
  backend: fc.oneof(fc.constantFrom('ipfs', 'ipfs_cluster', 'ipfs\0x'), anything()),
  status: fc.oneof(fc.constantFrom('pinned', 'Pinned', 'queued\0x'), anything()),
  metadata: fc.oneof(
    fc.constantFrom(
      '{"name":"inside","size_bytes":77}',
      '{"name":"","size_bytes":"9007199254740995"}',
      '{"name":5}',
      '[]',
      '{',
      'null',
      '"x"',
    ),
    anything(),
  ),
  replication_factor: fc.integer({ min: 0, max: 3 }),
  expire_at: fc.oneof(
    fc.constantFrom(
      'never',
      '0001-01-01T00:00:00Z',
      '1970-01-01T00:00:00Z',
      '2024-01-01',
      '2024-01-01T00:00:00.001Z',
      '\ufeffnever',
    ),
    fc.constantFrom(1_704_067_200, 1_704_067_200_000, 1_704_067_199_999n, 0.5),
    anything(),
  ),
  replicas_pinned: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constantFrom('2', ' 1 ', 1.5, -0.5), anything()),
  replication_factor_min: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constantFrom('2', '-1', 1.5), anything()),
  cluster_metadata: fc.oneof(
    fc.constantFrom('{"a":"x"}', '{"A":"É"}', '\ufeff{"a":"x"}', '{"a":1}', '{"a":[]}', '{"a":"y","A":"X"}', '{}', '[]', ''),
    fc.constant(JSON.stringify({ a: 'x', long: '-'.repeat(65_537) })),
    anything(),
  ),
  last_accessed: fc.oneof(fc.double({ min: 1.7e9, max: 1.7e9 + 2, noNaN: true }), anything()),
};

function anything(): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    fc.constantFrom<Value>(0, 1, -1, 2.0, 1.5, 1e21, 1e-7, -0.0, Infinity, 2n ** 53n + 1n),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom<Value>(new Uint8Array(0), Buffer.from('ipfs'), Buffer.from('ärger'), new Uint8Array([0, 65, 0])),
  );
}

interface Model {
  readonly columns: readonly string[];
  /** The text after each column's name in CREATE TABLE. */
  readonly types: readonly string[];
  readonly rows: readonly Row[];
  readonly encoding: string;
  readonly table: string;
  readonly kind: 'rowid' | 'without rowid' | 'view';
}

const types = fc.constantFrom(
  'TEXT',
  'INTEGER',
  'REAL',
  'NUMERIC',
  'BLOB',
  '',
  'TEXT COLLATE NOCASE',
  'TEXT COLLATE RTRIM',
  'TIMESTAMP',
  'VARCHAR',
);

const models: fc.Arbitrary<Model> = fc.subarray(Object.keys(COLUMNS), { minLength: 1 }).chain((columns) =>
  fc.record({
    columns: fc.constant(['cid', ...columns]),
    types: fc.array(types, { minLength: columns.length + 1, maxLength: columns.length + 1 }),
    rows: fc.array(fc.tuple(cids(), ...columns.map((column) => COLUMNS[column] ?? anything())), { maxLength: 12 }),
    encoding: fc.constantFrom('UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'),
    table: fc.constantFrom('pins', 'PINS', 'enhanced_pins'),
    kind: fc.constantFrom('rowid' as const, 'without rowid' as const, 'view' as const),
  }),
);

function cids(): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 0xfff }).map((number) => `bafy${number.toString(16)}`) },
    { weight: 1, arbitrary: fc.constantFrom('BAFYab', 'bafyab', '  ', 'x', '\0') },
    anything(),
    fc.constantFrom<Value>('', null, new Uint8Array(0), '\ufeff', Buffer.from('\ufeff'), 7),
  );
}

const queries: fc.Arbitrary<PinQuery> = fc.record(
  {
    fuzzy: fc.boolean(),
    filter: fc.constantFrom(
      '',
      'a',
      'ra',
      'e\0',
      '\ufeffr',
      ' ',
      'B',
      'readme',
      'raedme',
      'redmé',
      '/a/v/',
      'ÄR',
      'är',
      '1',
      '.',
      '/',
      '5',
      'fy',
      '\0',
      'inside',
      '%',
      'e',
      ...['expires:never', 'expires:<2024-01-01', 'expires:>=2024-01-01', 'replicas:<min', 'replicas:<=1', 'replicas:>0'].flatMap(
        (word) => [word, `-${word}`, `a ${word}`],
      ),
      ...['meta.a', 'meta.a=x', 'meta.a=É', 'meta.name=inside', 'in:cluster', 'copies:1'].flatMap((word) => [word, `-${word} e`]),
      'status:p -replicas:2 -expires:never',
    ),
    sort: fc.constantFrom(...SORT_KEYS),
    group: fc.constantFrom(...GROUP_KEYS),
    offset: fc.integer({ min: 0, max: 6 }),
    limit: fc.integer({ min: 0, max: 20 }),
  },
  { requiredKeys: [] },
);

function write(db: Database, { columns, types: columnTypes, rows, encoding, table, kind }: Model): void {
  db.exec(`PRAGMA encoding = '${encoding}'`);
  const name = kind === 'view' ? 'stored' : table;
  const definitions = columns.map((column, index) => `${column} ${columnTypes[index] ?? ''}`);
  const key = kind === 'without rowid' ? ', serial INTEGER PRIMARY KEY' : '';
  db.exec(`CREATE TABLE ${name}(${definitions.join(', ')}${key})${key === '' ? '' : ' WITHOUT ROWID'}`);
  if (kind === 'view') db.exec(`CREATE VIEW ${table} AS SELECT * FROM stored`);
  rows.forEach((row, index) => {
    // sql.js binds a bigint as text, which an untyped column would store as text, so it is written as a literal.
    const literals = row.map((value) =>
      typeof value === 'bigint' ? String(value).replace('-9223372036854775808', '(-9223372036854775807 - 1)') : '?',
    );
    const bound = row.filter((value): value is Exclude<Value, bigint> => typeof value !== 'bigint');
    const serial = key === '' ? [] : [String(index)];
    db.run(`INSERT INTO ${name} VALUES (${[...literals, ...serial].join(', ')})`, bound);
  });
}

/** The rows as SQLite stored them, since a column's type may convert values. */
function storedRows(db: Database, columns: readonly string[], from: string): Row[] {
  // sql.js removes a byte order mark from a text.
  const whole = columns.map(
    (column) =>
      `CASE WHEN typeof(${column}) = 'text' AND unicode(${column}) = 65279 THEN char(65279) || ${column} ELSE ${column} END`,
  );
  const statement = db.prepare(`SELECT ${whole.join(', ')} FROM ${from}`);
  const rows: Row[] = [];
  const config = { useBigInt: true };
  while (statement.step())
    rows.push((statement.get as (params: null, options: typeof config) => Value[]).call(statement, null, config));
  statement.free();
  return rows;
}

function oracleOf(columns: readonly string[], rows: readonly Row[]): PinTable {
  const value = (column: string, row: number): unknown => rows[row]?.[columns.indexOf(column)];
  return columnarTable({ rows: rows.length, names: columns, value }, 'oracle');
}

/** Whether there are several pins that can't be told apart, of which the filter may find another one. */
function isTwice(pins: readonly Pin[], pin: Pin): boolean {
  return soughtAmong(pins.slice(soughtAmong(pins, pin) + 1), pin) >= 0;
}

describe('a SQLite table', () => {
  it('answers every query as the table in memory does', async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.array(queries, { minLength: 1, maxLength: 6 }), async (model, asked) => {
        let rows: Row[] = [];
        const file = await databaseOf((db) => {
          write(db, model);
          rows = storedRows(db, model.columns, model.table);
        }, newFile());
        const oracle = oracleOf(model.columns, rows);
        await using(open(file), async (table) => {
          for (const query of asked) {
            assert.deepEqual(await table.page(query, NEVER), await oracle.page(query, NEVER), `page ${JSON.stringify(query)}`);
            assert.equal(await table.count(query, NEVER), await oracle.count(query, NEVER), `count ${query.filter ?? ''}`);
            const everything = await oracle.page({ limit: 50 }, NEVER);
            for (const pin of everything) {
              const found = await oracle.find(pin, query, NEVER);
              assert.deepEqual(await table.find(pin, query, NEVER), found, `find ${JSON.stringify([pin, query])}`);
              const within = query.group && { group: query.group, within: { key: found?.group } };
              const list = await oracle.page({ ...query, ...within, offset: 0, limit: 50 }, NEVER);
              if (found)
                assert.equal(soughtAmong(list.slice(found.at, found.at + 1), pin), 0, `found ${JSON.stringify([pin, query])}`);
              else assert.ok(!list.some((each) => isDeepStrictEqual(each, pin)) || isTwice(everything, pin), JSON.stringify(pin));
            }
            for (const key of GROUP_KEYS) {
              const groups = await oracle.groups(key, query, NEVER);
              assert.deepEqual(await table.groups(key, query, NEVER), groups, `groups ${key}`);
              const [group] = groups.slice(asked.length % Math.max(1, groups.length));
              if (!group) continue;
              const within = { ...query, group: key, within: { ...(group.key !== undefined && { key: group.key }) } };
              assert.equal(await table.count(within, NEVER), group.count, `count ${JSON.stringify(within)}`);
              assert.deepEqual(await table.page(within, NEVER), await oracle.page(within, NEVER), JSON.stringify(within));
            }
          }
        });
        rmSync(file);
      }),
      { numRuns: rounds(300) },
    );
  });

  it('shows each pin once, for any page size', async () => {
    const file = await databaseOf((db) => {
      db.exec('CREATE TABLE pins(cid, name, size)');
      for (let n = 0; n < 100; n++)
        db.run('INSERT INTO pins VALUES (?, ?, ?)', [n % 10 === 0 ? null : `cid${n}`, `name ${n % 3}`, n % 4]);
    });
    await using(open(file), async (table) => {
      for (const sort of [undefined, ...SORT_KEYS]) {
        const seen: string[] = [];
        for (let offset = 0; offset < 100; offset += 7) {
          const page = await table.page({ ...(sort && { sort }), offset, limit: 7 }, NEVER);
          seen.push(...page.map(({ cid }) => cid));
        }
        assert.equal(seen.length, 90);
        assert.equal(new Set(seen).size, 90);
      }
      assert.equal(await table.count({}, NEVER), 90);
    });
  });
});

describe('the pins with one CID', () => {
  const rows: readonly Row[] = [
    ['bafya', 'first', 'queued'],
    ['bafyb', 'other', 'pinned'],
    ['bafya', 'second', 'pinned'],
    ['bafya', null, 'pinned'],
    ['bafya', 'second', 'failed'],
  ];

  it('are told apart by what else is known of them; what can change is no sign', async () => {
    const file = await databaseOf((db) => {
      db.exec('CREATE TABLE pins(cid, name, status)');
      for (const row of rows) db.run('INSERT INTO pins VALUES (?, ?, ?)', row as string[]);
    });
    await using(open(file), async (table) => {
      for (const each of [table, oracleOf(['cid', 'name', 'status'], rows)]) {
        const at = async (pin: SoughtPin, query: PinQuery = {}): Promise<number | undefined> =>
          (await each.find(pin, query, NEVER))?.at;
        assert.deepEqual([await at({ cid: 'bafya', name: 'second' }), await at({ cid: 'bafya' })], [2, 3]);
        assert.equal(await at({ cid: 'bafya', name: 'second' }, { sort: '-name' }), 0);
        assert.equal(await at({ cid: 'bafya', name: 'third' }), undefined);
        assert.equal(await at({ cid: 'bafya', type: 'recursive' }), undefined);
      }
    });
  });
});

describe('the cache of the MCP server', () => {
  const CACHE =
    'CREATE TABLE pin_cache(cid TEXT, backend TEXT, status TEXT, created_at TIMESTAMP, car_file_path TEXT, size_bytes INTEGER, metadata TEXT, cache_timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (cid, backend))';

  it('shows one pin for all its backends: sorted backends, their number, earliest time, largest size, any name', async () => {
    for (const rest of ['', ' WITHOUT ROWID']) {
      const file = await databaseOf((db) => {
        db.exec(CACHE + rest);
        const rows = [
          ['b', 's3', '2025-07-30T10:00:00', 5, '{}'],
          ['b', 'ipfs', 1753600000, 9007199254740993n, '{"name":"found"}'],
          ['b', 'cluster', '2025-07-30T12:00:00+03:00', null, null],
          ['a', 'ipfs', null, null, '{"size_bytes":12}'],
          ['B', 'ipfs', 'never', 0, 'broken'],
        ];
        for (const [cid, backend, time, size, metadata] of rows)
          db.run(`INSERT INTO pin_cache(cid, backend, created_at, size_bytes, metadata) VALUES (?, ?, ?, ${String(size)}, ?)`, [
            String(cid),
            String(backend),
            typeof time === 'number' ? time : time === null ? null : String(time),
            metadata === null ? null : String(metadata),
          ]);
        if (rest === '') db.run("INSERT INTO pin_cache(cid, backend) VALUES (NULL, 'ipfs'), ('', 'ipfs')");
      });
      await using(open(file), async (table) => {
        const upper = { cid: 'B', replicas: 1, backend: 'ipfs' };
        const a = { cid: 'a', sizeBytes: 12, replicas: 1, backend: 'ipfs' };
        const b = {
          cid: 'b',
          name: 'found',
          sizeBytes: '9007199254740993',
          pinnedAt: '2025-07-27T07:06:40.000Z',
          replicas: 3,
          backend: 'cluster, ipfs, s3',
        };
        // In the order of the first rows, or of the key if rows have no numbers.
        const [first, second, third] = rest === '' ? [b, a, upper] : [upper, a, b];
        assert.deepEqual(await table.page({}, NEVER), [first, second, third]);
        assert.equal(await table.count({}, NEVER), 3);
        assert.equal(await table.count({ filter: 'FOUND' }, NEVER), 1);
        const order = async (query: PinQuery): Promise<string[]> => (await table.page(query, NEVER)).map(({ cid }) => cid);
        assert.deepEqual(await order({ sort: '-size' }), ['b', 'a', 'B']);
        assert.deepEqual(await order({ sort: 'name' }), rest === '' ? ['b', 'a', 'B'] : ['b', 'B', 'a']);
        assert.deepEqual(await order({ offset: 1, limit: 1 }), ['a']);
        assert.deepEqual(await table.find({ cid: 'a' }, { sort: '-size' }, NEVER), { at: 1, group: undefined });
        assert.deepEqual(await table.find({ cid: 'a' }, { group: 'backend', sort: 'name' }, NEVER), {
          at: rest === '' ? 0 : 1,
          group: 'ipfs',
        });
        assert.equal(await table.find({ cid: 'a' }, { filter: 'found' }, NEVER), undefined);
        assert.deepEqual(await table.groups('backend', {}, NEVER), [
          { key: 'cluster, ipfs, s3', count: 1, sized: 1, sizeBytes: '9007199254740993' },
          { key: 'ipfs', count: 2, sized: 1, sizeBytes: 12 },
        ]);
      });
    }
  });
});

describe('the choice of a table', () => {
  const chosen = async (sql: string): Promise<string> => {
    const file = await databaseOf((db) => db.exec(sql));
    return using(
      open(file),
      async (table) =>
        `${table.detail}: ${(await table.page({}, NEVER)).map(({ cid, name }) => `${cid} ${name ?? '-'}`).join(', ')}`,
    );
  };

  it('takes pins, else enhanced_pins, else pin_cache, in any case, if there is a CID', async () => {
    const row = (table: string, columns: string): string =>
      `CREATE TABLE ${table}(${columns}); INSERT INTO ${table} VALUES ('${table}', 'n')`;
    assert.equal(
      await chosen(`${row('pin_cache', 'cid, backend')}; ${row('enhanced_pins', 'cid, name')}; ${row('pins', 'cid, name')}`),
      'table pins: pins n',
    );
    assert.equal(
      await chosen(`${row('pin_cache', 'cid, backend')}; ${row('Enhanced_Pins', 'CID, Name')}`),
      'table Enhanced_Pins: Enhanced_Pins n',
    );
    assert.equal(
      await chosen(`${row('pins', 'hash, name')}; ${row('enhanced_pins', 'cid, name')}`),
      'table enhanced_pins: enhanced_pins n',
    );
    assert.equal(await chosen(row('pin_cache', 'cid, backend')), 'table pin_cache: pin_cache -');
  });

  it('reads a view and takes columns named like anything', async () => {
    assert.equal(
      await chosen(
        `CREATE TABLE t(a, b); INSERT INTO t VALUES ('c1', 'x'); CREATE VIEW pins AS SELECT a AS cid, b AS name FROM t`,
      ),
      'view pins: c1 x',
    );
    assert.equal(
      await chosen(
        `CREATE TABLE pins("Cid" TEXT, "NAME", rowid, _rowid_, oid, place, "a""b", ""); INSERT INTO pins VALUES ('c1', 'x', 3, 2, 1, 0, 1, 1)`,
      ),
      'table pins: c1 x',
    );
    assert.equal(
      await chosen(`CREATE TABLE pins(cid TEXT, name AS (upper(cid)), extra); INSERT INTO pins VALUES ('c1', 1)`),
      'table pins: c1 C1',
    );
  });

  it('sorts a table whose columns have the names that the query would use itself', async () => {
    const columns = 'cid, name, place, place_rank, place_, place__rank, rows, key, count, size, high, low, rowid';
    for (const kind of ['TABLE pins', 'TABLE t']) {
      const file = await databaseOf((db) => {
        db.exec(`CREATE ${kind}(${columns})`);
        const table = kind.slice('TABLE '.length);
        const fill = (cid: string, name: string, size: number): string =>
          `('${cid}', '${name}', 9, 9, 9, 9, 9, 9, 9, ${size}, 9, 9, 9)`;
        db.exec(`INSERT INTO ${table} VALUES ${fill('c1', 'b', 5)}, ${fill('c2', 'a', 7)}, ${fill('c3', 'b', 6)}`);
        if (table === 't') db.exec('CREATE VIEW pins AS SELECT * FROM t');
      });
      await using(open(file), async (table) => {
        assert.deepEqual(
          (await table.page({ sort: '-name' }, NEVER)).map(({ cid }) => cid),
          ['c1', 'c3', 'c2'],
        );
        assert.deepEqual(await table.groups('type', {}, NEVER), [{ count: 3, sized: 3, sizeBytes: 18 }]);
      });
    }
  });

  it('finds a pin among rows that the collation of the column takes for it', async () => {
    const file = await databaseOf((db) =>
      db.exec("CREATE TABLE pins(cid TEXT COLLATE RTRIM, name TEXT); INSERT INTO pins VALUES ('', 'a'), ('  ', 'b')"),
    );
    await using(open(file), async (table) =>
      assert.deepEqual(await table.find({ cid: '  ', name: 'b' }, {}, NEVER), { at: 0, group: undefined }),
    );
  });

  it('gives the details of one pin, not of those that the collation of the column takes for it, known or not', async () => {
    for (const collation of ['NOCASE', 'RTRIM', 'OTHER']) {
      const file = await databaseOf((db) => {
        db.exec(`CREATE TABLE pins(cid TEXT, name TEXT); INSERT INTO pins VALUES ('qm', 'a'), ('Qm ', 'b'), ('Qm', 'c')`);
        db.exec(
          `PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'cid TEXT', 'cid TEXT COLLATE ${collation}')`,
        );
      });
      await using(open(file), async (table) => {
        const found = await table.details('Qm', NEVER);
        assert.deepEqual(
          found.map(([, name]) => name),
          [['name', 'c']],
        );
        assert.deepEqual(await table.find({ cid: 'Qm' }, {}, NEVER), { at: 2, group: undefined });
      });
    }
  });

  it('counts every pin in groups, also those whose keys are different bytes of the same text', async () => {
    const file = await databaseOf((db) =>
      db.exec(`CREATE TABLE pins(cid TEXT, pin_type TEXT, size_bytes INT);
        INSERT INTO pins VALUES ('c1', CAST(x'61ff' AS TEXT), 1), ('c2', CAST(x'61fe' AS TEXT), 2), ('c3', 'b', 4)`),
    );
    await using(open(file), async (table) => {
      const groups = await table.groups('type', {}, NEVER);
      assert.deepEqual(groups, [
        { key: 'a\ufffd', count: 2, sized: 2, sizeBytes: 3 },
        { key: 'b', count: 1, sized: 1, sizeBytes: 4 },
      ]);
      for (const { key, count } of groups) {
        const of: PinSelection = { group: 'type', within: { key } };
        const pins = await table.page({ ...of, limit: 9 }, NEVER);
        assert.deepEqual([pins.length, await table.count(of, NEVER)], [count, count], key);
        for (const [at, pin] of pins.entries())
          assert.deepEqual(await table.find(pin, { group: 'type' }, NEVER), { at, group: key });
      }
    });
  });

  it('adds up sizes past 2^63', async () => {
    const rows = 2 ** 20 + 1;
    const file = await databaseOf((db) =>
      db.exec(
        `CREATE VIEW pins AS WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < ${rows})
         SELECT 'c' || n AS cid, 9223372036854775807 AS size_bytes FROM row`,
      ),
    );
    const sizeBytes = String(BigInt(rows) * (2n ** 63n - 1n));
    await using(open(file), async (table) =>
      assert.deepEqual(await table.groups('type', {}, NEVER), [{ count: rows, sized: rows, sizeBytes }]),
    );
  });

  it("reports that a view can't be read rather than that the file is damaged", async () => {
    const file = await databaseOf((db) => db.exec('CREATE TABLE t(cid); CREATE VIEW pins AS SELECT cid, name FROM t'));
    await assert.rejects(
      using(open(file), (table) => table.page({}, NEVER)),
      (error: unknown) =>
        error instanceof Error && 'reason' in error && error.reason === 'unsupported' && error.message.includes('view'),
    );
  });

  it('reads all nineteen columns that the daemon knows', async () => {
    const file = await databaseOf((db) =>
      db.exec(
        `CREATE TABLE pins(cid VARCHAR PRIMARY KEY, name VARCHAR, pin_type VARCHAR DEFAULT 'recursive', timestamp DOUBLE, size_bytes BIGINT, access_count INTEGER DEFAULT 0, last_accessed DOUBLE, vfs_path VARCHAR, mount_point VARCHAR, is_directory BOOLEAN DEFAULT false, storage_tiers VARCHAR, primary_tier VARCHAR DEFAULT 'local', replication_factor INTEGER DEFAULT 1, content_hash VARCHAR, last_verified DOUBLE, integrity_status VARCHAR DEFAULT 'unverified', access_pattern VARCHAR, hotness_score DOUBLE DEFAULT 0, predicted_access_time DOUBLE);
         INSERT INTO pins(cid, name, timestamp, size_bytes, last_accessed, vfs_path, mount_point) VALUES ('c1', 'n', 1753600000.25, 9223372036854775807, 1753600001, '/v/n', '/mnt')`,
      ),
    );
    await using(open(file), async (table) =>
      assert.deepEqual(await table.page({}, NEVER), [
        {
          cid: 'c1',
          name: 'n',
          type: 'recursive',
          sizeBytes: '9223372036854775807',
          pinnedAt: '2025-07-27T07:06:40.250Z',
          vfsPath: '/v/n',
          mountPoint: '/mnt',
          tier: 'local',
          replicas: 1,
          integrity: 'unverified',
          lastAccessed: '2025-07-27T07:06:41.000Z',
        },
      ]),
    );
  });
});
