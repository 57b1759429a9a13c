/** Reads the pin set of an IPFS Cluster by its REST API. Loaded with the first such list. */
import { readLines } from '../../daemonClient/lineStream';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { CLUSTER_STATUSES, clusterStatus, missingPeers } from '../../daemonClient/cluster/clusterStatus';
import { IpfsKitError } from '../../base/ipfsKitError';
import { timeMsOf } from '../../pin/pinRecord';
import type { SpelledPart } from '../../pin/columnSource';
import type { Column } from '../../pin/columnSource';
import { numberBuilder, textBuilder, sourceOf, textBudget } from '../../columns/columnBuilders';
import type { StreamedListOptions, StreamedList } from './streamedList';
import { showAsItComes } from './streamedList';
import { cidIn, noPin, objectInLine, keptTextIn } from './jsonLine';
import { rowsByText } from '../../columns/rowsByText';
import { forEachIndex } from '../../columns/stepByStep';

export interface ClusterQuery {
  readonly access: RpcAccess;
  /** Whether the status of each pin is requested too. */
  readonly statuses: boolean;
}

const ROUTE = '/allocations';
const LIMITS = { headersMs: 30_000, stallMs: 30_000, totalMs: 30 * 60_000 };
const STATUS_ROUTE = '/pins';
/** Before the first line, each peer queries its Kubo, and the cluster waits for peers that don't respond. */
const STATUS_LIMITS = { headersMs: 120_000, stallMs: 30_000, totalMs: 10 * 60_000 };
const BROKEN_OFF = ['truncated', 'timeout', 'too-large'] as const;

/** The longest list of peers that is shown as a pin's backend, in characters. A peer id has 52. */
const MOST_PEERS_TEXT = 256;
const MOST_METADATA = 4096;

/**
 * Reads GET /allocations, the pins that the cluster has agreed on; then, only with `statuses`, GET /pins, the status of each pin, for which every peer queries
 * its Kubo. A pin that the second list doesn't contain has the status `unknown`; `statusesMissing` says why that list is incomplete. Where the first list is
 * cut off, the result has the pins before that and `incomplete`. Rejects with an IpfsKitError where no pin came, or a line is invalid.
 */
export async function readClusterPins({ access, statuses }: ClusterQuery, options: StreamedListOptions): Promise<StreamedList> {
  const { signal, onReceived, onSoFar } = options;
  const budget = textBudget(options.mostTextBytes);
  const [cids, names, modes, kinds, peers, metadata] = [
    textBuilder(budget),
    textBuilder(budget),
    textBuilder(budget),
    textBuilder(budget),
    textBuilder(budget),
    textBuilder(budget),
  ];
  const [times, expiries, replicas] = [numberBuilder('time'), numberBuilder('time'), numberBuilder('number')];
  const columns = (status?: Column) =>
    sourceOf({
      ...(status && { status }),
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
  let incomplete: IpfsKitError | undefined;
  let bytes = 0;
  const showing = showAsItComes(() => onSoFar(columns(), detail));
  try {
    await readLines(access, ROUTE, {
      ...LIMITS,
      signal,
      onLine: (line, from, to) => {
        const pin = objectInLine(line, from, to, access.url + ROUTE);
        cids.addText(cidIn(pin['cid'], access.url + ROUTE));
        names.addText(keptTextIn(pin['name']));
        modes.addText(keptTextIn(pin['mode']));
        kinds.addText(keptTextIn(pin['type']));
        peers.addText(peersIn(pin['allocations']));
        metadata.addText(metadataIn(pin['metadata']));
        times.add(timeMsOf(keptTextIn(pin['timestamp'])) ?? NaN);
        expiries.add(timeMsOf(keptTextIn(pin['expire_at'])) ?? NaN); // timeMsOf gives nothing for the year 1, which means never
        replicas.add(replicasIn(pin['replication_factor_max']));
      },
      onReceived: (received) => {
        onReceived((bytes = received));
        if (cids.rows > 0) showing.look(cids.rows);
      },
    });
  } catch (error) {
    if (cids.rows === 0 || !IpfsKitError.is(error, ...BROKEN_OFF)) throw error;
    incomplete = error;
  } finally {
    showing.stop();
  }
  if (!statuses) return { columns: columns(), detail, incomplete };
  if (!incomplete && cids.rows > 0) onSoFar(columns(), detail);
  const asked = { signal, onReceived: (received: number) => onReceived(bytes + received) };
  const { status, missing } = await statusesOf(access, cids.parts(), cids.rows, incomplete, asked);
  return {
    columns: columns(status),
    detail: `${detail}, with statuses`,
    incomplete,
    statusesMissing: missing,
  };
}

/** The status of the pins with these CIDs, as a column. `unasked`: an error for which they aren't requested. Rejects only with `cancelled`. */
async function statusesOf(
  access: ClusterQuery['access'],
  cids: readonly SpelledPart[],
  rows: number,
  unasked: IpfsKitError | undefined,
  { signal, onReceived }: Pick<StreamedListOptions, 'signal' | 'onReceived'>,
): Promise<{ readonly status: Column; readonly missing: IpfsKitError | undefined }> {
  let words = new Uint8Array(rows).fill(UNKNOWN);
  let missing = unasked;
  try {
    if (!missing && rows > 0) {
      const known = await rowsByText(cids, 0, rows, signal);
      await readLines(access, STATUS_ROUTE, {
        ...STATUS_LIMITS,
        signal,
        onReceived,
        onLine: (line, from, to) => {
          const pin = objectInLine(line, from, to, access.url + STATUS_ROUTE);
          const peers = pin['peer_map'];
          if (typeof peers !== 'object' || peers === null) throw noPin(access.url + STATUS_ROUTE);
          const bytes = Buffer.from(cidIn(pin['cid'], access.url + STATUS_ROUTE));
          const row = known.rowOf(bytes, 0, bytes.length);
          if (row >= 0) words[row] = CLUSTER_STATUSES.indexOf(statusIn(peers, pin['allocations']));
        },
      });
    }
  } catch (error) {
    if (signal.aborted || IpfsKitError.is(error, 'cancelled')) throw error;
    if (!IpfsKitError.is(error, ...BROKEN_OFF)) words = new Uint8Array(rows).fill(UNKNOWN); // with an invalid line in a list, its other lines can't be trusted
    missing = IpfsKitError.from(error);
  }
  const status = textBuilder();
  await forEachIndex(rows, (row) => status.addText(CLUSTER_STATUSES[words[row] ?? UNKNOWN]), signal);
  return { status: status.now(), missing };
}

const UNKNOWN = CLUSTER_STATUSES.indexOf('unknown');

function statusIn(peers: object, allocations: unknown): (typeof CLUSTER_STATUSES)[number] {
  const words = Object.values(peers).map((peer: unknown) =>
    typeof peer === 'object' && peer !== null && 'status' in peer && typeof peer.status === 'string' ? peer.status : '',
  );
  return clusterStatus(words, missingPeers(allocations, peers as Readonly<Record<string, unknown>>));
}

/** The number of replicas; NaN for -1, which means every peer. */
function replicasIn(factor: unknown): number {
  return typeof factor === 'number' && factor > 0 ? factor : NaN;
}

function peersIn(allocations: unknown): string | undefined {
  if (!Array.isArray(allocations) || !allocations.every((peer) => typeof peer === 'string')) return undefined;
  const text = allocations.join(', ');
  return text.length <= MOST_PEERS_TEXT ? text : undefined;
}

/** The user's metadata of a pin, as JSON; undefined where there is none, or it is longer than MOST_METADATA. */
function metadataIn(metadata: unknown): string | undefined {
  if (typeof metadata !== 'object' || metadata === null || Object.keys(metadata).length === 0) return undefined;
  try {
    const text = JSON.stringify(metadata);
    return text.length <= MOST_METADATA ? text : undefined;
  } catch {
    return undefined; // nested too deeply: JSON.stringify is recursive, JSON.parse isn't
  }
}
