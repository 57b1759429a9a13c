import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { columnarTable } from '../../../src/columns/columnarTable';
import { sourceOf, textBuilder } from '../../../src/columns/columnBuilders';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { JoinableList, ListJoin, Unknown } from '../../../src/inventory/listJoin';
import { createListJoin } from '../../../src/inventory/listJoin';
import { searchTerms } from '../../../src/pin/searchTerms';
import { MAX_TEXT } from '../../../src/pin/pin';
import type { PinQuery } from '../../../src/pin/pinQuery';
import { groupKeyOf } from '../../../src/pin/groupOfPin';
import { inNaturalOrder } from '../../../src/pin/naturalOrder';
import type { Pin } from '../../../src/pin/pin';
import type { PinTable } from '../../../src/pin/pinTable';
import type { ListedPin } from '../../support/contentOracle';
import { copiesOf, listedCid, listedPin, oracle } from '../../support/contentOracle';
import { rounds } from '../../support/rounds';
import { databaseOf, open } from '../pinStore/testDatabases';

const going = new AbortController().signal;

/** The same pins in each engine, in the layouts that differ. */
const ENGINES: Readonly<Record<string, (pins: readonly ListedPin[]) => Promise<PinTable>>> = {
  columns: (pins) => {
    const [cid, status] = [textBuilder(), textBuilder()];
    for (const pin of pins) {
      cid.addText(pin.cid);
      status.addText(pin.status ?? undefined);
    }
    return Promise.resolve(columnarTable(sourceOf({ cid: cid.now(), status: status.now() }), 'columns'));
  },
  values: (pins) =>
    Promise.resolve(
      columnarTable(
        { rows: pins.length, names: ['cid', 'status'], value: (column, row) => pins[row]?.[column === 'cid' ? 'cid' : 'status'] },
        'values',
      ),
    ),
  table: async (pins) => open(await database(pins, 'CREATE TABLE pins(cid TEXT, status TEXT)')),
  utf16: async (pins) => open(await database(pins, "PRAGMA encoding = 'UTF-16le'; CREATE TABLE pins(cid TEXT, status TEXT)")),
  indexed: async (pins) =>
    open(await database(pins, 'CREATE TABLE pins(cid TEXT COLLATE NOCASE, status TEXT); CREATE INDEX c ON pins(cid)')),
  view: async (pins) =>
    open(await database(pins, 'CREATE TABLE kept(cid, status); CREATE VIEW pins AS SELECT * FROM kept', 'kept')),
};

function database(pins: readonly ListedPin[], create: string, into = 'pins'): Promise<string> {
  return databaseOf((db) => {
    db.exec(create);
    for (const { cid, status } of pins) db.run(`INSERT INTO ${into} VALUES (?, ?)`, [cid, status]);
  });
}

const IDS = ['ipfs_kit_py', 'kubo', 'cluster', 'service:Mine', 'service:my store', 'files'];

interface Asked {
  readonly id: string;
  readonly pins?: readonly ListedPin[] | undefined;
  readonly engine: string;
  readonly unknown?: Unknown | undefined;
  readonly partOf?: string | undefined;
}

const source = (id: string): fc.Arbitrary<Asked> =>
  fc.record({
    id: fc.constant(id),
    partOf: fc.constant(id === 'files' ? 'kubo' : undefined),
    pins: fc.option(fc.array(listedPin, { maxLength: 25 }), { nil: undefined, freq: 6 }),
    engine: fc.constantFrom(...Object.keys(ENGINES)),
    unknown: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom<Unknown>('list', 'statuses')),
  });

const filter = fc
  .array(
    fc.constantFrom(
      'in:cluster',
      '-in:kubo',
      'in:mine',
      '-in:MyStore',
      'in:nowhere',
      '-in:nowhere',
      'kept:files',
      'copies:1',
      '-copies:1',
      'copies:>=2',
      'copies:<2',
      'copies:0',
      'status:pin',
      'baf',
    ),
    { maxLength: 3 },
  )
  .map((words) => [...new Set(words)].join(' '));

const query = fc.record({
  filter,
  sort: fc.constantFrom(undefined, 'copies' as const, '-copies' as const),
  group: fc.constantFrom(undefined, 'copies' as const, 'source' as const, 'status' as const),
});

/** Checks a table of a source against the oracle. */
async function compare(
  table: PinTable,
  id: string,
  sources: readonly Asked[],
  asked: Pick<PinQuery, 'filter' | 'sort' | 'group'> & { readonly filter: string },
): Promise<void> {
  const expected = oracle(sources);
  const plain = (await table.page({ limit: 1000 }, going)).map(({ cid, status }) => ({ cid, status }));
  const { join: terms, text, status } = searchTerms(asked.filter);
  const rows = plain
    .map((pin): Pin => ({ cid: pin.cid, ...(pin.status !== undefined && { status: pin.status }), ...expected.of(pin.cid) }))
    .filter((pin) => terms.every((term) => expected.fits(pin.cid, term) === !term.isUnwanted))
    .filter((pin) => status.length === 0 || pin.status?.toLowerCase().startsWith('pin') === true)
    .filter((pin) => pin.cid.toLowerCase().includes(text));
  const { sort, group } = asked;
  const keys = inNaturalOrder(new Set(rows.map((pin) => group && groupKeyOf(pin, group))));
  const copies = (pin: Pin): number => (pin.copies ?? pin.copiesAtLeast ?? 0) * (sort === '-copies' ? -1 : 1);
  const ordered = rows
    .map((pin, at) => ({ pin, at }))
    .sort(
      (a, b) =>
        (group ? keys.indexOf(groupKeyOf(a.pin, group)) - keys.indexOf(groupKeyOf(b.pin, group)) : 0) ||
        (sort ? copies(a.pin) - copies(b.pin) : 0) ||
        a.at - b.at,
    )
    .map(({ pin }) => pin);
  const found = await table.page({ ...asked, limit: 1000 }, going);
  assert.deepEqual(
    found.map((pin) => ({ cid: pin.cid, ...copiesOf(pin) })),
    ordered.map((pin) => ({ cid: pin.cid, ...copiesOf(pin) })),
    `${id} ${JSON.stringify(asked)}`,
  );
  assert.equal(await table.count(asked, going), rows.length);
  if (!group) return;
  const groups = await table.groups(group, asked, going);
  const wanted = keys.map((key) => ({ key, count: rows.filter((pin) => groupKeyOf(pin, group) === key).length }));
  assert.deepEqual(
    groups.map(({ key, count }) => ({ key, count })),
    wanted,
  );
  for (const { key, count } of wanted) {
    const inside = { ...asked, within: { ...(key !== undefined && { key }) } };
    assert.equal((await table.page(inside, going)).length, count);
    assert.equal(await table.count(inside, going), count);
  }
  const some = ordered[Math.floor(ordered.length / 2)];
  if (some) {
    const place = await table.find({ cid: some.cid }, asked, going);
    const same =
      place && (await table.page({ ...asked, within: { ...(place.group !== undefined && { key: place.group }) } }, going));
    assert.equal(same?.[place?.at ?? -1]?.cid, some.cid);
  }
}

describe('a join of lists', () => {
  it('says of every pin in each engine what a Map by codec and multihash says, and answers all queries by it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(...IDS.map(source)).chain((all) => fc.shuffledSubarray([...all], { minLength: 1 })),
        fc.array(query, { minLength: 1, maxLength: 4 }),
        async (sources, queries) => {
          const join = createListJoin();
          const tables = await opened(sources);
          await join.set(asJoined(sources, tables), going);
          assert.equal(join.contents, oracle(sources).contents);
          for (const [id, table] of tables) for (const asked of queries) await compare(table, id, sources, asked);
          await join.close();
          for (const table of tables.values()) {
            assert.ok((await table.page({}, going)).every((pin) => pin.sources === undefined));
            assert.equal(await table.count({ filter: 'copies:>=0' }, going), 0);
            table.close();
          }
          assert.equal(join.contents, 0);
        },
      ),
      { numRuns: rounds(180) },
    ));

  it('is right after any number of sources were added, replaced, removed, closed or not read to their end', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('set' as const), source: fc.nat(IDS.length - 1).chain((at) => source(IDS[at] ?? '')) }),
      fc.record({ what: fc.constantFrom('remove' as const, 'leave' as const), id: fc.constantFrom(...IDS) }),
      fc.record({ what: fc.constantFrom('cancel' as const, 'fail' as const), id: fc.constantFrom(...IDS), after: fc.nat(2), pins: fc.array(listedPin, { minLength: 3, maxLength: 30 }) }), // prettier-ignore
    );
    return fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const join = createListJoin();
        let sources: readonly Asked[] = [];
        const tables = new Map<string, PinTable>();
        const without = (id: string): readonly Asked[] => sources.filter((each) => each.id !== id);
        for (const each of steps) {
          if (each.what === 'set') {
            const { source: next } = each;
            sources = [...without(next.id), next];
            tables.delete(next.id);
            for (const [id, table] of await opened([next])) tables.set(id, table);
            await join.set(asJoined(sources, tables), going);
          } else if (each.what === 'remove') {
            sources = without(each.id);
            tables.delete(each.id);
            await join.set(asJoined(sources, tables), going);
          } else if (each.what === 'leave') {
            const table = tables.get(each.id);
            if (!table) continue;
            await join.leave(table);
            tables.delete(each.id);
            sources = sources.map((one) => (one.id === each.id ? { ...one, pins: undefined, unknown: 'list' } : one));
          } else if ('pins' in each) {
            const stop = new AbortController();
            const list = breaksOff(await columnsOf(each.pins), each.after, () => {
              if (each.what === 'cancel') stop.abort();
              else throw new IpfsKitError('busy', 'The list was changed.');
            });
            sources = [...without(each.id), { id: each.id, engine: 'columns', unknown: 'list' }];
            tables.delete(each.id);
            const setting = join.set([...asJoined(without(each.id), tables), { id: each.id, list }], stop.signal);
            if (each.what === 'cancel') await assert.rejects(setting, { reason: 'cancelled' });
            else {
              await setting;
              const failed = join.sources.find(({ id }) => id === each.id);
              assert.deepEqual([failed?.unknown, failed?.error?.reason], ['list', 'busy']);
            }
          }
          assert.equal(join.contents, oracle(sources).contents);
        }
        for (const [id, table] of tables) await compare(table, id, sources, { filter: '', sort: undefined, group: 'copies' });
        await join.close();
        assert.equal(join.contents, 0);
      }),
      { numRuns: rounds(180) },
    );
  });

  it('reads the rows of an added or replaced source only, and none when one is removed', async () => {
    const join = createListJoin();
    let read: string[] = [];
    const counted = async (name: string, count: number): Promise<JoinableList> => {
      const table = await columnsOf(fc.sample(fc.record({ cid: listedCid, status: fc.constant(null) }), count));
      return {
        join: table.join,
        contents: (without) => {
          const walk = table.contents(without);
          return {
            close: walk.close,
            next: (visitor, signal) =>
              walk.next(
                {
                  none: visitor.none,
                  pin: (...pin) => {
                    read.push(name);
                    visitor.pin(...pin);
                  },
                },
                signal,
              ),
          };
        },
      };
    };
    const change = async (
      lists: Readonly<Record<string, JoinableList | undefined>>,
    ): Promise<Readonly<Record<string, number>>> => {
      read = [];
      await join.set(
        Object.entries(lists).map(([id, list]) => ({ id, list })),
        going,
      );
      return Object.fromEntries(Array.from(new Set(read), (name) => [name, read.filter((each) => each === name).length]));
    };
    const [a, b, c, other] = [
      await counted('a', 300),
      await counted('b', 200),
      await counted('c', 20),
      await counted('other', 7),
    ];
    assert.deepEqual(await change({ a, b }), { a: 300, b: 200 });
    assert.deepEqual(await change({ c, a, b }), { c: 20 });
    assert.deepEqual(await change({ a, b: other, c }), { other: 7 });
    assert.deepEqual(await change({ a, c }), {});
    assert.deepEqual(await change({ a, c, d: undefined }), {});
    assert.deepEqual(
      join.sources.map(({ id, unknown }) => [id, unknown]),
      [['a', undefined], ['c', undefined], ['d', undefined]], // prettier-ignore
    );
  });

  it('names the sources for which a result isn’t certain', async () => {
    const join = createListJoin();
    const [kubo, cluster] = [await columnsOf([{ cid: 'Qm', status: null }]), await columnsOf([{ cid: 'x', status: 'unknown' }])];
    const doubts = (text: string): readonly string[] => kubo.doubts({ filter: text });
    assert.deepEqual(doubts('copies:1'), []);
    await join.set([{ id: 'kubo', list: kubo }, { id: 'cluster', list: cluster }, { id: 'files', unknown: 'list' }], going); // prettier-ignore
    assert.deepEqual(doubts('Qm status:pinned'), []);
    assert.deepEqual(doubts('copies:1'), ['cluster', 'files']);
    assert.deepEqual([doubts('-in:files'), doubts('-in:cluster'), doubts('kept:files')], [['files'], [], ['files']]);
    assert.deepEqual(kubo.doubts({ sort: '-copies' }), ['cluster', 'files']);
    await join.set([{ id: 'kubo', list: kubo }, { id: 'files' }], going);
    assert.deepEqual(doubts('copies:1 -in:files'), []);
    assert.equal(await kubo.count({ filter: 'copies:1 -in:files' }, going), 1);
  });

  it('counts a part and its whole as one copy, of which the one that is known says all', async () => {
    const join = createListJoin();
    const listOf = (status: string | null) => columnsOf([{ cid: 'Qm', status }]);
    const [kubo, files, cluster] = [await listOf(null), await listOf(null), await listOf('failed')];
    const said = async (...sources: Parameters<ListJoin['set']>[0]): Promise<object> => {
      await join.set(sources, going);
      const table = [files, kubo].find((each) => sources.some(({ list }) => list === each));
      return copiesOf((await table?.page({}, going))?.[0] ?? assert.fail());
    };
    const [whole, part] = [{ id: 'kubo', list: kubo }, { id: 'files', list: files, partOf: 'kubo' }] as const; // prettier-ignore
    assert.deepEqual(await said(whole, part), { sources: ['kubo', 'files'], copies: 1 });
    assert.deepEqual([await kubo.count({ filter: 'copies:1' }, going), await kubo.count({ filter: 'copies:2' }, going)], [1, 0]);
    assert.deepEqual(
      (await files.groups('copies', {}, going)).map(({ key }) => key),
      ['1'],
    );
    assert.deepEqual(await said(part, { id: 'cluster', list: cluster }, whole), {
      sources: ['files', 'cluster', 'kubo'],
      copies: 1,
    });
    assert.deepEqual(await said(part), { sources: ['files'], copies: 1 });
    assert.deepEqual(await said({ id: 'kubo', unknown: 'list' }, part), { sources: ['files'], copies: 1 });
    assert.deepEqual(await said(whole, { id: 'files', unknown: 'list', partOf: 'kubo' }), { sources: ['kubo'], copies: 1 });
  });

  it('joins at most 32 sources, and no list twice', async () => {
    const join = createListJoin();
    const many = await Promise.all(
      Array.from({ length: 33 }, async (_, at) => ({ id: `${at}`, list: await columnsOf([{ cid: 'Qm', status: null }]) })),
    );
    await assert.rejects(join.set(many, going), { reason: 'invalid-argument' });
    const [first = assert.fail()] = many;
    await assert.rejects(join.set([first, { ...first, id: 'again' }], going), { reason: 'invalid-argument' });
    await join.set(many.slice(0, 32), going);
    assert.equal((await first.list.page({}, going))[0]?.copies, 32);
    assert.equal(await first.list.count({ filter: 'copies:32 in:31' }, going), 1);
  });

  it('knows the rows of a database whose CIDs are no texts, or too long to be shown', async () => {
    const values = ["'Qm'", '17', '1.5', "x'516d'", "x'00ff'", `'${'long'.repeat(MAX_TEXT)}'`];
    const file = await databaseOf((db) => {
      db.exec('CREATE TABLE pins(cid, status TEXT)');
      for (const value of [...values, "''", 'NULL']) db.exec(`INSERT INTO pins VALUES (${value}, 'pinned')`);
    });
    const table = await open(file);
    const join = createListJoin();
    await join.set([{ id: 'ipfs_kit_py', list: table }], going);
    const pins = await table.page({}, going);
    assert.equal(pins.length, values.length);
    for (const pin of pins) assert.deepEqual(copiesOf(pin), { sources: ['ipfs_kit_py'], copies: 1 }, pin.cid.slice(0, 20));
    table.close();
  });

  it('keeps the content of rows that came into a database since apart from what was read', async () => {
    const file = await database([{ cid: 'Qm', status: null }], 'CREATE TABLE pins(cid TEXT, status TEXT)');
    const table = await open(file);
    const join = createListJoin();
    await join.set([{ id: 'ipfs_kit_py', list: table }, { id: 'kubo' }], going);
    await databaseOf(
      (db) => db.exec("CREATE TABLE pins(cid TEXT, status TEXT); INSERT INTO pins VALUES ('Qm', NULL), ('new', NULL)"),
      file,
    );
    const pins = await table.page({}, going);
    assert.deepEqual(pins.map(copiesOf), [
      { sources: ['ipfs_kit_py'], copies: 1 },
      { sources: ['ipfs_kit_py'], copiesAtLeast: 0, unknownSources: ['ipfs_kit_py'] },
    ]);
    assert.equal(await table.count({ filter: 'copies:>=0' }, going), 1);
    table.close();
  });
});

function columnsOf(pins: readonly ListedPin[]): Promise<PinTable> {
  return (ENGINES['columns'] ?? assert.fail())(pins);
}

async function opened(sources: readonly Asked[]): Promise<Map<string, PinTable>> {
  const tables = new Map<string, PinTable>();
  for (const { id, pins, engine } of sources) if (pins) tables.set(id, await (ENGINES[engine] ?? assert.fail())(pins));
  return tables;
}

function asJoined(sources: readonly Asked[], tables: ReadonlyMap<string, PinTable>): Parameters<ListJoin['set']>[0] {
  return sources.map(({ id, unknown, partOf }) => ({ id, list: tables.get(id), unknown, partOf }));
}

/** The list until `end` is called after some of its rows. */
function breaksOff(list: JoinableList, after: number, end: () => void): JoinableList {
  return {
    join: list.join,
    contents: (without) => {
      const walk = list.contents(without);
      let left = after;
      return {
        close: walk.close,
        next: async (visitor, signal) => {
          await walk.next(
            {
              none: visitor.none,
              pin: (...pin) => {
                if (left-- === 0) end();
                visitor.pin(...pin);
              },
            },
            signal,
          );
          end();
          return true;
        },
      };
    },
  };
}
