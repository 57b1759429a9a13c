/** The pins of a remote pinning service, by the Pinning Service API; a bundle of its own, loaded when one is opened. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpAnswer } from '../daemonClient/http';
import { saysNoPins } from '../daemonClient/pinningService';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { refusal, rpcRequest } from '../daemonClient/rpcRequest';
import { IpfsKitError } from '../ipfsKitError';
import { parseJson } from '../pin/looseJson';
import { timeMsOf } from '../pin/pinRecord';
import { withCommas } from '../withCommas';
import { growingNumbers, growingTexts, sourceOf, textBudget } from './growingColumns';
import type { GrowingListOptions, GrownList } from './growingList';
import { showGrowing } from './growingList';
import { cidIn, textIn } from './jsonLine';
import { pacer } from './stepByStep';
import type { RowTaker, Span } from '../daemonClient/jsonList';
import { readJsonList } from '../daemonClient/jsonList';
import { jsonScan, OPEN_OBJECT } from '../daemonClient/jsonScan';

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
/** Of a page, from a service that gives more than it is asked for. */
const MOST_ROWS = 100_000;
const MOST_ROW_BYTES = 2 ** 20;
const LONGEST_COUNT = 20;
/** Characters of a request id, usually a UUID: those of all pages are remembered. */
const LONGEST_ID = 256;
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
  { signal, mostTextBytes, onReceived, onSoFar }: GrowingListOptions,
): Promise<GrownList> {
  const budget = textBudget(mostTextBytes);
  const [cids, names, statuses, requests] = [
    growingTexts(budget),
    growingTexts(budget),
    growingTexts(budget),
    growingTexts(budget),
  ];
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
      const { body } = await pageOf(access, route, patienceMs, signal, before === undefined);
      onReceived((received += body.length));
      if (received > maxBytes)
        throw new IpfsKitError('too-large', `${access.url} sends more than ${withCommas(maxBytes)} bytes.`);
      if (performance.now() > until)
        throw new IpfsKitError('timeout', `${access.url} had not listed all its pins within ${totalMs / 1000} s.`);
      const { count, results } = await resultsIn(body, access.url + route, signal);
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
      if (!isNew || oldest === undefined || Number.isNaN(oldest.ms)) throw noNextPage(access.url, total, seen.size);
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

function noNextPage(url: string, counted: number | undefined, listed: number): IpfsKitError {
  const counts = counted === undefined ? 'has more pins than it lists' : `counts ${withCommas(counted)} pins`;
  const lists = listed === 0 ? 'lists none' : `lists ${withCommas(listed)}: its next page brings nothing new`;
  return new IpfsKitError('truncated', `${url} ${counts}, and ${lists}.`);
}

/** The next moment that a time written so can tell: a service that tells seconds has rounded them. */
function justAfter(ms: number, text: string): string {
  return new Date(ms + (/[.,]\d/.test(text) ? 1 : 1000)).toISOString();
}

/** One page; where the service asks for patience (429), after the time that it asks for. */
async function pageOf(
  access: RpcAccess,
  route: string,
  patienceMs: number,
  signal: AbortSignal,
  isFirst: boolean,
): Promise<HttpAnswer> {
  for (let waited = 0; ; waited++) {
    const answer = await rpcRequest(access, route, { ...LIMITS, signal, accept: 'application/json' });
    const { status, headers, body } = answer;
    if (status === 200) return answer;
    if (isFirst && saysNoPins(answer)) return { ...answer, body: Buffer.from('{"count":0,"results":[]}') };
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

interface ServicePage {
  readonly count: number | undefined;
  readonly results: readonly ServicePin[];
}

/** `{"count","results":[{requestid,status,created,pin:{cid,name}}]}`, the results one by one. Rejects with malformed, too-large, cancelled. */
async function resultsIn(body: Uint8Array, list: string, signal: AbortSignal): Promise<ServicePage> {
  const scan = jsonScan(body, list);
  const textAt = ({ from, to }: Span): string => scan.bytes.toString('utf8', from, to);
  const begin = (): RowTaker & { readonly pins: ServicePin[] } => {
    const pins: ServicePin[] = [];
    return { pins, end: scan.value, take: (from, to) => pins.push(pinIn(parseJson(textAt({ from, to })), list)) };
  };
  const bounds = { mostRows: MOST_ROWS, mostRowBytes: MOST_ROW_BYTES };
  const read = await readJsonList(scan, {
    what: list,
    begin,
    lists: ['results'],
    members: ['count', 'results'],
    ...bounds,
    due: pacer(signal),
  });
  const [count, results] = [read.members.get('count'), read.members.get('results')];
  // Go writes a list of none as null, or leaves it out.
  const isNone = !read.list && count !== undefined && textAt(results ?? count) === (results ? 'null' : '0');
  if ((!read.list && !isNone) || scan.bytes[scan.blanks(0)] !== OPEN_OBJECT)
    throw new IpfsKitError('malformed', `${list} answers without a list of pins.`);
  const number = count && count.to - count.from <= LONGEST_COUNT ? Number(textAt(count)) : NaN; // what is no number is none
  return { count: Number.isNaN(number) ? undefined : number, results: read.list?.pins ?? [] };
}

function pinIn(result: unknown, list: string): ServicePin {
  const { requestid, status, created, pin } = Object(result) as Readonly<Record<string, unknown>>;
  const { cid, name } = Object(pin) as Readonly<Record<string, unknown>>;
  const text = cidIn(cid, list);
  const id = textIn(requestid) ?? text;
  if (id.length > LONGEST_ID)
    throw new IpfsKitError('malformed', `${list} sends a request id of more than ${LONGEST_ID} characters.`);
  return { id, cid: text, name: textIn(name), status: textIn(status), created: textIn(created) };
}
