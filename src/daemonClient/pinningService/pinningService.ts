import { nameOf } from '../../base/settingOrOption';
import type { HttpAnswer } from '../http';
import type { DaemonAnswer } from '../daemonAnswer';
import { askWho } from '../daemonAnswer';
import type { RpcAccess } from '../rpcAccess';
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

/**
 * Whether the response means that there are no pins. Some services respond with 404 then; an error in the API's own format, with its reason, tells them from a
 * server without the route.
 */
export function saysNoPins({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): boolean {
  return status === 404 && typeof objectIn(objectInBytes(body)?.['error'])?.['reason'] === 'string';
}
