/** Reads the pin set of an IPFS Cluster by its REST API. Loaded with the first such list. */
import { readLines } from '../../daemonClient/lineStream';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { CLUSTER_STATUSES, clusterStatus, HAS_IT, missingPeers } from '../../daemonClient/cluster/clusterStatus';
import { IpfsKitError } from '../../base/ipfsKitError';
import { expiryMsOf, timeMsOf, wantedCountOf } from '../../pin/pinRecord';
import type { SpelledPart } from '../../pin/columnSource';
import type { Column } from '../../pin/columnSource';
import { textBuilder, sourceOf, textBudget } from '../../columns/columnBuilders';
import { numberBuilder } from '../../columns/numberBuilder';
import type { StreamedListOptions, StreamedList } from './streamedList';
import { showAsItComes } from './streamedList';
import { cidIn, noPin, objectInLine, keptTextIn } from './jsonLine';
import { listText, objectText } from './factTexts';
import { extraTextBuilder } from '../../columns/extraTexts';
import { repeatedTextBuilder } from '../../columns/repeatedTexts';
import { rowsByText } from '../../columns/rowsByText';
import { forEachIndex } from '../../base/stepByStep';

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

/**
 * Reads GET /allocations, the pins that the cluster has agreed on; then, only with `statuses`, GET /pins, the status of each pin, for which every peer queries
 * its Kubo. A pin that the second list doesn't contain has the status `unknown`; `statusesMissing` says why that list is incomplete. Where the first list is
 * cut off, the result has the pins before that and `incomplete`. Rejects with an IpfsKitError where no pin came, or a line is invalid.
 */
export async function readClusterPins({ access, statuses }: ClusterQuery, options: StreamedListOptions): Promise<StreamedList> {
  const { signal, onReceived, onSoFar } = options;
  const budget = textBudget(options.mostTextBytes);
  const [cids, names, metadata] = [textBuilder(budget), textBuilder(budget), textBuilder(budget)];
  const [modes, kinds, peers] = [repeatedTextBuilder(), repeatedTextBuilder(), repeatedTextBuilder()];
  const origins = extraTextBuilder();
  const [times, expiries, least, most] = [
    numberBuilder('time'),
    numberBuilder('time'),
    numberBuilder('number'),
    numberBuilder('number'),
  ];
  const columns = (ofStatus?: StatusColumns) => {
    const [wanted, allocations] = [most.now(), peers.now()];
    return sourceOf({
      ...ofStatus,
      cid: cids.now(),
      name: names.now(),
      type: modes.now(),
      timestamp: times.now(),
      replication_factor: wanted,
      replication_factor_min: least.now(),
      replication_factor_max: wanted,
      backend: allocations,
      cluster_allocations: allocations,
      cluster_type: kinds.now(),
      expire_at: expiries.now(),
      cluster_metadata: metadata.now(),
      pin_origins: origins.now(),
    });
  };
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
        peers.addText(listText(pin['allocations']));
        metadata.addText(objectText(pin['metadata']));
        origins.addText(listText(pin['origins']));
        times.add(timeMsOf(keptTextIn(pin['timestamp'])) ?? NaN);
        expiries.add(expiryMsOf(keptTextIn(pin['expire_at'])));
        least.add(wantedCountOf(pin['replication_factor_min']) ?? NaN);
        most.add(wantedCountOf(pin['replication_factor_max']) ?? NaN);
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
  const { columns: ofStatus, missing } = await statusesOf(access, cids.parts(), cids.rows, incomplete, asked);
  return {
    columns: columns(ofStatus),
    detail: `${detail}, with statuses`,
    incomplete,
    statusesMissing: missing,
  };
}

/** What the second list tells of each pin. */
type StatusColumns = Readonly<Record<'status' | 'replicas_pinned', Column>>;

/** What the second list tells of the pins with these CIDs. `unasked`: an error for which they aren't requested. Rejects only with `cancelled`. */
async function statusesOf(
  access: ClusterQuery['access'],
  cids: readonly SpelledPart[],
  rows: number,
  unasked: IpfsKitError | undefined,
  { signal, onReceived }: Pick<StreamedListOptions, 'signal' | 'onReceived'>,
): Promise<{ readonly columns: StatusColumns; readonly missing: IpfsKitError | undefined }> {
  const [words, had] = [new Uint8Array(rows).fill(UNKNOWN), new Uint16Array(rows).fill(NOT_KNOWN)];
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
          if (row < 0) return;
          const { word, pinned } = statusIn(peers, pin['allocations']);
          words[row] = CLUSTER_STATUSES.indexOf(word);
          had[row] = word === 'unknown' ? NOT_KNOWN : Math.min(pinned, NOT_KNOWN - 1);
        },
      });
    }
  } catch (error) {
    if (signal.aborted || IpfsKitError.is(error, 'cancelled')) throw error;
    if (!IpfsKitError.is(error, ...BROKEN_OFF)) {
      // With an invalid line in a list, its other lines can't be trusted.
      words.fill(UNKNOWN);
      had.fill(NOT_KNOWN);
    }
    missing = IpfsKitError.from(error);
  }
  const [status, pinned] = [repeatedTextBuilder(), numberBuilder('number')];
  await forEachIndex(
    rows,
    (row) => {
      status.addText(CLUSTER_STATUSES[words[row] ?? UNKNOWN]);
      pinned.add(had[row] === NOT_KNOWN ? NaN : (had[row] ?? NaN));
    },
    signal,
  );
  return { columns: { status: status.now(), replicas_pinned: pinned.now() }, missing };
}

const UNKNOWN = CLUSTER_STATUSES.indexOf('unknown');
/** In place of a number of peers. */
const NOT_KNOWN = 0xffff;

/** The status over all peers, and how many of them have the pin. A peer that isn't heard from makes both unknown, unless another has failed. */
function statusIn(
  peers: object,
  allocations: unknown,
): { readonly word: (typeof CLUSTER_STATUSES)[number]; readonly pinned: number } {
  const words = Object.values(peers).map((peer: unknown) =>
    typeof peer === 'object' && peer !== null && 'status' in peer && typeof peer.status === 'string' ? peer.status : '',
  );
  const missing = missingPeers(allocations, peers as Readonly<Record<string, unknown>>);
  return { word: clusterStatus(words, missing), pinned: words.filter((word) => HAS_IT.has(word)).length };
}
