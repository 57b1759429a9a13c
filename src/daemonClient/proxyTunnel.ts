import { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { startDeadline } from '../base/deadline';
import { canceled, IpfsKitError } from '../base/ipfsKitError';
import type { Peer } from './http';
import type { Proxy } from './proxyAndCertificate';

const MAX_HEADER_BYTES = 16_384;

interface TunnelOptions {
  /** A connection to the proxy, not established yet. */
  readonly connection: Socket;
  /** Whether the connection to the proxy uses TLS. */
  readonly isSecure: boolean;
  /** The time for the whole tunnel (ms). */
  readonly totalMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A connection to a server through a proxy, by CONNECT (RFC 9110, 9.3.6). Bytes sent over it go to the server, whose name the proxy resolves. Rejects with
 * IpfsKitError: `proxy`, which names the proxy without its credentials, or `cancelled`.
 */
export function openTunnel(proxy: Proxy, to: Peer, { connection, isSecure, totalMs, signal }: TunnelOptions): Promise<Socket> {
  const target = `${to.name.includes(':') ? `[${to.name}]` : to.name}:${to.port}`;
  return new Promise((resolve, reject) => {
    const settle = (how: () => void): void => {
      deadline.end();
      signal?.removeEventListener('abort', cancel);
      how();
    };
    const give = (error: IpfsKitError): void =>
      settle(() => {
        connection.destroy();
        reject(error);
      });
    const fail = (why: string): void => give(proxyError(proxy, target, why));
    const cancel = (): void => give(canceled());
    const deadline = startDeadline(totalMs, () => fail(`didn't respond within ${totalMs / 1000} s`));
    if (signal?.aborted) return cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    connection.on('error', (error: NodeJS.ErrnoException) => fail(`can't be reached (${error.code ?? error.message})`));
    connection.once(isSecure ? 'secureConnect' : 'connect', () => {
      let request: ClientRequest;
      try {
        request = new ClientRequest({
          method: 'CONNECT',
          host: to.name,
          path: target,
          createConnection: () => connection,
          headers: { host: target, ...(proxy.authorization !== undefined && { 'proxy-authorization': proxy.authorization }) },
          maxHeaderSize: MAX_HEADER_BYTES,
          insecureHTTPParser: false,
        });
      } catch {
        return fail("can't be used: a header would contain a line break or another forbidden character"); // If it were thrown here, it would end the thread.
      }
      request.on('error', () => fail("closed the connection, or doesn't respond in HTTP"));
      request.on('connect', ({ statusCode = 0 }, _, head) => {
        if (statusCode < 200 || statusCode > 299) return fail(refusalOfProxy(statusCode));
        if (head.length > 0) connection.unshift(head);
        settle(() => resolve(connection));
      });
      request.end();
    });
  });
}

export function refusalOfProxy(status: number): string {
  return status === 407 ? 'requires a user name and password (HTTP 407)' : `refused the connection (HTTP ${status})`;
}

export function proxyError({ url, variable }: Proxy, target: string, why: string): IpfsKitError {
  const named = variable ?? 'http.proxy';
  const credentials =
    variable === undefined ? 'Set http.proxyAuthorization.' : `Add them to ${variable}: http://user:password@….`;
  const exempt = variable === undefined ? 'http.noProxy' : 'NO_PROXY';
  const next = why.includes('407') ? credentials : `Correct ${named}, or exempt the host in ${exempt}.`;
  return new IpfsKitError('proxy', `The proxy ${url}, on the way to ${target}, ${why}. ${next}`);
}
