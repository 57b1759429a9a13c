import assert from 'node:assert/strict';
import path from 'node:path';
import { after, it } from 'node:test';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import { createDaemonMonitor } from '../../src/daemonClient/ipfsKit/monitor';
import { ipfsKitSource } from '../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../src/pinTree/list/pinListModel';
import type { PinLists } from '../../src/pinTree/list/pinLists';
import { createPinLists } from '../../src/pinTree/list/pinLists';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { statusBarLook } from '../../src/statusBarText';
import { testFolder } from '../support/folder';
import { writeDatabase } from '../support/python';

const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

it('the status bar shows the state of a polled daemon, beside the pins that were found without it', async () => {
  const database = path.join(testFolder('status-bar'), 'pins.db');
  writeDatabase(database, 20);
  const monitor = createDaemonMonitor({ urls: () => ['http://127.0.0.1:9'] });
  const source = ipfsKitSource({
    monitor,
    probe: () => monitor.check('asked'),
    sources: () => ({ daemonUrls: ['http://127.0.0.1:9'], databasePath: database }),
  });
  const lists = createPinLists(
    source,
    () => Promise.resolve([source]),
    (of) => ({ source: of, model: createPinListModel({ worker, source: of }) }),
  );
  const before = statusBarLook(lists);
  assert.deepEqual([before.text, before.isIdle, before.isRunning], ['ipfs_kit_py: connecting', true, false]);
  await lists.list();
  const { text, icon, isIdle, isRunning, tooltip } = statusBarLook(lists);
  assert.deepEqual([text, icon, isIdle, isRunning], ['20', 'circle-slash', false, false]);
  const lines = [
    /^IPFS Kit$/,
    /^$/,
    /^ipfs_kit_py: 20 pins · .*SQLite/,
    /^No daemon responds at/,
    new RegExp(`^From ${database}`),
  ];
  for (const [at, line] of tooltip.split('\n').entries()) assert.match(line, lines[at] ?? assert.fail(tooltip));
  lists.dispose();
  monitor.dispose();
});

it('the status bar shows failed pins first, and says all of it to screen readers', () => {
  const statuses = ['pinned', 'failed', 'failed', 'queued'];
  const list = {
    total: 4,
    failed: 2,
    listing: { freshness: 'live', opened: { source: 'pinning-service', passedOver: [] }, notes: [] },
  };
  const look = (state: object, name = 'archive'): ReturnType<typeof statusBarLook> => {
    const source = { name, capabilities: {} };
    const model = { state: { busy: false, view: {}, rows: { pins: statuses, groups: [] }, ...state } };
    const shown = [{ source, model }] as unknown as ReturnType<PinLists['shown']>;
    return statusBarLook({ shown: () => shown, all: () => shown });
  };
  const { icon, text, spoken } = look(list);
  assert.deepEqual([icon, text, spoken], ['warning', '2 failed', 'IPFS Kit, 2 failed pins, archive: 4 pins · live']);
  const well = look({ ...list, failed: 0 });
  assert.deepEqual([well.icon, well.text], ['pinned', '4']);
  const loading = look({ busy: true });
  assert.deepEqual([loading.icon, loading.text], ['sync~spin', 'archive: loading…']);
  const rejected = look({ error: new IpfsKitError('needs-token', 'HTTP 401') });
  assert.deepEqual([rejected.icon, rejected.text], ['key', 'archive: token required']);
  const missing = look({ error: new IpfsKitError('missing', 'Nothing.') });
  assert.deepEqual([missing.icon, missing.text], ['circle-slash', 'IPFS: not connected']);
  const refused = look(
    { error: new IpfsKitError('refused', "Kubo isn't running for ~/.ipfs. Start it to list its pins.") },
    'Kubo',
  );
  assert.equal(refused.tooltip, "IPFS Kit\n\nKubo: not running\nKubo isn't running for ~/.ipfs. Start it to list its pins.");
});
