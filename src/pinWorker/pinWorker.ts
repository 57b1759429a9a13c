/**
 * The pin worker: the thread that downloads, validates, decodes and queries untrusted lists. Only pages of plain rows leave it. It may hang, so its handle
 * ends it after a time of silence.
 */
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { canceled, IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { noteExecuting } from './executing';
import { createJoinsByNumber } from './joinsByNumber';
import { readMarks } from './readMarks';
import { checkQuery } from '../pin/pinQuery';
import { locateStores } from '../pinStore/locate';
import { storeOptions } from './lists/openStored';
import type { OpenContext, Opened } from './opener';
import { openTable } from './openers';
import { inPieces, isPieces } from './pieces';
import {
  createTablesByNumber,
  groupLevelInTurn,
  inBackground,
  inTurn,
  placeInTurn,
  walkAfterOthers,
  walkInTurn,
} from './tablesByNumber';
import type { FromWorker, OpenedTable, Operation, ToWorker, WorkerData, WorkerOperations } from './protocol';

type Answer<Op extends Operation> = Promise<WorkerOperations[Op]['result']>;
type Handlers = { [Op in Operation]: (params: WorkerOperations[Op]['params'], signal: AbortSignal, id: number) => Answer<Op> };

const PROGRESS_EVERY_MS = 200;
const SIGN_EVERY_MS = 1000;

const { canceled: canceledIds, executing, firstTable, wasmTieringBudget, ...readerData } = workerData as WorkerData;
const marks = readMarks(readerData.keepFolder);
const running = new Map<number, AbortController>();
const idOfSignal = new WeakMap<AbortSignal, number>();
const tables = createTablesByNumber(firstTable, (list) => joins.leave(list));
const joins = createJoinsByNumber(firstTable, tables.get);
const asExecuting = noteExecuting(executing);

// Not before the thread runs: V8 rejects Node's own code cache once its flags differ, and then the start of a thread takes twice as long.
if (wasmTieringBudget !== undefined) setFlagsFromString(`--wasm-tiering-budget=${wasmTieringBudget}`);

const handlers: Handlers = {
  open: async (request, signal, id) => {
    const opened = await openTable(request, contextOf(signal, id));
    if (!signal.aborted) return keep(opened);
    opened.table.close();
    throw canceled();
  },
  locate: ({ databasePath }) => Promise.resolve(locateStores(databasePath).candidates),
  survey: async ({ path, format, pythonPath }, signal, id) => {
    const { surveyStore } = await import('../pinStore/surveyStore');
    return surveyStore({ path, format }, storeOptions(pythonPath, contextOf(signal, id)));
  },
  locateNew: async ({ databasePath }) => {
    const { newDatabaseLocation } = await import('../pinStore/createDatabase');
    return newDatabaseLocation(databasePath);
  },
  createNew: async (place) => {
    const { newPinDatabase } = await import('../pinStore/sqlite/sqliteReader');
    const { createDatabase } = await import('../pinStore/createDatabase');
    await createDatabase(place, await newPinDatabase(readerData.wasmFile));
    return undefined;
  },
  page: async ({ table, query }, signal) => inTurn(tables.get(table), (open) => open.page(query, signal), signal),
  count: async ({ table, of }, signal) => inTurn(tables.get(table), (open) => open.count(checkQuery(of), signal), signal),
  total: async ({ table, of }, signal) =>
    inBackground(tables.get(table), (open, stop) => open.total(checkQuery(of), stop), signal),
  askSizes: async (query, signal) => {
    const open = tables.get(query.table);
    return (await import('./lists/askSizes')).askSizes(open, query, readerData.keepFolder, signal);
  },
  keepSizes: async ({ table, isLast }) => {
    const open = tables.get(table);
    await (await import('./lists/askSizes')).keepSizes(open, isLast);
    return undefined;
  },
  openWalk: ({ table, query }) => {
    const open = tables.get(table);
    return Promise.resolve(open.walks.push(walkInTurn(open, query)) - 1);
  },
  nextPins: async ({ table, walk }, signal) => tables.walk(table, walk).next(signal),
  groups: async ({ table, key, of }, signal) =>
    inTurn(tables.get(table), (open) => open.groups(key, checkQuery(of), signal), signal),
  groupLevel: async (query, signal) => groupLevelInTurn(tables.get(query.table), query, signal),
  place: async ({ table, pin, query }, signal) => placeInTurn(tables.get(table), pin, checkQuery(query), signal),
  details: async ({ table, cid }, signal) => inTurn(tables.get(table), (open) => open.details(cid, signal), signal),
  join: (query, signal) => joins.set(query, signal),
  closeJoin: async ({ join }) => {
    await joins.close(join);
    return undefined;
  },
  copiesOf: ({ table, cid }) => {
    const { joined } = tables.get(table);
    const bytes = Buffer.from(cid);
    return Promise.resolve(joined?.facts(joined.classOf(bytes, 0, bytes.length)) ?? {});
  },
  keepHistory: async ({ table, ...query }, signal) => {
    const walk = walkAfterOthers(tables.get(table), {});
    try {
      const { keepHistory } = await import('../history/keepHistory');
      return await keepHistory(query, (stop) => walk.next(stop), signal);
    } finally {
      walk.close();
    }
  },
  changes: async (query, signal) => (await import('../history/askHistory')).changesSince(query, signal),
  historyDays: async (place, signal) => (await import('../history/askHistory')).historyDays(place, signal),
  compare: async (query, signal) => {
    const { compareTables } = await import('./compareTables');
    return compareTables(tables.get(query.left), tables.get(query.right), query, signal);
  },
  newPins: async (query, signal) => {
    const { newPins } = await import('./newPins');
    return newPins(tables.get(query.table), tables.get(query.before), query, signal);
  },
  doubts: ({ table, of }) => Promise.resolve(tables.get(table).table.doubts(checkQuery(of))),
  exportPins: async (query, signal, id) => {
    const { exportPins, walkOf } = await import('./exportPins');
    const options = { signal, onPins: seldom((writtenPins) => post({ id, writtenPins })) };
    if ('pins' in query) return exportPins(() => walkOf(query.pins), query, options);
    const open = tables.get(query.table);
    const writing = exportPins(() => walkInTurn(open, query.query), query, options);
    open.held = Promise.allSettled([open.held, writing]);
    return writing;
  },
  close: async ({ table }) => {
    await tables.close(table);
    return undefined;
  },
  inspect: () => Promise.resolve({ loaded: Object.keys(require.cache), openTables: tables.size, openJoins: joins.size }),
};

function contextOf(signal: AbortSignal, id: number): OpenContext {
  return {
    ...readerData,
    signal,
    isStopped,
    marks,
    onReceived: seldom((receivedBytes) => post({ id, receivedBytes })),
    onSoFar: (soFar) => post({ id, soFar: keep(soFar) }),
  };
}

/** Reads the shared memory, because the thread may be too busy to receive the message that cancels. */
function isStopped(signal: AbortSignal): boolean {
  const id = idOfSignal.get(signal);
  return signal.aborted || (id !== undefined && Atomics.load(canceledIds, id % canceledIds.length) === id);
}

/** Gives the table a number, and turns errors into plain objects that can be sent to the host. */
function keep({ table, incomplete, arrowFailure, namesMissing, statusesMissing, ...facts }: Opened): OpenedTable {
  return {
    asOfMs: Date.now(),
    passedOver: [],
    ...facts,
    table: tables.add(table),
    detail: table.detail,
    atMost: table.atMost,
    incomplete: incomplete && toPlainError(incomplete),
    arrowFailure: arrowFailure && toPlainError(arrowFailure),
    namesMissing: namesMissing && toPlainError(namesMissing),
    statusesMissing: statusesMissing && toPlainError(statusesMissing),
  };
}

/** Passes on the first call at once, and later ones at most every PROGRESS_EVERY_MS. */
function seldom(tell: (progress: number) => void): (progress: number) => void {
  let last = 0;
  return (progress) => {
    const now = Date.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    tell(progress);
  };
}

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

/** Posts a long list in pieces, which aren't copied. */
function postResult(id: number, result: WorkerOperations[Operation]['result']): void {
  const sent = Array.isArray(result) ? inPieces(result) : result;
  parentPort?.postMessage({ id, result: sent }, isPieces(sent) ? sent.pieces.map(({ buffer }) => buffer as ArrayBuffer) : []);
}

async function handle<Op extends Operation>(id: number, operation: Op, params: WorkerOperations[Op]['params']): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  idOfSignal.set(controller.signal, id);
  // The timer fires between the steps of work and while a request waits for its turn, but not while a decoder hangs.
  const alive = setInterval(() => post({ id, alive: true }), SIGN_EVERY_MS);
  try {
    if (!Object.hasOwn(handlers, operation)) throw new IpfsKitError('invalid-argument', `Unknown operation: “${operation}”.`);
    const result = await handlers[operation](params, controller.signal, id);
    postResult(id, result);
  } catch (error) {
    post({ id, error: toPlainError(error) });
  } finally {
    clearInterval(alive);
    running.delete(id);
  }
}

parentPort?.on('message', (message: ToWorker) => {
  if ('cancel' in message) running.get(message.cancel)?.abort();
  else asExecuting(message.id, () => void handle(message.id, message.operation, message.params));
});
