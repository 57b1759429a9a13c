import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { PinTable } from '../../../src/pin/pinTable';
import { readArrow } from '../../../src/arrow/arrowReader';
import { readJson } from '../../../src/pinWorker/lists/jsonReader';
import { openSqlite } from '../../../src/pinStore/sqlite/sqliteReader';
import { python } from '../../support/python';

const folder = mkdtempSync(path.join(tmpdir(), 'details-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NEVER = new AbortController().signal;
const wasmFile = path.join(process.cwd(), 'dist/sql-wasm.wasm');

async function rowsOf(table: PinTable, cid: string): Promise<Record<string, string>[]> {
  const rows = await table.details(cid, NEVER);
  table.close();
  return rows.map((row) => Object.fromEntries(row));
}

describe('the details of a pin', () => {
  it('in a JSON list are all keys of its row, nested ones too', async () => {
    const body = '{"pins":[{"cid":"QmA","name":"a","odd":{"x":[1,2]},"flag":true,"none":null},{"cid":"QmAB"}]}';
    assert.deepEqual(await rowsOf(await readJson(Buffer.from(body), NEVER), 'QmA'), [
      { cid: 'QmA', name: 'a', odd: JSON.stringify({ x: [1, 2] }, undefined, 2), flag: 'true', none: '' },
    ]);
  });

  it('put JSON on separate lines, unless it is nested so deeply that this would multiply it', async () => {
    const nested = `${'['.repeat(5000)}${'0,'.repeat(4000)}0${']'.repeat(5000)}`;
    const rows = [{ cid: 'QmA', metadata: '{"a":[1]}', odd: nested }];
    const [row] = await rowsOf(await readJson(Buffer.from(JSON.stringify(rows)), NEVER), 'QmA');
    assert.deepEqual(row, { cid: 'QmA', metadata: JSON.stringify({ a: [1] }, undefined, 2), odd: nested });
  });

  it('in an Arrow body are all columns, with a note about those that are not shown', async () => {
    const file = path.join(folder, 'extra.arrows');
    python(
      `import pyarrow as pa, sys
table = pa.table({
  "cid": ["QmA", "QmB"], "name": ["a", None], "origin": ["here", "there"], "score": [1.5, None], "big": [2**60, 1],
  "peers": [["x"], ["y"]], "raw": pa.array([b"ab", b"cd"]), "when": pa.array([0, 1], pa.timestamp("s")), "kind": pa.array(["k", "k"]).dictionary_encode(),
})
with pa.OSFile(sys.argv[1], "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer: writer.write_table(table)`,
      file,
    );
    const [row] = await rowsOf(await readArrow(readFileSync(file)), 'QmB');
    assert.deepEqual(row, {
      cid: 'QmB',
      name: '',
      origin: 'there',
      score: '',
      big: '1',
      peers: '(List<…>, not shown)',
      raw: '(Binary, not shown)',
      when: '1970-01-01T00:00:01.000Z',
      kind: 'k',
    });
  });

  it('in a SQLite table are all columns of each of its rows; long values are cut, and bytes are shown as such', async () => {
    const file = path.join(folder, 'wide.db');
    python(
      `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pin_cache (cid text, backend text, metadata text, note text, raw blob, n integer)")
db.execute("""insert into pin_cache values ('QmA', 'ipfs', json('{"a":1}'), ?, x'00ff', 9223372036854775807)""", ("x" * 100000,))
db.execute("insert into pin_cache values ('QmA', 's3', null, 'second', null, 1)")
db.execute("insert into pin_cache values (cast('QmB' as blob), 's3', null, 'bytes', null, 2)")
db.commit()`,
      file,
    );
    const [first, second] = await rowsOf(await openSqlite(file, { wasmFile }), 'QmA');
    assert.deepEqual(
      { ...first, note: first?.['note']?.replace(/x+/, 'x…x') },
      {
        cid: 'QmA',
        backend: 'ipfs',
        metadata: JSON.stringify({ a: 1 }, undefined, 2),
        note: 'x…x',
        raw: '2 bytes: 00ff',
        n: '9223372036854775807',
      },
    );
    assert.ok((first?.['note']?.length ?? 0) < 25_000);
    assert.equal(second?.['note'], 'second');
    assert.equal((await rowsOf(await openSqlite(file, { wasmFile }), 'QmB'))[0]?.['note'], 'bytes');
    assert.deepEqual(await rowsOf(await openSqlite(file, { wasmFile }), 'QmC'), []);
  });
});
