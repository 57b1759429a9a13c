import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { base32upper } from 'multiformats/bases/base32';
import { base36 } from 'multiformats/bases/base36';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { create as multihash } from 'multiformats/hashes/digest';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import { createFilesSource } from '../../src/pinSource/filesSource';
import { ipfsKitSource } from '../../src/pinSource/ipfsKitSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import { createPinningServiceSource } from '../../src/pinSource/pinningServiceSource';
import type { PinSource } from '../../src/pinSource/pinSource';
import { python } from '../support/python';
import type { ClusterPeer } from './clusterPeer';
import { startClusterPeer } from './clusterPeer';
import { configure, ONLY_KNOWN_PEERS, unpinAll } from './configured';
import type { Kept, Standing } from './inventoryOracle';
import type { RealKubo } from './realKubo';
import { createRealKubo } from './realKubo';
import { comesTo } from './sourcePins';

export const IDS = ['ipfs_kit_py', 'kubo', 'files', 'cluster', 'service:mine'] as const;
/** A content for each set of sources, as dag-pb and as a raw block. */
export const SETS = 2 ** IDS.length;
const authorization = (): Promise<undefined> => Promise.resolve(undefined);

/** Programs that keep the same contents, each its own: a Kubo with Files, a cluster of two peers, and a pinning service, which is that of a cluster of one. */
export interface Programs {
  /** What was put into each. */
  readonly kept: readonly Kept[];
  readonly kubo: RealKubo;
  readonly peer: (name: PeerName) => ClusterPeer;
  readonly sources: () => readonly [PinSource, ...PinSource[]];
  /** Starts them, and writes the store with Python. */
  readonly fill: () => Promise<void>;
  /** Resolves once the peers have what they can have, and say so. */
  readonly settled: (of: 'alpha' | 'mine') => Promise<void>;
  readonly remove: () => Promise<void>;
}

type PeerName = 'alpha' | 'beta' | 'mine';

/** The CID of a raw block that no program has. */
function lost(text: string): string {
  return CID.createV1(raw.code, multihash(0x12, createHash('sha256').update(text).digest())).toString();
}

/** Forms of a CID, as people and programs write it. */
function spelled(cid: CID, at: number): string {
  const v1 = cid.toV1();
  const forms = [cid.toString(), v1.toString(base36), v1.toString(base32upper.encoder), v1.toString()];
  return forms[at % forms.length] ?? '';
}

/** The versions of a CID under which it is pinned: one, or both, which are two pins of one content. */
function ownForms(cid: CID, at: number): readonly CID[] {
  if (at % 14 === 0 && cid.version === 0) return [cid, cid.toV1()];
  return [at % 2 === 0 ? cid : cid.toV1()];
}

/** Adds files of these texts to a running Kubo, and returns their CIDs. */
async function added(kubo: RealKubo, texts: readonly string[], options: string): Promise<CID[]> {
  const body = new FormData();
  for (const text of texts) body.append('file', new Blob([text]), text);
  const answer = await post(`${kubo.rpc()}/api/v0/add?pin=false&${options}`, body);
  return answer.split('\n').map((line) => CID.parse((JSON.parse(line) as { readonly Hash: string }).Hash));
}

interface StatusLine {
  readonly peer_map: Readonly<Record<string, { readonly status: string }>>;
}

/** Sends a POST, and returns what came. */
async function post(url: string, body?: FormData | string): Promise<string> {
  const answer = await fetch(url, { method: 'POST', ...(body !== undefined && { body }) });
  const text = await answer.text();
  assert.ok(answer.ok, `${url}: ${answer.status} ${text}`);
  return text.trim();
}

/** `database`: the file of the store. */
export function createPrograms(database: string): Programs {
  const [kubo, kuboA, kuboB, kuboOfService] = [createRealKubo(), createRealKubo(), createRealKubo(), createRealKubo()];
  const kubos = [kubo, kuboA, kuboB, kuboOfService];
  const peers = new Map<PeerName, ClusterPeer>();
  const peer = (name: PeerName): ClusterPeer => peers.get(name) ?? assert.fail(name);
  const kept: Kept[] = [];
  const stored: (readonly [cid: string, status: string | null])[] = [];
  let items = 0;

  /** Puts a content into a source. `at` chooses how. */
  const put: Readonly<Record<(typeof IDS)[number], (cid: CID, at: number, standing?: Standing) => Promise<void>>> = {
    ipfs_kit_py: (cid, at) => {
      for (const copy of at % 5 === 0 ? [at, at + 1, at + 1] : [at]) {
        stored.push([spelled(cid, copy), ['pinned', 'Pinned', null][at % 3] ?? null]);
        kept.push({ source: 'ipfs_kit_py', cid: spelled(cid, copy), standing: 'copy' });
      }
      return Promise.resolve();
    },
    kubo: async (cid, at) => {
      for (const own of ownForms(cid, at)) {
        const how = { recursive: String(at % 3 > 0), name: at % 4 === 0 ? `pin ${at}` : '' };
        await post(`${kubo.rpc()}/api/v0/pin/add?${new URLSearchParams({ arg: own.toString(), ...how }).toString()}`);
        kept.push({ source: 'kubo', cid: own.toString(), standing: 'copy' });
      }
    },
    files: async (cid, at) => {
      for (const place of at % 7 === 0 ? ['again', 'once'] : ['once']) {
        await post(`${kubo.rpc()}/api/v0/files/cp?arg=/ipfs/${cid.toString()}&arg=/${place}-${items++}`);
        kept.push({ source: 'files', cid: cid.toString(), standing: 'copy' });
      }
    },
    cluster: async (cid, at, standing = 'copy') => {
      for (const own of ownForms(cid, at)) {
        await post(`${peer('alpha').url}/pins/${own.toString()}?replication-min=-1&replication-max=-1&name=pin-${at}`);
        kept.push({ source: 'cluster', cid: own.toString(), standing });
      }
    },
    'service:mine': async (cid, at, standing = 'copy') => {
      await post(`${peer('mine').serviceUrl}/pins`, JSON.stringify({ cid: spelled(cid, at), name: `pin ${at}` }));
      // Cluster writes a CID in the base of its version.
      kept.push({ source: 'service:mine', cid: (spelled(cid, at).startsWith('Q') ? cid : cid.toV1()).toString(), standing });
    },
  };
  /** How many pins of all peers are in each state, as the cluster says. */
  const states = async (name: PeerName): Promise<ReadonlyMap<string, number>> => {
    const lines = (await (await fetch(`${peer(name).url}/pins`)).text()).trim().split('\n');
    const seen = new Map<string, number>();
    for (const line of lines)
      for (const { status } of Object.values((JSON.parse(line) as StatusLine).peer_map))
        seen.set(status, (seen.get(status) ?? 0) + 1);
    return seen;
  };
  const countOf = (source: string, standing: Standing): number =>
    kept.filter((pin) => pin.source === source && pin.standing === standing).length;
  /** The pins at the peers: those that they have, and all. One content is only at `beta`. */
  const pinsAt = (name: 'alpha' | 'mine'): readonly [has: number, all: number] => {
    const [source, at, half] = name === 'alpha' ? ['cluster', 2, 1] : ['service:mine', 1, 0];
    return [at * countOf(source, 'copy') + half, at * (countOf(source, 'copy') + countOf(source, 'none'))];
  };
  const settled = async (name: 'alpha' | 'mine', othersAre?: string): Promise<void> => {
    const [has, all] = pinsAt(name);
    await comesTo(
      async () => [...(await states(name))],
      (seen) => {
        const counts = new Map(seen);
        const others = [...counts].filter(([state]) => state !== 'pinned' && (othersAre === undefined || state === othersAre));
        return counts.get('pinned') === has && others.reduce((sum, [, count]) => sum + count, 0) === all - has;
      },
    );
  };

  const fill = async (): Promise<void> => {
    configure(kuboOfService, ONLY_KNOWN_PEERS);
    for (const each of kubos) {
      unpinAll(each);
      await each.start({ isOnline: each === kuboOfService }); // An online one waits for content that it lacks, the others fail.
    }
    peers.set('alpha', await startClusterPeer('alpha', kuboA));
    peers.set('beta', await startClusterPeer('beta', kuboB, peer('alpha')));
    peers.set('mine', await startClusterPeer('mine', kuboOfService));
    const clusterPeers = async (): Promise<string> => (await fetch(`${peer('alpha').url}/peers`)).text();
    await comesTo(clusterPeers, (seen) => seen.trim().split('\n').length === 2);

    const texts = Array.from({ length: SETS }, (_, at) => `content ${at}`);
    for (const [dag, options] of ['cid-version=0', 'cid-version=1&raw-leaves=true'].entries()) {
      let cids: readonly CID[] = [];
      for (const each of kubos) cids = await added(each, texts, options);
      assert.deepEqual([cids.length, cids[0]?.version], [SETS, dag]);
      for (const [set, cid] of cids.entries())
        for (const [bit, id] of IDS.entries()) if ((set & (1 << bit)) !== 0) await put[id](cid, set);
      if (dag > 0) continue;
      const [first, second] = cids.slice(1);
      assert.ok(first && second);
      // The bytes of a dag-pb block as a raw one are another content.
      for (const id of ['cluster', 'files'] as const) await put[id](CID.createV1(raw.code, first.multihash), 3);
      // Of this row nobody knows whether it is a copy.
      stored.push([second.toString(), 'odd']);
      kept.push({ source: 'ipfs_kit_py', cid: second.toString(), standing: 'unknown' });
    }
    for (const each of [kubo, kuboB]) {
      const [cid] = await added(each, ['only here and at beta'], 'cid-version=1');
      assert.ok(cid);
      if (each === kubo) await put.kubo(cid, 1);
      else await put.cluster(cid, 1, 'none');
    }
    const [one, other] = [CID.parse(lost('one')), CID.parse(lost('other'))];
    for (const cid of [one, other]) await put.cluster(cid, 1, 'none');
    for (const cid of [one, other]) await put['service:mine'](cid, 1, 'none');
    stored.push([one.toString(), 'FAILED'], [other.toString(), 'pinned'], ['no CID', 'queued']);
    for (const [cid, standing] of [[one, 'none'], [other, 'copy'], ['no CID', 'none']] as const) kept.push({ source: 'ipfs_kit_py', cid: cid.toString(), standing }); // prettier-ignore
    const code = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text, pin_type text, status text)')
db.executemany("insert into pins values (?, 'recursive', ?)", json.loads(sys.argv[2]))
db.commit()`;
    python(code, database, JSON.stringify(stored));
    await settled('alpha', 'pin_error');
    await settled('mine', 'pinning');
  };
  const sources = (): readonly [PinSource, ...PinSource[]] => {
    const atKubo = { repository: kubo.repository, url: undefined, authorization };
    return [
      ipfsKitSource({
        probe: () => Promise.reject(new Error('No daemon is named.')),
        sources: () => ({ databasePath: database }),
      }),
      createKuboSource({ ...atKubo, indirect: () => false }),
      createFilesSource(atKubo),
      createClusterSource({ url: () => peer('alpha').url, authorization }),
      createPinningServiceSource({ name: 'mine', url: peer('mine').serviceUrl, authorization }),
    ];
  };

  const remove = async (): Promise<void> => {
    for (const each of peers.values()) await each.remove();
    for (const each of kubos) await each.remove();
  };
  return { kept, kubo, peer, sources, fill, settled: (name) => settled(name), remove };
}
