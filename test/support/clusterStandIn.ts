import { cluster, json } from './daemonStandIn';
import type { Answer, ReplayedRequest } from './replayServer';

export type ClusterRecord = Readonly<Record<string, unknown>>;

/** The record of IPFS Cluster v1.1 for a pin without options; test/fixtures/cluster/allocations.http. */
export const PLAIN_RECORD: ClusterRecord = {
  ...{ replication_factor_min: -1, replication_factor_max: -1, name: '', mode: 'recursive', shard_size: 0 },
  ...{ user_allocations: null, expire_at: '0001-01-01T00:00:00Z', metadata: null, pin_update: null, origins: [] },
  ...{ type: 'pin', allocations: [], max_depth: -1, reference: null, timestamp: '2026-11-23T04:43:47Z' },
};

export interface ClusterStandIn {
  readonly routes: Readonly<Record<string, (request: ReplayedRequest) => Answer>>;
  /** The present record. */
  record(): ClusterRecord | undefined;
}

/**
 * The responses of a cluster about one pin, of which it has this record or none. As in Cluster (`FromQuery` in its api/types.go), a POST replaces all
 * options by those of its query. `changing` alters the record before it is stored.
 */
export function clusterStandIn(
  cid: string,
  before: ClusterRecord | undefined,
  changing: (stored: ClusterRecord) => ClusterRecord = (stored) => stored,
): ClusterStandIn {
  let record = before && { cid, ...PLAIN_RECORD, ...before };
  const stored = ({ query }: ReplayedRequest): Answer => {
    const list = (name: string): string[] => query.get(name)?.split(',') ?? [];
    const meta = [...query].filter(([key]) => key.startsWith('meta-')).map(([key, value]) => [key.slice(5), value]);
    record = changing({
      ...{ cid, ...PLAIN_RECORD, name: query.get('name') ?? '', mode: query.get('mode') ?? 'recursive' },
      replication_factor_min: Number(query.get('replication-min') ?? 0) || -1,
      replication_factor_max: Number(query.get('replication-max') ?? 0) || -1,
      shard_size: Number(query.get('shard-size') ?? 0),
      user_allocations: query.has('user-allocations') ? list('user-allocations') : null,
      expire_at: query.get('expire-at') ?? PLAIN_RECORD['expire_at'],
      metadata: meta.length > 0 ? Object.fromEntries(meta) : null,
      pin_update: query.get('pin-update'),
      origins: list('origins'),
      timestamp: '2026-11-29T12:00:00Z',
    }) as typeof record;
    return json({ ...record, timestamp: '2026-11-29T12:00:00.123456789Z' });
  };
  const allocation = (): Answer => (record ? json(record) : cluster('unpin-unknown'));
  const unpinned = (): Answer => {
    const was = record;
    record = undefined;
    return json(was);
  };
  const routes = { [`GET /allocations/${cid}`]: allocation, [`POST /pins/${cid}`]: stored, [`DELETE /pins/${cid}`]: unpinned };
  return { routes, record: () => record };
}
