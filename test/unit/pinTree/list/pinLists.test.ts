import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import type { PinLists } from '../../../../src/pinTree/list/pinLists';
import { createPinLists } from '../../../../src/pinTree/list/pinLists';
import { NO_ROWS } from '../../../../src/pinTree/list/pinLevel';
import type { PinListState } from '../../../../src/pinTree/list/pinListModel';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { sourceDescription, sourcesMessage } from '../../../../src/pinTree/text/sourceText';
import { testFolder } from '../../../support/folder';
import { writeDatabase } from '../../../support/python';

const folder = testFolder('pin-lists');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const small = path.join(folder, 'small.db');
const large = path.join(folder, 'large.db');
const nowhere = path.join(folder, 'nowhere');
before(() => {
  writeDatabase(small, 20);
  writeDatabase(large, 900);
});

/** A source with the pins of a database. */
function sourceOf(databasePath: string, name = 'ipfs_kit_py'): PinSource {
  const probe = (): Promise<never> => Promise.reject(new Error('No daemon is named.'));
  const source = ipfsKitSource({ probe, sources: () => ({ databasePath }) });
  const hiddenWhenMissing = name === source.name;
  return { ...source, capabilities: { ...source.capabilities, hiddenWhenMissing }, id: name, name };
}

function listsOf(own: PinSource, others: () => readonly PinSource[], lookEveryMs?: number): PinLists {
  return createPinLists(
    own,
    () => Promise.resolve([own, ...others()]),
    (source) => ({ source, model: createPinListModel({ worker, source }) }),
    lookEveryMs,
  );
}

const names = (lists: PinLists): string[] => lists.shown().map(({ source }) => source.name);
const totals = (lists: PinLists): (number | undefined)[] => lists.shown().map(({ model }) => model.state.total);

describe('the lists of all sources', () => {
  it('are one, where nothing else is expected', async () => {
    const lists = listsOf(sourceOf(small), () => []);
    assert.deepEqual(names(lists), ['ipfs_kit_py']);
    await lists.list();
    assert.deepEqual([names(lists), totals(lists)], [['ipfs_kit_py'], [20]]);
    lists.dispose();
  });

  it('are in order, each with its own pins', async () => {
    const lists = listsOf(sourceOf(small), () => [sourceOf(large, 'Kubo')]);
    await lists.list();
    assert.deepEqual(
      [names(lists), totals(lists)],
      [
        ['ipfs_kit_py', 'Kubo'],
        [20, 900],
      ],
    );
    assert.equal(sourcesMessage(lists.shown()), '920 pins in 2 sources');
    lists.dispose();
  });

  it('are looked for again while the view is visible: what appears is listed, what goes disappears', async () => {
    const kubo = sourceOf(large, 'Kubo');
    let others: readonly PinSource[] = [];
    const lists = listsOf(sourceOf(small), () => others, 10);
    const until = async (wanted: string): Promise<void> => {
      for (let round = 0; names(lists).join() !== wanted; round++) {
        assert.ok(round < 500, names(lists).join());
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await lists.list();
    others = [kubo];
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(names(lists), ['ipfs_kit_py'], 'nothing is looked for where the view is hidden');
    lists.setVisible(true);
    await until('ipfs_kit_py,Kubo');
    others = [];
    await until('ipfs_kit_py');
    lists.dispose();
  });

  it('leave out ipfs_kit_py if it is not used', async () => {
    const kubo = sourceOf(large, 'Kubo');
    const lists = listsOf(sourceOf(nowhere), () => [kubo]);
    await lists.list();
    assert.deepEqual([names(lists), totals(lists)], [['Kubo'], [900]]);
    lists.dispose();
  });

  it('leave out ipfs_kit_py where the settings do, without probing it', async () => {
    const never = (): never => assert.fail('It was contacted.');
    const own = ipfsKitSource({ probe: never, sources: () => undefined });
    const kubo = sourceOf(large, 'Kubo');
    const lists = createPinLists(
      own,
      () => Promise.resolve([kubo]),
      (source) => ({ source, model: createPinListModel({ worker, source }) }),
    );
    await lists.list();
    assert.deepEqual([names(lists), totals(lists)], [['Kubo'], [900]]);
    const single = listsOf(own, () => []);
    await single.list();
    assert.match(single.shown()[0].model.state.error?.message ?? '', /ipfs_kit_py is disabled in ipfsKit\.sources/);
    lists.dispose();
    single.dispose();
  });

  it('are filtered, sorted and grouped alike, those that come later too', async () => {
    let isThere = false;
    const kubo = sourceOf(large, 'Kubo');
    const lists = listsOf(sourceOf(small), () => (isThere ? [kubo] : []));
    await lists.list();
    await lists.setView({ filter: '1', sort: '-name' });
    isThere = true;
    await lists.list();
    for (const { model } of lists.shown()) {
      assert.deepEqual(model.state.view, { filter: '1', sort: '-name' });
      assert.ok(model.state.rows.pins.length > 0);
    }
    const [ours = 0, theirs = 0] = lists.shown().map(({ model }) => model.state.matching);
    assert.equal(sourcesMessage(lists.shown()), `${ours + theirs} of 920 pins in 2 sources match “1”`);
    lists.dispose();
  });

  it('go with their source, and report that others are shown', async () => {
    let isThere = true;
    const kubo = sourceOf(large, 'Kubo');
    const lists = listsOf(sourceOf(small), () => (isThere ? [kubo] : []));
    await lists.list();
    const [, { model } = assert.fail('Kubo is not shown.')] = lists.shown();
    const notifications: string[][] = [];
    lists.onDidChange((list) => {
      if (!list) notifications.push(names(lists));
    });
    isThere = false;
    await lists.list();
    assert.deepEqual(notifications, [['ipfs_kit_py']]);
    assert.deepEqual([model.state.listing, model.state.rows.pins], [undefined, []], 'none of it stays in memory');
    isThere = true;
    await lists.list();
    assert.equal(lists.shown()[1]?.model, model, 'a place that is back has the list that it had');
    lists.dispose();
  });

  it('report briefly what is wrong with one, and keep the others', async () => {
    const lists = listsOf(sourceOf(small), () => [sourceOf(nowhere, 'Kubo')]);
    await lists.list();
    const [own, other] = lists.shown();
    assert.equal(own.model.state.total, 20);
    assert.ok(other);
    assert.equal(sourceDescription(other.model.state, 0), 'nothing found');
    assert.equal(sourcesMessage(lists.shown()), '20 pins · 1 source unavailable');
    lists.dispose();
  });

  it('that are disposed while they are listed open and watch nothing any more', async () => {
    let [opens, watches] = [0, 0];
    const kubo: PinSource = {
      ...sourceOf(large, 'Kubo'),
      open: () => Promise.reject(new Error(`opened ${++opens} times`)),
      watch: () => {
        watches++;
        return {
          dispose: () => {
            watches--;
          },
        };
      },
    };
    const lists = listsOf(sourceOf(small), () => [kubo]);
    const listing = lists.list();
    lists.dispose();
    await listing;
    assert.deepEqual([opens, watches], [0, 0]);
  });

  it("draw no icon from a daemon's text", () => {
    const error = new IpfsKitError('internal', 'went wrong: $(flame)');
    const state: PinListState = { busy: false, view: {}, fuzzy: false, rows: NO_ROWS, error };
    assert.equal(sourceDescription(state, 0), 'went wrong: $\u2060(flame)');
  });
});
