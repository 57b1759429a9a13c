import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import type { ClusterPeer } from './clusterPeer';
import { startClusterPeer } from './clusterPeer';
import { createRealKubo } from './realKubo';
import { addedTo, pinsOf } from './sourcePins';

const { signal } = new AbortController();

describe('the options of a pin in a real cluster', () => {
  const kubo = createRealKubo();
  let peer: ClusterPeer | undefined;
  let files = 0;
  const url = (): string => peer?.url ?? '';
  const fresh = (): string => addedTo(kubo, `options-${files}`, Buffer.from(`file ${files++}`), '--pin=false');
  /** The cluster's record of a pin, without the time when it was pinned. */
  const record = async (cid: string): Promise<Record<string, unknown>> => {
    const answer = (await (await fetch(`${url()}/allocations/${cid}`)).json()) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(answer).filter(([field]) => field !== 'timestamp'));
  };
  /** Pins with these options by plain HTTP, and returns the record. */
  const pinned = async (cid: string, options: Readonly<Record<string, string>>): Promise<Record<string, unknown>> => {
    const { status } = await fetch(`${url()}/pins/${cid}?${new URLSearchParams(options).toString()}`, { method: 'POST' });
    assert.equal(status, 200);
    return record(cid);
  };
  const source = createClusterSource({ url, authorization: () => Promise.resolve(undefined), everyMs: 50 });
  const run = (action: 'pin' | 'unpin', of: { readonly cid: string; readonly name?: string }) =>
    source.run(action, of, { signal });
  const isRefused = (about: RegExp) => (error: unknown) => IpfsKitError.is(error, 'unsupported') && about.test(error.message);

  before(async () => {
    await kubo.start();
    peer = await startClusterPeer('alone', kubo);
  });
  after(async () => {
    await peer?.remove();
    await kubo.remove();
  });

  /** Every option of the REST API, to be sent one by one and all together. */
  const each = (): Readonly<Record<string, string>> => ({
    name: 'a name & more, ünïcode; #1',
    mode: 'recursive',
    'replication-min': '1',
    'replication-max': '1',
    'shard-size': '123456',
    'user-allocations': peer?.id ?? '',
    'expire-at': '2036-01-02T03:04:05+02:00',
    origins: [1, 2].map((port) => `/ip4/127.0.0.1/tcp/${port}/p2p/${peer?.id ?? ''}`).join(','),
    'meta-app': 'ipfs-kit',
    'meta-odd key=&+%;ü': ' a,b&c=d+e;f%20 ',
    'meta-empty': '',
    'meta-__proto__': 'own',
  });

  it('are preserved when it is pinned again, and restored after it was unpinned, one by one and all together', async () => {
    const { 'replication-min': min = '', 'replication-max': max = '', ...others } = each();
    const replicas = { 'replication-min': min, 'replication-max': max };
    const oneByOne = Object.entries(others).map((option) => Object.fromEntries([option]));
    for (const options of [...oneByOne, replicas, { 'replication-min': '-1', 'replication-max': '-1' }, each()]) {
      const cid = fresh();
      const before = await pinned(cid, options);
      assert.match(
        (await run('pin', { cid })) ?? '',
        /^It was already pinned.*; its options were kept\. Pinned by 1 of 1 peer\.$/,
      );
      assert.deepEqual(await record(cid), before);
      assert.match((await run('pin', { cid, name: 'another' })) ?? '', /; its other options were kept\./);
      assert.deepEqual(await record(cid), { ...before, name: 'another' });
      await source.recover(cid, signal);
      assert.deepEqual(await record(cid), { ...before, name: 'another' });
      const again = await source.keep({ cid }, signal);
      await run('unpin', { cid });
      await again({ signal });
      assert.deepEqual(await record(cid), { ...before, name: 'another' }, 'unpinned, and pinned again as it was');
    }
  });

  it('name the pin it was replaced from while that pin has the same options, and are preserved otherwise', async () => {
    const [origin, cid] = [fresh(), fresh()];
    await pinned(origin, each());
    const before = await pinned(cid, { 'pin-update': origin, name: 'updated' });
    assert.equal(before['pin_update'], origin);
    await run('pin', { cid });
    assert.deepEqual(await record(cid), before);
    await pinned(origin, { name: 'other', 'meta-other': 'yes' });
    await assert.rejects(run('pin', { cid }), isRefused(new RegExp(`pin_update was ${origin}, is now none`)));
    assert.deepEqual(await record(cid), { ...before, pin_update: null });
  });

  it('belong to that CID only: the same content under the other version is another pin', async () => {
    const v0 = kubo.run('add', '-Q', '--cid-version=0', '--pin=false', `${kubo.repository}/config`).trim();
    const v1 = CID.parse(v0).toV1().toString();
    const before = await pinned(v0, each());
    await run('pin', { cid: v1, name: 'v1' });
    assert.deepEqual([await record(v0), (await record(v1))['metadata']], [before, null]);
  });

  it('are not reset through its proxy, which lists each pin once, like a Kubo that ignores the type', async () => {
    const cids = [fresh(), fresh()];
    const [before] = await Promise.all(cids.map((cid) => pinned(cid, each())));
    const source = createKuboSource({
      ...{
        repository: kubo.repository,
        url: peer?.proxyUrl,
        authorization: () => Promise.resolve(undefined),
        indirect: () => false,
      },
    });
    const [cid = ''] = cids;
    for (const action of ['pin', 'rename'] as const)
      await assert.rejects(source.run(action, { cid, name: 'new' }, { signal }), isRefused(/proxy of an IPFS Cluster/));
    assert.deepEqual(await record(cid), before);
    const listed = (await pinsOf(source)).map((pin) => pin.cid);
    assert.deepEqual([new Set(listed).size, cids.every((own) => listed.includes(own))], [listed.length, true]);
  });

  it("aren't changed where the cluster wouldn't accept all of them", async () => {
    const cid = fresh();
    const pin = { cid, name: 'by service', origins: ['/ip4/127.0.0.1/tcp/1'], meta: { '': 'of no key' } };
    await fetch(`${peer?.serviceUrl ?? ''}/pins`, { method: 'POST', body: JSON.stringify(pin) });
    const before = await record(cid);
    await assert.rejects(
      run('pin', { cid, name: 'new' }),
      isRefused(/pinned already, and was not pinned again: Its origins would be lost/),
    );
    assert.deepEqual(await record(cid), before);

    const large = fresh();
    const meta = { large: 'x'.repeat(20_000) };
    await fetch(`${peer?.serviceUrl ?? ''}/pins`, { method: 'POST', body: JSON.stringify({ cid: large, meta }) });
    await assert.rejects(run('pin', { cid: large, name: 'new' }), (error: unknown) => {
      return IpfsKitError.is(error, 'http-status') && /max_header_bytes.*HTTP 431/.test(error.message);
    });
    assert.deepEqual((await record(large))['metadata'], meta);

    const expiring = fresh();
    const expired = await pinned(expiring, { 'expire-in': '1s', 'meta-a': 'b' });
    await sleep(1100);
    await assert.rejects(run('pin', { cid: expiring }), isRefused(/expired at/));
    assert.deepEqual(await record(expiring), expired);
  });
});
