import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Dictionary, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { base256emoji } from 'multiformats/bases/base256emoji';
import { base36upper } from 'multiformats/bases/base36';
import { base58btc } from 'multiformats/bases/base58';
import { base64 } from 'multiformats/bases/base64';
import { CID } from 'multiformats/cid';
import type { PinTable } from '../../../src/pin/pinTable';
import { readArrow } from '../../../src/arrow/arrowReader';
import { columnarTable } from '../../../src/columns/columnarTable';
import { textBuilder, sourceOf } from '../../../src/columns/columnBuilders';
import { readJson } from '../../../src/pinWorker/lists/jsonReader';
import { openSqlite } from '../../../src/pinStore/sqlite/sqliteReader';
import { testFolder } from '../../support/folder';
import { sqlJs } from '../../support/sqlJs';

const folder = testFolder('cid-filter');
const wasmFile = path.join(process.cwd(), 'dist/sql-wasm.wasm');
const going = new AbortController().signal;

const v0 = CID.parse('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn');
const v1 = v0.toV1();
const raw = CID.createV1(0x55, v0.multihash);
const other = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

/** Each row has a name that identifies it. */
const ROWS: readonly (readonly [cid: string, name: string, vfsPath: string | null, status: string])[] = [
  [v0.toString(), 'v0', null, 'pinned'],
  [v1.toString(), 'v1', '/docs', 'failed'],
  [v1.toString().toUpperCase(), 'upper', null, 'pinned'],
  [v1.toString(base36upper), 'K', '/docs/k', 'pinned'],
  [v1.toString(base58btc), 'z', null, 'pinned'],
  [`z${v0.toString()}`, 'zQm', null, 'pinned'],
  [raw.toString(base58btc), 'raw z', null, 'pinned'],
  [v1.toString(base64), 'm', null, 'pinned'],
  [v1.toString(base256emoji), 'emoji', null, 'pinned'],
  [raw.toString(), 'raw', '/docs/raw', 'pinned'],
  [raw.toString(base36upper), 'raw K', null, 'failed'],
  [other, 'other', `/ipfs/${v1.toString()}/a`, 'pinned'],
  ['no CID', 'none', null, 'pinned'],
];
const SAME = ['v0', 'v1', 'upper', 'K', 'z', 'zQm', 'm', 'emoji', 'other'];
const RAW = ['raw z', 'raw', 'raw K'];
const ALL = ROWS.map(([, name]) => name);
const but = (...names: string[]): string[] => ALL.filter((name) => !names.includes(name));

const FILTERS: readonly (readonly [filter: string, names: readonly string[]])[] = [
  ...[v0.toString(), v1.toString(), v1.toString(base36upper), v1.toString(base58btc), v1.toString(base64)].map(
    (text) => [text, SAME] as const,
  ),
  [` <${v1.toString(base256emoji)}> `, SAME],
  [`/ipfs/${v0.toString()}`, SAME],
  [`https://${v1.toString()}.ipfs.dweb.link/a%20b?filename=x`, SAME],
  [`/ipfs/${v0.toString()}/a b.txt`, SAME],
  [raw.toString(), RAW],
  [raw.toString(base36upper).toLowerCase(), RAW],
  [v1.toString().slice(0, 20), ['v1', 'upper', 'other']],
  [`-${v0.toString()}`, but(...SAME)],
  [`-ipfs://${v1.toString()} -${raw.toString()}`, ['none']],
  [`${v0.toString()} status:failed`, ['v1']],
  [`-status:failed ${v0.toString()}`, SAME.filter((name) => name !== 'v1')],
  [`-${v0.toString()} -status:pinned`, ['raw K']],
  [`docs ${v0.toString()}`, ['v1', 'K']],
  [`${v1.toString(base58btc)} DOCS/K`, ['K']],
  [`docs -${v0.toString()}`, ['raw']],
  [`${v0.toString()} ${raw.toString()}`, []],
];

const column = (at: number): (string | null)[] => ROWS.map((row) => row[at] ?? null);
const NAMES = ['cid', 'name', 'vfs_path', 'status'] as const;
const dictionary = (values: (string | null)[]) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));
const utf8 = (values: (string | null)[]) => vectorFromArray(values, new Utf8());

const TABLES: Readonly<Record<string, () => PinTable | Promise<PinTable>>> = {
  'an Arrow body': () => readArrow(tableToIPC(new Table(Object.fromEntries(NAMES.map((name, at) => [name, utf8(column(at))]))))),
  'an Arrow body with dictionaries': () =>
    readArrow(tableToIPC(new Table(Object.fromEntries(NAMES.map((name, at) => [name, dictionary(column(at))]))))),
  'rows of JSON': () =>
    readJson(
      Buffer.from(JSON.stringify({ pins: ROWS.map((row) => Object.fromEntries(NAMES.map((name, at) => [name, row[at]]))) })),
      going,
    ),
  'a streamed list': () => {
    const columns = NAMES.map((name, at) => {
      const texts = textBuilder();
      for (const value of column(at)) texts.addText(value ?? undefined);
      return [name, texts.now()] as const;
    });
    return columnarTable(sourceOf(Object.fromEntries(columns)), 'streamed');
  },
  'a SQLite database': async () => {
    const sql = await sqlJs();
    const db = new sql.Database();
    db.run(`CREATE TABLE pins (${NAMES.join(', ')})`);
    for (const row of ROWS) db.run('INSERT INTO pins VALUES (?, ?, ?, ?)', [...row]);
    const file = path.join(folder, 'pins.db');
    writeFileSync(file, db.export());
    db.close();
    return openSqlite(file, { wasmFile });
  },
};

describe('a complete CID in a filter', () => {
  for (const [what, open] of Object.entries(TABLES))
    it(`finds the same CID in every version and base, beside other words and left out by a minus, in ${what}`, async () => {
      const table = await open();
      for (const [filter, names] of FILTERS) {
        assert.deepEqual(
          (await table.page({ filter }, going)).map(({ name }) => name),
          names,
          filter,
        );
        assert.equal(await table.count({ filter }, going), names.length, filter);
      }
      assert.equal(
        await table.count({ filter: v0.toString(), fuzzy: true }, going),
        SAME.length,
        'nothing but the same CID resembles it',
      );
      table.close();
    });
});
