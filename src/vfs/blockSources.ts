import path from 'node:path';
import { nameOf } from '../base/settingOrOption';
import { shownDaemonUrl } from '../daemonClient/daemonUrl';
import type { SavedToken } from '../daemonClient/tokenCache';
import { accessFor } from '../daemonClient/tokenCache';
import { isKuboRepository, kuboAddress } from '../daemonClient/kubo/kuboRepository';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { accessTo } from '../daemonClient/rpcAccess';
import { parseKuboUrl } from '../daemonClient/rpcUrl';
import type { Way } from '../daemonClient/proxyAndCertificate';
import { IpfsKitError } from '../base/ipfsKitError';
import type { BlockSource } from './blockSource';
import { flatfsSource } from './flatfs';
import { gatewaySource } from './gatewayBlocks';
import { kuboRpcSource } from './kuboBlocks';

/** Where blocks are looked for, in this order: in the sample, on disk, at the daemon of that repository, at another Kubo, at gateways. */
export interface ContentSources {
  /** The repository with the content of the bundled sample, absolute; only while the sample is shown. */
  readonly sample?: string | undefined;
  /** A Kubo repository, absolute; it may not exist. */
  readonly repository?: string;
  /** The URL of a Kubo in the settings. */
  readonly kuboUrl?: string | undefined;
  /** URLs of trustless gateways. */
  readonly gateways: readonly string[];
  /** The saved tokens by the URL or socket of a Kubo. Each is sent only there. */
  readonly authorizations?: Readonly<Record<string, SavedToken>>;
  /** How addresses are reached, by `kuboUrl` and the `gateways`. */
  readonly ways?: Readonly<Record<string, Way>>;
}

export function blockSources(sources: ContentSources): BlockSource[] {
  const { repository, kuboUrl, gateways, ways = {} } = sources;
  return [
    ...blocksOnDisk(sources),
    ...(repository === undefined ? [] : [daemonOf(repository, sources)]),
    ...(kuboUrl === undefined ? [] : [daemonAt(kuboUrl, sources)]),
    ...gateways.map((url) => gatewaySource(url, ways[url])),
  ];
}

/** The sources that read only files on this disk. */
export function blocksOnDisk({ sample, repository }: Pick<ContentSources, 'sample' | 'repository'>): BlockSource[] {
  return [
    ...(sample === undefined ? [] : [{ ...flatfsSource(sample), name: 'The sample' }]),
    ...(repository === undefined ? [] : [flatfsSource(repository)]),
  ];
}

/**
 * The daemon that a repository names, asked only while its file `api` exists, and on loopback only. A token is sent only where it is required, and only to a
 * program that runs as the owner of the repository's `config` (see kuboProof.ts). The identity of the daemon isn't checked, since the hash of a block shows
 * whether it is right. Rejects with `missing` where the daemon isn't running; without a message where there is no repository, since its own source reports
 * that. The name of the source continues that of the repository, which is asked before it.
 */
function daemonOf(repository: string, { authorizations = {} }: ContentSources): BlockSource {
  const owner = { file: path.join(repository, 'config'), setting: nameOf('kubo') };
  const name = 'Its Kubo daemon';
  const notRunning = (cause?: unknown): IpfsKitError => new IpfsKitError('missing', `${name} isn't running.`, { cause });
  let requires: string | undefined;
  return {
    name,
    get: async (cid, signal, onBytes) => {
      const where = kuboAddress(repository);
      if (where === undefined) throw isKuboRepository(repository) ? notRunning() : new IpfsKitError('missing', '');
      const address = where.socketPath ?? where.url;
      const withToken = accessFor(where, authorizations[address] ?? {}, owner);
      const ask = async (access: RpcAccess): Promise<Uint8Array | undefined> => kuboRpcSource(access).get(cid, signal, onBytes);
      try {
        return await ask(requires === address ? withToken : where);
      } catch (error) {
        if (IpfsKitError.is(error, 'refused')) throw notRunning(error); // A daemon that was killed leaves the file behind.
        if (!IpfsKitError.is(error, 'needs-token') || requires === address || withToken === where) throw error;
        requires = address;
        return ask(withToken);
      }
    },
  };
}

/** Any server that responds at the URL is meant, and gets the token. */
function daemonAt(url: string, { authorizations = {}, ways = {} }: ContentSources): BlockSource {
  try {
    const where = accessTo(url, () => ways[url], parseKuboUrl);
    return kuboRpcSource(accessFor(where, authorizations[where.url] ?? {}));
  } catch (error) {
    return { name: shownDaemonUrl(url), get: () => Promise.reject(IpfsKitError.from(error)) };
  }
}
