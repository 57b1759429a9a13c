import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import type { PinListState } from '../../../../src/pinTree/list/pinListModel';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { viewMessage } from '../../../../src/pinTree/text/provenanceText';
import { sourceDescription, sourcesMessage } from '../../../../src/pinTree/text/sourceText';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';

const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

/** The journeys and `npm start -- --check` wait until the words of the view say that it has settled. */
describe('a workbench has settled', () => {
  const databasePath = path.join(process.cwd(), 'media/sample/pins.db');
  const source = ipfsKitSource({ probe: () => Promise.reject(new Error('no daemon')), sources: () => ({ databasePath }) });
  const model = createPinListModel({ worker, source });
  const now = Date.now();

  /** Whether the message of one source, the message of several, and the row of the source say so. */
  function settledBy(state: PinListState): boolean[] {
    const rows = [{ description: 'a pin' }];
    const several = sourcesMessage([{ source, model: { ...model, state } }]);
    return [
      isSettled({ busy: false, message: viewMessage(state, now), rows }),
      isSettled({ busy: false, message: several, rows }),
      isSettled({ busy: false, message: 'known', rows: [...rows, { description: sourceDescription(state, now) }] }),
    ];
  }

  it('once all pins have come and are counted, with a filter too; not before', async () => {
    await model.list();
    const { listing, total, busy, view, fuzzy, rows } = model.state;
    const asked: PinListState = { busy, view, fuzzy, rows };
    assert.ok(listing && total !== undefined);
    const uncounted: PinListState = { ...asked, listing };
    const listed: PinListState = { ...uncounted, total };
    const unmatched: PinListState = { ...listed, view: { filter: 'a' } };
    assert.deepEqual(settledBy(listed), [true, true, true]);
    assert.deepEqual(settledBy({ ...unmatched, matching: 2 }), [true, true, true]);
    for (const open of [uncounted, unmatched]) assert.deepEqual(settledBy(open), [false, false, false]);
    const receiving: PinListState = { ...listed, listing: { ...listing, freshness: 'live', incomplete: 'receiving' } };
    const [message, , row] = settledBy(receiving);
    assert.deepEqual([message, row], [false, false]);
    assert.equal(settledBy(asked)[2], false);
  });
});
