import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinedList } from '../../src/pinSource/joinedList';
import type { JoinedLists } from '../../src/pinTree/list/joinedLists';
import { joinedLists } from '../../src/pinTree/list/joinedLists';
import { testFolder } from '../support/folder';
import type { AskedFilter, Oracle, Standing } from './inventoryOracle';
import { lineOf, oracleOf } from './inventoryOracle';
import { createPrograms, IDS, SETS } from './inventoryPrograms';
import { worker } from './sourcePins';

const FILTERS: readonly AskedFilter[] = [
  { filter: 'in:cluster', about: ['cluster'], fits: ({ listedIn }) => listedIn.has('cluster') },
  {
    filter: '-in:cluster',
    about: ['cluster'],
    fits: ({ listedIn }, isListed) => isListed('cluster') && !listedIn.has('cluster'),
  },
  { filter: '-in:mine', about: ['service:mine'], fits: ({ listedIn }, isListed) => isListed('service:mine') && !listedIn.has('service:mine') }, // prettier-ignore
  {
    filter: 'in:ipfs_kit_py -in:kubo',
    about: ['ipfs_kit_py', 'kubo'],
    fits: ({ listedIn }, isListed) => listedIn.has('ipfs_kit_py') && isListed('kubo') && !listedIn.has('kubo'),
  },
  { filter: 'kept:files', about: ['files'], fits: ({ listedIn }) => listedIn.has('files') },
  { filter: '-kept:files', about: ['files'], fits: ({ listedIn }, isListed) => isListed('files') && !listedIn.has('files') },
  { filter: 'copies:0', about: 'copies', fits: ({ copies }) => copies === 0 },
  { filter: 'copies:1', about: 'copies', fits: ({ copies }) => copies === 1 },
  { filter: '-copies:1', about: 'copies', fits: ({ copies }) => copies !== 1 },
  { filter: 'copies:>=2', about: 'copies', fits: ({ copies }) => copies >= 2 },
  { filter: 'copies:<=2 in:mine', about: 'copies', fits: ({ listedIn, copies }) => copies <= 2 && listedIn.has('service:mine') },
];

describe('one list of a store, a real Kubo, its Files, a real cluster of two peers and a real service', () => {
  const { kept, kubo, peer, sources, fill, settled, remove } = createPrograms(path.join(testFolder('inventory'), 'pins.db'));
  let joined: JoinedLists | undefined;
  const notes: string[] = [];

  before(fill);
  after(async () => {
    joined?.lists.dispose();
    joined?.join.dispose();
    await remove();
  });

  /** What the command line and the API give. */
  const agreesInList = async (oracle: Oracle): Promise<void> => {
    const chosen = sources().map((source) => ({ source, isNamed: true }));
    for (const asked of [undefined, ...FILTERS]) {
      const { head, pins, failure, close } = await joinedList(chosen, { filter: asked?.filter }, Infinity, { worker });
      const seen = new Map<string, string[]>(IDS.map((id) => [id, []]));
      for await (const some of pins) for (const pin of some) seen.get(pin.source)?.push(lineOf(pin));
      await close();
      for (const id of IDS) assert.deepEqual(seen.get(id)?.sort(), oracle.lines(id, asked), `${id}, ${asked?.filter ?? 'all'}`);
      assert.deepEqual(
        [head.total, head.uncertainSources ?? [], failure],
        [IDS.flatMap((id) => oracle.lines(id, asked)).length, oracle.doubts(asked?.about ?? []), undefined],
        asked?.filter,
      );
    }
    for (const group of ['copies', 'source'] as const) {
      const { head, close } = await joinedList(chosen, { group }, 0, { worker });
      await close();
      const counts = new Map<string, number>();
      for (const [key = '', count] of IDS.flatMap((id) => oracle.groups(id, group)).map((each) => each.split(': ')))
        counts.set(key, (counts.get(key) ?? 0) + Number(count));
      assert.deepEqual(
        head.groups?.map(({ key, count }) => `${key ?? ''}: ${count}`).sort(),
        [...counts].map((each) => each.join(': ')).sort(),
      );
      assert.deepEqual(head.uncertainSources ?? [], oracle.doubts('copies'));
    }
  };

  /** What the view shows, after its lists have been asked for again. */
  const agreesInView = async ({ lists, join }: JoinedLists, oracle: Oracle): Promise<void> => {
    const list = (id: string): ReturnType<JoinedLists['lists']['expected']>[number] =>
      lists.expected().find(({ source }) => source.id === id) ?? assert.fail(id);
    let changes = 0;
    const listening = [lists.onDidChange(() => changes++), join.onDidChange(() => changes++)];
    await lists.list();
    for (let seen = -1; seen !== changes; await sleep(500)) seen = changes; // longer than the pause before a join
    for (const each of listening) each.dispose();
    for (const asked of FILTERS) {
      await lists.setView({ filter: asked.filter, sort: 'copies' }); // so that the statuses are asked for, whatever the filter
      for (const id of IDS) {
        const { pins } = list(id).model.state.rows;
        assert.deepEqual(pins.map(lineOf).sort(), oracle.lines(id, asked), `${id}, ${asked.filter}`);
        const copies = pins.map((pin) => pin.copies ?? pin.copiesAtLeast ?? NaN);
        assert.deepEqual(
          copies,
          [...copies].sort((a, b) => a - b),
        );
      }
      const doubts = oracle.doubts('copies').map(join.nameOf);
      assert.deepEqual(join.doubts(lists.view), doubts, asked.filter);
    }
    for (const group of ['copies', 'source'] as const) {
      await lists.setView({ group });
      for (const id of IDS) {
        const { groups } = list(id).model.state.rows;
        assert.deepEqual(
          groups.map(({ key, count }) => `${key ?? ''}: ${count}`).sort(),
          oracle.groups(id, group),
          `${id}, ${group}`,
        );
      }
    }
  };

  const view = (): JoinedLists => {
    const [first, ...others] = sources();
    return joinedLists(
      worker,
      first,
      () => Promise.resolve([first, ...others]),
      { sort: 'copies' },
      (line) => notes.push(line),
    );
  };
  const agrees = async (dead: readonly string[]): Promise<void> => {
    const oracle = oracleOf(IDS, kept, dead);
    await agreesInList(oracle);
    await agreesInView((joined ??= view()), oracle);
    assert.deepEqual(notes, []);
  };

  it('has what was put into each, in every spelling, with its copies', async () => {
    const count = (source: string, standing: Standing): number =>
      kept.filter((pin) => pin.source === source && pin.standing === standing).length;
    const standings = IDS.map((id) => (['copy', 'none', 'unknown'] as const).map((standing) => count(id, standing)));
    assert.ok(standings.every(([copies = 0]) => copies >= SETS));
    assert.deepEqual(standings.map(([, ...others]) => others), [[2, 1], [0, 0], [0, 0], [3, 0], [2, 0]]); // prettier-ignore
    await agrees([]);
  });

  it('says of nothing that it is not in the cluster while that is gone, and is the same once it is back', async () => {
    await peer('alpha').stop();
    await agrees(['cluster']);
    await peer('alpha').start();
    await settled('alpha');
    await agrees([]);
  });

  it('says of nothing that it is not in the service while that is gone, and is the same once it is back', async () => {
    await peer('mine').stop();
    await agrees(['service:mine']);
    await peer('mine').start();
    await settled('mine');
    await agrees([]);
  });

  it('has what is in Files while Kubo is stopped, and is the same once it is back', async () => {
    await kubo.stop();
    await agrees(['kubo']);
    await kubo.start();
    await agrees([]);
  });
});
