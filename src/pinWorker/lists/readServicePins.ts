/** Reads the pins of a remote pinning service by the Pinning Service API. Loaded with the first such list. */
import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../../daemonClient/http';
import { saysNoPins, SERVICE_STATUSES } from '../../daemonClient/pinningService/pinningService';
import type { Patiently } from '../../daemonClient/retryAfter';
import { createPatience } from '../../daemonClient/retryAfter';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { refusal, rpcRequest } from '../../daemonClient/rpcRequest';
import { IpfsKitError } from '../../base/ipfsKitError';
import { parseJson } from '../../pin/looseJson';
import { expiryMsOf, sizeOf, timeMsOf } from '../../pin/pinRecord';
import { withCommas } from '../../base/withCommas';
import { textBuilder, sourceOf, textBudget } from '../../columns/columnBuilders';
import { numberBuilder } from '../../columns/numberBuilder';
import type { StreamedListOptions, StreamedList } from './streamedList';
import { leftOut, showAsItComes } from './streamedList';
import { cidIn, keptTextIn } from './jsonLine';
import { listText, objectText } from './factTexts';
import { extraTextBuilder } from '../../columns/extraTexts';
import { repeatedTextBuilder } from '../../columns/repeatedTexts';
import { pacer } from '../../base/stepByStep';
import type { RowTaker, Span } from '../../daemonClient/jsonList';
import { SLOW_LIST_MS } from '../../daemonClient/http';
import { readJsonList } from '../../daemonClient/jsonList';
import { jsonScan, OPEN_OBJECT } from '../../daemonClient/jsonScan';

export interface ServiceQuery {
  readonly access: RpcAccess;
  /** The name of the service in the settings. */
  readonly name: string;
  /** For tests: the longest single wait, in ms, when the service asks to retry later; default 30,000. */
  readonly patienceMs?: number;
  /** For tests: the time limit for all pages, in ms; default half an hour. */
  readonly totalMs?: number;
  /** For tests: the size limit for all pages, in bytes; default 1 GiB. */
  readonly maxBytes?: number;
}

/** IPFS Cluster, which serves this API too, takes 13 s for a page of 1,000. */
const LIMITS = { headersMs: 60_000, stallMs: 30_000, slowMs: SLOW_LIST_MS, totalMs: 120_000, maxBytes: 2 ** 25 };
const PAGE = 1000;
const MOST_PINS = 1_000_000;
/** The most rows of a page, for services that send more than requested. */
const MOST_ROWS = 100_000;
const MOST_ROW_BYTES = 2 ** 20;
const LONGEST_COUNT = 20;
/** The most characters of a request id, usually a UUID. The ids of all pages are remembered. */
const LONGEST_ID = 256;
const PATIENCE_MS = 30_000;
const TOTAL_MS = 30 * 60_000;
const MOST_BYTES = 2 ** 30;

/**
 * Reads GET /pins page by page, the newest requests first; each page has the requests before the last one of the previous page
 * (https://ipfs.github.io/pinning-services-api-spec/, "Pagination and filtering"). Several requests may have the time of that last one, so each page begins a
 * moment later, and requests that were listed before are left out. A row is a request, and one CID may have several. Where the list is cut off, the result has
 * the rows before that and `incomplete`. Rejects with an IpfsKitError where no row came, or a row is invalid; with `busy` where the service keeps asking to
 * retry later.
 */
export async function readServicePins(
  { access, name, patienceMs = PATIENCE_MS, totalMs = TOTAL_MS, maxBytes = MOST_BYTES }: ServiceQuery,
  { signal, mostTextBytes, onReceived, onSoFar }: StreamedListOptions,
): Promise<StreamedList> {
  const budget = textBudget(mostTextBytes);
  const [cids, names, requests] = [textBuilder(budget), textBuilder(budget), textBuilder(budget)];
  const [statuses, delegates] = [repeatedTextBuilder(), repeatedTextBuilder()];
  const [metadata, origins, infos] = [extraTextBuilder(), extraTextBuilder(), extraTextBuilder()];
  const [times, sizes, expiries] = [numberBuilder('time'), numberBuilder('number'), numberBuilder('time')];
  const columns = () =>
    sourceOf({
      cid: cids.now(),
      name: names.now(),
      status: statuses.now(),
      created_at: times.now(),
      size_bytes: sizes.now(),
      requestid: requests.now(),
      pinned_until: expiries.now(),
      pin_meta: metadata.now(),
      pin_origins: origins.now(),
      pin_info: infos.now(),
      pin_delegates: delegates.now(),
    });
  const detail = `pins of ${name}`;
  const showing = showAsItComes(() => onSoFar(columns(), detail));
  const seen = seenRequests((row) => cids.now().uncutValue(row));
  let others = 0;
  const listOf = (): StreamedList => ({
    columns: columns(),
    detail,
    hint: total?.toString(),
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
        const { id, cid, name: called, status, created, sizeBytes } = pin;
        const ms = timeMsOf(created) ?? NaN;
        if (created !== undefined && (oldest === undefined || ms < oldest.ms)) oldest = { ms, text: created };
        const isListed = status === undefined || SERVICE_STATUSES.some((each) => each === status.toLowerCase());
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
        sizes.add(sizeBytes);
        expiries.add(expiryMsOf(pin.pinnedUntil));
        metadata.addText(pin.meta);
        origins.addText(pin.origins);
        infos.addText(pin.info);
        delegates.addText(pin.delegates);
      }
      if (cids.rows > 0) showing.look(cids.rows);
      // After a full page the next one is read regardless of the count: some services count only the rows of the page.
      const isLast = results.length < PAGE && results.length >= (count ?? 0);
      const isNew = seen.count() > known;
      // Other services count the rows that a page is requested for, or all rows.
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

/** Recognizes requests that were listed before. */
interface SeenRequests {
  /** Number of different requests. */
  count(): number;
  /** Number of requests that were repeated on one page. */
  repeated(): number;
  beginPage(): void;
  /** Whether the request hasn't been seen before. `row`: its row in the list; undefined where it is left out. */
  isNew(pin: ServicePin, row: number | undefined): boolean;
}

/**
 * Compares requests by their id, and by the CID too where a service gives several requests the same id. A request that is left out never hides a listed one.
 * Equal requests without an id count as often as they occur on one page at most. `cidAt`: the CID of a row of the list.
 */
function seenRequests(cidAt: (row: number) => unknown): SeenRequests {
  /** By id or its substitute: the row of the request, and how often it occurs on one page at most. */
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
  const query = new URLSearchParams({
    limit: String(PAGE),
    status: SERVICE_STATUSES.join(','),
    ...(before !== undefined && { before }),
  });
  return `/pins?${query.toString()}`;
}

function noNextPage(url: string, counted: number | undefined, listed: number): IpfsKitError {
  const counts = counted === undefined ? 'reports more pins than it lists' : `counts ${withCommas(counted)} pins`;
  const lists = listed === 0 ? 'lists none' : `lists ${withCommas(listed)}: its next page has nothing new`;
  return new IpfsKitError('truncated', `${url} ${counts}, and ${lists}.`);
}

/** The next time in the precision of `text`: a service that writes seconds has rounded its times. */
function justAfter(ms: number, text: string): string {
  return new Date(ms + (/[.,]\d/.test(text) ? 1 : 1000)).toISOString();
}

/** Reads one page. Some services report an empty list as an error, which on the first page counts as a page without pins. */
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
  /** The request id; undefined where the service sends none. */
  readonly id: string | undefined;
  readonly cid: string;
  readonly name: string | undefined;
  readonly status: string | undefined;
  readonly created: string | undefined;
  /** The bytes of all its blocks, as the service states them; NaN where it doesn't. */
  readonly sizeBytes: number;
  readonly pinnedUntil: string | undefined;
  /** As the texts of their columns: parsed, those of a page may take twenty times its bytes. */
  readonly meta: string | undefined;
  readonly origins: string | undefined;
  readonly info: string | undefined;
  readonly delegates: string | undefined;
}

interface ServicePage {
  readonly count: number | undefined;
  readonly results: readonly ServicePin[];
}

/**
 * Reads `{"count","results":[{requestid,status,created,pin:{cid,name,origins,meta},delegates,info:{dag_size,pinned_until}}]}`, parsing one result at a time. Rejects with `malformed`, `too-large`, `cancelled`.
 */
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
  // Go writes an empty list as null, or leaves it out.
  const isNone = !read.list && count !== undefined && textAt(results ?? count) === (results ? 'null' : '0');
  if ((!read.list && !isNone) || scan.bytes[scan.blanks(0)] !== OPEN_OBJECT)
    throw new IpfsKitError('malformed', `${list} responded without a list of pins.`);
  const number = count && count.to - count.from <= LONGEST_COUNT ? Number(textAt(count)) : NaN; // NaN: no count
  return { count: Number.isNaN(number) ? undefined : number, results: read.list?.pins ?? [] };
}

function pinIn(result: unknown, list: string): ServicePin {
  const { requestid, status, created, pin, info, delegates } = Object(result) as Readonly<Record<string, unknown>>;
  const { cid, name, meta, origins } = Object(pin) as Readonly<Record<string, unknown>>;
  const { dag_size: size, pinned_until: until } = Object(info) as Readonly<Record<string, unknown>>; // optional, and text as all of `info`
  const text = cidIn(cid, list);
  const id = typeof requestid === 'number' ? String(requestid) : keptTextIn(requestid);
  if ((id ?? text).length > LONGEST_ID)
    throw new IpfsKitError('malformed', `${list} sent a request ID of more than ${LONGEST_ID} characters.`);
  const sizeBytes = Number(sizeOf(size) ?? NaN);
  const texts = {
    name: keptTextIn(name),
    status: keptTextIn(status),
    created: keptTextIn(created),
    pinnedUntil: keptTextIn(until),
  };
  return {
    ...{ id, cid: text, ...texts, sizeBytes },
    ...{ meta: objectText(meta), origins: listText(origins), info: objectText(info, 'status_details') },
    delegates: listText(delegates),
  };
}
