import { byAsker } from '../base/settingOrOption';
import { IpfsKitError } from '../base/ipfsKitError';
import { isHeaderValue } from './headerValue';
import { isLocalhost, isLoopback } from './loopback';
import type { Way, WayTo } from './proxyAndCertificate';
import { parseRpcUrl } from './rpcUrl';

/** The address of a daemon other than ipfs_kit_py's, and the authorization for it. It can be sent to the pin worker as it is. */
export interface RpcAccess {
  /** `http://127.0.0.1:5001`, without a slash at the end. With a socket, the host is a name for people. */
  readonly url: string;
  /** A unix socket, absolute, instead of the URL's host and port. */
  readonly socketPath?: string;
  /** The value of the header `Authorization`, from the editor's secret storage. Never logged, never in a message. */
  readonly authorization?: string;
  /** Why it isn't known whether there is an `authorization`: a clause without a period, shown where the daemon requires one. */
  readonly tokenProblem?: string;
  readonly way?: Way | undefined;
  /** Set where a file names the address: `authorization` is sent only to programs of that file's owner (see connectionOwner.ts). */
  readonly ownedBy?: AddressOwner | undefined;
}

export interface AddressOwner {
  /** Absolute; its owner can read the secret in it. */
  readonly file: string;
  /** The setting or option with which a person can set the address instead: any server that responds there is meant then. */
  readonly setting: string;
}

/** A daemon at a URL of the settings, and how it is reached. Throws as parseRpcUrl does. */
export function accessTo(text: string, wayTo?: WayTo, parse = parseRpcUrl): RpcAccess {
  const url = parse(text);
  const way = wayTo?.(url);
  return { url, way };
}

/**
 * Adds the token; only for the owner of a file where a file names the address. Throws `invalid-argument` where the token can't be sent, or would cross a
 * network unencrypted.
 */
export function accessWith(access: RpcAccess, authorization: string | undefined, ownedBy?: AddressOwner): RpcAccess {
  if (authorization === undefined) return access;
  if (!isHeaderValue(authorization))
    throw new IpfsKitError(
      'invalid-argument',
      `The token for ${access.socketPath ?? access.url} contains characters that can't be sent in a header, such as a line break, so it wasn't sent. ${byAsker('Save it again with Set Token.', 'Correct the file or variable.')}`,
    );
  if (access.socketPath === undefined && isInTheClear(access.url))
    throw new IpfsKitError(
      'invalid-argument',
      `The token for ${access.url} would be sent unencrypted, so it wasn't sent. Use an address that begins with https://.`,
    );
  return { ...access, authorization, ownedBy };
}

function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol !== 'https:' && !isLocalhost(hostname) && !isLoopback(hostname);
}
