import { because } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import type { JsonObject } from '../pin/looseJson';
import { objectIn, objectInText, parseJson } from '../pin/looseJson';
import type { HttpAnswer, RequestOptions } from './http';
import type { RowTaker } from './jsonList';
import { readJsonList } from './jsonList';
import { jsonScan } from './jsonScan';
import { readLines } from './lineStream';
import type { RpcAccess } from './rpcAccess';
import { refusal, rpcRequest } from './rpcRequest';
import { serverText } from './serverMessages';

interface JsonRequest extends Pick<RequestOptions, 'method' | 'signal'> {
  /** The time for the whole request (ms). */
  readonly totalMs: number;
  /** Default 256 KiB. */
  readonly maxBytes?: number | undefined;
  /** A more precise reason than `http-status`, from the words of the server. */
  readonly reasonOf?: (words: string) => Reason | undefined;
}

/**
 * The most bytes of a JSON text that is parsed at once, mostly in the editor's own thread: the worst text of this size (`{}` or another key again and again)
 * blocks it for some 5 ms, and one of 1 MiB for more than 16.
 */
const MOST_BYTES = 2 ** 18;
/** The most bytes of a stream, whose lines are parsed one by one. */
const MOST_STREAMED_BYTES = 2 ** 20;
const MOST_ROW_BYTES = 2 ** 16;
const PACE_MS = 4;

/**
 * A request whose response is one JSON value. Rejects with IpfsKitError: as httpRequest and `refusal` do, truncated where the trailer X-Stream-Error says so,
 * foreign for a response that isn't JSON.
 */
async function askValue(access: RpcAccess, route: string, request: JsonRequest): Promise<unknown> {
  return valueOf(access, route, await askWhole(access, route, request));
}

/** The JSON value of a response. Throws foreign for a response that isn't JSON. */
export function valueOf(access: RpcAccess, route: string, { body }: HttpAnswer): unknown {
  try {
    return parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch (error) {
    throw new IpfsKitError('foreign', `${access.url}${route} responded, but not in JSON.`, { cause: error });
  }
}

/** As askValue, where the value is an object; any other value is foreign. */
export async function askObject(access: RpcAccess, route: string, request: JsonRequest): Promise<JsonObject> {
  const value = objectIn(await askValue(access, route, request));
  if (value) return value;
  throw new IpfsKitError('foreign', `${access.url}${route} responded with something other than what was requested.`);
}

/** A request whose response is a list of at most `mostRows` objects, which are parsed one by one; `null` is an empty list. Rejects as askValue does. */
export async function askRows(
  access: RpcAccess,
  route: string,
  { mostRows, ...request }: JsonRequest & { readonly mostRows: number },
): Promise<readonly JsonObject[]> {
  const { body } = await askWhole(access, route, request);
  if (body.length < 16 && Buffer.from(body).toString().trim() === 'null') return []; // Go may write it that way.
  let last = performance.now();
  const due = (): Promise<void> | undefined =>
    performance.now() - last < PACE_MS
      ? undefined
      : new Promise((resolve) => setImmediate(resolve)).then(() => void (last = performance.now()));
  try {
    const scan = jsonScan(body, access.url + route);
    const rows: JsonObject[] = [];
    const take = (from: number, to: number): unknown => rows.push(parseJson(scan.bytes.toString('utf8', from, to)) as JsonObject);
    const begin = (): RowTaker => ({ end: scan.value, take });
    const read = { what: access.url + route, begin, lists: [], members: [], mostRows, mostRowBytes: MOST_ROW_BYTES, due };
    if ((await readJsonList(scan, read)).list) return rows;
  } catch (error) {
    if (IpfsKitError.is(error, 'too-large')) throw error;
    const why = IpfsKitError.is(error) ? error.message : `${access.url}${route} responded, but not in JSON.`; // V8's error quotes the text, so it is left out.
    throw new IpfsKitError('foreign', why, { cause: error });
  }
  throw new IpfsKitError('foreign', `${access.url}${route} responded with something other than what was requested.`);
}

/** A request whose response only confirms success. */
export async function askWhole(
  access: RpcAccess,
  route: string,
  { totalMs, maxBytes = MOST_BYTES, reasonOf, ...request }: JsonRequest,
): Promise<HttpAnswer> {
  const answer = await rpcRequest(access, route, {
    ...request,
    headersMs: totalMs,
    totalMs,
    maxBytes,
    accept: 'application/json',
  });
  const { status, trailers, body } = answer;
  if (status < 200 || status > 299) throw refusal(access, route, status, body, reasonOf);
  const failure = serverText(trailers['x-stream-error'], access);
  if (failure !== '') throw new IpfsKitError('truncated', because(`${access.url}${route} ended its response early`, failure));
  return answer;
}

interface JsonLines extends Omit<JsonRequest, 'reasonOf'> {
  /** The longest silence (ms); the whole time by default. */
  readonly stallMs?: number;
  readonly maxLines?: number;
}

/** A stream of JSON objects, one per line. A line that isn't an object is foreign; otherwise as readLines. */
export async function eachObject(
  access: RpcAccess,
  route: string,
  { totalMs, stallMs = totalMs, maxBytes = MOST_STREAMED_BYTES, maxLines = 100_000, ...request }: JsonLines,
  take: (object: JsonObject) => void,
): Promise<void> {
  await readLines(access, route, {
    ...request,
    headersMs: Math.min(totalMs, stallMs),
    totalMs,
    stallMs,
    slowMs: stallMs, // A stream that isn't a list may have little to send.
    limits: { maxBytes, maxLines, maxLineBytes: MOST_BYTES },
    onLine: (bytes, from, to) => {
      const object = objectInText(bytes.toString('utf8', from, to));
      if (!object) throw new IpfsKitError('foreign', `${access.url}${route} sent a line that isn't a JSON object.`);
      take(object);
    },
  });
}

/** Throws the error again with what it means for the caller; a cancellation stays one. */
export function failAs(error: unknown, what: string): never {
  const { reason, message } = IpfsKitError.from(error);
  if (reason === 'cancelled') throw error;
  throw new IpfsKitError(reason, because(what, message), { cause: error });
}

/** Text, cut at `most` characters; empty for any other value. */
export function textIn(value: unknown, most = 1000): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** A whole number from 0 on that is exact. */
export function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
