import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { clusterAlerts, clusterMetric, clusterPin } from '../../src/daemonClient/cluster/clusterRest';
import type { ClusterSource } from '../../src/pinSource/clusterSource';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import type { KuboSource } from '../../src/pinSource/kuboSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import type { Peer } from '../../src/pinSource/pinSource';
import type { ClusterPeer } from './clusterPeer';
import { startClusterPeer } from './clusterPeer';
import { configure, ONLY_KNOWN_PEERS, unpinAll } from './configured';
import type { RealKubo } from './realKubo';
import { createRealKubo } from './realKubo';
import { addedTo, comesTo, factsOf, pinsOf } from './sourcePins';

const { signal } = new AbortController();
const noToken = (): Promise<undefined> => Promise.resolve(undefined);
const [SIZE, LEAVES] = [2_000_000, 8];

function sourceOf(kubo: RealKubo): KuboSource {
  return createKuboSource({
    repository: kubo.repository,
    url: undefined,
    authorization: noToken,
    indirect: () => false,
  });
}

const clusterAt = ({ url }: ClusterPeer): ClusterSource =>
  createClusterSource({ url: () => url, authorization: noToken, settleMs: 60_000, everyMs: 200 });

/** A peer as `NAME healthy` or `NAME PROBLEM`. */
const said = ({ name, problem }: Peer): string => `${name} ${problem ?? 'healthy'}`;

describe('a pin of a cluster over two Kubos that meet on loopback', () => {
  const kubos = [createRealKubo(), createRealKubo()] as const;
  const [kuboA, kuboB] = kubos;
  const peers: ClusterPeer[] = [];
  const peer = (at: number): ClusterPeer => {
    const one = peers[at];
    assert.ok(one);
    return one;
  };
  let source: ClusterSource;
  /** Adds content only to Kubo A, and returns its CID. */
  const addedToA = (name: string): string => {
    const cid = addedTo(kuboA, name, randomBytes(SIZE), '--pin=false');
    assert.throws(() => kuboB.run('block', 'stat', '--offline', cid), /not found locally/);
    return cid;
  };
  /** Lines of `CID NAME`, sorted, as IPFS Kit lists the cluster's pins. */
  const listedAt = async (at: ClusterPeer): Promise<string[]> =>
    (await pinsOf(clusterAt(at))).map(({ cid, name }) => `${cid} ${name ?? ''}`);
  const listedBy = async (kubo: RealKubo): Promise<string[]> => (await pinsOf(sourceOf(kubo))).map(({ cid }) => cid).sort();
  const statusOf = async (cid: string): Promise<readonly [string | undefined, readonly string[]]> => {
    const { status, detail } = (await factsOf(source, cid)) ?? {};
    return [status, (detail ?? '').split('\n').sort()];
  };
  const areBothWell = (): Promise<readonly Peer[]> =>
    comesTo(
      () => source.peers(),
      (seen) => seen.map(said).sort().join() === 'alpha healthy,beta healthy',
    );
  const cids: Record<'everywhere' | 'twice' | 'once' | 'meanwhile', string> = {
    everywhere: '',
    twice: '',
    once: '',
    meanwhile: '',
  };

  before(async () => {
    for (const kubo of kubos) {
      configure(kubo, ONLY_KNOWN_PEERS);
      unpinAll(kubo);
      await kubo.start({ isOnline: true });
    }
    const first = await startClusterPeer('alpha', kuboA);
    peers.push(first, await startClusterPeer('beta', kuboB, first));
    source = clusterAt(first);
    await areBothWell();
    // The cluster allocates by these metrics. Until both peers have sent theirs, there is only one peer to choose.
    for (const metric of ['freespace', 'tag:group'])
      await comesTo(
        async () => [...(await clusterMetric({ url: first.url }, metric))],
        (tell) => tell.length === 2,
      );
  });
  after(async () => {
    for (const one of peers) await one.remove();
    for (const kubo of kubos) await kubo.remove();
  });

  it('has no way to it but loopback', () => {
    const address = kuboA.run('id', '-f', '<addrs>').trim();
    assert.match(address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+$/, 'the one address of Kubo A');
    kuboB.run('swarm', 'connect', address);
    assert.equal(kuboB.run('swarm', 'peers').trim(), address, 'all that Kubo B knows');
    for (const kubo of kubos) {
      assert.match(kubo.run('swarm', 'addrs', 'listen').trim(), /^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/);
      assert.equal(kubo.run('bootstrap', 'list').trim(), '');
    }
  });

  it('on all peers is fetched by the Kubo that lacks it, and is complete there', async () => {
    cids.everywhere = addedToA('everywhere');
    assert.equal(await source.run('pin', { cid: cids.everywhere, name: 'everywhere' }, { signal }), 'Pinned by 2 of 2 peers.');
    for (const kubo of kubos) {
      assert.deepEqual(await listedBy(kubo), [cids.everywhere]);
      const whole = await sourceOf(kubo).run('verify', { cid: cids.everywhere, type: 'recursive' }, { signal });
      assert.match(whole ?? '', /^All of it is stored locally/);
    }
    assert.equal(kuboB.run('refs', '--offline', cids.everywhere).trim().split('\n').length, LEAVES);
    assert.deepEqual(await statusOf(cids.everywhere), ['pinned', ['alpha: pinned', 'beta: pinned']]);
  });

  it('on two peers is pinned by both', async () => {
    cids.twice = addedToA('twice');
    await clusterPin({ url: peer(0).url }, cids.twice, { name: 'twice', replicationMin: 2, replicationMax: 2 });
    await comesTo(
      () => statusOf(cids.twice),
      ([status]) => status === 'pinned',
    );
    assert.deepEqual(await statusOf(cids.twice), ['pinned', ['alpha: pinned', 'beta: pinned']]);
    for (const kubo of kubos) assert.ok((await listedBy(kubo)).includes(cids.twice));
  });

  it('on one peer is pinned by that one, and remote to the other', async () => {
    cids.once = addedToA('once');
    await clusterPin({ url: peer(0).url }, cids.once, { name: 'once', replicationMin: 1, replicationMax: 1 });
    await comesTo(
      () => statusOf(cids.once),
      ([status]) => status === 'pinned',
    );
    const [, lines] = await statusOf(cids.once);
    assert.deepEqual(lines.map((line) => line.replace(/^.*: /, '')).sort(), ['pinned', 'remote']);
    const has = lines[0] === 'alpha: pinned' ? kuboA : kuboB;
    for (const kubo of kubos) assert.equal((await listedBy(kubo)).includes(cids.once), kubo === has);
  });

  it('is listed alike by both peers', async () => {
    const all = [`${cids.everywhere} everywhere`, `${cids.once} once`, `${cids.twice} twice`];
    for (const one of peers) assert.deepEqual(await listedAt(one), all);
  });

  it('is reported to lack a peer that is lost: first as unreachable, then as missing', async () => {
    await peer(1).stop();
    const [, beta] = (await source.peers()).map(said).sort();
    assert.match(beta ?? '', /^beta failed to dial/);
    const [status, lines] = await statusOf(cids.twice);
    assert.equal(status, 'failed on beta (1 of 2 pinned)');
    assert.match(lines[1] ?? '', /^beta: cluster_error, failed to dial/);

    await comesTo(
      () => source.peers(),
      (seen) => seen.map(said).sort().join() === 'alpha healthy,beta it no longer responds',
    );
    await comesTo(
      () => clusterAlerts({ url: peer(0).url }),
      (alerts) => alerts.some(({ peer: id, name, metric }) => id === peer(1).id && name === 'beta' && metric === 'ping'),
    );
    // A client that requests the peers for the first time sees it too.
    assert.deepEqual((await clusterAt(peer(0)).peers()).map(said).sort(), ['alpha healthy', 'beta it no longer responds']);
    assert.equal((await sourceOf(kuboB).probe()).state, 'up', 'its Kubo goes on');
    assert.equal((await clusterAt(peer(1)).probe()).state, 'absent');
  });

  it('is taken on meanwhile by those that are left', async () => {
    cids.meanwhile = addedToA('meanwhile');
    assert.equal(await source.run('pin', { cid: cids.meanwhile, name: 'meanwhile' }, { signal }), 'Pinned by 1 of 1 peer.');
    assert.ok(!(await listedBy(kuboB)).includes(cids.meanwhile));
  });

  it('is on all peers again when the lost one is back, with what it has missed', async () => {
    await peer(1).start();
    await areBothWell();
    const all = [`${cids.everywhere} everywhere`, `${cids.meanwhile} meanwhile`, `${cids.once} once`, `${cids.twice} twice`];
    await comesTo(
      () => listedAt(peer(1)),
      (listed) => listed.length === all.length,
    );
    for (const one of peers) assert.deepEqual(await listedAt(one), all);
    for (const cid of [cids.everywhere, cids.twice, cids.meanwhile])
      await comesTo(
        () => statusOf(cid),
        ([status, lines]) => status === 'pinned' && lines.join() === 'alpha: pinned,beta: pinned',
      );
    assert.ok((await listedBy(kuboB)).includes(cids.meanwhile));
    // The cluster keeps its alert, but IPFS Kit only reports the present state.
    assert.ok((await clusterAlerts({ url: peer(0).url })).length > 0);
    assert.deepEqual((await clusterAt(peer(0)).peers()).map(said).sort(), ['alpha healthy', 'beta healthy']);
  });
});
