/** The pins of a remote pinning service, by the Pinning Service API; a bundle of its own, loaded when one is opened. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpAnswer } from '../daemonClient/http';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { refusal, rpcRequest } from '../daemonClient/rpcRequest';
import { IpfsKitError } from '../ipfsKitError';
import { timeMsOf } from '../pin/pinRecord';
import { withCommas } from '../withCommas';
import { growingNumbers, growingTexts, sourceOf } from './growingColumns';
import type { GrowingListOptions, GrownList } from './growingList';
import { showGrowing } from './growingList';
import { noPin, textIn } from './jsonLine';

export interface ServiceQuery {
  readonly access: RpcAccess;
  /** What the service is called. */
  readonly name: string;
  /** For tests; default 30,000: the longest single wait, in ms, when the service asks for patience. */
  readonly patienceMs?: number;
  /** For tests; default half an hour: over all pages, in ms. */
  readonly totalMs?: number;
  /** For tests; default 1 GiB: of all pages. */
  readonly maxBytes?: number;
}

/** IPFS Cluster, which serves this API too, takes 13 s for a page of 1,000. */
const LIMITS = { headersMs: 60_000, stallMs: 30_000, totalMs: 120_000, maxBytes: 2 ** 25 };
const PAGE = 1000;
const MOST_PINS = 1_000_000;
const PATIENCE_MS = 30_000;
const TOTAL_MS = 30 * 60_000;
const MOST_BYTES = 2 ** 30;
/** Waits for one page. */
const MOST_WAITS = 5;
const EVERY_STATUS = 'queued,pinning,pinned,failed';

/**
 * GET /pins, page by page: the newest first, each page of what was created before the last of the page before it. Created at the same moment as that one
 * may be more: so each page is asked for from a moment later, and what has come already is left out.
 * (https://ipfs.github.io/pinning-services-api-spec/, "Pagination and filtering".)
 * What came of a list that breaks off is all there is (`incomplete`). Rejects with an IpfsKitError where nothing came, or what came is broken; `busy`
 * where the service goes on asking for patience.
 */
export async function openPinningService(
  { access, name, patienceMs = PATIENCE_MS, totalMs = TOTAL_MS, maxBytes = MOST_BYTES }: ServiceQuery,
  { signal, onReceived, onSoFar }: GrowingListOptions,
): Promise<GrownList> {
  const [cids, names, statuses, requests] = [growingTexts(), growingTexts(), growingTexts(), growingTexts()];
  const times = growingNumbers('time');
  const columns = () =>
    sourceOf({
      cid: cids.now(),
      name: names.now(),
      status: statuses.now(),
      created_at: times.now(),
      requestid: requests.now(),
    });
  const detail = `pins of ${name}`;
  const showing = showGrowing(() => onSoFar(columns(), detail));
  const seen = new Set<string>();
  const until = performance.now() + totalMs;
  let received = 0;
  let before: string | undefined;
  let total: number | undefined;
  try {
    for (;;) {
      const route = routeOf(before);
      const { body } = await pageOf(access, route, patienceMs, signal);
      onReceived((received += body.length));
      if (received > maxBytes)
        throw new IpfsKitError('too-large', `${access.url} sends more than ${withCommas(maxBytes)} bytes.`);
      if (performance.now() > until)
        throw new IpfsKitError('timeout', `${access.url} had not listed all its pins within ${totalMs / 1000} s.`);
      const { count, results } = resultsIn(body, access.url + route);
      total ??= count;
      const known = seen.size;
      let oldest: { readonly ms: number; readonly text: string } | undefined;
      for (const { id, cid, name: called, status, created } of results) {
        const ms = timeMsOf(created) ?? NaN;
        if (created !== undefined && (oldest === undefined || ms < oldest.ms)) oldest = { ms, text: created };
        if (seen.has(id)) continue;
        if (seen.size === MOST_PINS)
          throw new IpfsKitError('too-large', `${access.url} lists more than ${withCommas(MOST_PINS)} pins.`);
        seen.add(id);
        cids.addText(cid);
        names.addText(called);
        statuses.addText(status);
        requests.addText(id);
        times.add(ms);
      }
      if (cids.rows > 0) showing.look(cids.rows);
      // A full page is not taken at its word: there are services that count what stands on it.
      const isLast = results.length < PAGE && results.length >= (count ?? 0);
      const isNew = seen.size > known;
      // Others count what a page is asked for, or all there is.
      if (isLast || (!isNew && seen.size >= (total ?? 0))) return { columns: columns(), detail };
      if (!isNew || oldest === undefined || Number.isNaN(oldest.ms)) throw noNextPage(access.url);
      before = justAfter(oldest.ms, oldest.text);
    }
  } catch (error) {
    if (signal.aborted || cids.rows === 0 || IpfsKitError.is(error, 'cancelled', 'malformed', 'internal')) throw error;
    return { columns: columns(), detail, incomplete: IpfsKitError.from(error) };
  } finally {
    showing.stop();
  }
}

function routeOf(before: string | undefined): string {
  const query = new URLSearchParams({ limit: String(PAGE), status: EVERY_STATUS, ...(before !== undefined && { before }) });
  return `/pins?${query.toString()}`;
}

function noNextPage(url: string): IpfsKitError {
  return new IpfsKitError('truncated', `${url} has more pins than it lists: its next page brings nothing new.`);
}

/** The next moment that a time written so can tell: a service that tells seconds has rounded them. */
function justAfter(ms: number, text: string): string {
  return new Date(ms + (/[.,]\d/.test(text) ? 1 : 1000)).toISOString();
}

/** One page; where the service asks for patience (429), after the time that it asks for. */
async function pageOf(access: RpcAccess, route: string, patienceMs: number, signal: AbortSignal): Promise<HttpAnswer> {
  for (let waited = 0; ; waited++) {
    const answer = await rpcRequest(access, route, { ...LIMITS, signal, accept: 'application/json' });
    const { status, headers, body } = answer;
    if (status === 200) return answer;
    if (status !== 429) throw refusal(access, route, status, body);
    const wait = retryMs(headers['retry-after']) ?? 1000 * 2 ** waited;
    if (waited === MOST_WAITS || wait > patienceMs)
      throw new IpfsKitError('busy', `${access.url} asks for patience (HTTP 429). Try again later.`);
    try {
      await sleep(wait, undefined, { signal });
    } catch {
      throw new IpfsKitError('cancelled', 'Cancelled.');
    }
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return 1000 * Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

interface ServicePin {
  readonly id: string;
  readonly cid: string;
  readonly name: string | undefined;
  readonly status: string | undefined;
  readonly created: string | undefined;
}

/** `{"count","results":[{requestid,status,created,pin:{cid,name}}]}`. Throws `malformed`. */
function resultsIn(
  body: Uint8Array,
  list: string,
): { readonly count: number | undefined; readonly results: readonly ServicePin[] } {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString());
  } catch (error) {
    throw new IpfsKitError('malformed', `${list} answers what is not JSON.`, { cause: error });
  }
  const { count, results } = Object(answer) as { readonly count?: unknown; readonly results?: unknown };
  if (!Array.isArray(results)) throw new IpfsKitError('malformed', `${list} answers without a list of pins.`);
  const pins = results.map((result: unknown): ServicePin => {
    const { requestid, status, created, pin } = Object(result) as Readonly<Record<string, unknown>>;
    const { cid, name } = Object(pin) as Readonly<Record<string, unknown>>;
    const text = textIn(cid);
    if (text === undefined) throw noPin(list);
    return { id: textIn(requestid) ?? text, cid: text, name: textIn(name), status: textIn(status), created: textIn(created) };
  });
  return { count: typeof count === 'number' ? count : undefined, results: pins };
}
