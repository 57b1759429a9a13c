import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { startDeadline, type Deadline } from '../base/deadline';
import { canceled, IpfsKitError } from '../base/ipfsKitError';
import { createGrowingBuffer } from './growingBuffer';
import { connectedAddress } from './loopback';
import { withCommas } from '../base/withCommas';

export interface RequestOptions {
  /** Requests have no body. */
  readonly method?: 'GET' | 'POST' | 'DELETE' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The time from the start, including the connection, to the last header (ms). */
  readonly headersMs: number;
  /** The time for the whole request (ms). */
  readonly totalMs: number;
  /** The longest silence within the body (ms). */
  readonly stallMs?: number | undefined;
  /** The longest time within the body in which less than a byte per ms (1 kB/s) arrives, and nothing whole (`onBytes`, `onChunk`), in ms. */
  readonly slowMs?: number | undefined;
  readonly maxBytes: number;
  readonly accept?: string | undefined;
  /** A unix socket, instead of the URL's host and port. */
  readonly socketPath?: string | undefined;
  /** The value of the header `Authorization`. */
  readonly authorization?: string | undefined;
  /** Gets the connection before anything is sent over it. If it rejects, nothing is sent, and the request rejects with the same error. */
  readonly checkConnection?: ((connection: Socket) => Promise<void>) | undefined;
  /** Gets the status before the body. An error that it throws ends the request. */
  readonly checkStatus?: ((status: number) => void) | undefined;
  /** Gets the first bytes of the body as soon as there are 16, or the body is complete. An error that it throws ends the download. */
  readonly checkHead?: ((head: Uint8Array) => void) | undefined;
  /** Opens the connection of an https: URL (see tlsRequest.ts). Without it, such a URL is rejected. */
  readonly secure?: ((to: Peer) => Socket) | undefined;
  /** An HTTP proxy that fetches an http: URL, instead of its host (RFC 9112, 3.2.2: the request contains the whole URL). */
  readonly forwarder?: Forwarder | undefined;
  /**
   * Called for each piece. `body` returns what has arrived so far, as a view that stays valid. An error that it throws ends the download; `true` says that
   * something whole has arrived since: a batch.
   */
  readonly onBytes?: ((progress: Progress) => unknown) | undefined;
  /** Takes each piece of the body, which isn't stored then: the answer has an empty body. An error that it throws ends the download; `true` as with onBytes. */
  readonly onChunk?: ((chunk: Buffer) => unknown) | undefined;
}

/** `slowMs` of lists: a server that sends byte by byte would delay a refresh by half an hour. */
export const SLOW_LIST_MS = 30_000;

/** The server of a request. */
export interface Peer {
  /** The name in the URL, without brackets: a certificate has to be for this name. */
  readonly name: string;
  /** Where to connect. A name only where it has to be resolved. */
  readonly address: string;
  readonly port: number;
}

interface Forwarder {
  /** Begins to connect to the proxy. */
  readonly open: () => Socket;
  /** Whether that connection uses TLS. */
  readonly isSecure: boolean;
  /** The value of the header `Proxy-Authorization`. */
  readonly authorization?: string | undefined;
}

export interface Progress {
  readonly received: number;
  readonly declared: number | undefined;
  readonly body: () => Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: IncomingHttpHeaders;
  /** The trailers after the body, with names in lower case. */
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Uint8Array;
}

const HEAD = 16;
const MAX_HEADER_BYTES = 16_384;

/**
 * One request over its own connection. No redirects, and no proxy or credentials but those that are given: a URL with a user name or password, which a message
 * would show, is rejected. `localhost` is 127.0.0.1. The deadlines are implemented here, since node:http's `timeout` is an idle timer, which a server can
 * outlast by sending headers slowly.
 * Rejects with IpfsKitError: refused, timeout, too-large, truncated, foreign (not HTTP, or an invalid certificate), cancelled, invalid-argument (not an http:
 * URL, or one with credentials).
 */
export function httpRequest(url: string, options: RequestOptions): Promise<HttpAnswer> {
  const {
    method = 'GET',
    signal,
    headersMs,
    totalMs,
    stallMs,
    slowMs,
    maxBytes,
    accept = '*/*',
    socketPath,
    authorization,
    secure,
    forwarder,
    checkConnection,
    checkStatus,
    checkHead,
    onBytes,
    onChunk,
  } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(canceled());
    const target = peerOf(url);
    if (!target || (target.isSecure && !secure))
      return reject(
        new IpfsKitError('invalid-argument', "The URL must begin with http:// and can't contain a user name or password."),
      );
    let settled = false;
    let reached = false;
    /** For https:, true only once the connection is secure and checked, too. */
    let connected = false;
    const deadlines = new Set<Deadline>();
    const { isSecure, path } = target;
    const socket = forwarder?.open() ?? (isSecure && secure ? secure(target) : new Socket());
    if (isSecure && !socket.connecting) reached = true; // The request uses the connection that exists already.

    const finish = (how: () => void): void => {
      if (settled) return;
      settled = true;
      for (const one of deadlines) one.end();
      signal?.removeEventListener('abort', cancel);
      socket.destroy();
      how();
    };
    const fail = (reason: IpfsKitError['reason'], message: string, cause?: unknown): void =>
      finish(() => reject(new IpfsKitError(reason, message, { cause })));
    const cancel = (): void => fail('cancelled', 'Canceled.');
    const deadline = (ms: number, what: string): Deadline => {
      const late = (): void =>
        reached
          ? fail('timeout', `${url} ${what} within ${ms / 1000} s.`)
          : fail('refused', `No connection to ${url} within ${ms / 1000} s.`);
      const started = startDeadline(ms, late);
      deadlines.add(started);
      return started;
    };

    signal?.addEventListener('abort', cancel, { once: true });
    deadline(totalMs, "didn't finish its response");
    const headers = deadline(headersMs, "didn't respond");
    // Before there is a connection no request is made: a refused connection, the most frequent outcome, costs half as much as with node:http.
    socket.once('connect', () => (reached = true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (connected) return;
      if (!reached) fail('refused', `Nothing responds at ${url}.`, error);
      else if (error.code === 'ECONNRESET')
        fail('truncated', `${url} closed the connection before ${isSecure ? 'it was secure' : 'the request was sent'}.`, error);
      else fail('foreign', `${url} responded, but its TLS certificate can't be trusted (${error.code ?? error.message}).`, error);
    });
    const ask = (): void => {
      if (settled) return;
      connected = true;
      try {
        send();
      } catch (error) {
        fail('invalid-argument', `${url} can't be requested.`, error); // For example a header with a line break in it.
      }
    };
    socket.once((forwarder?.isSecure ?? isSecure) ? 'secureConnect' : 'connect', () => {
      if (!checkConnection) return ask();
      void checkConnection(socket).then(ask, (error: unknown) => finish(() => reject(IpfsKitError.from(error))));
    });
    if (!isSecure && !forwarder)
      socket.connect(socketPath === undefined ? { host: target.address, port: target.port } : { path: socketPath });

    const send = (): void => {
      // Not http.request: VS Code replaces that function for extensions, and its own sends even `agent: false` through the user's proxy.
      const client = new ClientRequest({
        host: target.name,
        port: target.port,
        path: forwarder ? new URL(url).href : path,
        defaultPort: isSecure ? 443 : 80,
        method,
        createConnection: () => socket,
        headers: {
          accept,
          connection: 'close',
          ...(method === 'POST' && { 'content-length': '0' }),
          ...(authorization !== undefined && { authorization }),
          ...(forwarder?.authorization !== undefined && { 'proxy-authorization': forwarder.authorization }),
        },
        maxHeaderSize: MAX_HEADER_BYTES,
        insecureHTTPParser: false, // Overrides NODE_OPTIONS.
      });
      client.on('error', (error: NodeJS.ErrnoException) => {
        if (isNotHttp(error)) fail('foreign', `${url} responded, but not in HTTP.`, error);
        else fail('truncated', `${url} closed the connection before its response was complete.`, error);
      });
      // Without a listener, node:http drops such a connection silently.
      client.on('upgrade', () => fail('foreign', `${url} asked to switch to a protocol other than HTTP.`));
      client.on('response', (response) => {
        headers.end();
        receive(response);
      });
      client.end();
    };

    const receive = (response: IncomingMessage): void => {
      const status = response.statusCode ?? 0;
      /** Calls a function of the caller. An error that it throws ends the request. */
      const tell = <T>(call: () => T): T | undefined => {
        try {
          return call();
        } catch (error) {
          finish(() => reject(IpfsKitError.from(error)));
          return undefined;
        }
      };
      if (checkStatus) tell(() => checkStatus(status));
      if (settled) return;
      const declared = declaredLength(response);
      const tooLarge = (): void => fail('too-large', `${url} sent more than ${withCommas(maxBytes)} bytes.`);
      if (declared !== undefined && declared > maxBytes) return tooLarge();
      const stall =
        stallMs === undefined ? undefined : deadline(stallMs, 'stopped in the middle of its response and sent nothing more');
      const slow = slowMs === undefined ? undefined : deadline(slowMs, 'sent less than 1 kB/s and no complete response');
      const body = createGrowingBuffer(onChunk ? 0 : declared);
      const tellHead = (): void => {
        if (checkHead) tell(() => checkHead(body.bytes().subarray(0, HEAD)));
      };
      let received = 0;
      /** The bytes that had arrived when `slow` started. */
      let since = 0;
      const keepUp = (isWhole: unknown): void => {
        if (!slow || settled || (isWhole !== true && received - since < (slowMs ?? 0))) return;
        since = received;
        slow.refresh();
      };
      response.on('data', (chunk: Buffer) => {
        if (settled) return; // The rest of what had already been read.
        const before = received;
        received += chunk.length;
        if (received > maxBytes) return tooLarge();
        stall?.refresh();
        if (onChunk) return keepUp(tell(() => onChunk(chunk)));
        body.add(chunk);
        if (before < HEAD && body.length >= HEAD) tellHead();
        keepUp(onBytes && tell(() => onBytes({ received: body.length, declared, body: () => body.bytes() })));
      });
      const cut = (): void => fail('truncated', `${url} closed the connection after ${withCommas(received)} bytes.`);
      response.on('error', cut);
      response.on('aborted', cut);
      response.on('end', () => {
        if (!response.complete) return cut();
        if (body.length < HEAD) tellHead();
        const { headers, trailers } = response;
        finish(() => resolve({ status, contentType: headers['content-type'] ?? '', headers, trailers, body: body.bytes() }));
      });
    };
  });
}

interface Target extends Peer {
  readonly path: string;
  readonly isSecure: boolean;
}

/** The server and the path of a request; undefined for anything but an http: or https: URL without credentials. */
export function peerOf(url: string): Target | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, username, password, hostname, port, pathname, search } = new URL(url);
  const isSecure = protocol === 'https:';
  if ((!isSecure && protocol !== 'http:') || username !== '' || password !== '') return undefined;
  return {
    name: hostname.replace(/^\[|\]$/g, ''),
    address: connectedAddress(hostname),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    path: pathname + search,
    isSecure,
  };
}

/** Whether the parser rejected the bytes. A response that ended too soon doesn't count, since it shows nothing about the server. */
function isNotHttp({ code }: NodeJS.ErrnoException): boolean {
  return code !== undefined && code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE';
}

function declaredLength({ headers }: IncomingMessage): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
