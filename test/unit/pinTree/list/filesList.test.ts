import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CID } from 'multiformats/cid';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import { createSources } from '../../../../src/pinSource/sourceKinds';
import type { PinLists } from '../../../../src/pinTree/list/pinLists';
import { createPinLists } from '../../../../src/pinTree/list/pinLists';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { refreshOnChange } from '../../../../src/pinTree/list/refreshOnChange';
import { contextOf, isEmpty } from '../../../../src/pinTree/text/emptyText';
import { viewMessage } from '../../../../src/pinTree/text/provenanceText';
import { sourceContext, sourceIcon, sourceRemedy, sourceRowText, sourcesMessage } from '../../../../src/pinTree/text/sourceText';
import { statusBarLook } from '../../../../src/statusBarText';
import type { Routes } from '../../../support/daemonStandIn';
import { json, kubo, withStandIn } from '../../../support/daemonStandIn';
import { writeFilesOnDisk } from '../../../support/filesOnDisk';
import { blockGet, rootAnswer } from '../../../support/filesStandIn';
import { testFolder } from '../../../support/folder';
import type { Blocks } from '../../../support/ipfsTree';
import { importTree } from '../../../support/ipfsTree';
import { lines } from '../../../support/replayServer';
import { sourceParts } from '../../../support/sourceParts';

const folder = testFolder('files-list');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const PIN = { Cid: 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', Type: 'recursive', Name: 'site' };
/** The only pin of a new repository. */
const EMPTY_FOLDER = { Cid: 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn', Type: 'recursive' };
/** Root folders with this many files, and the blocks of all of them. */
const roots: string[] = [];
const blocks: Blocks = new Map();
before(async () => {
  for (const count of [0, 1, 2, 3]) {
    const content = Array.from({ length: count }, (_, at) => ({ path: `file-${at}`, content: Buffer.from(String(at)) }));
    const tree = await importTree(content);
    roots.push(tree.root.toString());
    for (const [cid, block] of tree.blocks) blocks.set(cid, block);
  }
});

const fileCount = (count: number) => rootAnswer(roots[count] ?? '');

const routesOf = (pins: readonly object[], stat: Routes[string]): Routes => ({
  'POST /api/v0/id': kubo('id'),
  'POST /api/v0/pin/ls': ({ query }) => ({ body: query.get('type') === 'recursive' ? lines(pins) : '' }),
  'POST /api/v0/block/get': blockGet(blocks),
  'POST /api/v0/files/stat': stat,
});

function repositoryAt(url: string | undefined): string {
  const made = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(made, 'config'), JSON.stringify({ Identity: { PeerID: PEER, PrivKey: 'CAES' } }));
  if (url !== undefined) writeFileSync(path.join(made, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
  return made;
}

/** The lists of a person who has this Kubo and no ipfs_kit_py, as the extension composes them. */
function listsAt(repository: string, wanted = ['ipfs_kit_py', 'kubo', 'files']): PinLists {
  const databasePath = path.join(folder, 'nowhere');
  const first = ipfsKitSource({
    probe: () => Promise.reject(new Error('No daemon is named.')),
    sources: () => ({ databasePath }),
  });
  const sources = createSources(sourceParts({ repository: () => repository, set: () => ({ wanted }) }));
  const expected = (): readonly PinSource[] => sources().map((source) => (source.id === first.id ? first : source));
  return createPinLists(
    first,
    () => Promise.resolve(expected()),
    (source) => ({ source, model: createPinListModel({ worker, source }) }),
  );
}

async function listedAt<T>(repository: string, check: (lists: PinLists) => T | Promise<T>, wanted?: string[]): Promise<T> {
  const lists = listsAt(repository, wanted);
  try {
    await lists.list();
    return await check(lists);
  } finally {
    lists.dispose();
  }
}

const shown = (lists: PinLists): (readonly [string, number | undefined])[] =>
  lists.shown().map(({ source, model }) => [source.name, model.state.total]);

describe('Files in the view', () => {
  it('are beside the pins of their Kubo, and counted as items', () =>
    withStandIn(routesOf([PIN], fileCount(3)), (url) =>
      listedAt(repositoryAt(url), (lists) => {
        assert.deepEqual(shown(lists), [
          ['Kubo', 1],
          ['Files', 3],
        ]);
        assert.equal(sourcesMessage(lists.shown()), '1 pin and 3 items in 2 sources');
        const [, files] = lists.shown();
        assert.ok(files);
        assert.equal(sourceRowText(files.source, files.model.state, Date.now()), '3 items · 3 B · live');
        assert.equal(statusBarLook(lists).text, '4');
      }),
    ));

  it('are seen where Kubo pins only the empty folder of a new repository, as in IPFS Desktop: the row with files is the one to expand', () =>
    withStandIn(routesOf([EMPTY_FOLDER], fileCount(2)), (url) =>
      listedAt(repositoryAt(url), (lists) => {
        assert.deepEqual(
          lists.shown().map(({ source, model }) => [source.name, isEmpty(model.state)]),
          [
            ['Kubo', true],
            ['Files', false],
          ],
        );
        assert.equal(sourcesMessage(lists.shown()), '1 pin and 2 items in 2 sources');
      }),
    ));

  it('are hidden while they are empty, and while they are read for the first time', () =>
    withStandIn(routesOf([PIN], fileCount(0)), async (url) => {
      const lists = listsAt(repositoryAt(url));
      const seen = new Set<string>();
      lists.onDidChange(() => seen.add(lists.shown().map(({ source }) => source.name).join())); // prettier-ignore
      await lists.list();
      assert.deepEqual(shown(lists), [['Kubo', 1]]);
      assert.ok(
        [...seen].every((names) => !names.includes('Files')),
        [...seen].join(' | '),
      );
      lists.dispose();
    }));

  it('alone are a plain list, and say so when they are empty', async () => {
    await withStandIn(routesOf([], fileCount(2)), (url) =>
      listedAt(
        repositoryAt(url),
        (lists) => {
          assert.deepEqual(shown(lists), [['Files', 2]]);
          assert.equal(viewMessage(lists.shown()[0].model.state, Date.now()), '2 items · live, Files');
        },
        ['files'],
      ),
    );
    await withStandIn(routesOf([], fileCount(0)), (url) =>
      listedAt(repositoryAt(url), (lists) => assert.equal(contextOf(lists.shown()[0]), 'no-items'), ['files']),
    );
  });

  it('say that Kubo must run: once, and with its name', async () => {
    const stopped = repositoryAt(undefined);
    await listedAt(stopped, (lists) => assert.deepEqual(shown(lists), [['Kubo', undefined]]));
    await listedAt(
      stopped,
      (lists) => {
        const [{ source, model }] = lists.shown();
        assert.deepEqual([source.name, contextOf(lists.shown()[0])], ['Files', 'kubo refused']);
        assert.equal(sourceContext(source, model.state.error), 'refused:startKubo:setToken');
        assert.deepEqual(sourceRemedy(source, model.state), { command: 'startKubo', title: 'Start Kubo' });
      },
      ['files'],
    );
  });

  it('are listed from disk beside a Kubo that is not running, say so, and offer only what works', async () => {
    const stopped = repositoryAt(undefined);
    writeFilesOnDisk(stopped, blocks, CID.parse(roots[2] ?? ''));
    await listedAt(stopped, (lists) => {
      assert.deepEqual(shown(lists), [
        ['Kubo', undefined],
        ['Files', 2],
      ]);
      const [kuboList, files] = lists.shown();
      assert.ok(files);
      const { source, model } = files;
      const row = sourceRowText(source, model.state, Date.now());
      assert.equal(sourcesMessage(lists.shown()), '2 items · 1 source unavailable', 'whether Kubo has pins is not known');
      assert.match(row, /^2 items · Kubo's disk, \d\d:\d\d · Kubo isn't running(?: · 2 B)?$/); // the sizes are added up last
      assert.deepEqual([sourceIcon(model.state).icon, sourceRemedy(source, model.state)], ['database', undefined]);
      assert.equal(sourceContext(source, model.state.error, model.state.listing), 'listed:startKubo:setToken');
      assert.match(sourceRowText(kuboList.source, kuboList.model.state, Date.now()), /^not running · Start Kubo$/);
      assert.deepEqual([statusBarLook(lists).text, statusBarLook(lists).isRunning], ['2', false]);
    });
    await listedAt(
      stopped,
      (lists) => {
        const [{ model }] = lists.shown();
        assert.match(viewMessage(model.state, Date.now()), /^2 items · Kubo's disk, \d\d:\d\d · Kubo isn't running$/);
        assert.equal(statusBarLook(lists).isRunning, false);
      },
      ['files'],
    );
    writeFilesOnDisk(stopped, blocks, CID.parse(roots[0] ?? ''));
    await listedAt(stopped, (lists) => assert.deepEqual(shown(lists), [['Kubo', undefined]], 'hidden while they are empty'));
  });

  it('from disk are replaced by those of Kubo when it starts, and come back when it stops', () =>
    withStandIn(routesOf([PIN], fileCount(3)), async (url) => {
      const repository = repositoryAt(undefined);
      writeFilesOnDisk(repository, blocks, CID.parse(roots[2] ?? ''));
      const lists = listsAt(repository);
      await lists.list();
      assert.deepEqual(shown(lists).at(-1), ['Files', 2]);
      const become = async (expected: readonly (readonly [string, number | undefined])[]): Promise<void> => {
        for (let waits = 0; waits < 200 && JSON.stringify(shown(lists)) !== JSON.stringify(expected); waits++) await sleep(50);
        assert.deepEqual(shown(lists), expected);
      };
      const api = path.join(repository, 'api');
      writeFileSync(api, `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
      await become([['Kubo', 1], ['Files', 3]]); // prettier-ignore
      rmSync(api);
      await become([['Kubo', undefined], ['Files', 2]]); // prettier-ignore
      lists.dispose();
    }));

  it('show an error that is only theirs', () =>
    withStandIn(routesOf([PIN], json({ Message: 'lost' }, '500 Internal Server Error')), (url) =>
      listedAt(repositoryAt(url), (lists) => {
        const [kuboList, files] = lists.shown();
        assert.deepEqual(
          [kuboList.model.state.total, files?.source.name, files?.model.state.error?.reason],
          [1, 'Files', 'http-status'],
        );
      }),
    ));
});

describe('a list with a version', () => {
  const EVERY_MS = 20;

  /** Calls `check` with the list of Files, which follows its root, and with how often it was listed. */
  async function following(
    stat: Routes[string],
    check: (parts: {
      readonly total: () => number | undefined;
      readonly opened: () => number;
      readonly versions: () => number;
      readonly refresh: { setVisible(visible: boolean): void };
    }) => Promise<void>,
    tookMs = 0,
  ): Promise<void> {
    await withStandIn(routesOf([], stat), async (url) => {
      const [files] = createSources(sourceParts({ repository: () => repositoryAt(url), set: () => ({ wanted: ['files'] }) }))();
      assert.ok(files?.version);
      let [opened, versions] = [0, 0];
      const { version } = files;
      const source: PinSource = {
        ...files,
        open: async (options) => {
          opened++;
          return { ...(await files.open(options)), tookMs };
        },
        version: (signal) => {
          versions++;
          return version(signal);
        },
      };
      const model = createPinListModel({ worker, source });
      const refresh = refreshOnChange({ source, model }, EVERY_MS);
      assert.ok(refresh);
      await model.list();
      await check({ total: () => model.state.total, opened: () => opened, versions: () => versions, refresh });
      refresh.dispose();
      const then = versions;
      await sleep(5 * EVERY_MS);
      assert.equal(versions, then, 'no version is asked for after the end');
      model.dispose();
    });
  }

  async function until(isSo: () => boolean): Promise<void> {
    for (const end = Date.now() + 10_000; !isSo(); await sleep(5)) assert.ok(Date.now() < end);
  }

  it('is listed again when it is another one, and only then', async () => {
    let count = 1;
    await following(
      () => fileCount(count),
      async ({ total, opened, versions, refresh }) => {
        assert.deepEqual([total(), opened(), versions()], [1, 1, 0]);
        refresh.setVisible(true);
        await until(() => versions() > 4);
        assert.equal(opened(), 1, 'an unchanged list is not read again');
        count = 3;
        await until(() => total() === 3);
        const then = versions();
        await until(() => versions() > then + 4);
        assert.equal(opened(), 2);
      },
    );
  });

  it('is left alone while it is hidden, and looked at as soon as it is seen', async () => {
    let count = 1;
    await following(
      () => fileCount(count),
      async ({ total, versions, refresh }) => {
        count = 2;
        await sleep(5 * EVERY_MS);
        assert.deepEqual([versions(), total()], [0, 1]);
        refresh.setVisible(true);
        await until(() => total() === 2);
        refresh.setVisible(false);
        await sleep(2 * EVERY_MS);
        const then = versions();
        await sleep(5 * EVERY_MS);
        assert.equal(versions(), then);
      },
    );
  });

  it('rests 20 times as long as reading it took', async () => {
    const tookMs = 20;
    let count = 1;
    await following(
      () => fileCount(count),
      async ({ total, versions, refresh }) => {
        const began = Date.now();
        count = 2;
        refresh.setVisible(true);
        await sleep(5 * EVERY_MS);
        if (Date.now() - began < 15 * tookMs) assert.deepEqual([versions(), total()], [0, 1]);
        await until(() => total() === 2);
        assert.ok(Date.now() - began > 10 * tookMs);
      },
      tookMs,
    );
  });

  it('stays where the version is unknown for a while', async () => {
    let isWell = true;
    await following(
      () => (isWell ? fileCount(1) : json({ Message: 'busy' }, '500 Internal Server Error')),
      async ({ total, opened, versions, refresh }) => {
        isWell = false;
        refresh.setVisible(true);
        await until(() => versions() > 4);
        assert.deepEqual([total(), opened()], [1, 1]);
      },
    );
  });

  it('is only that of sources which have one', () => {
    const source = { ...ipfsKitSource({ probe: () => Promise.reject(new Error()), sources: () => ({}) }) };
    const model = createPinListModel({ worker, source });
    assert.equal(refreshOnChange({ source, model }), undefined);
    model.dispose();
  });
});
