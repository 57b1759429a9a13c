import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cidForms, decodeCid } from '../../../../src/pin/cid';
import { CID } from 'multiformats/cid';
import { createClusterSource } from '../../../../src/pinSource/clusterSource';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import { createFilesSource } from '../../../../src/pinSource/filesSource';
import { createKuboSource } from '../../../../src/pinSource/kuboSource';
import { createPinningServiceSource } from '../../../../src/pinSource/pinningServiceSource';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import { compareLists, differingPins, onlyIn } from '../../../../src/pinTree/list/compareLists';
import type { JoinedLists } from '../../../../src/pinTree/list/joinedLists';
import { joinedLists } from '../../../../src/pinTree/list/joinedLists';
import type { ListView } from '../../../../src/pinTree/list/listView';
import { copiesLines, doubtsText } from '../../../../src/pinTree/text/copiesText';
import { comparedParts, comparisonText } from '../../../../src/pinTree/text/comparisonText';
import { groupLabel } from '../../../../src/pinTree/text/groupText';
import { sourcesViewMessage } from '../../../../src/pinTree/text/sourceText';
import type { PinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import type { JoinQuery } from '../../../../src/pinWorker/protocol';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Routes } from '../../../support/daemonStandIn';
import { cluster, json, kubo, withStandIn } from '../../../support/daemonStandIn';
import { blockGet, rootAnswer } from '../../../support/filesStandIn';
import { testFolder } from '../../../support/folder';
import { Made } from '../../../support/madeBlocks';
import { python } from '../../../support/python';
import type { Answer } from '../../../support/replayServer';
import { lines } from '../../../support/replayServer';

const dist = path.join(process.cwd(), 'dist');

/** In the database and the service, and as version 1 in Kubo. */
const THREE = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
const THREE_V1 = cidForms(decodeCid(THREE) ?? { version: 1, codec: 0, bytes: new Uint8Array() }).v1;
/** In the cluster and the service. */
const TWO = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
/** Only in Kubo, and only in the database. */
const KUBO_ONLY = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
const DATABASE_ONLY = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';

const database = path.join(testFolder('lists-join'), 'pins.db');
before(() => {
  const code = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text primary key, pin_type text, name text, size_bytes integer, created_at real)')
db.executemany('insert into pins values (?, ?, ?, ?, ?)', [(sys.argv[2], 'recursive', 'three', 10, 3.0), (sys.argv[3], 'direct', 'here', 20, 4.0)])
db.commit()`;
  python(code, database, THREE, DATABASE_ONLY);
});

const status = (...statuses: readonly string[]): Answer => ({
  body: lines([{ cid: TWO, peer_map: Object.fromEntries(statuses.map((each, at) => [`peer${at}`, { status: each }])) }]),
});
const ALLOCATIONS: Answer = {
  body: lines([{ cid: TWO, name: 'two', allocations: [], timestamp: '1970-01-01T00:00:01Z', type: 'pin', mode: 'recursive' }]),
};
const DAEMONS: Routes = {
  'POST /api/v0/id': kubo('id'),
  'POST /api/v0/pin/ls': ({ query }) =>
    query.get('type') === 'recursive'
      ? { body: lines([{ Cid: THREE_V1, Type: 'recursive', Name: 'three' }, { Cid: KUBO_ONLY, Type: 'recursive', Name: 'only' }]) } // prettier-ignore
      : {},
  'GET /id': cluster('id'),
  'GET /allocations': ALLOCATIONS,
  'GET /pins': status('pinned'),
  'GET /s/pins': json({
    count: 2,
    results: [THREE, TWO].map((cid, at) => ({
      ...{ requestid: String(at), status: 'pinned', created: `1970-01-01T00:00:0${9 - at}Z`, delegates: [] },
      pin: { cid, name: `s${at}` },
    })),
  }),
};
const UNAVAILABLE: Answer = { status: '500 Internal Server Error', body: '{"message":"no"}' };

interface Joined extends JoinedLists {
  readonly worker: PinWorkerHandle;
  readonly notes: string[];
  /** The requests to the worker so far, with their parameters. */
  readonly requests: (readonly [operation: string, params: unknown])[];
  /** The most joins that were under way at the same time. */
  readonly mostAtOnce: () => number;
  readonly shown: PinSource[];
  /** Resolves once the lists have been joined as they are. */
  readonly settled: () => Promise<void>;
  readonly list: (id: string) => ReturnType<JoinedLists['lists']['expected']>[number];
  /** The rows of each list that has some: its id, and the names of the pins. */
  readonly rows: () => readonly string[];
  /** Message above the rows. */
  readonly message: () => string;
}

/** `refuse`: an operation that fails. */
async function joining(
  sources: readonly PinSource[],
  view: ListView,
  check: (joined: Joined) => Promise<void>,
  refuse?: string,
): Promise<void> {
  const thread = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  let [underWay, mostAtOnce] = [0, 0];
  const notes: string[] = [];
  const requests: Joined['requests'] = [];
  const worker: PinWorkerHandle = {
    ...thread,
    request: (operation, params, options) => {
      requests.push([operation, params]);
      if (operation === refuse) return Promise.reject(new IpfsKitError('too-large', 'Too many.'));
      if (operation !== 'join') return thread.request(operation, params, options);
      mostAtOnce = Math.max(mostAtOnce, ++underWay);
      return thread.request(operation, params, options).finally(() => underWay--);
    },
  };
  const shown = [...sources];
  const [first] = shown;
  assert.ok(first);
  const joined = joinedLists(
    worker,
    first,
    () => Promise.resolve([...shown]),
    view,
    (line) => notes.push(line),
  );
  const { lists, join } = joined;
  let changes = 0;
  join.onDidChange(() => changes++);
  const list: Joined['list'] = (id) => lists.expected().find(({ source }) => source.id === id) ?? assert.fail(id);
  try {
    await check({
      ...joined,
      ...{ worker, notes, requests, shown, list, mostAtOnce: () => mostAtOnce },
      settled: async () => {
        // Longer than the pause before a join, and until nothing happens any more.
        for (let before = -1; before !== changes + requests.length; await sleep(400)) before = changes + requests.length;
      },
      rows: () =>
        lists.shown().flatMap(({ source, model: { state } }) => {
          const names = state.rows.pins.map(({ name }) => name);
          return names.length > 0 ? [`${source.id}: ${names.join(', ')}`] : [];
        }),
      message: () => sourcesViewMessage(lists.shown(), doubtsText(join.doubts(lists.view))),
    });
    lists.dispose();
    join.dispose();
    const left = async (): Promise<number> => {
      const { openTables, openJoins } = await thread.request('inspect', undefined);
      return openTables + openJoins;
    };
    for (const end = Date.now() + 5000; Date.now() < end; await sleep(20)) if ((await left()) === 0) break;
    assert.equal(await left(), 0, 'no table and no join is left open');
  } finally {
    lists.dispose();
    join.dispose();
    await thread.dispose();
  }
}

const authorization = (): Promise<undefined> => Promise.resolve(undefined);
const ofDatabase = (): PinSource =>
  ipfsKitSource({ probe: () => Promise.reject(new Error('No daemon is named.')), sources: () => ({ databasePath: database }) });
const ofKubo = (url: string): PinSource => createKuboSource({ repository: '/none', url, authorization, indirect: () => false });
const ofCluster = (url: string): PinSource => createClusterSource({ url: () => url, authorization });
const ofService = (url: string): PinSource => createPinningServiceSource({ name: 'mine', url: `${url}/s`, authorization });

/** Runs `check` with all four. */
const withAll = (
  view: ListView,
  check: (joined: Joined, url: string) => Promise<void>,
  routes: Routes = DAEMONS,
  refuse?: string,
): Promise<void> =>
  withStandIn(routes, (url) =>
    joining([ofDatabase(), ofKubo(url), ofCluster(url), ofService(url)], view, (joined) => check(joined, url), refuse),
  );

const ofJoins = ({ requests }: Joined): readonly JoinQuery[] =>
  requests.flatMap(([operation, params]) => (operation === 'join' ? [params as JoinQuery] : []));
const isJoined = ({ sources }: JoinQuery, of: number): boolean => sources.some(({ table }) => table === of);
const JOINING = ['join', 'closeJoin', 'doubts', 'copiesOf'];

describe('the lists of the view, joined', () => {
  it('cost a single source nothing: not even a request', () =>
    joining([ofDatabase()], { filter: 'copies:1', group: 'source' }, async (joined) => {
      const { lists, requests, settled, join, list } = joined;
      await lists.list();
      await lists.setView({ sort: 'copies' });
      await settled();
      assert.deepEqual(
        requests.filter(([operation]) => JOINING.includes(operation)),
        [],
      );
      assert.deepEqual(await join.copiesOf(list('ipfs_kit_py'), THREE), {});
      assert.deepEqual([join.isJoined(), join.doubts(lists.view)], [false, []]);
    }));

  it('count Kubo and its Files as one copy', async () => {
    const made = new Made();
    const root = await made.folder([
      ['both', CID.parse(THREE_V1)],
      ['kept', await made.leaf('x')],
    ]);
    const ofFiles: Routes = {
      ...DAEMONS,
      'POST /api/v0/files/stat': rootAnswer(root.toString()),
      'POST /api/v0/block/get': blockGet(made.blocks),
    };
    await withStandIn(ofFiles, (url) => {
      const files = createFilesSource({ repository: '/none', url, authorization });
      return joining([ofDatabase(), ofKubo(url), files], {}, async ({ lists, settled, join, list }) => {
        await lists.list();
        await settled();
        const { sources, copies } = await join.copiesOf(list('kubo'), THREE_V1);
        assert.deepEqual([sources, copies], [['ipfs_kit_py', 'kubo', 'files'], 2]);
      });
    });
  });

  it('are not joined before the first rows of each are read, and read once', () =>
    withAll({}, async (joined) => {
      const { lists, requests, settled, join } = joined;
      await lists.list();
      await settled();
      assert.equal(join.isJoined(), true);
      const at = (of: (operation: string, params: unknown) => boolean): number[] =>
        requests.flatMap(([operation, params], index) => (of(operation, params) ? [index] : []));
      for (const { table } of ofJoins(joined).at(-1)?.sources ?? []) {
        assert.ok(table !== undefined);
        const pages = at((operation, params) => operation === 'page' && (params as { table: number }).table === table);
        const [joinedAt] = at((operation, params) => operation === 'join' && isJoined(params as JoinQuery, table));
        assert.ok(pages.length > 0 && joinedAt !== undefined && pages.every((page) => page < joinedAt), `table ${table}`);
      }
      const before = ofJoins(joined).length;
      await lists.setView({ filter: 'th' });
      await settled();
      assert.equal(ofJoins(joined).length, before, 'a filter joins nothing again');
    }));

  it('find the pins in one source, in several, and in certain ones', () =>
    withAll({}, async ({ lists, rows, settled }) => {
      await lists.list();
      await settled();
      const found = async (filter: string): Promise<readonly string[]> => {
        await lists.setView({ filter });
        return rows();
      };
      assert.deepEqual(await found('copies:1'), ['ipfs_kit_py: here', 'kubo: only']);
      assert.deepEqual(await found('copies:>=2 -in:kubo'), ['cluster: two', 'service:mine: s1']);
      assert.deepEqual(await found('in:mine in:cluster'), ['cluster: two', 'service:mine: s1']);
      assert.deepEqual(await found('copies:3'), ['ipfs_kit_py: three', 'kubo: three', 'service:mine: s0']);
    }));

  it('have their statuses as soon as copies are asked for, since a failed pin is none', () =>
    withAll(
      {},
      async ({ lists, join, list, settled, rows }) => {
        const lines = async (): Promise<readonly string[]> =>
          copiesLines(await join.copiesOf(list('service:mine'), TWO), 'service:mine', join.nameOf);
        await lists.list();
        await settled();
        assert.deepEqual(await lines(), ['Also in IPFS Cluster', 'Copies: 1 or more', 'Status unknown: IPFS Cluster']);
        await lists.setView({ filter: 'copies:1 in:cluster' });
        await settled();
        assert.deepEqual(rows(), ['cluster: two', 'service:mine: s1']);
        assert.deepEqual(await lines(), ['Also in IPFS Cluster', 'Copies: 1']);
      },
      { ...DAEMONS, 'GET /pins': status('pin_error') },
    ));

  it('are grouped by copies and by source', () =>
    withAll({ group: 'copies' }, async ({ lists, join, list, settled }) => {
      const groups = (id: string): readonly string[] => {
        const { view, rows } = list(id).model.state;
        return rows.groups.map((each) => `${groupLabel(each, view.group ?? 'type', undefined, join.nameOf)}: ${each.count}`);
      };
      await lists.list();
      await settled();
      assert.deepEqual(groups('ipfs_kit_py'), ['1 copy: 1', '3 copies: 1']);
      assert.deepEqual(groups('cluster'), ['2 copies: 1']);
      await lists.setView({ group: 'source' });
      assert.deepEqual(groups('service:mine'), ['IPFS Cluster, mine: 1', 'ipfs_kit_py, Kubo, mine: 1']);
      await lists.setView({ sort: 'copies' });
      assert.deepEqual(
        list('kubo').model.state.rows.pins.map(({ name, copies }) => [name, copies]),
        [
          ['only', 1],
          ['three', 3],
        ],
      );
    }));

  it('take a source for unknown that fails while they are joined: nothing is said not to be there', () => {
    const isDown = { now: false };
    return withAll(
      { filter: 'copies:1' },
      async (joined) => {
        const { lists, rows, settled, list, message, join } = joined;
        await lists.list();
        await settled();
        assert.deepEqual([rows(), message()], [['ipfs_kit_py: here', 'kubo: only'], '2 of 7 pins in 4 sources · “copies:1”']);
        isDown.now = true;
        await list('cluster').model.list();
        await settled();
        assert.deepEqual(rows(), ['ipfs_kit_py: here', 'kubo: only', 'service:mine: s1'], 'a copy that is known');
        assert.equal(message(), '3 of 6 pins in 4 sources, one source unknown · “copies:1”');
        assert.deepEqual(copiesLines(await join.copiesOf(list('service:mine'), TWO), 'service:mine', join.nameOf), [
          'Copies: 1 or more',
          'Other sources unknown: IPFS Cluster',
        ]);
        await lists.setView({ filter: '-in:cluster' });
        assert.deepEqual(rows(), []);
        isDown.now = false;
        await list('cluster').model.list();
        await settled();
        assert.deepEqual(rows(), ['ipfs_kit_py: here, three', 'kubo: only, three', 'service:mine: s0']);
        assert.deepEqual(join.doubts(lists.view), []);
      },
      { ...DAEMONS, 'GET /allocations': () => (isDown.now ? UNAVAILABLE : ALLOCATIONS) },
    );
  });

  it('ask for a source that appears, and keep what was read of the others', () =>
    withStandIn(DAEMONS, (url) =>
      joining([ofDatabase(), ofKubo(url)], { filter: 'copies:1' }, async (joined) => {
        const { lists, shown, settled, rows, list } = joined;
        await lists.list();
        await settled();
        assert.deepEqual(rows(), ['ipfs_kit_py: here', 'kubo: only']);
        const tables = (): readonly (number | undefined)[] =>
          ofJoins(joined)
            .at(-1)
            ?.sources.map(({ table }) => table) ?? [];
        const before = tables();
        const { pins } = list('kubo').model.state.rows;
        shown.push(ofService(url));
        lists.setVisible(true);
        for (const end = Date.now() + 8000; lists.expected().length < 3; await sleep(50)) assert.ok(Date.now() < end);
        await settled();
        lists.setVisible(false);
        assert.deepEqual([before.length, tables().slice(0, 2), tables().length], [2, before, 3]);
        assert.deepEqual(rows(), ['ipfs_kit_py: here', 'kubo: only', 'service:mine: s1']);
        assert.equal(list('kubo').model.state.rows.pins, pins, 'rows that are the same stay as they are');
      }),
    ));

  it('stay as they are if they cannot be joined, and the log says so once', () =>
    withAll(
      {},
      async ({ lists, notes, settled, rows, join }) => {
        await lists.list();
        await settled();
        assert.equal(join.isJoined(), false);
        assert.deepEqual(rows(), ['ipfs_kit_py: here, three', 'kubo: only, three', 'cluster: two', 'service:mine: s0, s1']);
        assert.deepEqual(notes, ["The lists of the sources can't be compared: Too many."]);
      },
      DAEMONS,
      'join',
    ));

  it('are asked for one at a time', () =>
    withAll({}, async (joined) => {
      const { lists, settled, list } = joined;
      await lists.list();
      const again = ['kubo', 'cluster', 'service:mine', 'kubo', 'cluster'].map((id) => list(id).model.list());
      await Promise.all(again);
      await settled();
      const asked = ofJoins(joined);
      assert.equal(joined.mostAtOnce(), 1);
      assert.deepEqual(new Set(asked.slice(1).map(({ join }) => join)).size, 1, 'it is the same join all the time');
      const open = lists.expected().map(({ model }) => model.openListing?.opened.table);
      assert.deepEqual(
        asked.at(-1)?.sources.map(({ table }) => table),
        open,
      );
    }));
});

type DifferingOf = (what: 'names' | 'statuses') => ReturnType<typeof differingPins>;

describe('two lists of the view', () => {
  /** The parts of a comparison with their numbers, and the document. */
  const compared = async (
    { worker, join, list }: Joined,
    left: string,
    right: string,
  ): Promise<{ readonly parts: readonly string[]; readonly text: string; readonly differing: DifferingOf }> => {
    const never = new AbortController().signal;
    const result = await compareLists(worker, join, list(left), list(right), never);
    const onlyOf = (side: 'left' | 'right'): ReturnType<typeof onlyIn> => onlyIn(worker, result[side], never);
    const parts = comparedParts(result).map(
      ({ title, count, why }) => `${title}: ${count}${why === undefined ? '' : `, ${why}`}`,
    );
    const differing: DifferingOf = (what) => differingPins(worker, result, what, never);
    return { parts, differing, text: comparisonText(result, await onlyOf('left'), await onlyOf('right'), Date.now()) };
  };

  it('are compared: what one of them lists, what both do, and which names and statuses differ', () =>
    withAll(
      {},
      async (joined) => {
        const { lists, settled } = joined;
        await lists.list();
        const { parts, text, differing } = await compared(joined, 'kubo', 'service:mine');
        assert.deepEqual(parts, ['Only in Kubo: 1', 'Only in mine: 1', 'In both: 1', 'Names differ: 1']);
        assert.equal(
          text,
          `Kubo: 2 pins · live\nmine: 2 pins · live

Only in Kubo: 1
  ${KUBO_ONLY}  “only”

Only in mine: 1
  ${TWO}  “s1”, pinned

In both: 1

Names differ: 1
  ${THREE_V1}  “three” in Kubo, “s0” in mine

`,
        );
        assert.deepEqual(
          (await differing('names')).map(({ name, sources }) => [name, sources]),
          [
            ['three', ['kubo']],
            ['s0', ['service:mine']],
          ],
        );
        const unread = await compared(joined, 'service:mine', 'cluster');
        assert.equal(unread.parts.at(-1), "Statuses differ: unknown, statuses weren't read");
        await lists.setView({ group: 'copies' });
        await settled();
        const read = await compared(joined, 'service:mine', 'cluster');
        assert.deepEqual(read.parts, [
          'Only in mine: 1',
          'Only in IPFS Cluster: 0',
          'In both: 1',
          'Names differ: 1',
          'Statuses differ: 1',
        ]);
        assert.deepEqual(
          (await read.differing('statuses')).map(({ status: each, sources }) => [each, sources]),
          [
            ['pinned', ['service:mine']],
            ['failed', ['cluster']],
          ],
        );
        assert.match(read.text, /\nStatuses differ: 1\n {2}\w+ {2}pinned in mine, failed in IPFS Cluster\n/);
      },
      { ...DAEMONS, 'GET /pins': status('pin_error') },
    ));

  it('are not said to lack what is unknown: a list that failed, or that broke off', () =>
    withAll(
      {},
      async (joined) => {
        await joined.lists.list();
        const { parts, text } = await compared(joined, 'service:mine', 'cluster');
        assert.deepEqual(parts.slice(0, 3), [
          "Only in mine: unknown, IPFS Cluster isn't listed",
          "Only in IPFS Cluster: unknown, IPFS Cluster isn't listed",
          "In both: unknown, IPFS Cluster isn't listed",
        ]);
        assert.ok(!text.includes(TWO));
      },
      { ...DAEMONS, 'GET /allocations': UNAVAILABLE },
    ));
});
