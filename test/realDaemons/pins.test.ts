import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CID } from 'multiformats/cid';
import { kuboAccess } from '../../src/daemonClient/kubo/kuboRepository';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import type { PinAgain } from '../../src/pinSource/pinSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import { listPins } from '../../src/pinSource/listPins';
import { stopKubo } from '../../src/reaper/kubo/stopKubo';
import { blockFile } from '../support/ipfsTree';
import type { ClusterPeer } from './clusterPeer';
import { startClusterPeer } from './clusterPeer';
import { createRealKubo } from './realKubo';
import { addedTo, factsOf, pinsOf, worker } from './sourcePins';

const { signal } = new AbortController();
const noToken = (): Promise<undefined> => Promise.resolve(undefined);

describe('the pins of a real Kubo', () => {
  const kubo = createRealKubo();
  const source = createKuboSource({
    repository: kubo.repository,
    url: undefined,
    authorization: noToken,
    indirect: () => false,
  });
  let large = '';
  /** The pins as Kubo lists them, in lines of `CID recursive NAME`. */
  const listed = (): string[] => kubo.run('pin', 'ls', '--names', '--type=recursive').trim().split('\n').sort();

  before(async () => {
    large = addedTo(kubo, 'large', 3_000_000, '--pin=false');
    kubo.run('pin', 'add', '--name', 'a large one', large);
    kubo.run('pin', 'add', addedTo(kubo, 'nameless', 10, '--pin=false'));
    await kubo.start();
  });
  after(() => kubo.remove());

  it('are listed with their names and types, and sized', async () => {
    assert.equal((await source.probe()).state, 'up');
    const pins = await pinsOf(source);
    assert.deepEqual(
      pins.map(({ cid, type, name }) => [cid, type, ...(name === undefined ? [] : [name])].join(' ')).sort(),
      listed(),
    );
    assert.ok(pins.some(({ cid, name }) => cid === large && name === 'a large one'));
    const sizeBytes = (await factsOf(source, large))?.sizeBytes ?? 0;
    assert.ok(sizeBytes > 3_000_000 && sizeBytes < 3_010_000, `${sizeBytes}`);
  });

  it('are sorted by sizes that Kubo is asked for, in any format, and those with missing blocks come last', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sizes-'));
    writeFileSync(path.join(folder, 'data.json'), JSON.stringify({ text: 'x'.repeat(5000) }));
    const data = kubo.run('dag', 'put', '--pin', path.join(folder, 'data.json')).trim();
    const missing = addedTo(kubo, 'missing', 2_000_000, '--raw-leaves');
    rmSync(blockFile(kubo.repository, CID.parse(missing)));
    const { pins, notes = [] } = await listPins({ sort: '-size' }, source, { worker });
    const sizes = new Map(pins.map(({ cid, sizeBytes }) => [cid, Number(sizeBytes ?? -1)]));
    assert.deepEqual(
      [...sizes.values()],
      [...sizes.values()].sort((a, b) => b - a),
    );
    assert.deepEqual([[...sizes.keys()].at(-1), sizes.get(missing)], [missing, -1]);
    const stated = (cid: string): number => Number(kubo.run('files', 'stat', '--format=<cumulsize>', `/ipfs/${cid}`));
    assert.deepEqual([sizes.get(large), (sizes.get(data) ?? 0) > 5000], [stated(large), true]);
    assert.deepEqual(notes, [`Sizes of ${pins.length - 1} of ${pins.length} pins are known; the others come last.`]);
    for (const cid of [data, missing]) kubo.run('pin', 'rm', cid);
    rmSync(folder, { recursive: true });
  });

  it('are pinned, renamed and unpinned, and the list says so', async () => {
    const cid = addedTo(kubo, 'third', 1000, '--pin=false');
    await source.run('pin', { cid, name: 'third' }, { signal });
    assert.ok((await pinsOf(source)).some((pin) => pin.cid === cid && pin.name === 'third'));
    await source.run('rename', { cid, name: 'renamed', type: 'recursive' }, { signal });
    assert.ok((await pinsOf(source)).some((pin) => pin.cid === cid && pin.name === 'renamed'));
    await source.run('unpin', { cid, type: 'recursive' }, { signal });
    assert.ok(!(await pinsOf(source)).some((pin) => pin.cid === cid));
    await assert.rejects(source.run('unpin', { cid, type: 'recursive' }, { signal }), /not pinned/);
  });

  it('keep their name when a direct pin becomes a recursive one', async () => {
    const cid = addedTo(kubo, 'fourth', 1000, '--pin=false');
    kubo.run('pin', 'add', '--recursive=false', '--name', 'one block', cid);
    await source.run('pin', { cid }, { signal });
    assert.deepEqual(
      (await pinsOf(source)).filter((pin) => pin.cid === cid).map(({ name, type }) => [name, type]),
      [['one block', 'recursive']],
    );
    await source.run('unpin', { cid, type: 'recursive' }, { signal });
  });

  it('are restored with name and type after they were unpinned, or say that their content is gone', async () => {
    const shown = async (cid: string): Promise<unknown> =>
      (await pinsOf(source)).filter((pin) => pin.cid === cid).map(({ name, type }) => [name, type]);
    for (const type of ['recursive', 'direct'] as const) {
      const cid = addedTo(kubo, type, 1000, '--pin=false');
      kubo.run('pin', 'add', `--recursive=${String(type === 'recursive')}`, '--name', `a ${type} one`, cid);
      const unpin = async (): Promise<PinAgain> => {
        const again = await source.keep({ cid, type }, signal);
        await source.run('unpin', { cid, type }, { signal });
        assert.deepEqual(await shown(cid), []);
        return again;
      };
      assert.equal(await (await unpin())({ signal }), undefined);
      assert.deepEqual(await shown(cid), [[`a ${type} one`, type]]);
      const again = await unpin();
      kubo.run('repo', 'gc', '--quiet');
      await assert.rejects(
        again({ signal }),
        (error) => IpfsKitError.is(error, 'missing') && error.message.includes('deleted its content'),
      );
      assert.deepEqual(await shown(cid), []);
    }
  });

  it('are verified as complete, and as incomplete when a leaf is missing', async () => {
    assert.match((await source.run('verify', { cid: large, type: 'recursive' }, { signal })) ?? '', /^All of it/);
    const leaf = kubo.run('refs', large).trim().split('\n').at(-1) ?? '';
    rmSync(blockFile(kubo.repository, CID.parse(leaf)));
    await assert.rejects(source.run('verify', { cid: large, type: 'recursive' }, { signal }), (error) =>
      IpfsKitError.is(error, 'missing'),
    );
  });

  it('can be asked for again after its daemon was stopped and started; without it, nothing is invented', async () => {
    const access = kuboAccess(kubo.repository);
    assert.ok(access);
    const result = await stopKubo({ access, repository: kubo.repository, onProgress: () => undefined });
    assert.deepEqual([result.ok, result.survivors, result.portOpen], [true, [], false], result.summary);
    assert.equal(result.killed.length, 1);
    assert.equal((await source.probe()).state, 'absent');
    await assert.rejects(source.open({ worker }), (error) => IpfsKitError.is(error, 'refused'));
    await kubo.start();
    assert.equal((await pinsOf(source)).length, listed().length);
  });

  it('of another repository are not taken for these, though it has got the port', async () => {
    const other = createRealKubo();
    try {
      await other.start();
      const api = readFileSync(path.join(kubo.repository, 'api'));
      writeFileSync(path.join(kubo.repository, 'api'), readFileSync(path.join(other.repository, 'api')));
      assert.equal((await source.probe()).state, 'foreign');
      writeFileSync(path.join(kubo.repository, 'api'), api);
    } finally {
      await other.remove();
    }
  });
});

describe('the pins of a real cluster of two peers', () => {
  const kubos = [createRealKubo(), createRealKubo()] as const;
  const peers: ClusterPeer[] = [];
  const sourceAt = (peer: ClusterPeer | undefined) => createClusterSource({ url: () => peer?.url ?? '', authorization: noToken });
  const source = () => sourceAt(peers[0]);
  let cid = '';

  before(async () => {
    for (const kubo of kubos) {
      cid = addedTo(kubo, 'shared', 1000, '--pin=false'); // The content is added to both, since they are offline.
      await kubo.start();
    }
    const first = await startClusterPeer('alpha', kubos[0]);
    peers.push(first, await startClusterPeer('beta', kubos[1], first));
    for (const end = Date.now() + 30_000; (await source().peers()).length < 2 && Date.now() < end; await sleep(200));
  });
  after(async () => {
    for (const peer of peers) await peer.remove();
    for (const kubo of kubos) await kubo.remove();
  });

  it('have peers, all of them well', async () => {
    assert.equal((await source().probe()).state, 'up');
    assert.deepEqual((await source().peers()).map(({ name, problem }) => [name, problem]).sort(), [
      ['alpha', undefined],
      ['beta', undefined],
    ]);
    assert.deepEqual(await pinsOf(source()), []);
  });

  it('are pinned on both and listed at both, with their status', async () => {
    assert.equal(await source().run('pin', { cid, name: 'shared' }, { signal }), 'Pinned by 2 of 2 peers.');
    for (const peer of peers) {
      const pins = await pinsOf(sourceAt(peer));
      assert.deepEqual(
        pins.map((pin) => [pin.cid, pin.name]),
        [[cid, 'shared']],
      );
      assert.equal((await factsOf(sourceAt(peer), cid))?.status, 'pinned');
    }
    assert.deepEqual(await source().recover(cid, signal), { state: 'pinned', detail: '' });
  });

  it('say that a Kubo below is lost', async () => {
    await kubos[1].stop();
    for (const end = Date.now() + 60_000; ; await sleep(500)) {
      const problems = (await source().peers()).map(({ problem }) => problem).filter((problem) => problem !== undefined);
      if (problems.length > 0) break;
      assert.ok(Date.now() < end, 'the change was not noticed');
    }
    await kubos[1].start();
  });

  it('are unpinned on both', async () => {
    await source().run('unpin', { cid }, { signal });
    assert.deepEqual(await pinsOf(source()), []);
  });
});
