import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import { createOutput } from '../../../src/cli/output';
import { mergedPins } from '../../../src/pinSource/mergedPins';
import { pinsVerb } from '../../../src/cli/pins';
import type { AskedSource, JoinedPin } from '../../../src/pinSource/joinedList';
import { joinedList } from '../../../src/pinSource/joinedList';
import { cidForms, decodeCid } from '../../../src/pin/cid';
import { STRETCH } from '../../../src/pin/pinWalk';
import { createClusterSource } from '../../../src/pinSource/clusterSource';
import { ipfsKitSource } from '../../../src/pinSource/ipfsKitSource';
import { createKuboSource } from '../../../src/pinSource/kuboSource';
import type { PinList } from '../../../src/pinSource/listPins';
import { listPins } from '../../../src/pinSource/listPins';
import { createPinningServiceSource } from '../../../src/pinSource/pinningServiceSource';
import type { PinSource } from '../../../src/pinSource/pinSource';
import { SOURCE_KINDS } from '../../../src/pinSource/sourceKinds';
import type { PinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { cluster, json, kubo, withStandIn } from '../../support/daemonStandIn';
import type { Routes } from '../../support/daemonStandIn';
import { writeFilesOnDisk } from '../../support/filesOnDisk';
import { blockGet, EMPTY_FILES, rootAnswer } from '../../support/filesStandIn';
import { errorIn, runKit } from '../../support/kit';
import { ENDLESS, ENDLESS_NAMES, python, writeDatabase } from '../../support/python';
import { Made } from '../../support/madeBlocks';
import type { Answer, ReplayedRequest } from '../../support/replayServer';
import { lines } from '../../support/replayServer';
import { shelfKind } from '../../support/shelfKind';

const dist = path.join(process.cwd(), 'dist');
const folder = mkdtempSync(path.join(tmpdir(), 'several-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A CID that all sources keep in some form; `text` isn't a CID. */
const ALL = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
const ALL_V1 = cidForms(decodeCid(ALL) ?? { version: 1, codec: 0, bytes: new Uint8Array() }).v1;
const TWO = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
const ONE = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';

const database = path.join(folder, 'pins.db');
before(() => {
  const code = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text primary key, pin_type text, name text, size_bytes integer, created_at real)')
db.executemany('insert into pins values (?, ?, ?, ?, ?)', [(sys.argv[2], 'recursive', 'b', 10, 3.0), ('text', 'direct', 'D', 2**60, 4.0)])
db.commit()`;
  python(code, database, ALL);
});

const created = (second: number): string => `1970-01-01T00:00:0${second}Z`;
const ALLOCATION = { cid: TWO, name: 'c', allocations: [], timestamp: created(1), type: 'pin', mode: 'recursive' };
const DAEMONS: Routes = {
  ...EMPTY_FILES,
  'POST /api/v0/id': kubo('id'),
  'POST /api/v0/pin/ls': ({ query }) =>
    query.get('type') === 'recursive'
      ? { body: lines([{ Cid: ALL_V1, Type: 'recursive', Name: 'a' }, { Cid: ONE, Type: 'recursive' }]) } // prettier-ignore
      : {},
  'GET /id': cluster('id'),
  'GET /allocations': { body: lines([ALLOCATION]) },
  'GET /pins': { body: lines([{ cid: TWO, peer_map: { alder: { status: 'pinned' } } }]) },
  'GET /s/pins': json({
    count: 3,
    results: [ALL, TWO, 'text'].map((cid, at) => ({
      ...{ requestid: String(at), status: 'pinned', created: created(9 - at), delegates: [] },
      pin: { cid, name: `s${at}` },
    })),
  }),
};

interface Several {
  readonly sources: readonly {
    readonly id: string;
    readonly state: string;
    readonly total?: number;
    readonly notes?: readonly string[];
  }[];
  readonly total: number;
  readonly groups?: readonly object[];
  readonly uncertainSources?: readonly string[];
  readonly pins: readonly JoinedPin[];
}

const ids = ({ sources }: Several): readonly string[] => sources.map(({ id, state }) => `${id} ${state}`);

const named = (url: string): readonly string[] => [
  ...['--database', database, '--kubo', url, '--cluster', url, '--service', `s=${url}/s`],
];

async function several(...args: readonly string[]): Promise<Several> {
  const { status, out, err } = await runKit(['pins', ...args, '--json']);
  assert.deepEqual([status, err], [0, ''], out);
  return JSON.parse(out) as Several;
}

const rows = ({ pins }: Several): readonly string[] => pins.map(({ source, cid }) => `${source} ${cid}`);

describe('the pins of several sources', () => {
  it('are sorted by sizes that Kubo is asked for and a service lists; of others it is said that they are unknown', () => {
    const sized: Routes = {
      ...DAEMONS,
      'POST /api/v0/files/stat': ({ query }) => json({ CumulativeSize: query.get('arg') === `/ipfs/${ONE}` ? 2 ** 40 : 5 }),
      'GET /s/pins': json({
        count: 1,
        results: [{ requestid: 'r', created: created(1), pin: { cid: TWO }, info: { dag_size: '7' } }],
      }),
    };
    return withStandIn(sized, async (url) => {
      const list = await several(...named(url), '--sort', '-size');
      assert.deepEqual(
        list.pins.map(({ source, sizeBytes }) => [source, sizeBytes]),
        [
          ['ipfs_kit_py', '1152921504606846976'],
          ['kubo', 2 ** 40],
          ['ipfs_kit_py', 10],
          ['service:s', 7],
          ['kubo', 5],
          ['cluster', undefined],
        ],
      );
      const notes = list.sources.flatMap(({ id, notes: [note] = [] }) => (note === undefined ? [] : [[id, note]]));
      assert.deepEqual(notes, [['cluster', "Not sorted by size: IPFS Cluster doesn't report the sizes of these pins."]]);
      const { out } = await runKit(['pins', '--kubo', url, '--sort', 'size', '--json']);
      assert.deepEqual(
        (JSON.parse(out) as PinList).pins.map(({ sizeBytes }) => sizeBytes),
        [5, 2 ** 40],
      );
    });
  });

  it('are those that each source lists, source after source, with the other sources that keep them', () =>
    withStandIn(DAEMONS, async (url) => {
      const worker = createPinWorkerHandle({ file: `${dist}/pinWorker.js`, wasmFile: `${dist}/sql-wasm.wasm` });
      const authorization = (): Promise<undefined> => Promise.resolve(undefined);
      const unasked = (): never => assert.fail('no daemon is contacted');
      const sources: readonly PinSource[] = [
        ipfsKitSource({ probe: unasked, sources: () => ({ databasePath: database }) }),
        createKuboSource({ repository: '/none', url, authorization, indirect: () => false }),
        createClusterSource({ url: () => url, authorization }),
        createPinningServiceSource({ name: 's', url: `${url}/s`, authorization }),
      ];
      const lists: readonly PinList[] = await Promise.all(sources.map((source) => listPins({}, source, { worker })));
      await worker.dispose();

      const list = await several(...named(url), '--all-sources');
      assert.deepEqual(
        list.sources.map(({ id, state, total }) => [id, state, total]),
        [['ipfs_kit_py', 'not-asked', 2], ['kubo', 'up', 2], ['files', 'up', 0], ['cluster', 'up', 1], ['service:s', 'up', 3]], // prettier-ignore
      );
      assert.equal(list.total, 8);
      assert.deepEqual(
        list.pins.map(({ source, ...pin }) => [source, { ...pin, sources: undefined, copies: undefined }]),
        lists.flatMap(({ pins }, at) =>
          pins.map((pin) => [
            sources[at]?.id,
            { ...pin, ...(at === 2 && { status: 'pinned', replicasPinned: 1 }), sources: undefined, copies: undefined },
          ]),
        ), // Only a list of several sources asks a cluster for the statuses.
      );
      const kept: Readonly<Record<string, readonly string[]>> = {
        [ALL]: ['ipfs_kit_py', 'kubo', 'service:s'],
        [ALL_V1]: ['ipfs_kit_py', 'kubo', 'service:s'],
        [ONE]: ['kubo'],
        [TWO]: ['cluster', 'service:s'],
        text: ['ipfs_kit_py', 'service:s'],
      };
      for (const { cid, sources: ids, copies } of list.pins) assert.deepEqual([ids, copies], [kept[cid], kept[cid]?.length], cid);

      const { out } = await runKit(['pins', ...named(url), '--limit', 'all', '--ndjson']);
      assert.equal(out, list.pins.map((pin) => `${JSON.stringify(pin)}\n`).join(''));
    }));

  it('form one list in any order, with groups and pages', () =>
    withStandIn(DAEMONS, async (url) => {
      const names = async (...args: string[]): Promise<string> =>
        (await several(...named(url), ...args)).pins.map(({ name = '-' }) => name).join(' ');
      assert.equal(await names('--sort', 'name'), 'a b c D s0 s1 s2 -');
      assert.equal(await names('--sort', '-name'), 's2 s1 s0 D c b a -');
      assert.equal(await names('--sort', 'time'), 'c b D s2 s1 s0 a -');
      assert.equal(await names('--sort', '-size'), 'D b a - c s0 s1 s2');
      assert.equal(await names('--sort', 'name', '--offset', '2', '--limit', '3'), 'c D s0');
      assert.equal(await names('--offset', '3', '--limit', '3'), '- c s0');
      assert.equal(await names('--sort', 'name', '--group', 'type'), 'D a b c - s0 s1 s2');
      const grouped = await several(...named(url), '--group', 'type', '--limit', '0');
      assert.deepEqual(grouped.groups, [
        { key: 'direct', count: 1, sized: 1, sizeBytes: String(2n ** 60n) },
        { key: 'recursive', count: 4, sized: 1, sizeBytes: 10 },
        { count: 3, sized: 0 },
      ]);
      const filtered = await several(...named(url), '--filter', 's1');
      assert.deepEqual([filtered.total, rows(filtered)], [1, [`service:s ${TWO}`]]);
      assert.equal(filtered.pins[0]?.copies, 2); // Its name in another source makes no difference.
    }));

  it('have a note where a status filter finds nothing because the statuses are unknown, as the view has', () =>
    withStandIn(DAEMONS, async (url) => {
      const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
        contributes: { viewsWelcome: readonly { when: string; contents: string }[] };
      };
      const [first, second] =
        contributes.viewsWelcome.find(({ when }) => when.endsWith('none-with-status'))?.contents.split('\n') ?? [];
      const words = `${first ?? ''} ${second ?? ''}`;
      const notes = async (...args: string[]): Promise<unknown> =>
        (JSON.parse((await runKit(['pins', ...args, '--json'])).out) as { notes?: unknown }).notes;
      assert.deepEqual(await notes('--kubo', url, '--filter', '-status:pinned'), [words]);
      assert.deepEqual(await notes('--database', database, '--filter', 'b status:failed'), [words]);
      for (const filter of ['nowhere -status:pinned', 'nowhere'])
        assert.equal(await notes('--kubo', url, '--filter', filter), undefined);
      assert.equal(await notes('--service', `s=${url}/s`, '--filter', '-status:pinned'), undefined);

      const both = ['pins', '--kubo', url, '--service', `s=${url}/s`, '--filter', 'status:pinned'];
      const { sources } = JSON.parse((await runKit(both)).out) as { sources: readonly AskedSource[] };
      assert.deepEqual(sources.map(({ total, notes }) => [total, notes]), [[0, [words]], [3, undefined]]); // prettier-ignore
      const { err } = await runKit([...both, '--ndjson']);
      assert.deepEqual(JSON.parse(err), { note: `Kubo: ${words}` });
    }));

  it("leave open how many copies there are, where a source couldn't be listed or its list is incomplete", async () => {
    const broken: Routes = {
      ...DAEMONS,
      'GET /allocations': {
        body: lines([ALLOCATION, { ...ALLOCATION, cid: ALL, name: 'x'.repeat(400) }]),
        fault: { kind: 'cut', after: 400 },
      },
      'GET /s/pins': { status: '500 Internal Server Error', body: '{}' },
    };
    await withStandIn(broken, async (url) => {
      const list = await several(...named(url));
      assert.deepEqual(
        list.sources.map(({ id, state }) => `${id} ${state}`),
        ['ipfs_kit_py not-asked', 'kubo up', 'cluster up', 'service:s unavailable'],
      );
      const all = list.pins.find(({ cid }) => cid === ALL);
      assert.deepEqual([all?.copies, all?.copiesAtLeast, all?.unknownSources], [undefined, 2, ['cluster', 'service:s']]);
      const inCluster = list.pins.find(({ source }) => source === 'cluster');
      // The statuses of an incomplete list aren't asked for, and a pin whose status isn't known may be no copy.
      assert.deepEqual([inCluster?.sources, inCluster?.copiesAtLeast], [['cluster'], 0]);
      assert.deepEqual(inCluster?.unknownSources, ['cluster', 'service:s']);
    });
  });

  it('are those of the other sources, too, where one changes while it is read', () =>
    withStandIn(DAEMONS, async (url) => {
      const live = path.join(folder, 'live.db');
      writeDatabase(live, 6000);
      const bare = createPinWorkerHandle({ file: `${dist}/pinWorker.js`, wasmFile: `${dist}/sql-wasm.wasm` });
      const request: typeof bare.request = async (operation, params, options) => {
        const answer = await bare.request(operation, params, options);
        if (operation === 'nextPins' && Array.isArray(answer) && answer.length === STRETCH)
          python('import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("update pins set name = name || 1 where rowid = 9"); db.commit()', live); // prettier-ignore
        return answer;
      };
      const worker = { ...bare, request };
      const authorization = (): Promise<undefined> => Promise.resolve(undefined);
      const unasked = (): never => assert.fail('no daemon is contacted');
      const chosen = [
        ipfsKitSource({ probe: unasked, sources: () => ({ databasePath: live }) }),
        createKuboSource({ repository: '/none', url, authorization, indirect: () => false }),
      ].map((source) => ({ source, isNamed: true }));
      const read = async (limit: number): Promise<{ sources: readonly AskedSource[]; pins: readonly JoinedPin[] }> => {
        const { pins, sources } = await joinedList(chosen, limit === Infinity ? {} : { sort: 'name', limit }, limit, { worker });
        const all: JoinedPin[] = [];
        for await (const some of pins) all.push(...some);
        return { sources: sources(), pins: all };
      };

      const page = await read(2);
      assert.deepEqual(page.sources.map(({ error, incomplete }) => [error?.reason, incomplete]), [[undefined, undefined], [undefined, undefined]]); // prettier-ignore
      assert.deepEqual(page.pins.map(({ source, copies }) => [source, copies]), [['kubo', 1], ['ipfs_kit_py', 1]]); // prettier-ignore

      const all = await read(Infinity);
      assert.deepEqual(all.sources.map(({ error, incomplete }) => [error?.reason, incomplete]), [['busy', true], [undefined, undefined]]); // prettier-ignore
      assert.deepEqual(all.pins.slice(STRETCH - 1).map(({ source, copies, unknownSources }) => [source, copies, unknownSources]), [['ipfs_kit_py', 1, undefined], ['kubo', undefined, ['ipfs_kit_py']], ['kubo', undefined, ['ipfs_kit_py']]]); // prettier-ignore
      const { pins, sources } = await joinedList(chosen.slice(0, 1), {}, Infinity, { worker });
      await assert.rejects(async () => {
        for await (const some of pins) assert.equal(some.length, STRETCH);
      }, /^IpfsKitError: No source could be listed/);
      assert.match(sources()[0]?.error?.message ?? '', /was changed while all its pins were being read/);
      await bare.dispose();
    }));

  it('are those of the other sources, too, where a database never ends', async () => {
    const endless = path.join(folder, 'endless.db');
    python(ENDLESS, endless);
    const impatient = createPinWorkerHandle({
      ...{ file: `${dist}/pinWorker.js`, wasmFile: `${dist}/sql-wasm.wasm`, silenceMs: 1500 },
    });
    const chosen = [endless, database].map((file, at) => {
      const source = ipfsKitSource({ probe: () => assert.fail(), sources: () => ({ databasePath: file }) });
      return { source: { ...source, id: `${at}` }, isNamed: true };
    });
    const { pins, sources } = await joinedList(chosen, {}, Infinity, { worker: impatient });
    for await (const some of pins) assert.deepEqual(some.map(({ name }) => name), ['b', 'D']); // prettier-ignore
    assert.deepEqual(sources().map(({ state, total }) => [state, total]), [['busy', undefined], ['not-asked', 2]]); // prettier-ignore
    await impatient.dispose();
  });

  it('are those of the other sources, too, where the rows of a database never end', () =>
    withStandIn(DAEMONS, async (url) => {
      const slow = path.join(folder, 'slow.db');
      python(ENDLESS_NAMES, slow, '0');
      const run = async (...args: string[]): Promise<{ status: number; out: string; notes: string }> => {
        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const output = createOutput({ stdout, stderr });
        const signal = new AbortController().signal;
        const status = await pinsVerb(SOURCE_KINDS, 3000).run(['--database', slow, ...args], { output, signal, dist });
        return { status, out: String(stdout.read()), notes: String(stderr.read()) };
      };
      const both = ['--kubo', url, '--service', `s=${url}/s`];
      const whole = [...both, '--limit', 'all', '--sort', 'name'];
      const [page, all, line, none] = await Promise.all([
        ...[
          [...both, '--json'],
          [...whole, '--json'],
          [...whole, '--ndjson'],
          ['--all-sources', '--ndjson'],
        ].map((args) => run(...args)),
      ]);
      for (const [list, names] of [
        [page, 'a - s0 s1 s2'],
        [all, 'a s0 s1 s2 -'],
      ] as const) {
        const { pins, sources } = JSON.parse(list?.out ?? '') as { sources: readonly AskedSource[]; pins: readonly JoinedPin[] };
        assert.deepEqual([list?.status, pins.map(({ name = '-' }) => name).join(' ')], [0, names]);
        assert.deepEqual(
          sources.map(({ total, incomplete, error }) => [total, incomplete, error?.reason]),
          [[5, true, 'timeout'], [2, undefined, undefined], [3, undefined, undefined]], // prettier-ignore
        );
        assert.deepEqual(pins.map(({ unknownSources }) => unknownSources?.join()), pins.map(() => 'ipfs_kit_py')); // prettier-ignore
      }
      assert.deepEqual([line?.status, line?.out.split('\n').length], [0, 6]);
      for (const each of [line, none])
        assert.match(each?.notes ?? '', /^\{"note":"ipfs_kit_py: Reading the pins hasn't responded[^\n]*\n$/);
      const { error } = JSON.parse(none?.out ?? '') as { error: { reason: string } };
      assert.deepEqual([none?.status, error.reason], [1, 'timeout']);
    }));

  it('continue after the pins that were given where another request ends the thread, unless the list has changed', async () => {
    const [long, slow] = [path.join(folder, 'long.db'), path.join(folder, 'slow-beside.db')];
    writeDatabase(long, 6000);
    python(ENDLESS_NAMES, slow, '0');
    const bare = createPinWorkerHandle({ file: `${dist}/pinWorker.js`, wasmFile: `${dist}/sql-wasm.wasm`, silenceMs: 1500 });
    const sourceOf = (databasePath: string): PinSource =>
      ipfsKitSource({ probe: () => assert.fail(), sources: () => ({ databasePath }) });
    /** The worker, whose thread another request ends after the answer to one of these operations, the first after `skip`. */
    const endedAfter = (ending: string, skip = 0, meanwhile = (): void => undefined): PinWorkerHandle => {
      let left = skip;
      const request: typeof bare.request = async (operation, params, options) => {
        const answer = await bare.request(operation, params, options);
        if (operation !== ending || left-- !== 0) return answer;
        await assert.rejects(listPins({}, sourceOf(slow), { worker: bare }), { reason: 'timeout' });
        meanwhile();
        return answer;
      };
      return { ...bare, request };
    };
    const read = async (meanwhile?: () => void): Promise<{ error?: string | undefined; cids: readonly string[] }> => {
      const chosen = [{ source: sourceOf(long), isNamed: true }];
      const { pins, sources } = await joinedList(chosen, {}, Infinity, { worker: endedAfter('nextPins', 1, meanwhile) });
      const cids: string[] = [];
      const reading = async (): Promise<void> => {
        for await (const some of pins) cids.push(...some.map(({ cid }) => cid));
      };
      await reading().catch(() => undefined);
      return { error: sources()[0]?.error?.reason, cids };
    };
    const { error, cids } = await read();
    assert.deepEqual([error, cids.length, new Set(cids).size], [undefined, 6000, 6000]);
    assert.equal((await listPins({}, sourceOf(long), { worker: endedAfter('page') })).total, 6000);
    const changed = await read(
      () =>
      python('import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("delete from pins where rowid = 9"); db.commit()', long), // prettier-ignore
    );
    assert.deepEqual([changed.error, changed.cids.length], ['busy', 2 * STRETCH]);
    await bare.dispose();
  });

  it('are merged by their exact sizes', async () => {
    const [low, high] = ['9007199254740992', '9007199254740993'];
    const walkOf = async function* (
      sizeBytes: number | string,
    ): AsyncGenerator<readonly { cid: string; sizeBytes: number | string }[]> {
      yield await Promise.resolve([{ cid: '', sizeBytes }]);
    };
    for (const sort of ['size', '-size'] as const) {
      const merged: unknown[] = [];
      for await (const rows of mergedPins([high, 7, low].map(walkOf), { sort }))
        merged.push(...rows.map(({ pin }) => pin.sizeBytes));
      assert.deepEqual(merged, sort === 'size' ? [7, low, high] : [high, low, 7]);
    }
  });

  it('are needed for copies and other sources, of which a single list says that nothing is known', async () => {
    const file = path.join(folder, 'single.db');
    writeDatabase(file, 2);
    const notes = async (...args: readonly string[]): Promise<unknown> =>
      (JSON.parse((await runKit(['pins', '--database', file, ...args, '--json'])).out) as PinList).notes;
    const said = [
      'Copies and other sources of a pin are known only where several sources are listed together. Select several sources, for example with --all-sources.',
    ];
    for (const args of ['--filter=-copies:1', '--filter=in:kubo', '--sort=-copies', '--group=source'])
      assert.deepEqual(await notes(args), said, args);
    for (const args of ['--filter=name', '--sort=-time', '--group=status', '--filter=copies:'])
      assert.equal(await notes(args), undefined, args);
    assert.equal(await notes('--filter=copies:1', '--all-sources'), undefined);
  });

  it('are of at most 32 sources, and none is contacted where more are selected', () =>
    withStandIn({}, async (url, { requests }) => {
      const services = Array.from({ length: 33 }, (_, at) => ['--service', `s${at}=${url}`]).flat();
      const error = errorIn(await runKit(['pins', ...services, '--json']));
      assert.deepEqual(
        [error.reason, error.message, requests],
        ['invalid-argument', "33 sources can't be compared, and at most 32 can. Select fewer.", []],
      );
    }));

  it('fail only if no source can be listed, and then report why for each', async () => {
    const run = await runKit(['pins', '--database', '/nowhere', '--kubo', 'http://127.0.0.1:9', '--json']);
    assert.equal(run.status, 1);
    assert.equal(errorIn(run).reason, 'missing');
    const { sources } = JSON.parse(run.out) as { sources: readonly { id: string; error: { reason: string; message: string } }[] };
    for (const { error } of sources) assert.equal(run.out.split(JSON.stringify(error.message)).length, 2, run.out);
    assert.deepEqual(
      sources.map(({ id, error }) => [id, error.reason]),
      [['ipfs_kit_py', 'missing'], ['kubo', 'refused']], // prettier-ignore
    );
  });

  it('are found at their default locations: with --all-sources those that exist, with --source those that are named', async () => {
    const home = mkdtempSync(path.join(folder, 'home-'));
    mkdirSync(path.join(home, '.ipfs_kit'));
    python('import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])', database, path.join(home, '.ipfs_kit/pin_metadata.db'));
    const run = async (...args: string[]): Promise<Several> =>
      JSON.parse((await runKit(['pins', ...args, '--json'], { HOME: home })).out) as Several;

    const single = await run('--all-sources', '--limit', '1');
    assert.deepEqual(ids(single), ['ipfs_kit_py absent']);
    assert.equal(single.pins[0]?.copies, 1); // A source that isn't found keeps no copy.

    mkdirSync(path.join(home, '.ipfs'));
    writeFileSync(path.join(home, '.ipfs/config'), '{"Identity":{"PeerID":"12D3KooWAbcdefghijkmnopqrstuvwx"}}');
    const both = await run('--all-sources', '--limit', '1');
    assert.deepEqual(ids(both), ['ipfs_kit_py absent', 'kubo absent', 'files absent']);
    assert.deepEqual([both.pins[0]?.copiesAtLeast, both.pins[0]?.unknownSources], [1, ['kubo', 'files']]);

    for (const id of ['kubo', 'files']) {
      const { error } = (await run('--source', id)) as unknown as { error: { reason: string; message: string } };
      assert.deepEqual([error.reason, error.message.includes("isn't running")], ['refused', true]);
    }
  });

  it('have the Files that Kubo left on disk where it is not running, each of which is a copy', async () => {
    const home = path.join(folder, 'left-home');
    const made = new Made();
    const root = await made.folder([
      ['kept', await made.leaf('x')],
      ['other', CID.parse(ALL)],
    ]);
    writeFilesOnDisk(path.join(home, '.ipfs'), made.blocks, root);
    writeFileSync(path.join(home, '.ipfs/config'), '{"Identity":{"PeerID":"12D3KooWAbcdefghijkmnopqrstuvwx"}}');
    const run = async (...args: string[]): Promise<string> => (await runKit(['pins', ...args, '--json'], { HOME: home })).out;
    const list = JSON.parse(await run('--source', 'files')) as PinList & { readonly daemon?: string };
    assert.deepEqual(
      [list.source, list.freshness, list.daemon, list.total, list.pins.map(({ name }) => name)],
      ['files', 'snapshot', 'absent', 2, ['kept', 'other']],
    );
    assert.match(list.notes?.[0] ?? '', /as it left them on disk/);
    const both = JSON.parse(await run('--source', 'kubo', '--source', 'files')) as Several;
    assert.deepEqual(ids(both), ['kubo absent', 'files absent']);
    assert.deepEqual(
      both.pins.map(({ name, sources, copies }) => [name, sources, copies]),
      ['kept', 'other'].map((name) => [name, ['files'], 1]),
      'its pins are unknown, and are in the same blocks',
    );
    const kept = JSON.parse(await run('--source', 'kubo', '--source', 'files', '--filter', 'kept:files copies:1')) as Several;
    assert.deepEqual([kept.pins.length, kept.uncertainSources], [2, ['kubo']], 'Kubo may pin them, too');
  });

  it('may be those in the Files of a Kubo: alone, or with its pins', async () => {
    const made = new Made();
    const root = (
      await made.folder([
        ['kept', await made.leaf('x')],
        ['pinned', CID.parse(ALL)],
      ])
    ).toString();
    const stat = ({ query }: ReplayedRequest): Answer =>
      query.get('arg') === '/' ? rootAnswer(root) : json({ CumulativeSize: 5, Type: 'file' });
    const withFiles: Routes = { ...DAEMONS, 'POST /api/v0/files/stat': stat, 'POST /api/v0/block/get': blockGet(made.blocks) };
    await withStandIn(withFiles, async (url) => {
      const { out } = await runKit(['pins', '--source', 'files', '--kubo', url, '--json']);
      const list = JSON.parse(out) as PinList;
      assert.deepEqual([list.source, list.pins.map(({ name }) => name)], ['files', ['kept', 'pinned']]);
      const { sources, pins } = await several('--source', 'files', '--source', 'kubo', '--kubo', url);
      assert.deepEqual(
        sources.map(({ id, total }) => [id, total]),
        [
          ['kubo', 2],
          ['files', 2],
        ],
      );
      const shared = pins
        .filter((pin) => pin.sources.length > 1)
        .map(({ source, sources: all, copies }) => [source, all, copies]);
      assert.deepEqual(
        shared,
        ['kubo', 'files'].map((source) => [source, ['kubo', 'files'], 1]),
        'both are in the same blocks',
      );
      const onlyPins = JSON.parse((await runKit(['pins', '--kubo', url, '--json'])).out) as PinList;
      assert.equal(onlyPins.source, 'kubo');
    });
  });

  it('get the token that follows --kubo, whichever sources of that Kubo are listed', async () => {
    const [tokens, file]: [Set<string | undefined>, string] = [new Set(), path.join(folder, 'kubo.token')];
    writeFileSync(file, 's3cret');
    const guarded = Object.fromEntries(
      Object.entries(DAEMONS).map(([route, answer]) => [
        route,
        (request: ReplayedRequest): Answer => {
          if (route.startsWith('POST')) tokens.add(request.headers['authorization']);
          return typeof answer === 'function' ? answer(request) : (answer as Answer);
        },
      ]),
    );
    await withStandIn(guarded, async (url) => {
      for (const which of [['--source', 'files'], ['--source', 'files', '--source', 'kubo'], []]) {
        tokens.clear();
        const { status } = await runKit(['pins', ...which, '--kubo', url, '--token-file', file, '--json']);
        assert.deepEqual([status, [...tokens]], [0, ['Bearer s3cret']], which.join(' '));
      }
    });
  });

  it('come from a kind of source that is added in one line, too', async () => {
    const stdout = new PassThrough();
    const output = createOutput({ stdout, stderr: new PassThrough() });
    const args = ['--source', 'shelf', '--database', database, '--json'];
    const status = await pinsVerb([...SOURCE_KINDS, shelfKind(database)]).run(args, {
      output,
      signal: new AbortController().signal,
      dist,
    });
    const list = JSON.parse(String(stdout.read())) as Several;
    assert.equal(status, 0);
    assert.deepEqual(rows(list), [`ipfs_kit_py ${ALL}`, 'ipfs_kit_py text', `shelf ${ALL}`, 'shelf text']);
    assert.deepEqual(list.pins[0]?.sources, ['ipfs_kit_py', 'shelf']);
  });
});
