import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Listing } from '../../../../src/pinSource/listing';
import { openList } from '../../../../src/pinSource/listing';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import type { ListHistory, LostPins } from '../../../../src/pinTree/list/listHistory';
import { createListHistory } from '../../../../src/pinTree/list/listHistory';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import type { PinLists } from '../../../../src/pinTree/list/pinLists';
import { createPinLists } from '../../../../src/pinTree/list/pinLists';
import type { SourceList } from '../../../../src/pinTree/list/sourceList';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { testFolder } from '../../../support/folder';
import { python } from '../../../support/python';

const folder = testFolder('list-history');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

/** Databases with the pins from 0 to before the number in their name. */
before(() => {
  const code = `import sqlite3, sys
for count in (4, 6, 10):
  db = sqlite3.connect(f'{sys.argv[1]}/{count}.db')
  db.execute('create table pins (cid text, name text)')
  db.executemany('insert into pins values (?, ?)', ((f'pin {n}', f'n{n}') for n in range(count)))
  db.commit()`;
  python(code, folder);
});

interface Shown {
  readonly lists: PinLists;
  readonly list: SourceList;
  readonly history: ListHistory;
  readonly historyFolder: string;
  readonly lost: LostPins[];
  readonly notes: string[];
  /** Lists a database, whose listing says this too. Resolves once it has been kept. */
  readonly kept: (pins: number, says?: Partial<Listing>) => Promise<void>;
  /** As `kept`, for a list that must not be kept. */
  readonly notKept: (pins: number, says?: Partial<Listing>) => Promise<void>;
}

let made = 0;
/** A list whose history is kept 10 ms after it has come. */
function shownList(isOn: () => boolean = () => true, of: Partial<PinSource> = {}): Shown {
  let next = { pins: 0, says: {} as Partial<Listing> };
  const source: PinSource = {
    id: 'shelf',
    name: 'Shelf',
    welcome: 'shelf',
    capabilities: { actions: [], token: false, statuses: 'none', sizes: 'none' },
    probe: () => Promise.resolve({ state: 'up', detail: '' }),
    open: async (options) => {
      const databasePath = path.join(folder, `${next.pins}.db`);
      const listing = await openList({ kind: 'store', query: { databasePath } }, options, { freshness: 'snapshot' });
      return { ...listing, freshness: 'live', identity: 'one', ...next.says };
    },
    ...of,
  };
  const listOf = (each: PinSource): SourceList => ({ source: each, model: createPinListModel({ worker, source: each }) });
  const lists = createPinLists(source, () => Promise.resolve([source]), listOf);
  const [lost, notes]: [LostPins[], string[]] = [[], []];
  const historyFolder = path.join(folder, `history${made++}`);
  const note = (line: string): void => void notes.push(line);
  const history = createListHistory({ worker, lists, folder: historyFolder, isOn, note, settleMs: 10 });
  history.onLost((each) => lost.push(each));
  const list = lists.all()[0] ?? assert.fail('There is no list.');
  after(() => {
    history.dispose();
    lists.dispose();
  });
  const listed = (pins: number, says: Partial<Listing> = {}): Promise<void> => {
    next = { pins, says };
    return lists.list();
  };
  return {
    ...{ lists, list, history, historyFolder, lost, notes },
    kept: async (pins, says) => {
      const isKept = new Promise<void>((resolve) => {
        const listening = history.onKept(() => {
          listening.dispose();
          resolve();
        });
      });
      await listed(pins, says);
      await isKept;
    },
    notKept: async (pins, says) => {
      let count = 0;
      const listening = history.onKept(() => count++);
      await listed(pins, says);
      await sleep(200);
      listening.dispose();
      assert.equal(count, 0);
    },
  };
}

const recordsOf = async ({ history, list }: Shown): Promise<readonly number[]> => {
  const place = history.placeOf(list) ?? assert.fail('It has no history.');
  return (await worker.request('historyDays', place)).changes;
};

describe('the history of the lists in the view', () => {
  it('keeps each list that came whole once, and tells a loss once', async () => {
    const shown = shownList();
    await shown.kept(10);
    await shown.lists.setView({ filter: 'pin 1' });
    await shown.kept(6);
    const [lost, ...others] = shown.lost;
    assert.deepEqual([lost?.lost.count, lost?.list.source.name, others.length], [4, 'Shelf', 0]);
    assert.deepEqual(lost?.lost.rows.map(({ cid, name }) => [cid, name]), [6, 7, 8, 9].map((n) => [`pin ${n}`, `n${n}`])); // prettier-ignore
    await shown.kept(6);
    await shown.kept(10);
    assert.deepEqual([await recordsOf(shown), shown.lost.length, shown.notes], [[0, 4, 4], 1, []]);
  });

  it('never keeps a list that isn’t whole, the sample, the saved copy of a list, or one without its names', async () => {
    const shown = shownList();
    await shown.kept(10);
    await shown.notKept(4, { incomplete: 'broken-off' });
    await shown.notKept(4, { freshness: 'sample' });
    assert.equal(shown.history.placeOf(shown.list), undefined);
    await shown.notKept(4, { freshness: 'kept' });
    await shown.lists.list();
    const all = shown.list.model.openListing ?? assert.fail('It is not listed.');
    await shown.notKept(4, { opened: { ...all.opened, leftOut: 'Left out: 6 with a status that was not requested.' } });
    for (const missing of ['namesMissing', 'incomplete'] as const) {
      await shown.lists.list();
      const { opened } = shown.list.model.openListing ?? assert.fail('It is not listed.');
      await shown.notKept(4, { opened: { ...opened, [missing]: { reason: 'truncated', message: 'Cut off.' } } });
    }
    await shown.kept(10);
    assert.deepEqual([await recordsOf(shown), shown.lost], [[0], []]);
  });

  it('doesn’t compare the lists of two daemons at one address', async () => {
    const shown = shownList();
    await shown.kept(10);
    await shown.kept(4, { identity: 'another' });
    assert.deepEqual([await recordsOf(shown), shown.lost], [[0], []]);
    await shown.kept(6);
    assert.deepEqual([await recordsOf(shown), shown.lost.length], [[0, 4], 1]);
  });

  it('tells no loss of pins that were removed from here, unless they were pinned again, and none in a folder', async () => {
    const shown = shownList();
    await shown.kept(10);
    shown.history.removed(shown.list, ['pin 6', 'pin 7', 'pin 8', 'pin 9', 'pin 5', 'pin 4']);
    await shown.kept(6);
    assert.equal(shown.lost.length, 0);
    shown.history.restored(shown.list, ['pin 5']);
    await shown.kept(4);
    assert.deepEqual(shown.lost.map(({ lost }) => lost.rows.map(({ cid }) => cid)), [['pin 5']]); // prettier-ignore
    await shown.kept(10);
    await shown.kept(6);
    assert.equal(shown.lost[1]?.lost.count, 4, 'what was removed once may be lost later');

    const fail = (): Promise<never> => Promise.reject(new Error('unused'));
    const entries = { remove: fail, copyHere: fail, move: fail, makeFolder: fail, folder: fail };
    const files = shownList(undefined, { entries });
    await files.kept(10);
    await files.kept(6);
    assert.deepEqual([await recordsOf(files), files.lost], [[0, 4], []]);
  });

  it('keeps nothing while the setting is off, and the shown list once it is on', async () => {
    let isOn = false;
    const shown = shownList(() => isOn);
    await shown.notKept(10);
    assert.equal(existsSync(shown.historyFolder), false);
    isOn = true;
    const isKept = new Promise((resolve) => shown.history.onKept(resolve));
    shown.history.settingChanged();
    await isKept;
    assert.equal(readdirSync(shown.historyFolder).length, 2);
    isOn = false;
    shown.history.settingChanged();
    await shown.notKept(4);
    assert.deepEqual(await recordsOf(shown), [0]);
  });

  it('tells three losses of a source that loses its pins and finds them again, and keeps all', async () => {
    const shown = shownList();
    for (let round = 0; round < 5; round++) {
      await shown.kept(10);
      await shown.kept(6);
    }
    assert.deepEqual([shown.lost.length, shown.notes], [3, ['Shelf has lost pins 3 times. Until tomorrow only its history says so.']]); // prettier-ignore
    assert.equal((await recordsOf(shown)).length, 10);
  });

  it('is kept on when the clock is set back by ten years', async (t) => {
    const shown = shownList();
    await shown.kept(10);
    const { now } = Date;
    t.mock.method(Date, 'now', () => now() - 10 * 365 * 86_400_000);
    await shown.kept(6);
    assert.deepEqual(await recordsOf(shown), [0, 4]);
  });

  it('ends with the view', async () => {
    const shown = shownList();
    await shown.kept(10);
    shown.history.dispose();
    await shown.notKept(4);
    assert.deepEqual(await recordsOf(shown), [0]);
  });
});
