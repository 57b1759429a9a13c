/** The pins of a remote pinning service, by the Pinning Service API. Loaded when one is opened. */
import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../../daemonClient/http';
import { saysNoPins } from '../../daemonClient/pinningService/pinningService';
import type { Patiently } from '../../daemonClient/retryAfter';
import { createPatience } from '../../daemonClient/retryAfter';
import type { RpcAccess } from '../../daemonClient/rpcAddress';
import { refusal, rpcRequest } from '../../daemonClient/rpcRequest';
import { IpfsKitError } from '../../base/ipfsKitError';
import { parseJson } from '../../pin/looseJson';
import { timeMsOf } from '../../pin/pinRecord';
import { withCommas } from '../../base/withCommas';
import { numberBuilder, textBuilder, sourceOf, textBudget } from '../../columns/columnBuilders';
import type { StreamedListOptions, StreamedList } from './streamedList';
import { leftOut, showAsItComes } from './streamedList';
import { cidIn, keptTextIn } from './jsonLine';
import { pacer } from '../../columns/stepByStep';
import type { RowTaker, Span } from '../../daemonClient/jsonList';
import { SLOW_LIST_MS } from '../../daemonClient/http';
import { readJsonList } from '../../daemonClient/jsonList';
import { jsonScan, OPEN_OBJECT } from '../../daemonClient/jsonScan';

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
const LIMITS = { headersMs: 60_000, stallMs: 30_000, slowMs: SLOW_LIST_MS, totalMs: 120_000, maxBytes: 2 ** 25 };
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
const STATUSES = ['queued', 'pinning', 'pinned', 'failed'];

/**
 * GET /pins, page by page: the newest first, each page of what was created before the last of the page before it. Created at the same moment as that one
 * may be more: so each page is asked for from a moment later, and what has come already is left out. A row is a request: one CID may have several.
 * (https://ipfs.github.io/pinning-services-api-spec/, "Pagination and filtering".)
 * What came of a list that breaks off is all there is (`incomplete`). Rejects with an IpfsKitError where nothing came, or what came is broken; `busy`
 * where the service goes on asking for patience.
 */
export async function readServicePins(
  { access, name, patienceMs = PATIENCE_MS, totalMs = TOTAL_MS, maxBytes = MOST_BYTES }: ServiceQuery,
  { signal, mostTextBytes, onReceived, onSoFar }: StreamedListOptions,
): Promise<StreamedList> {
  const budget = textBudget(mostTextBytes);
  const [cids, names, statuses, requests] = [textBuilder(budget), textBuilder(budget), textBuilder(budget), textBuilder(budget)];
  const times = numberBuilder('time');
  const columns = () =>
    sourceOf({
      cid: cids.now(),
      name: names.now(),
      status: statuses.now(),
      created_at: times.now(),
      requestid: requests.now(),
    });
  const detail = `pins of ${name}`;
  const showing = showAsItComes(() => onSoFar(columns(), detail));
  const seen = seenRequests((row) => cids.now().uncutValue(row));
  let others = 0;
  const listOf = (): StreamedList => ({
    columns: columns(),
    detail,
    ...leftOut({ 'with a status that was not requested': others, 'sent twice': seen.repeated() }),
  });
  const patiently = createPatience(access.url, { longestMs: patienceMs });
  const until = performance.now() + totalMs;
  let received = 0;
  let before: string | undefined;
  let total: number | undefined;
  try {
    for (;;) {
      const route = routeOf(before);
      const { body } = await pageOf(access, route, patiently, signal, before === undefined);
      onReceived((received += body.length));
      if (received > maxBytes) throw new IpfsKitError('too-large', `${access.url} sent more than ${withCommas(maxBytes)} bytes.`);
      if (performance.now() > until)
        throw new IpfsKitError('timeout', `${access.url} didn't list all its pins within ${totalMs / 1000} s.`);
      const { count, results } = await resultsIn(body, access.url + route, signal);
      total ??= count;
      const known = seen.count();
      seen.beginPage();
      let oldest: { readonly ms: number; readonly text: string } | undefined;
      for (const pin of results) {
        const { id, cid, name: called, status, created } = pin;
        const ms = timeMsOf(created) ?? NaN;
        if (created !== undefined && (oldest === undefined || ms < oldest.ms)) oldest = { ms, text: created };
        const isListed = status === undefined || STATUSES.includes(status.toLowerCase());
        if (!seen.isNew(pin, isListed ? cids.rows : undefined)) continue;
        if (seen.count() > MOST_PINS)
          throw new IpfsKitError('too-large', `${access.url} listed more than ${withCommas(MOST_PINS)} pins.`);
        if (!isListed) {
          others++;
          continue;
        }
        cids.addText(cid);
        names.addText(called);
        statuses.addText(status);
        requests.addText(id);
        times.add(ms);
      }
      if (cids.rows > 0) showing.look(cids.rows);
      // A full page is not taken at its word: there are services that count what stands on it.
      const isLast = results.length < PAGE && results.length >= (count ?? 0);
      const isNew = seen.count() > known;
      // Others count what a page is asked for, or all there is.
      if (isLast || (!isNew && seen.count() >= (total ?? 0))) return listOf();
      if (!isNew || oldest === undefined || Number.isNaN(oldest.ms)) throw noNextPage(access.url, total, seen.count());
      before = justAfter(oldest.ms, oldest.text);
    }
  } catch (error) {
    if (signal.aborted || cids.rows === 0 || IpfsKitError.is(error, 'cancelled', 'malformed', 'internal')) throw error;
    return { ...listOf(), incomplete: IpfsKitError.from(error) };
  } finally {
    showing.stop();
  }
}

/** Tells rows that have come already from others. */
interface SeenRequests {
  /** How many are different. */
  count(): number;
  /** How many came twice on one page. */
  repeated(): number;
  beginPage(): void;
  /** `row`: where it will be listed; undefined where it won't. */
  isNew(pin: ServicePin, row: number | undefined): boolean;
}

/**
 * By request id, and the CID where a service gives one id to several; what is not listed hides nothing that is. Of rows without an id, those that have all
 * else in common are as many as came on one page at most. `cidAt`: the CID of a row that is listed.
 */
function seenRequests(cidAt: (row: number) => unknown): SeenRequests {
  /** By id or what stands for it: the row, and how often it came on a page at most. */
  const seen = new Map<string, { readonly row: number; times: number }>();
  let onPage = new Map<string, number>();
  let [count, repeated] = [0, 0];
  const keyOf = ({ id, cid, name, created }: ServicePin, isListed: boolean): string => {
    if (id === undefined)
      return createHash('sha256')
        .update(JSON.stringify([isListed, cid, name, created]))
        .digest('base64');
    if (!isListed) return `\0${id} ${cid}`;
    const row = seen.get(id)?.row;
    return row === undefined || cidAt(row) === cid ? id : `${id} ${cid}`;
  };
  return {
    count: () => count,
    repeated: () => repeated,
    beginPage: () => (onPage = new Map()),
    isNew: (pin, row) => {
      const key = keyOf(pin, row !== undefined);
      const times = (onPage.get(key) ?? 0) + 1;
      onPage.set(key, times);
      const before = seen.get(key);
      if (before && (pin.id !== undefined || times <= before.times)) {
        if (times > 1) repeated++;
        return false;
      }
      if (before) before.times = times;
      else seen.set(key, { row: row ?? -1, times });
      count++;
      return true;
    },
  };
}

function routeOf(before: string | undefined): string {
  const query = new URLSearchParams({ limit: String(PAGE), status: STATUSES.join(','), ...(before !== undefined && { before }) });
  return `/pins?${query.toString()}`;
}

function noNextPage(url: string, counted: number | undefined, listed: number): IpfsKitError {
  const counts = counted === undefined ? 'reports more pins than it lists' : `counts ${withCommas(counted)} pins`;
  const lists = listed === 0 ? 'lists none' : `lists ${withCommas(listed)}: its next page has nothing new`;
  return new IpfsKitError('truncated', `${url} ${counts}, and ${lists}.`);
}

/** The next moment that a time written so can tell: a service that tells seconds has rounded them. */
function justAfter(ms: number, text: string): string {
  return new Date(ms + (/[.,]\d/.test(text) ? 1 : 1000)).toISOString();
}

/** One page; the first may be an error that says that there is nothing. */
async function pageOf(
  access: RpcAccess,
  route: string,
  patiently: Patiently,
  signal: AbortSignal,
  isFirst: boolean,
): Promise<HttpAnswer> {
  const ask = (): Promise<HttpAnswer> => rpcRequest(access, route, { ...LIMITS, signal, accept: 'application/json' });
  const answer = await patiently(ask, signal);
  if (isFirst && saysNoPins(answer)) return { ...answer, body: Buffer.from('{"count":0,"results":[]}') };
  if (answer.status !== 200) throw refusal(access, route, answer.status, answer.body);
  return answer;
}

interface ServicePin {
  /** Undefined where the service gives none: then nothing can be done to it. */
  readonly id: string | undefined;
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
    throw new IpfsKitError('malformed', `${list} responded without a list of pins.`);
  const number = count && count.to - count.from <= LONGEST_COUNT ? Number(textAt(count)) : NaN; // what is no number is none
  return { count: Number.isNaN(number) ? undefined : number, results: read.list?.pins ?? [] };
}

function pinIn(result: unknown, list: string): ServicePin {
  const { requestid, status, created, pin } = Object(result) as Readonly<Record<string, unknown>>;
  const { cid, name } = Object(pin) as Readonly<Record<string, unknown>>;
  const text = cidIn(cid, list);
  const id = typeof requestid === 'number' ? String(requestid) : keptTextIn(requestid);
  if ((id ?? text).length > LONGEST_ID)
    throw new IpfsKitError('malformed', `${list} sent a request ID of more than ${LONGEST_ID} characters.`);
  return { id, cid: text, name: keptTextIn(name), status: keptTextIn(status), created: keptTextIn(created) };
}
