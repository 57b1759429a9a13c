import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterPin } from '../../src/daemonClient/cluster/clusterRest';
import { closeListing } from '../../src/pinSource/listing';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import { testFolder } from '../support/folder';
import type { ClusterPeer } from './clusterPeer';
import { startClusterPeer } from './clusterPeer';
import type { RealKubo } from './realKubo';
import { createRealKubo } from './realKubo';

const folder = testFolder('cluster-statuses');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const isDone = (): boolean => true;
const isNot = (): boolean => false;

function addedTo(kubo: RealKubo, name: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, name);
  return kubo.run('add', '-Q', '--cid-version=1', '--pin=false', file).trim();
}

describe('the statuses of a real cluster of two peers', () => {
  const kubos = [createRealKubo(), createRealKubo()] as const;
  const peers: ClusterPeer[] = [];
  const source = createClusterSource({ url: () => peers[0]?.url ?? '', authorization: () => Promise.resolve(undefined) });

  /** The statuses as lines of `NAME STATUS`, and the notes that say why others aren't known. */
  const statuses = async (filter?: string): Promise<{ readonly pins: string[]; readonly notes: readonly string[] }> => {
    const listing = await source.open({ worker, statuses: true });
    const query = { sort: 'name', limit: 100, ...(filter !== undefined && { filter }) } as const;
    const pins = await worker.request('page', { table: listing.opened.table, query });
    await closeListing(worker, listing);
    return { pins: pins.map(({ name, status }) => `${name ?? ''} ${status ?? ''}`), notes: listing.notes };
  };
  const until = async (wanted: (pins: readonly string[]) => boolean): Promise<string[]> => {
    for (const end = Date.now() + 60_000; ; await sleep(300)) {
      const { pins } = await statuses();
      if (wanted(pins)) return pins;
      assert.ok(Date.now() < end, `it stays at ${pins.join(', ')}`);
    }
  };

  before(async () => {
    const shared = kubos.map((kubo) => addedTo(kubo, 'on both'))[0] ?? '';
    const one = addedTo(kubos[0], 'on one'); // The other Kubo is offline, so it can't fetch this content.
    for (const kubo of kubos) await kubo.start();
    const first = await startClusterPeer('alpha', kubos[0]);
    peers.push(first, await startClusterPeer('beta', kubos[1], first));
    for (const end = Date.now() + 30_000; (await source.peers()).length < 2 && Date.now() < end; await sleep(200));
    const access = { url: first.url };
    const onTwo = { name: 'on both', replicationMin: 2, replicationMax: 2 };
    // The cluster allocates pins only to peers whose free space it knows.
    for (const end = Date.now() + 30_000; !(await clusterPin(access, shared, onTwo).then(isDone, isNot)); await sleep(300))
      assert.ok(Date.now() < end, 'the cluster does not take the pin on');
    await clusterPin(access, one, { name: 'on one', replicationMin: -1, replicationMax: -1 });
  });
  after(async () => {
    for (const peer of peers) await peer.remove();
    for (const kubo of kubos) await kubo.remove();
  });

  it('are one word over both', async () => {
    assert.deepEqual(await until((pins) => pins.join().includes('failed')), ['on both pinned', 'on one failed']);
    assert.deepEqual(await statuses('-status:pinned'), { pins: ['on one failed'], notes: [] });
    assert.deepEqual(await statuses('status:pinned both'), { pins: ['on both pinned'], notes: [] });
  });

  it('are failed where the Kubo below a peer is lost, and where the peer itself is', async () => {
    await kubos[1].stop();
    await until((pins) => pins.join() === 'on both failed,on one failed');
    await peers[1]?.stop();
    assert.deepEqual(await statuses('-status:pinned'), { pins: ['on both failed', 'on one failed'], notes: [] });
  });
});
