import type { Socket } from 'node:net';
import { byAsker } from '../base/asker';
import { IpfsKitError } from '../base/ipfsKitError';
import { checkOwner } from './connectionOwner';
import type { HttpAnswer } from './http';
import type { RpcAccess } from './rpcAddress';
import { messageIn, saying } from './serverWords';
import type { TlsRequestOptions } from './tlsRequest';
import { tlsRequest } from './tlsRequest';
import { redirected } from './daemonUrl';

/**
 * One request to a daemon that is reached by URL or socket, with or without a token. A token that is for the owner of a file is sent over no connection
 * before checkOwner has looked at that connection. Rejects as httpRequest does, whatever the status, and as checkOwner does.
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

/** The failure that a status other than 200 stands for: needs-token, no-such-route, foreign or http-status. `body` may say why. */
export function refusal(access: RpcAccess, route: string, status: number, body: Uint8Array): IpfsKitError {
  const url = access.url + route.replace(/\?.*$/s, ''); // of the arguments, the caller's message names what matters
  if (status === 401 || status === 403) {
    return new IpfsKitError('needs-token', `${url} ${wishForToken(access, status)}`);
  }
  const why = messageIn(body, access);
  if (status === 404) return new IpfsKitError('no-such-route', saying(`${url} doesn't exist (HTTP 404)`, why));
  if (status >= 300 && status < 400)
    return new IpfsKitError('foreign', `${url} ${redirected(status)} Set the address to the redirect target.`);
  return new IpfsKitError('http-status', saying(`${url} responded with HTTP ${status}`, why));
}

/** What a daemon that answers 401 or 403 wants, as the end of a sentence; with the next step where it isn't Set Token. */
export function wishForToken({ authorization, tokenProblem }: RpcAccess, status: number): string {
  if (authorization !== undefined)
    return `refuses the token or password that ${byAsker('is kept', 'was given')} for it (HTTP ${status}).`;
  if (tokenProblem === undefined)
    return `requires a token or password (HTTP ${status}).${byAsker('', ' Give it with --token-file or --token-env, after the option that names it.')}`;
  return `requires a token or password (HTTP ${status}); ${tokenProblem}. Unlock or set up the keyring of your system, then refresh.`;
}
