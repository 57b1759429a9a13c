import { nameOf } from '../../base/settingOrOption';
import type { HttpAnswer } from '../http';
import type { DaemonAnswer } from '../daemonAnswer';
import { askWho } from '../daemonAnswer';
import type { Patiently } from '../retryAfter';
import type { RpcAccess } from '../rpcAccess';
import { refusal, rpcRequest } from '../rpcRequest';
import { objectIn, objectInBytes } from '../../pin/looseJson';
import { countIn } from '../rpcJson';

/**
 * Takes at most a second, by the Pinning Service API (https://ipfs.github.io/pinning-services-api-spec/). That of IPFS Cluster waits for the Kubo below it and
 * may take longer: then the service is `busy`. Never rejects, except with `cancelled`.
 */
export function probePinningService(access: RpcAccess, signal?: AbortSignal): Promise<DaemonAnswer> {
  return askWho(
    access,
    {
      method: 'GET',
      route: '/pins?limit=1',
      who: 'the pinning service',
      setting: nameOf('services'),
      judge: ({ count, results }) =>
        countIn(count) !== undefined && (Array.isArray(results) || results === null || (results === undefined && count === 0))
          ? undefined
          : "its response isn't a list of pins",
      accepts: saysNoPins,
    },
    signal,
  );
}

/** The time for the number of pins (ms): IPFS Cluster, which serves this API too, asks every peer first. */
const COUNT_MS = 20_000;
/** The most bytes of the response, which has one pin. */
const MOST_COUNT_BYTES = 2 ** 18;

/**
 * How many pins of any status the service has, by one small request; undefined where it doesn't say. Rejects with an IpfsKitError: as `patiently` and `refusal`
 * do.
 */
export async function countServicePins(
  access: RpcAccess,
  patiently: Patiently,
  signal: AbortSignal,
): Promise<number | undefined> {
  const limits = { headersMs: COUNT_MS, totalMs: COUNT_MS, maxBytes: MOST_COUNT_BYTES };
  const ask = (): Promise<HttpAnswer> => rpcRequest(access, COUNT_ROUTE, { ...limits, signal, accept: 'application/json' });
  const answer = await patiently(ask, signal);
  if (saysNoPins(answer)) return 0;
  if (answer.status !== 200) throw refusal(access, COUNT_ROUTE, answer.status, answer.body);
  return countIn(objectInBytes(answer.body)?.['count']);
}

/** The statuses of all pins; without them, a service gives only those that are pinned. */
export const SERVICE_STATUSES = ['queued', 'pinning', 'pinned', 'failed'] as const;
const COUNT_ROUTE = `/pins?${new URLSearchParams({ limit: '1', status: SERVICE_STATUSES.join(',') }).toString()}`;

/**
 * Whether the response means that there are no pins. Some services respond with 404 then; an error in the API's own format, with its reason, tells them from a
 * server without the route.
 */
export function saysNoPins({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): boolean {
  return status === 404 && typeof objectIn(objectInBytes(body)?.['error'])?.['reason'] === 'string';
}
