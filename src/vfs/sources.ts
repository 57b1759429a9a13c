import { kuboAccess } from '../daemonClient/kuboRepository';
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

/** The daemon that a repository names: asked only while the file is there, on loopback alone. */
function daemonOf(repository: string): BlockSource {
  return {
    name: `the Kubo daemon of ${repository}`,
    get: async (cid, signal) => {
      const access = kuboAccess(repository);
      if (access === undefined) return undefined;
      try {
        return await kuboRpcSource(access).get(cid, signal);
      } catch (error) {
        if (IpfsKitError.is(error, 'refused')) return undefined; // a daemon that was killed leaves the file behind
        throw error;
      }
    },
  };
}
