/** One measurement in a separate process: `measure.js KIND FILE DIST`, the answer as JSON. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type { PinTable } from '../../src/pin/pinTable';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import type { SqliteOptions } from '../../src/pinStore/sqlite/sqliteReader';
import { ipfsKitSource } from '../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../src/pinTree/list/pinListModel';

const [, , kind = '', file = '', dist = ''] = process.argv;
const NEVER = new AbortController().signal;
const megabytes = (): number => process.memoryUsage.rss() / 2 ** 20;

interface Reader {
  readonly openSqlite: (file: string, options: SqliteOptions) => Promise<PinTable>;
}

/** The product's reader, without the worker around it: opening, and the first page; the same page again; the memory that it took. */
async function readFirst(readWholeUpTo: number | undefined): Promise<unknown> {
  const before = megabytes();
  const started = performance.now();
  const { openSqlite } = createRequire(__filename)(path.join(dist, 'sqliteReader.js')) as Reader; // the bundle as it ships
  const options = { wasmFile: path.join(dist, 'sql-wasm.wasm'), ...(readWholeUpTo !== undefined && { readWholeUpTo }) };
  const table = await openSqlite(file, options);
  const { length } = await table.page({ limit: 200 }, NEVER);
  const ms = performance.now() - started;
  const again = performance.now();
  await table.page({ limit: 200 }, NEVER);
  return { ms, againMs: performance.now() - again, megabytes: megabytes() - before, rows: length };
}

/** The first page by name, a page in the middle, and where a pin of it is, in one open database. */
async function readByName(): Promise<unknown> {
  const { openSqlite } = createRequire(__filename)(path.join(dist, 'sqliteReader.js')) as Reader;
  const table = await openSqlite(file, { wasmFile: path.join(dist, 'sql-wasm.wasm') });
  await table.page({ limit: 200 }, NEVER);
  const timed = async <T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly answer: T }> => {
    const started = performance.now();
    const answer = await work();
    return { ms: performance.now() - started, answer };
  };
  const first = await timed(() => table.page({ sort: 'name', limit: 200 }, NEVER));
  const middle = await timed(() => table.page({ sort: 'name', offset: 500_000, limit: 200 }, NEVER));
  const [sought] = middle.answer;
  if (!sought) throw new Error('The middle is empty.');
  const found = await timed(() => table.find(sought, { sort: 'name' }, NEVER));
  table.close();
  if (found.answer?.at !== 500_000) throw new Error('The pin was not found.');
  return { ms: first.ms, middleMs: middle.ms, findMs: found.ms };
}

/** SQLite as Node has it built in, from Node 22.5 on. */
async function readNatively(): Promise<unknown> {
  const before = megabytes();
  const started = performance.now();
  const name = 'node:sqlite';
  const sqlite = (await import(name).catch(() => undefined)) as
    { DatabaseSync: new (file: string, options: object) => { prepare(sql: string): { all(): unknown[] } } } | undefined;
  if (!sqlite) return {};
  const db = new sqlite.DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT cid, name, pin_type, created_at FROM pins ORDER BY rowid LIMIT 200').all().length;
  return { ms: performance.now() - started, megabytes: megabytes() - before, rows };
}

/** The list behind the view, as the extension host runs it: the longest time that its thread was blocked. */
async function block(): Promise<unknown> {
  const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  const absent = { state: 'absent', detail: 'Nobody.', ms: 0, attempts: [] } as const;
  const model = createPinListModel({
    worker,
    source: ipfsKitSource({
      probe: () => Promise.resolve(absent),
      sources: () => ({ daemonUrls: [], databasePath: file }),
    }),
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  let longest = 0;
  let last = performance.now();
  const tick = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await model.list();
  for (let page = 0; page < 5; page++) await model.showMore();
  await model.relist();
  clearInterval(tick);
  await worker.dispose();
  return { ms: longest, rows: model.state.rows.pins.length };
}

const MEASURES: Readonly<Record<string, () => Promise<unknown>>> = {
  lazy: () => readFirst(undefined),
  whole: () => readFirst(2 ** 31 - 1),
  byName: readByName,
  native: readNatively,
  block,
};

void (MEASURES[kind] ?? (() => Promise.reject(new Error(kind))))().then((answer) => process.stdout.write(JSON.stringify(answer)));
