import { IpfsKitError } from '../ipfsKitError';
import { shownDaemonUrl } from './daemonUrl';
import { isLoopback } from './loopback';
import type { RpcAccess } from './rpcAddress';

/**
 * A URL of the settings as the base of routes: `https://pins.example/api/` → `https://pins.example/api`.
 * Throws `invalid-argument` for anything but http: and https:, and where there are credentials in it, which have no place in settings.
 */
export function parseRpcUrl(text: string): string {
  if (typeof text !== 'string' || !URL.canParse(text)) throw refuse(text, 'is not a URL');
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw refuse(text, 'must begin with http:// or https://');
  if (username !== '' || password !== '')
    throw refuse(text, 'must not hold a user name or password: there is a command that keeps them safe');
  if (search !== '' || hash !== '') throw refuse(text, 'must end before any ? or #');
  return origin + pathname.replace(/\/+$/, '');
}

/** Throws `invalid-argument` where the token would cross a network in the clear. */
export function accessWith(access: RpcAccess, authorization: string | undefined): RpcAccess {
  if (authorization === undefined) return access;
  if (access.socketPath === undefined && isInTheClear(access.url))
    throw new IpfsKitError(
      'invalid-argument',
      `The token for ${access.url} would cross the network in the clear, and was not sent. Use an address that begins with https://.`,
    );
  return { ...access, authorization };
}

function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol !== 'https:' && hostname !== 'localhost' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

function refuse(text: unknown, why: string): IpfsKitError {
  return new IpfsKitError('invalid-argument', `The address "${shownDaemonUrl(text)}" ${why}.`);
}
