import { isIP } from 'node:net';
import path from 'node:path';
import { IpfsKitError } from '../ipfsKitError';
import { readRegularFile } from '../pinStore/regularFile';
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

const MOST_ADDRESS_BYTES = 4096;

export function blockSources({ repository, gateways }: SourcePlaces): BlockSource[] {
  return [
    ...(repository === undefined ? [] : [flatfsSource(repository), daemonOf(repository)]),
    ...gateways.map((url) => gatewaySource(url)),
  ];
}

/** The daemon that a repository names: asked only while the file is there, on loopback alone. */
function daemonOf(repository: string): BlockSource {
  const file = path.join(repository, 'api');
  return {
    name: `the Kubo daemon of ${repository}`,
    get: async (cid, signal) => {
      const url = rpcUrl(file);
      if (url === undefined) return undefined;
      try {
        return await kuboRpcSource(url).get(cid, signal);
      } catch (error) {
        if (IpfsKitError.is(error, 'refused')) return undefined; // a daemon that was killed leaves the file behind
        throw error;
      }
    },
  };
}

/** The file holds a multiaddr without newline (`/ip4/127.0.0.1/tcp/5001`). Undefined where it is not there, or does not lead to this machine. */
function rpcUrl(file: string): string | undefined {
  let text: string;
  try {
    text = readRegularFile(file, MOST_ADDRESS_BYTES).toString('utf8').trim();
  } catch {
    return undefined;
  }
  const [, kind = '', address = '', , port = ''] = /^\/(ip4|ip6)\/([^/]+)\/(tcp)\/(\d{1,5})(?:\/http)?$/.exec(text) ?? [];
  if (kind === '' || !isLoopback(address) || Number(port) > 65_535) return undefined;
  return `http://${kind === 'ip6' ? `[${address}]` : address}:${port}`;
}

export function isLoopback(address: string): boolean {
  return (isIP(address) === 4 && address.startsWith('127.')) || address === '::1';
}
