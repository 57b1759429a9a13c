import { because } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { createGrowingBuffer } from './growingBuffer';
import type { RequestOptions } from './http';
import { SLOW_LIST_MS } from './http';
import type { RpcAccess } from './rpcAccess';
import { refusal, rpcRequest } from './rpcRequest';
import { serverText } from './serverMessages';

export interface LineStreamOptions extends Pick<
  RequestOptions,
  'method' | 'signal' | 'headersMs' | 'totalMs' | 'stallMs' | 'slowMs'
> {
  /** Gets each line that isn't blank, without its end: bytes[from … to). The bytes are valid until it returns. An error that it throws ends the stream. */
  readonly onLine: (bytes: Buffer, from: number, to: number) => void;
  /** Called after each piece of the stream, when its lines have been taken, with the total number of bytes. */
  readonly onReceived?: (bytes: number) => void;
  readonly limits?: Partial<LineLimits>;
}

interface LineLimits {
  readonly maxLineBytes: number;
  readonly maxLines: number;
  readonly maxBytes: number;
}

interface LinesRead {
  readonly lines: number;
  readonly bytes: number;
}

const LIMITS: LineLimits = { maxLineBytes: 2 ** 20, maxLines: 5_000_000, maxBytes: 2 ** 30 };
const NEWLINE = 10;
const BLANKS = new Set([9, 13, 32]);

/**
 * Reads lines, usually of JSON, as they arrive: the streams of Kubo and IPFS Cluster. A response without content (204) has no lines.
 * Both report an error after the first byte only in the trailer X-Stream-Error, and otherwise end as on success; Cluster sends it empty on success. A line
 * counts as whole for httpRequest; `slowMs` is 30 s by default.
 * Rejects with IpfsKitError after taking the whole lines that came before: as httpRequest does, truncated (also for that trailer), too-large, needs-token (401,
 * 403), no-such-route, foreign (a redirect), http-status.
 */
export async function readLines(access: RpcAccess, route: string, options: LineStreamOptions): Promise<LinesRead> {
  const { onLine, onReceived, limits, ...request } = options;
  const { maxLineBytes, maxLines, maxBytes } = { ...LIMITS, ...limits };
  const url = access.url + route;
  let status = 0;
  let bytes = 0;
  let lines = 0;
  let blank = 0;
  /** The line that has begun and not ended. */
  let rest = createGrowingBuffer(0);
  let refused = Buffer.alloc(0);

  const take = (from: Buffer, start: number, end: number): void => {
    let [first, last] = [start, end];
    while (first < last && BLANKS.has(from[first] ?? 0)) first++;
    while (first < last && BLANKS.has(from[last - 1] ?? 0)) last--;
    const count = first === last ? ++blank : ++lines;
    if (count > maxLines) throw new IpfsKitError('too-large', `${url} sent more than ${withCommas(maxLines)} lines.`);
    if (first < last) onLine(from, first, last);
  };
  const checkLength = (length: number): void => {
    if (length <= maxLineBytes) return;
    throw new IpfsKitError('too-large', `${url} sent a line of more than ${withCommas(maxLineBytes)} bytes.`);
  };
  const takeRest = (): void => {
    const line = rest.bytes();
    take(Buffer.from(line.buffer, line.byteOffset, line.length), 0, line.length);
    rest = createGrowingBuffer(0);
  };

  const { trailers } = await rpcRequest(access, route, {
    slowMs: SLOW_LIST_MS,
    ...request,
    maxBytes,
    accept: 'application/json',
    checkStatus: (answered) => {
      status = answered;
      // The body of an error response is read only where it may give the reason.
      if (status !== 200 && status !== 204 && status < 500 && status !== 400)
        throw refusal(access, route, status, Buffer.alloc(0));
    },
    onChunk: (chunk) => {
      bytes += chunk.length;
      const before = lines;
      if (status !== 200) {
        refused = Buffer.concat([refused, chunk]);
        if (refused.length > 4096) throw refusal(access, route, status, refused);
        return false;
      }
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        checkLength(rest.length + end - from);
        if (rest.length > 0) {
          rest.add(chunk.subarray(from, end));
          takeRest();
        } else take(chunk, from, end);
        from = end + 1;
      }
      if (from < chunk.length) {
        checkLength(rest.length + chunk.length - from);
        rest.add(chunk.subarray(from));
      }
      onReceived?.(bytes);
      return lines > before;
    },
  });
  if (status === 204) return { lines: 0, bytes };
  if (status !== 200) throw refusal(access, route, status, refused);
  const failure = trailers['x-stream-error'];
  if (failure !== undefined && failure.trim() !== '')
    throw new IpfsKitError('truncated', because(`${url} ended its response early`, serverText(failure, access)));
  takeRest();
  return { lines, bytes };
}
