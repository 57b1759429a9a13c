import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ipfsKitSource } from '../../../src/pinSource/ipfsKitSource';
import { createSources, SOURCE_KINDS } from '../../../src/pinSource/sourceKinds';
import type { PinLists } from '../../../src/pinTree/list/pinLists';
import { createPinLists } from '../../../src/pinTree/list/pinLists';
import { createPinListModel } from '../../../src/pinTree/list/pinListModel';
import { sourceContext } from '../../../src/pinTree/text/sourceText';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { statusBarLook } from '../../../src/statusBarText';
import { testFolder } from '../../support/folder';
import { writeDatabase } from '../../support/python';
import { shelfKind } from '../../support/shelfKind';
import { sourceParts } from '../../support/sourceParts';

const folder = testFolder('made-up-source');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const own = path.join(folder, 'own.db');
const shelved = path.join(folder, 'shelved.db');
before(() => {
  writeDatabase(own, 20);
  writeDatabase(shelved, 900);
});

/** The one line that adds a source. */
const KINDS = [...SOURCE_KINDS, shelfKind(shelved)];

/** The lists as the extension composes them. */
function listsOf(...wanted: readonly string[]): PinLists {
  const parts = sourceParts({ set: () => ({ wanted }), listing: () => ({ databasePath: own }) });
  const first = ipfsKitSource({ probe: parts.probe, sources: () => ({ databasePath: own }) });
  const kinds = KINDS.map((kind) => (kind.id === first.id ? { ...kind, create: () => () => [first] } : kind));
  const sources = createSources(parts, kinds);
  return createPinLists(
    first,
    () => Promise.resolve(sources()),
    (source) => ({ source, model: createPinListModel({ worker, source }) }),
  );
}

describe('a source that was made up, in one file and a row of the table', () => {
  it('is listed beside the others, and filtered, sorted and grouped as they are', async () => {
    const lists = listsOf('ipfs_kit_py', 'shelf');
    await lists.list();
    assert.deepEqual(
      lists.shown().map(({ source, model }) => [source.name, model.state.total]),
      [
        ['ipfs_kit_py', 20],
        ['Shelf', 900],
      ],
    );
    await lists.setView({ filter: '89', sort: '-name', group: 'type' });
    const [, shelf] = lists.shown();
    assert.ok(shelf);
    assert.deepEqual(shelf.model.state.view, { filter: '89', sort: '-name', group: 'type' });
    const { matching = 0, rows } = shelf.model.state;
    assert.ok(matching > 0 && matching < 900);
    assert.equal(
      rows.groups.reduce((sum, { count }) => sum + count, 0),
      matching,
    );
    lists.dispose();
  });

  it('is exported', async () => {
    const lists = listsOf('shelf');
    await lists.list();
    const [{ model }] = lists.shown();
    const table = model.state.listing?.opened.table ?? assert.fail('It is not listed.');
    const file = path.join(folder, 'shelf.csv');
    const { pins } = await worker.request('exportPins', { table, query: {}, path: file, format: 'csv' });
    assert.deepEqual([pins, readFileSync(file, 'utf8').trim().split('\n').length], [900, 901]);
    lists.dispose();
  });

  it('is in the status bar, as the only source and beside others', async () => {
    for (const [wanted, text, line] of [
      [['shelf'], '900', 'Shelf'],
      [['ipfs_kit_py', 'shelf'], '920', /^Shelf: /m],
    ] as const) {
      const lists = listsOf(...wanted);
      assert.equal(statusBarLook(lists).isIdle, true);
      await lists.list();
      const look = statusBarLook(lists);
      assert.deepEqual([look.text, look.isIdle], [text, false]);
      assert.match(look.tooltip, line instanceof RegExp ? line : new RegExp(line));
      lists.dispose();
    }
  });

  it('has in the menus what it can do', () => {
    const [shelf] = createSources(sourceParts({ set: () => ({ wanted: ['shelf'] }) }), KINDS)();
    assert.ok(shelf);
    assert.equal(sourceContext(shelf, undefined), 'listed:pinCid:renamePin:stopListing:setToken');
  });
});
