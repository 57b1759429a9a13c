/**
 * The pin worker: the one thread that sees untrusted bytes. It downloads, validates, decodes and queries; only pages of plain rows leave it.
 * It must never be trusted to return: its handle ends it on a deadline.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { because, sentences } from '../base/causes';
import { fetchJsonPins } from '../daemonClient/ipfsKit/pinIndexRequest';
import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery } from '../pin/pinQuery';
import { checkQuery } from '../pin/pinQuery';
import type { PinTable } from '../pin/pinTable';
import type { PinWalk } from '../pin/pinWalk';
import type { ListingKeeper } from '../pinStore/lastListing';
import { locateStores } from '../pinStore/locate';
import type { StoreOptions, TableMakers } from '../pinStore/openStore';
import { openStore, warmStore } from '../pinStore/openStore';
import { readRegularFile } from '../base/regularFile';
import { columnarTable } from '../columns/columnarTable';
import type { GroupNode } from '../columns/groupLevel';
import type { StreamedRequest } from './lists/streamedLists';
import { readStreamed } from './lists/streamedLists';
import { groupLevel } from '../columns/groupLevel';
import { readJson } from './lists/jsonReader';
import { receiveArrow } from './lists/liveArrow';
import { readMarks } from '../columns/readMarks';
import type { FromWorker, OpenedTable, Operation, ToWorker, WorkerData, WorkerOperations } from './protocol';

type Answer<Op extends Operation> = Promise<WorkerOperations[Op]['result']>;
type Handlers = { [Op in Operation]: (params: WorkerOperations[Op]['params'], signal: AbortSignal, id: number) => Answer<Op> };

interface OpenTable {
  readonly table: PinTable;
  /** Settles when nothing more is asked of it. */
  last: Promise<unknown>;
  /** Settles when its pins have been written out. */
  held?: Promise<unknown>;
  /** The groups that were asked for last: a tree asks for them level by level, and page by page. */
  grouped?: {
    readonly asked: string;
    readonly groups: readonly PinGroup[];
    level?: { readonly of: string; readonly rows: readonly GroupNode[] };
  };
}

const PROGRESS_EVERY_MS = 200;
const SIGN_EVERY_MS = 1000;
const MOST_KEPT_BYTES = 2 ** 29;

const { wasmFile, warmFor, cancelled, firstTable, environment, tempFolder, keepFolder } = workerData as WorkerData;
let keeper: ListingKeeper | undefined;
const marks = readMarks(keepFolder);
const running = new Map<number, AbortController>();
const idOfSignal = new WeakMap<AbortSignal, number>();
const tables = new Map<number, OpenTable>();
let lastTable = firstTable;

const makers: TableMakers = {
  ofColumns: columnarTable,
  ofArrow: (body) => readArrowBody(body, false),
};

async function readArrowBody(body: Uint8Array, soFar: boolean): Promise<PinTable> {
  const { readArrow } = await import('../arrow/arrowReader');
  return readArrow(body, { soFar });
}

const handlers: Handlers = {
  openLive: (params, signal, id) => openLive(params, signal, id),
  openStreamed: (request, signal, id) => openStreamed(request, signal, id),
  openStore: async ({ databasePath, pythonPath }, signal, id) => {
    const options = storeOptions(pythonPath, signal, id);
    const { table, path, format, modifiedMs, passedOver, incomplete } = await openStore(databasePath, options);
    const missing = incomplete && { incomplete: toPlainError(incomplete) };
    return keep(table, { source: format, location: path, asOfMs: modifiedMs, passedOver, ...missing });
  },
  openLast: async ({ urls }, signal) => {
    if (keepFolder === undefined) return undefined;
    const { findLastListing } = await import('../pinStore/lastListing');
    const last = findLastListing(keepFolder, urls);
    if (!last) return undefined;
    const body = readRegularFile(last.path, MOST_KEPT_BYTES);
    const table = last.kind === 'arrow' ? await makers.ofArrow(body) : await readJson(body, signal);
    const route = last.kind === 'arrow' ? '/pin-index-arrow' : '/pins';
    return keep(table, { source: last.kind, location: `${last.url}${route}`, asOfMs: last.receivedMs });
  },
  locate: ({ databasePath }) => Promise.resolve(locateStores(databasePath).candidates),
  survey: async ({ path, format, pythonPath }, signal, id) => {
    const { surveyStore } = await import('../pinStore/surveyStore');
    return surveyStore({ path, format }, storeOptions(pythonPath, signal, id));
  },
  placeOfNew: async ({ databasePath }) => {
    const { placeOfNewDatabase } = await import('../pinStore/createDatabase');
    return placeOfNewDatabase(databasePath);
  },
  createNew: async (place) => {
    const { newPinDatabase } = await import('../pinStore/sqlite/sqliteReader');
    const { createDatabase } = await import('../pinStore/createDatabase');
    await createDatabase(place, await newPinDatabase(wasmFile));
    return undefined;
  },
  page: ({ table, query }, signal) => inTurn(table, ({ table: open }) => open.page(query, signal), signal),
  count: ({ table, of }, signal) => inTurn(table, ({ table: open }) => open.count(checkQuery(of), signal), signal),
  groups: ({ table, key, of }, signal) => inTurn(table, ({ table: open }) => open.groups(key, checkQuery(of), signal), signal),
  groupLevel: ({ table, key, of, parent, offset, limit }, signal) =>
    inTurn(
      table,
      async (open) => {
        const { filter, fuzzy } = checkQuery({ ...of, group: key, offset, limit });
        const asked = JSON.stringify([key, filter, fuzzy]);
        if (open.grouped?.asked !== asked) open.grouped = { asked, groups: await open.table.groups(key, of, signal) };
        const below = JSON.stringify([parent]);
        if (open.grouped.level?.of !== below)
          open.grouped.level = { of: below, rows: await groupLevel(open.grouped.groups, key, parent, signal) };
        const { rows } = open.grouped.level;
        return { total: rows.length, groups: rows.slice(offset, offset + limit) };
      },
      signal,
    ),
  details: ({ table, cid }, signal) => inTurn(table, ({ table: open }) => open.details(cid, signal), signal),
  exportPins: async (query, signal, id) => {
    const { exportPins } = await import('./exportPins');
    let last = 0;
    const onPins = (writtenPins: number): void => {
      const now = Date.now();
      if (now - last < PROGRESS_EVERY_MS) return;
      last = now;
      post({ id, writtenPins });
    };
    if ('pins' in query) return exportPins(() => walkOf(query.pins), query, { signal, onPins });
    const open = openTable(query.table);
    const writing = exportPins(() => walkInTurn(open, query.query), query, { signal, onPins });
    open.held = Promise.allSettled([open.held, writing]);
    return writing;
  },
  close: async ({ table }) => {
    const open = tables.get(table);
    tables.delete(table);
    await open?.held;
    await open?.last;
    open?.table.close();
    return undefined;
  },
  inspect: () => Promise.resolve({ loaded: Object.keys(require.cache), openTables: tables.size }),
};

function storeOptions(pythonPath: string | undefined, signal: AbortSignal, id: number): StoreOptions {
  return {
    wasmFile,
    ...(pythonPath !== undefined && { python: { path: pythonPath, environment, tempFolder } }),
    onReceived: (receivedBytes) => post({ id, receivedBytes }),
    tables: makers,
    signal,
    isStopped,
  };
}

/** Signs of life while bytes come in, not too many. */
function receivedSigns(id: number): (receivedBytes: number) => void {
  let last = 0;
  return (receivedBytes) => {
    const now = Date.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    post({ id, receivedBytes });
  };
}

/** The list of a daemon that takes its time before the first byte and between two pages: for its deadlines the readers care. */
async function openStreamed(request: StreamedRequest, signal: AbortSignal, id: number): Promise<OpenedTable> {
  const { kind, query } = request;
  const from = { source: kind, location: query.access.url, ...('statuses' in query && { statuses: 'unasked' as const }) };
  const sign = receivedSigns(id);
  let received = 0;
  const onReceived = (bytes: number): void => sign((received = bytes));
  const alive = setInterval(() => onReceived(received), SIGN_EVERY_MS);
  try {
    const { columns, detail, incomplete, namesMissing, statusesMissing, leftOut } = await readStreamed(request, {
      signal,
      onReceived,
      onSoFar: (soFar, what) => post({ id, soFar: keep(columnarTable(soFar, what), from) }),
    });
    stopIfCancelled(signal);
    return {
      ...keep(columnarTable(columns, detail), from),
      ...(leftOut !== undefined && { leftOut }),
      ...('statuses' in query && query.statuses && { statuses: 'asked' as const }),
      ...(incomplete && { incomplete: toPlainError(incomplete) }),
      ...(namesMissing && { namesMissing: toPlainError(namesMissing) }),
      ...(statusesMissing && { statusesMissing: toPlainError(statusesMissing) }),
    };
  } finally {
    clearInterval(alive);
  }
}

async function openLive(
  { baseUrl, again = false }: WorkerOperations['openLive']['params'],
  signal: AbortSignal,
  id: number,
): Promise<OpenedTable> {
  const arrow = { source: 'arrow', location: `${baseUrl}/pin-index-arrow` } as const;
  const json = { source: 'json', location: `${baseUrl}/pins` } as const;
  const onReceived = receivedSigns(id);
  let arrowFailure: PlainError;
  let came: PinTable | undefined;
  try {
    if (!again) marks.check(arrow.location);
    const { table, body, incomplete } = await receiveArrow(baseUrl, {
      signal,
      onReceived,
      read: (body, soFar) => marks.during(arrow.location, body.length, () => readArrowBody(body, soFar)),
      onTable: (soFar) => post({ id, soFar: keep(soFar, arrow) }),
    });
    if (!incomplete) {
      void keepLast(baseUrl, 'arrow', body);
      return keep(table, arrow);
    }
    came = table;
    arrowFailure = toPlainError(incomplete);
  } catch (error) {
    stopIfCancelled(signal);
    arrowFailure = toPlainError(error);
  }
  try {
    if (!again) marks.check(json.location);
    const body = await fetchJsonPins(baseUrl, { signal, onBytes: ({ received }) => onReceived(received) });
    const table = await marks.during(json.location, body.length, () => readJson(body, signal));
    if (came && (await table.count({}, signal)) < (await came.count({}, signal)))
      throw new IpfsKitError('truncated', 'It has fewer pins.');
    came?.close();
    void keepLast(baseUrl, 'json', body);
    return { ...keep(table, json), arrowFailure };
  } catch (error) {
    if (signal.aborted) came?.close();
    stopIfCancelled(signal);
    if (came) return { ...keep(came, arrow), incomplete: arrowFailure };
    // The Arrow route is the documented one: unless it is simply not there, its failure is the one to tell.
    if (arrowFailure.reason === 'no-such-route') throw error;
    throw new IpfsKitError(
      arrowFailure.reason,
      sentences(arrowFailure.message, because('The JSON list failed too', toPlainError(error).message)),
    );
  }
}

/** Loaded when the list has been handed over: nobody waits for it. */
async function keepLast(url: string, kind: 'arrow' | 'json', body: Uint8Array): Promise<void> {
  if (keepFolder === undefined) return;
  const { listingKeeper } = await import('../pinStore/lastListing');
  keeper ??= listingKeeper(keepFolder);
  await keeper.keep(url, kind, body);
}

/** Known before the message that says so can be taken. */
function isStopped(signal: AbortSignal): boolean {
  const id = idOfSignal.get(signal);
  return signal.aborted || (id !== undefined && Atomics.load(cancelled, id % cancelled.length) === id);
}

function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
}

function keep(table: PinTable, from: Pick<OpenedTable, 'source' | 'location'> & Partial<OpenedTable>): OpenedTable {
  const number = ++lastTable;
  tables.set(number, { table, last: Promise.resolve() });
  return { asOfMs: Date.now(), passedOver: [], ...from, table: number, detail: table.detail };
}

function openTable(table: number): OpenTable {
  const open = tables.get(table);
  if (!open) throw new IpfsKitError('cancelled', 'This list has been closed. Refresh to open it again.');
  return open;
}

async function inTurn<T>(table: number, query: (open: OpenTable) => Promise<T>, signal: AbortSignal): Promise<T> {
  return takeTurn(openTable(table), query, signal);
}

/** One query of a table at a time, in the order they came. */
function takeTurn<T>(open: OpenTable, query: (open: OpenTable) => Promise<T>, signal: AbortSignal): Promise<T> {
  const answer = open.last.then(() => {
    stopIfCancelled(signal);
    return query(open);
  });
  open.last = answer.catch(() => undefined);
  return answer;
}

function walkOf(pins: readonly Pin[]): PinWalk {
  let left = pins;
  return {
    next: () => {
      const next = left;
      left = [];
      return Promise.resolve(next);
    },
    close: () => (left = []),
  };
}

/** Other queries of the table come in between. */
function walkInTurn(open: OpenTable, query: PinQuery): PinWalk {
  let walk: PinWalk | undefined;
  return {
    next: (signal) => takeTurn(open, ({ table }) => (walk ??= table.walk(checkQuery(query))).next(signal), signal),
    close: () => walk?.close(),
  };
}

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function handle<Op extends Operation>(id: number, operation: Op, params: WorkerOperations[Op]['params']): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  idOfSignal.set(controller.signal, id);
  // Work in steps lets it through, and what waits for its turn is as silent; a decoder that hangs lets nothing through.
  const alive = setInterval(() => post({ id, alive: true }), SIGN_EVERY_MS);
  try {
    const result = await handlers[operation](params, controller.signal, id);
    post({ id, result });
  } catch (error) {
    post({ id, error: toPlainError(error) });
  } finally {
    clearInterval(alive);
    running.delete(id);
  }
}

parentPort?.on('message', (message: ToWorker) => {
  if ('cancel' in message) running.get(message.cancel)?.abort();
  else void handle(message.id, message.operation, message.params);
});

void warmStore(warmFor, wasmFile);
