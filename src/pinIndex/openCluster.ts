/** The pin set of an IPFS Cluster, by its REST API; a bundle of its own, loaded when one is opened. */
import { readLines } from '../daemonClient/lineStream';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { IpfsKitError } from '../ipfsKitError';
import { timeMsOf } from '../pin/pinRecord';
import { growingNumbers, growingTexts, sourceOf } from './growingColumns';
import type { GrowingListOptions, GrownList } from './growingList';
import { showGrowing } from './growingList';
import { noPin, objectIn, textIn } from './jsonLine';

const ROUTE = '/allocations';
const LIMITS = { headersMs: 30_000, stallMs: 30_000, totalMs: 30 * 60_000 };

/** Peer ids have 52 characters: longer lists of them are not what a pin is known by. */
const MOST_PEERS_TEXT = 256;
const MOST_METADATA = 4096;

/**
 * GET /allocations: what the cluster is to pin, as it is agreed upon; the state of each pin is asked of it apart, since that takes a look at every Kubo.
 * What came whole of a list that breaks off is all there is (`incomplete`). Rejects with an IpfsKitError where nothing came, or what came is broken.
 */
export async function openCluster(
  { access }: { readonly access: RpcAccess },
  { signal, onReceived, onSoFar }: GrowingListOptions,
): Promise<GrownList> {
  const [cids, names, modes, kinds, peers, metadata] = [
    growingTexts(),
    growingTexts(),
    growingTexts(),
    growingTexts(),
    growingTexts(),
    growingTexts(),
  ];
  const [times, expiries, replicas] = [growingNumbers('time'), growingNumbers('time'), growingNumbers('number')];
  const columns = () =>
    sourceOf({
      cid: cids.now(),
      name: names.now(),
      type: modes.now(),
      timestamp: times.now(),
      replication_factor: replicas.now(),
      backend: peers.now(),
      cluster_type: kinds.now(),
      expire_at: expiries.now(),
      cluster_metadata: metadata.now(),
    });
  const detail = 'allocations';
  const showing = showGrowing(() => onSoFar(columns(), detail));
  try {
    await readLines(access, ROUTE, {
      ...LIMITS,
      signal,
      onLine: (line, from, to) => {
        const pin = objectIn(line, from, to, access.url + ROUTE);
        const cid = textIn(pin['cid']);
        if (cid === undefined) throw noPin(access.url + ROUTE);
        cids.addText(cid);
        names.addText(textIn(pin['name']));
        modes.addText(textIn(pin['mode']));
        kinds.addText(textIn(pin['type']));
        peers.addText(peersIn(pin['allocations']));
        metadata.addText(metadataIn(pin['metadata']));
        times.add(timeMsOf(textIn(pin['timestamp'])) ?? NaN);
        expiries.add(timeMsOf(textIn(pin['expire_at'])) ?? NaN); // the year 1 stands for never
        replicas.add(replicasIn(pin['replication_factor_max']));
      },
      onReceived: (bytes) => {
        onReceived(bytes);
        if (cids.rows > 0) showing.look(cids.rows);
      },
    });
    return { columns: columns(), detail };
  } catch (error) {
    if (cids.rows === 0 || !IpfsKitError.is(error, 'truncated', 'timeout', 'too-large')) throw error;
    return { columns: columns(), detail, incomplete: error };
  } finally {
    showing.stop();
  }
}

/** -1 is everywhere, which is no number. */
function replicasIn(factor: unknown): number {
  return typeof factor === 'number' && factor > 0 ? factor : NaN;
}

function peersIn(allocations: unknown): string | undefined {
  if (!Array.isArray(allocations) || !allocations.every((peer) => typeof peer === 'string')) return undefined;
  const text = allocations.join(', ');
  return text.length <= MOST_PEERS_TEXT ? text : undefined;
}

/** What a user has written beside the pin, as JSON. */
function metadataIn(metadata: unknown): string | undefined {
  if (typeof metadata !== 'object' || metadata === null || Object.keys(metadata).length === 0) return undefined;
  try {
    const text = JSON.stringify(metadata);
    return text.length <= MOST_METADATA ? text : undefined;
  } catch {
    return undefined; // nested deeper than the stack is: JSON.parse has none
  }
}
