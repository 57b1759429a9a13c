import { isKuboRepository, kuboAddress } from '../daemonClient/kuboRepository';
import { IpfsKitError } from '../ipfsKitError';
import type { BlockSource } from './blockSource';
import { flatfsSource } from './flatfs';
import { gatewaySource } from './gateway';
import { kuboRpcSource } from './kuboRpc';

/** Where blocks are looked for, in this order: on disk, at the daemon of that repository, at gateways. */
export interface SourcePlaces {
  /** A Kubo repository, absolute; it need not be there. */
  readonly repository?: string;
  /** URLs of trustless gateways. */
  readonly gateways: readonly string[];
}

export function blockSources({ repository, gateways }: SourcePlaces): BlockSource[] {
  return [
    ...(repository === undefined ? [] : [flatfsSource(repository), daemonOf(repository)]),
    ...gateways.map((url) => gatewaySource(url)),
  ];
}

/**
 * The daemon that a repository names: asked only while the file is there, on loopback alone. Rejects with `missing` where none runs; without a message
 * where there is no repository, which has been said already. Its name goes on from that of the repository, which is asked before it.
 */
function daemonOf(repository: string): BlockSource {
  const name = 'Its Kubo daemon';
  const notRunning = (cause?: unknown): IpfsKitError => new IpfsKitError('missing', `${name} isn't running.`, { cause });
  return {
    name,
    get: async (cid, signal) => {
      const access = kuboAddress(repository);
      if (access === undefined) throw isKuboRepository(repository) ? notRunning() : new IpfsKitError('missing', '');
      try {
        return await kuboRpcSource(access).get(cid, signal);
      } catch (error) {
        if (IpfsKitError.is(error, 'refused')) throw notRunning(error); // a daemon that was killed leaves the file behind
        throw error;
      }
    },
  };
}
