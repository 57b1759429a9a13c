import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { Dictionary, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { readArrow } from '../../../src/arrow/arrowReader';
import { mergedPins } from '../../../src/pinSource/mergedPins';
import { columnarTable } from '../../../src/columns/columnarTable';
import { sourceOf, textBuilder } from '../../../src/columns/columnBuilders';
import type { Pin } from '../../../src/pin/pin';
import type { PinTable } from '../../../src/pin/pinTable';
import { openSqlite } from '../../../src/pinStore/sqlite/sqliteReader';
import { readJson } from '../../../src/pinWorker/lists/jsonReader';
import { testFolder } from '../../support/folder';
import { comparePlainly } from '../../support/plainNaturalOrder';
import { rounds } from '../../support/rounds';
import { sqlJs } from '../../support/sqlJs';

const folder = testFolder('natural-order');
const going = new AbortController().signal;

type Names = readonly (string | null)[];

const cidAt = (at: number): string => `Qm${at}`;
const dictionary = (values: Names) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));
const utf8 = (values: Names) => vectorFromArray(values, new Utf8());
const arrow = (names: Names, of: typeof utf8 | typeof dictionary) =>
  readArrow(tableToIPC(new Table({ cid: utf8(names.map((_, at) => cidAt(at))), name: of(names) })));

async function sqlite(names: Names, encoding: 'UTF-8' | 'UTF-16'): Promise<PinTable> {
  const db = new (await sqlJs()).Database();
  db.run(`PRAGMA encoding = '${encoding}'; CREATE TABLE pins (cid, name)`);
  for (const [at, name] of names.entries()) db.run('INSERT INTO pins VALUES (?, ?)', [cidAt(at), name]);
  const file = path.join(folder, 'pins.db');
  writeFileSync(file, db.export());
  db.close();
  return openSqlite(file, { wasmFile: path.join(process.cwd(), 'dist/sql-wasm.wasm') });
}

const ENGINES: Readonly<Record<string, (names: Names) => PinTable | Promise<PinTable>>> = {
  'an Arrow body': (names) => arrow(names, utf8),
  'an Arrow body with dictionaries': (names) => arrow(names, dictionary),
  'rows of JSON': (names) => readJson(Buffer.from(JSON.stringify(names.map((name, at) => ({ cid: cidAt(at), name })))), going),
  'a streamed list': (names) => {
    const [cids, texts] = [textBuilder(), textBuilder()];
    for (const [at, name] of names.entries()) {
      cids.addText(cidAt(at));
      texts.addText(name ?? undefined);
    }
    return columnarTable(sourceOf({ cid: cids.now(), name: texts.now() }), 'streamed');
  },
  'a SQLite database': (names) => sqlite(names, 'UTF-8'),
  'a SQLite database in UTF-16': (names) => sqlite(names, 'UTF-16'),
};

const digits = fc
  .array(fc.constantFrom('0', '0', '0', '1', '2', '3', '9'), { minLength: 1, maxLength: 45 })
  .map((some) => some.join(''));
const name = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(null, '') },
  {
    weight: 8,
    arbitrary: fc
      .array(fc.oneof(digits, fc.constantFrom('a', 'A', 'z', '.', '/', ':', '@', '[', 'é', 'É', '\ue000', '\u{1f600}')), {
        maxLength: 4,
      })
      .map((parts) => parts.join('')),
  },
);

/** The CIDs in the order of the names; rows without a name last, equal ones as they were. */
function expected(names: Names, sign: 1 | -1): string[] {
  const rows = names.map((each, at) => ({ cid: cidAt(at), name: each === '' ? null : each }));
  rows.sort((a, b) =>
    a.name === null || b.name === null
      ? Number(a.name === null) - Number(b.name === null)
      : sign * comparePlainly(a.name, b.name),
  );
  return rows.map(({ cid }) => cid);
}

for (const [what, open] of Object.entries(ENGINES))
  it(`${what} sorts names by the numbers in them, as all others do`, () =>
    fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 40 }), async (names, limit) => {
        const table = await open(names);
        for (const [sort, sign] of [
          ['name', 1],
          ['-name', -1],
        ] as const) {
          const cids = (await table.page({ sort, limit }, going)).map(({ cid }) => cid);
          assert.deepEqual(cids, expected(names, sign).slice(0, limit));
        }
        table.close();
      }),
      { numRuns: rounds(60) },
    ));

it('pins of several sources are merged in that order', () =>
  fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 30 }), async (names) => {
      const order = expected(names, 1);
      const pinOf = (cid: string): Pin => ({
        cid,
        ...(names[Number(cid.slice(2))] && { name: names[Number(cid.slice(2))] ?? '' }),
      });
      const half = (first: boolean): readonly Pin[] =>
        order.filter((cid) => Number(cid.slice(2)) < names.length / 2 === first).map(pinOf);
      async function* walk(pins: readonly Pin[]): AsyncGenerator<readonly Pin[]> {
        yield await Promise.resolve(pins);
      }
      const merged: string[] = [];
      for await (const rows of mergedPins([walk(half(true)), walk(half(false))], { sort: 'name' }))
        merged.push(...rows.map(({ pin }) => pin.cid));
      assert.deepEqual(merged, order);
    }),
    { numRuns: rounds(100) },
  ));
