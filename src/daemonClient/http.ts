import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { cancelled, IpfsKitError } from '../base/ipfsKitError';
import { createGrowingBuffer } from './growingBuffer';
import { connectedAddress } from './loopback';
import { withCommas } from '../base/withCommas';

export interface RequestOptions {
  /** None has a body. */
  readonly method?: 'GET' | 'POST' | 'DELETE' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** ms from the start, connecting included, to the last header. */
  readonly headersMs: number;
  /** ms over everything. */
  readonly totalMs: number;
  /** Longest silence within the body, in ms. */
  readonly stallMs?: number | undefined;
  /** Longest time within the body, in ms, in which less than a byte for each ms (1 kB/s) comes, and nothing whole (`onBytes`, `onChunk`). */
  readonly slowMs?: number | undefined;
  readonly maxBytes: number;
  readonly accept?: string | undefined;
  /** A unix socket, in place of the URL's host and port. */
  readonly socketPath?: string | undefined;
  /** The value of the header of that name. */
  readonly authorization?: string | undefined;
  /** Sees the connection before anything is sent over it; a rejection is the outcome, and nothing is sent. */
  readonly checkConnection?: ((connection: Socket) => Promise<void>) | undefined;
  /** Sees the status before any of the body; what it throws ends the request. */
  readonly checkStatus?: ((status: number) => void) | undefined;
  /** Sees the first bytes of the body as soon as there are 16, or all there are; what it throws ends the download. */
  readonly checkHead?: ((head: Uint8Array) => void) | undefined;
  /** Opens the connection of an https: URL (see tlsRequest.ts); without it, such a URL is refused. */
  readonly secure?: ((to: Peer) => Socket) | undefined;
  /** An HTTP proxy that fetches an http: URL, in place of its host (RFC 9112, 3.2.2: the whole URL is asked of it). */
  readonly forwarder?: Forwarder | undefined;
  /**
   * Told of each piece; `body` gives what has come so far, a view that stays valid. What it throws ends the download; `true` says that something
   * whole has come since: a batch.
   */
  readonly onBytes?: ((progress: Progress) => unknown) | undefined;
  /** Takes each piece of the body, which is kept nowhere then: the answer has an empty one. What it throws ends the download; `true` as with onBytes. */
  readonly onChunk?: ((chunk: Buffer) => unknown) | undefined;
}

/** `slowMs` of lists: such a server would hold up a refresh for half an hour, byte by byte. */
export const SLOW_LIST_MS = 30_000;

/** Who is asked. */
export interface Peer {
  /** As the URL says, without brackets: a certificate has to be for this name. */
  readonly name: string;
  /** Where to connect; a name only where a resolver has to tell. */
  readonly address: string;
  readonly port: number;
}

interface Forwarder {
  /** Begins to connect to it. */
  readonly open: () => Socket;
  /** That is over TLS. */
  readonly isSecure: boolean;
  /** The value of the header `Proxy-Authorization`. */
  readonly authorization?: string;
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
  /** What came after the body; names in lower case. */
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Uint8Array;
}

const HEAD = 16;
const MAX_HEADER_BYTES = 16_384;

/**
 * One request over a connection of its own. No redirects, no proxy and no credentials but those that are given: a URL with a user name or password,
 * which a message would show, is refused. `localhost` is 127.0.0.1. The deadlines are our own: node:http's `timeout` is an idle timer, which
 * dripped headers outlive.
 * Rejects with IpfsKitError: refused, timeout, too-large, truncated, foreign (not HTTP, or a certificate that does not hold), cancelled,
 * invalid-argument (not an http: URL, or one with credentials).
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
    if (signal?.aborted) return reject(cancelled());
    const target = peerOf(url);
    if (!target || (target.isSecure && !secure))
      return reject(
        new IpfsKitError(
          'invalid-argument',
          'Only a URL that begins with http:// and has no user name or password can be asked.',
        ),
      );
    let settled = false;
    let reached = false;
    /** Of https:, when it is secure besides; checked, too. */
    let connected = false;
    const timers = new Set<NodeJS.Timeout>();
    const { isSecure, path } = target;
    const socket = forwarder?.open() ?? (isSecure && secure ? secure(target) : new Socket());
    if (isSecure && !socket.connecting) reached = true; // over a connection that is there already

    const finish = (how: () => void): void => {
      if (settled) return;
      settled = true;
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      socket.destroy();
      how();
    };
    const fail = (reason: IpfsKitError['reason'], message: string, cause?: unknown): void =>
      finish(() => reject(new IpfsKitError(reason, message, { cause })));
    const cancel = (): void => fail('cancelled', 'Cancelled.');
    const deadline = (ms: number, what: string): NodeJS.Timeout => {
      const late = (): void =>
        reached
          ? fail('timeout', `${url} ${what} within ${ms / 1000} s.`)
          : fail('refused', `No connection to ${url} within ${ms / 1000} s.`);
      const timer = setTimeout(late, ms);
      timers.add(timer);
      return timer;
    };

    signal?.addEventListener('abort', cancel, { once: true });
    deadline(totalMs, "didn't finish its response");
    const headers = deadline(headersMs, "didn't respond");
    // Before there is a connection there is no request: a refusal, the most frequent answer of all, costs half of what node:http asks for it.
    socket.once('connect', () => (reached = true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (connected) return;
      if (!reached) fail('refused', `Nothing responds at ${url}.`, error);
      else if (error.code === 'ECONNRESET')
        fail('truncated', `${url} closed the connection before it was ${isSecure ? 'secure' : 'asked'}.`, error);
      else fail('foreign', `${url} responded, but its TLS certificate can't be trusted (${error.code ?? error.message}).`, error);
    });
    const ask = (): void => {
      if (settled) return;
      connected = true;
      try {
        send();
      } catch (error) {
        fail('invalid-argument', `${url} can't be requested.`, error); // a header with a line break in it
      }
    };
    socket.once((forwarder?.isSecure ?? isSecure) ? 'secureConnect' : 'connect', () => {
      if (!checkConnection) return ask();
      void checkConnection(socket).then(ask, (error: unknown) => finish(() => reject(IpfsKitError.from(error))));
    });
    if (!isSecure && !forwarder)
      socket.connect(socketPath === undefined ? { host: target.address, port: target.port } : { path: socketPath });

    const send = (): void => {
      // Not http.request: VS Code replaces that one for extensions, and its own sends even `agent: false` through the user's proxy.
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
        insecureHTTPParser: false, // whatever NODE_OPTIONS says
      });
      client.on('error', (error: NodeJS.ErrnoException) => {
        if (isNotHttp(error)) fail('foreign', `${url} responded, but not in HTTP.`, error);
        else fail('truncated', `${url} closed the connection before its response was complete.`, error);
      });
      // Without a listener node:http drops such a connection and says nothing.
      client.on('upgrade', () => fail('foreign', `${url} asked to switch to another protocol than HTTP.`));
      client.on('response', (response) => {
        clearTimeout(headers);
        receive(response);
      });
      client.end();
    };

    const receive = (response: IncomingMessage): void => {
      const status = response.statusCode ?? 0;
      /** Calls what the caller passed in; what it throws is the outcome. */
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
      /** Bytes that had come when `slow` began. */
      let since = 0;
      const keepUp = (isWhole: unknown): void => {
        if (!slow || settled || (isWhole !== true && received - since < (slowMs ?? 0))) return;
        since = received;
        slow.refresh();
      };
      response.on('data', (chunk: Buffer) => {
        if (settled) return; // the rest of what had been read already
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

/** Who is asked, and what; undefined for anything but an http: or https: URL without credentials. */
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

/** The parser's word; but that the bytes ended too soon says nothing about who sent them. */
function isNotHttp({ code }: NodeJS.ErrnoException): boolean {
  return code !== undefined && code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE';
}

function declaredLength({ headers }: IncomingMessage): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
