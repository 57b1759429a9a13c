import type { Socket } from 'node:net';
import { because, sentences } from '../causes';
import { IpfsKitError } from '../ipfsKitError';
import { safeText } from '../safeText';
import { checkOwner } from './connectionOwner';
import type { HttpAnswer } from './http';
import type { RpcAccess } from './rpcAddress';
import type { TlsRequestOptions } from './tlsRequest';
import { tlsRequest } from './tlsRequest';
import { redirected } from './daemonUrl';

/** Of what a daemon says, as much as a message shows. */
const MOST_TOLD = 300;

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
    ...(socketPath !== undefined && { socketPath }),
    ...(authorization !== undefined && {
      authorization,
      ...(access.ownedBy && { checkConnection: (connection: Socket) => checkOwner(connection, access) }),
    }),
  });
}

/** The failure that a status other than 200 stands for: needs-token, no-such-route, foreign or http-status. `body` may say why. */
export function refusal(access: RpcAccess, route: string, status: number, body: Uint8Array): IpfsKitError {
  const url = access.url + route.replace(/\?.*$/s, ''); // of the arguments, the caller's message names what matters
  if (status === 401 || status === 403) {
    return new IpfsKitError('needs-token', `${url} is there, and ${wishForToken(access, status)}`);
  }
  const why = messageIn(body);
  if (status === 404) return new IpfsKitError('no-such-route', saying(`${url} doesn't exist (HTTP 404)`, why));
  if (status >= 300 && status < 400)
    return new IpfsKitError('foreign', `${url} ${redirected(status)} Set the address to where it leads.`);
  return new IpfsKitError('http-status', saying(`${url} answers HTTP ${status}`, why));
}

/** What a daemon that answers 401 or 403 wants, as the end of a sentence; with the next step where it isn't Set Token. */
export function wishForToken({ authorization, tokenProblem }: RpcAccess, status: number): string {
  if (authorization !== undefined) return `refuses the token or password that is kept for it (HTTP ${status}).`;
  if (tokenProblem === undefined) return `wants a token or a password (HTTP ${status}).`;
  return `requires a token or password (HTTP ${status}); ${tokenProblem}. Unlock or set up the keyring of your system, then refresh.`;
}

/** What happened, with the server's own words for it where there are any; a sentence. */
export function saying(what: string, why: string): string {
  return why === '' ? sentences(what) : because(what, why);
}

/** What a daemon says of an error, cut and made safe: Kubo's `Message`, Cluster's `message`, a pinning service's `error.reason`, or plain text; a page in HTML says nothing. */
export function messageIn(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 4096)).toString();
  try {
    const { Message, message, error } = Object(JSON.parse(text)) as Record<string, unknown>;
    const { details, reason } = Object(error) as Record<string, unknown>;
    return told([Message, message, details, reason].find((said) => typeof said === 'string') ?? '');
  } catch {
    return /^\s*</.test(text) ? '' : told(text);
  }
}

/** Text of a daemon's for a message: one line, at most 300 characters. */
export function told(text: unknown): string {
  return typeof text === 'string' ? safeText(text.trim(), MOST_TOLD) : '';
}
