import type { Socket } from 'node:net';
import { byAsker } from '../base/settingOrOption';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import { checkOwner } from './connectionOwner';
import type { HttpAnswer } from './http';
import type { RpcAccess } from './rpcAccess';
import { messageIn, saying } from './serverMessages';
import type { TlsRequestOptions } from './tlsRequest';
import { tlsRequest } from './tlsRequest';
import { redirected } from './daemonUrl';

/**
 * One request to a daemon at a URL or socket, with or without a token. A token for the owner of a file is never sent over a connection that checkOwner hasn't
 * checked. Resolves with any HTTP status. Rejects as httpRequest and checkOwner do.
 */
export function rpcRequest(
  access: RpcAccess,
  route: string,
  options: Omit<TlsRequestOptions, 'socketPath' | 'authorization' | 'way' | 'checkConnection'>,
): Promise<HttpAnswer> {
  const { url, socketPath, authorization, way } = access;
  return tlsRequest(url + route, {
    ...options,
    way,
    socketPath,
    authorization,
    checkConnection:
      authorization !== undefined && access.ownedBy ? (connection: Socket) => checkOwner(connection, access) : undefined,
  });
}

/**
 * The error for a status other than 200: needs-token, no-such-route, foreign or http-status. `body` may state the reason. `reasonOf`: a more precise one than
 * http-status, where the server has only its words for it.
 */
export function refusal(
  access: RpcAccess,
  route: string,
  status: number,
  body: Uint8Array,
  reasonOf?: (words: string) => Reason | undefined,
): IpfsKitError {
  const url = access.url + route.replace(/\?.*$/s, ''); // Without the query, since the caller's message names the arguments that matter.
  if (status === 401 || status === 403) {
    return new IpfsKitError('needs-token', `${url} ${tokenRequirement(access, status)}`);
  }
  const why = messageIn(body, access);
  if (status === 404) return new IpfsKitError('no-such-route', saying(`${url} doesn't exist (HTTP 404)`, why));
  if (status >= 300 && status < 400)
    return new IpfsKitError('foreign', `${url} ${redirected(status)} Set the address to the redirect target.`);
  return new IpfsKitError(reasonOf?.(why) ?? 'http-status', saying(`${url} responded with HTTP ${status}`, why));
}

/** The end of a sentence about a daemon that responds with 401 or 403; with the next step where it isn't Set Token. */
export function tokenRequirement({ authorization, tokenProblem }: RpcAccess, status: number): string {
  if (authorization !== undefined) return `rejected the ${byAsker('saved', 'given')} token or password (HTTP ${status}).`;
  if (tokenProblem === undefined)
    return `requires a token or password (HTTP ${status}).${byAsker('', ' Give it with --token-file or --token-env, after the option that names it.')}`;
  return `requires a token or password (HTTP ${status}); ${tokenProblem}. Unlock or set up the keyring of your system, then refresh.`;
}
