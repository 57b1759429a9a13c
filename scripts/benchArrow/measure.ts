/** One measurement in a separate process: `measure.js KIND FILE DIST`, the answer as JSON. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { PinQuery } from '../../src/pin/pinQuery';
import type { PinTable } from '../../src/pin/pinTable';
import { receiveArrow } from '../../src/pinWorker/lists/liveArrow';

const [, , kind = '', file = '', dist = ''] = process.argv;
const NEVER = new AbortController().signal;
const TURNS = 9;

/** Collects garbage: the process is started with --expose-gc. */
const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => undefined);

interface Reader {
  readonly readArrow: (body: Uint8Array, limits?: { readonly soFar: boolean }) => Promise<PinTable>;
}

/** The bundle as it ships. */
const loadReader = (): Reader => createRequire(__filename)(path.join(dist, 'arrowReader.js')) as Reader;

type Work = (table: PinTable) => Promise<unknown>;

/**
 * The time on a fresh table: the first in the process, and the least of the later ones. `cpuMs` is what all threads of the process, the compiler's too,
 * needed of a processor for the work without the opening.
 */
async function timed(work: Work, withOpening = false): Promise<unknown> {
  const body = readFileSync(file);
  const peer = Buffer.alloc(body.length);
  const { readArrow } = loadReader();
  const took: number[] = [];
  const cpu: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const before = performance.now();
    const table = await readArrow(body);
    const opened = performance.now();
    const started = process.cpuUsage();
    await work(table);
    const { user, system } = process.cpuUsage(started);
    took.push(performance.now() - (withOpening ? before : opened));
    cpu.push((user + system) / 1000);
    table.close();
    collect();
  }
  const [coldMs = 0, ...warm] = took;
  return {
    ms: Math.min(...warm),
    coldMs,
    cpuMs: Math.min(...cpu.slice(1)),
    copyMs: leastOf(() => body.copy(peer)),
    passMs: leastOf(() => body.indexOf('\u0001no pin contains this\u0001')),
    bytes: body.length,
  };
}

function leastOf(work: () => unknown): number {
  const took: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const before = performance.now();
    work();
    took.push(performance.now() - before);
  }
  return Math.min(...took);
}

function parseJson(): Promise<unknown> {
  const text = readFileSync(file, 'latin1');
  const before = performance.now();
  const rows = (JSON.parse(text) as unknown[]).length;
  return Promise.resolve({ ms: performance.now() - before, rows });
}

const everything: Work = async (table) => {
  await table.page({ sort: '-time', offset: 500_000, limit: 200 }, NEVER);
  await table.page({ filter: 'readme', sort: 'name', limit: 200 }, NEVER);
  await table.groups('type', {}, NEVER);
  await table.page({ group: 'folder', sort: '-size', limit: 200 }, NEVER);
};

/** Buffers are freed outside of the thread, some time after they have become garbage. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The memory used beyond the body, in bytes. */
async function held(body: Uint8Array): Promise<number> {
  await settle();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external - body.length;
}

async function memory(): Promise<unknown> {
  const body = readFileSync(file);
  const { readArrow } = loadReader();
  const before = await held(body);
  const table = await readArrow(body);
  await everything(table);
  const ms = (await held(body)) - before;
  table.close();
  return { ms, bytes: body.length, rows: await table.count({}, NEVER) };
}

/** Opens the same list ten times, like a refresh: the memory gained from the second to the last. */
async function refreshes(): Promise<unknown> {
  const { readArrow } = loadReader();
  const seen: { readonly held: number; readonly rss: number }[] = [];
  for (let turn = 0; turn < 10; turn++) {
    const table = await readArrow(readFileSync(file));
    await everything(table);
    table.close();
    await settle();
    const { heapUsed, external, rss } = process.memoryUsage();
    seen.push({ held: (heapUsed + external) / 2 ** 20, rss: rss / 2 ** 20 });
  }
  const [second, last] = [seen[1], seen.at(-1)];
  return { ms: (last?.held ?? 0) - (second?.held ?? 0), rssMegabytes: (last?.rss ?? 0) - (second?.rss ?? 0) };
}

const SERVE = `const body = require('node:fs').readFileSync(process.argv[1]);
const server = require('node:http').createServer((_, response) => response.end(body)).listen(0, '127.0.0.1', () => console.log(server.address().port))`;

/** From the request to the first rows, and to the first rows of the whole list, for a body that another process sends over HTTP. */
async function stream(): Promise<unknown> {
  const server = spawn(process.execPath, ['-e', SERVE, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const { readArrow } = loadReader();
    const took: { readonly first: number; readonly whole: number }[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const began = performance.now();
      let first = Infinity;
      const { table } = await receiveArrow(`http://127.0.0.1:${String(port).trim()}`, {
        signal: NEVER,
        onReceived: () => undefined,
        onTable: (soFar) => void soFar.page({}, NEVER).then(() => (first = Math.min(first, performance.now() - began))),
        read: (body, soFar) => readArrow(body, { soFar }),
      });
      await table.page({}, NEVER);
      took.push({ first, whole: performance.now() - began });
      table.close();
      collect();
    }
    return { ms: Math.min(...took.map((each) => each.first)), wholeMs: Math.min(...took.map((each) => each.whole)) };
  } finally {
    server.kill();
  }
}

const page =
  (query: PinQuery): Work =>
  (table) =>
    table.page(query, NEVER);

/** Finds the pin in the middle of the list, as *Find Pin* does for the row that was chosen. */
const find =
  (query: PinQuery): Work =>
  async (table) => {
    const [sought] = await table.page({ offset: 500_000, limit: 1 }, NEVER);
    if (!sought || !(await table.find(sought, query, NEVER))) throw new Error('The pin was not found.');
  };

const MEASURES: Readonly<Record<string, () => Promise<unknown>>> = {
  first: () => timed(page({ limit: 200 }), true),
  search: () => timed((table) => table.count({ filter: 'no pin contains this' }, NEVER)),
  searchHits: () => timed((table) => table.count({ filter: 'README-1' }, NEVER)),
  found: () => timed(page({ filter: 'README-1', limit: 50 })),
  typo: () => timed((table) => table.count({ filter: 'raedme-1', fuzzy: true }, NEVER)),
  find: () => timed(find({})),
  findByName: () => timed(find({ sort: 'name' })),
  time: () => timed(page({ sort: 'time', offset: 500_000, limit: 200 })),
  size: () => timed(page({ sort: 'size', offset: 500_000, limit: 200 })),
  name: () => timed(page({ sort: 'name', offset: 500_000, limit: 200 })),
  newest: () => timed(page({ sort: '-time', limit: 200 })),
  type: () => timed((table) => table.groups('type', {}, NEVER)),
  folder: () => timed((table) => table.groups('folder', {}, NEVER)),
  month: () => timed((table) => table.groups('month', {}, NEVER)),
  json: parseJson,
  memory,
  refreshes,
  stream,
};

void (MEASURES[kind] ?? (() => Promise.reject(new Error(kind))))().then((answer) => process.stdout.write(JSON.stringify(answer)));
