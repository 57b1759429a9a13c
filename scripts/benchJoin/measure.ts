/** One measurement in a separate process: `measure.js KIND FILE DIST`, the answer as JSON. FILE: a database with the first list. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { columnarTable } from '../../src/columns/columnarTable';
import { sourceOf, textBuilder } from '../../src/columns/columnBuilders';
import { createListJoin } from '../../src/inventory/listJoin';
import { toBase32, toBase58 } from '../../src/pin/multibase';
import type { PinTable } from '../../src/pin/pinTable';
import type { SqliteOptions } from '../../src/pinStore/sqlite/sqliteReader';

const [, , kind = '', file = '', dist = ''] = process.argv;
const NEVER = new AbortController().signal;
/** Contents by number. The lists share half of the second and of the third. */
const LISTS = [
  { id: 'one', from: 0, count: 1_000_000, isV0: false },
  { id: 'two', from: 950_000, count: 100_000, isV0: true },
  { id: 'three', from: 995_000, count: 10_000, isV0: false },
];

function columns({ from, count, isV0 }: (typeof LISTS)[number]): PinTable {
  const cids = textBuilder();
  for (let at = from; at < from + count; at++) {
    const digest = createHash('sha256').update(String(at)).digest();
    cids.addText(isV0 ? toBase58(Buffer.from([0x12, 32, ...digest])) : toBase32(Buffer.from([1, 0x70, 0x12, 32, ...digest])));
  }
  return columnarTable(sourceOf({ cid: cids.now() }), 'columns');
}

async function stored(): Promise<PinTable> {
  interface Reader {
    readonly openSqlite: (file: string, options: SqliteOptions) => Promise<PinTable>;
  }
  const { openSqlite } = createRequire(__filename)(path.join(dist, 'sqliteReader.js')) as Reader; // the bundle as it ships
  const table = await openSqlite(file, { wasmFile: path.join(dist, 'sql-wasm.wasm') });
  await table.page({}, NEVER);
  return table;
}

/** Time in ms of the wall and of the processor, which on a busy machine differ. */
async function timed(work: () => Promise<unknown>): Promise<Took> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}

/** The plainest pass over the same CIDs: a Map by their texts. */
async function plainPass(tables: readonly PinTable[]): Promise<unknown> {
  const known = new Map<string, number>();
  for (const table of tables) {
    const walk = table.contents(2);
    const pin = (bytes: Uint8Array, from: number, to: number): void => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
      known.set(text, (known.get(text) ?? 0) + 1);
    };
    while (await walk.next({ pin, none: () => undefined }, NEVER));
  }
  return known.size;
}

interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}
type Turn = Readonly<Record<'all' | 'last' | 'filter' | 'sort' | 'group', Took>> & {
  readonly bytesAPin: number;
  readonly contents: number;
};

async function main(): Promise<unknown> {
  const [first = LISTS[0], ...others] = LISTS;
  const tables = [
    kind === 'sqlite' ? await stored() : columns(first ?? { id: '', from: 0, count: 0, isV0: false }),
    ...others.map(columns),
  ];
  const plain = await timed(() => plainPass(tables));
  const lists = tables.map((list, at) => ({ id: LISTS[at]?.id ?? '', list }));
  const turns: Turn[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const join = createListJoin();
    const all = await timed(() => join.set(lists, NEVER));
    const [bytes, contents] = [join.bytes, join.contents];
    const last = await timed(() => join.set(lists.slice(0, 2), NEVER).then(() => join.set(lists, NEVER)));
    const [table] = tables;
    const filter = await timed(async () => table?.count({ filter: 'copies:1' }, NEVER));
    const sort = await timed(async () => table?.page({ sort: '-copies', limit: 200 }, NEVER));
    const group = await timed(async () => table?.groups('source', {}, NEVER));
    turns.push({ all, last, filter, sort, group, bytesAPin: bytes / (contents || 1), contents });
    await join.close();
  }
  const least = (of: 'all' | 'last' | 'filter' | 'sort' | 'group') => ({
    ms: Math.min(...turns.map((turn) => turn[of].ms)),
    cpuMs: Math.min(...turns.map((turn) => turn[of].cpuMs)),
  });
  return {
    ...{ all: least('all'), last: least('last'), filter: least('filter'), sort: least('sort'), group: least('group'), plain },
    ...{ bytesAPin: turns[0]?.bytesAPin, contents: turns[0]?.contents },
  };
}

void main().then((answer) => process.stdout.write(JSON.stringify(answer)));
