import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { IpfsKitError } from '../ipfsKitError';

export interface GetOptions {
  readonly signal?: AbortSignal;
  /** ms from the start, connecting included, to the last header. */
  readonly headersMs: number;
  /** ms over everything. */
  readonly totalMs: number;
  /** Longest silence within the body, in ms. */
  readonly stallMs?: number;
  readonly maxBytes: number;
  readonly accept?: string;
  /** Sees the first bytes of a body with status 200 as soon as there are 16, or all there are; what it throws ends the download. */
  readonly checkHead?: (head: Uint8Array) => void;
  readonly onBytes?: (received: number, declared?: number) => void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

const HEAD = 16;

/**
 * One GET over a connection of its own. No redirects, no proxy, no credentials. The deadlines are our own:
 * node:http's `timeout` is an idle timer, which dripped headers outlive.
 * Rejects with IpfsKitError: refused, timeout, too-large, truncated, foreign (not HTTP), cancelled.
 */
export function httpGet(url: string, options: GetOptions): Promise<HttpAnswer> {
  const { signal, headersMs, totalMs, stallMs, maxBytes, accept = '*/*', checkHead, onBytes } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new IpfsKitError('cancelled', 'Cancelled.'));
    let settled = false;
    let connected = false;
    const timers = new Set<NodeJS.Timeout>();
    const client = request(url, { agent: false, headers: { accept, connection: 'close' }, maxHeaderSize: 16_384 });

    const finish = (how: () => void): void => {
      if (settled) return;
      settled = true;
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      client.destroy();
      how();
    };
    const fail = (reason: IpfsKitError['reason'], message: string, cause?: unknown): void =>
      finish(() => reject(new IpfsKitError(reason, message, { cause })));
    const cancel = (): void => fail('cancelled', 'Cancelled.');
    const deadline = (ms: number, what: string): NodeJS.Timeout => {
      const late = (): void =>
        connected
          ? fail('timeout', `${url} ${what} within ${ms / 1000} s.`)
          : fail('refused', `No connection to ${url} within ${ms / 1000} s.`);
      const timer = setTimeout(late, ms);
      timers.add(timer);
      return timer;
    };

    signal?.addEventListener('abort', cancel, { once: true });
    deadline(totalMs, 'had not answered whole');
    const headers = deadline(headersMs, 'gave no answer');
    client.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    client.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith('HPE_')) fail('foreign', `${url} answers, but not in HTTP.`, error);
      else if (connected) fail('truncated', `${url} closed the connection without a whole answer.`, error);
      else fail('refused', `Nothing answers at ${url}.`, error);
    });
    client.on('response', (response) => {
      clearTimeout(headers);
      receive(response);
    });
    client.end();

    const receive = (response: IncomingMessage): void => {
      const declared = declaredLength(response);
      const tooLarge = (): void => fail('too-large', `${url} sends more than ${maxBytes.toLocaleString('en-US')} bytes.`);
      if (declared !== undefined && declared > maxBytes) return tooLarge();
      const stall =
        stallMs === undefined ? undefined : deadline(stallMs, 'stopped in the middle of its answer and sent nothing more');
      const chunks: Buffer[] = [];
      let received = 0;
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received > maxBytes) return tooLarge();
        chunks.push(chunk);
        if (received >= HEAD && received - chunk.length < HEAD && !headIsGood()) return;
        stall?.refresh();
        onBytes?.(received, declared);
      });
      const headIsGood = (): boolean => {
        if (response.statusCode !== 200 || !checkHead) return true;
        try {
          checkHead(Buffer.concat(chunks, received).subarray(0, HEAD));
          return true;
        } catch (error) {
          finish(() => reject(IpfsKitError.from(error)));
          return false;
        }
      };
      const cut = (): void => fail('truncated', `${url} broke off after ${received.toLocaleString('en-US')} bytes.`);
      response.on('error', cut);
      response.on('aborted', cut);
      response.on('end', () => {
        if (!response.complete) return cut();
        if (received < HEAD && !headIsGood()) return;
        const status = response.statusCode ?? 0;
        finish(() =>
          resolve({ status, contentType: response.headers['content-type'] ?? '', body: Buffer.concat(chunks, received) }),
        );
      });
    };
  });
}

function declaredLength({ headers }: IncomingMessage): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
