import { because } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';
import type { JsonObject } from '../pin/looseJson';
import { objectIn, objectInText, parseJson } from '../pin/looseJson';
import type { HttpAnswer, RequestOptions } from './http';
import type { RowTaker } from './jsonList';
import { readJsonList } from './jsonList';
import { jsonScan } from './jsonScan';
import { readLines } from './lineStream';
import type { RpcAccess } from './rpcAddress';
import { refusal, rpcRequest } from './rpcRequest';
import { told } from './serverWords';

interface JsonRequest extends Pick<RequestOptions, 'method' | 'signal'> {
  /** ms over everything. */
  readonly totalMs: number;
  /** Default 256 KiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Of a JSON text that is parsed in one go, mostly in the editor's own thread: the worst of this size (`{}` or another key again and again) holds it up
 * for some 5 ms, of 1 MiB for more than 16.
 */
const MOST_BYTES = 2 ** 18;
/** Of a stream, whose lines are parsed one by one. */
const MOST_STREAMED_BYTES = 2 ** 20;
const MOST_ROW_BYTES = 2 ** 16;
const PACE_MS = 4;

/**
 * A request that is answered with one JSON value. Rejects with IpfsKitError: as httpRequest and `refusal` do, truncated where
 * the trailer X-Stream-Error says so, foreign for what is no JSON.
 */
async function askValue(access: RpcAccess, route: string, request: JsonRequest): Promise<unknown> {
  return valueOf(access, route, await askWhole(access, route, request));
}

/** The JSON value that an answer holds. Throws foreign for what is no JSON. */
export function valueOf(access: RpcAccess, route: string, { body }: HttpAnswer): unknown {
  try {
    return parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch (error) {
    throw new IpfsKitError('foreign', `${access.url}${route} responded, but not in JSON.`, { cause: error });
  }
}

/** As askValue, where the value is an object; anything else is foreign. */
export async function askObject(access: RpcAccess, route: string, request: JsonRequest): Promise<JsonObject> {
  const value = objectIn(await askValue(access, route, request));
  if (value) return value;
  throw new IpfsKitError('foreign', `${access.url}${route} responded with something else than what was requested.`);
}

/** A request that is answered with a list of objects, which are parsed one by one, `mostRows` at most; `null` is none. Rejects as askValue does. */
export async function askRows(
  access: RpcAccess,
  route: string,
  { mostRows, ...request }: JsonRequest & { readonly mostRows: number },
): Promise<readonly JsonObject[]> {
  const { body } = await askWhole(access, route, request);
  if (body.length < 16 && Buffer.from(body).toString().trim() === 'null') return []; // as Go may write it
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
    const why = IpfsKitError.is(error) ? error.message : `${access.url}${route} responded, but not in JSON.`; // V8 quotes the text
    throw new IpfsKitError('foreign', why, { cause: error });
  }
  throw new IpfsKitError('foreign', `${access.url}${route} responded with something else than what was requested.`);
}

/** A request whose answer says nothing but that it was good. */
export async function askWhole(
  access: RpcAccess,
  route: string,
  { totalMs, maxBytes = MOST_BYTES, ...request }: JsonRequest,
): Promise<HttpAnswer> {
  const answer = await rpcRequest(access, route, {
    ...request,
    headersMs: totalMs,
    totalMs,
    maxBytes,
    accept: 'application/json',
  });
  const { status, trailers, body } = answer;
  if (status < 200 || status > 299) throw refusal(access, route, status, body);
  const failure = told(trailers['x-stream-error'], access);
  if (failure !== '') throw new IpfsKitError('truncated', because(`${access.url}${route} broke off`, failure));
  return answer;
}

interface JsonLines extends JsonRequest {
  /** Longest silence, in ms; the whole time by default. */
  readonly stallMs?: number;
  readonly maxLines?: number;
}

/** A stream of JSON objects, a line each. What is no object is foreign; the rest as readLines. */
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
    slowMs: stallMs, // not a list: it may have little to say
    limits: { maxBytes, maxLines, maxLineBytes: MOST_BYTES },
    onLine: (bytes, from, to) => {
      const object = objectInText(bytes.toString('utf8', from, to));
      if (!object) throw new IpfsKitError('foreign', `${access.url}${route} sent a line that isn't a JSON object.`);
      take(object);
    },
  });
}

/** Rethrows with what it means for who asked; being cancelled is no failure. */
export function failAs(error: unknown, what: string): never {
  const { reason, message } = IpfsKitError.from(error);
  if (reason === 'cancelled') throw error;
  throw new IpfsKitError(reason, because(what, message), { cause: error });
}

/** Text, cut at `most` characters; empty for anything else. */
export function textIn(value: unknown, most = 1000): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** A whole number from 0 on that is exact. */
export function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
