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
      listedAt(repositoryAt(url), async (lists) => {
        assert.deepEqual(shown(lists), [
          ['Kubo', 1],
          ['Files', 3],
        ]);
        assert.equal(sourcesMessage(lists.shown()), '1 pin and 3 items in 2 sources');
        const [, files] = lists.shown();
        assert.ok(files);
        for (const end = Date.now() + 10_000; !files.model.state.sizes; await sleep(5)) assert.ok(Date.now() < end);
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
