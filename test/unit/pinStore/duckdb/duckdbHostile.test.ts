import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { readArrow } from '../../../../src/arrow/arrowReader';
import { readDuckdb } from '../../../../src/pinStore/duckdb/duckdbReader';
import type { PythonCommand } from '../../../../src/pinStore/duckdb/runPython';
import { pythonEnvironment } from '../../../../src/pinStore/duckdb/pythonEnvironment';
import { python } from '../../../support/python';
import { repositoryRoot, testPython } from '../../../support/testDaemon';
import { NEVER, newFile, newFolder, settled } from '../testDatabases';

const CANARY = 'canary-that-no-list-may-hold';
const SECONDS = { firstByteMs: 20_000, totalMs: 20_000 };

/** A database as an attacker would write it. For `texts` see duckdb_hostile.py. */
function made(statements: readonly string[], texts: Readonly<Record<string, string>> = {}): string {
  const file = newFile('hostile.duckdb');
  const program = readFileSync(path.join(repositoryRoot(), 'test/support/duckdb_hostile.py'), 'utf8');
  python(program, file, JSON.stringify(statements), JSON.stringify(texts));
  return settled(file);
}

function reader(): PythonCommand {
  return { path: testPython(), environment: pythonEnvironment(process.env), tempFolder: newFolder() };
}

/** The rows as CID and name, or the reason of the error. Asserts that no file is left and that the error doesn't contain the canary. */
async function outcomeOf(file: string, limits = SECONDS): Promise<readonly (readonly [string, string?])[] | string> {
  const reading = reader();
  try {
    const body = await readDuckdb(file, { python: reading, limits });
    assert.ok(!Buffer.from(body).includes(CANARY), 'the canary is in the output');
    const pins = await (await readArrow(body)).page({ limit: 10 }, NEVER);
    return pins.map(({ cid, name }) => (name === undefined ? [cid] : [cid, name]));
  } catch (error) {
    assert.ok(IpfsKitError.is(error), String(error));
    assert.ok(!error.message.includes(CANARY), error.message);
    return error.reason;
  } finally {
    assert.deepEqual(readdirSync(reading.tempFolder), [], 'no copy is left, nor what was put aside beside it');
  }
}

const PINS = ['CREATE TABLE pins(cid VARCHAR, name VARCHAR)', `INSERT INTO pins VALUES ('bafy1', 'true name')`];
const TRUE_PINS = [['bafy1', 'true name']];

describe('a hostile DuckDB database', () => {
  const canary = newFile('canary.csv');
  writeFileSync(canary, `${CANARY}\n${CANARY}\n`);

  for (const [what, source] of [
    ['read_csv', `SELECT column0 AS cid FROM read_csv('${canary}', header = false)`],
    ['read_text', `SELECT content AS cid FROM read_text('${canary}')`],
    ['read_blob', `SELECT content::VARCHAR AS cid FROM read_blob('${canary}')`],
    ['sniff_csv', `SELECT Columns::VARCHAR AS cid FROM sniff_csv('${canary}')`],
    ['glob', `SELECT file AS cid FROM glob('${path.dirname(canary)}/*')`],
    ['query', `SELECT * FROM query('SELECT content AS cid FROM read_text(''${canary}'')')`],
    ['the secrets of the user', `SELECT name AS cid, secret_string AS name FROM duckdb_secrets()`],
  ] as const)
    it(`whose pins are a view of ${what} is refused`, async () => {
      assert.equal(await outcomeOf(made([`CREATE VIEW pins AS ${source}`])), 'corrupt');
    });

  it('whose .wal holds the view is refused alike', async () => {
    const file = newFile('wal.duckdb');
    const view = `CREATE VIEW pins AS SELECT content AS cid FROM read_text('${canary}')`;
    python(
      `import os, sys, duckdb\ndb = duckdb.connect(sys.argv[1])\ndb.execute("SET checkpoint_threshold = '1TB'")\ndb.execute(sys.argv[2])\nos._exit(0)`,
      file,
      view,
    );
    settled(file);
    assert.ok(readFileSync(`${file}.wal`).includes('read_text'));
    assert.equal(await outcomeOf(file), 'corrupt');
  });

  it('whose pins are a view of an address, of an extension or of a drive causes no request', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.end(CANARY);
    });
    server.on('connection', () => asked++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      for (const address of [
        `http://127.0.0.1:${port}/pins.csv`,
        `s3://127.0.0.1:${port}/a/pins.csv`,
        `\\\\127.0.0.1@${port}\\pins`,
      ]) {
        // The path of an existing file with the same length, which is replaced by the address.
        const stand = path.join(newFolder(), 'pins.csv');
        const there = address.padEnd(stand.length);
        const inFile = stand.padEnd(there.length, 'x');
        writeFileSync(inFile, 'x\n');
        const file = made([`CREATE VIEW pins AS SELECT content AS cid FROM read_text('${inFile}')`], { [inFile]: there });
        assert.equal(await outcomeOf(file), 'corrupt', address);
      }
      assert.equal(asked, 0);
    } finally {
      server.close();
    }
  });

  it('whose macros have the names of functions gives its true pins', async () => {
    const macros = [
      `CREATE MACRO "left"(a, b) AS 'forged'`,
      `CREATE MACRO current_database() AS 'forged'`,
      `CREATE MACRO count(a) AS 0`,
      `CREATE MACRO duckdb_columns() AS TABLE SELECT 'pins' AS table_name, 'forged' AS column_name, 'VARCHAR' AS data_type`,
    ];
    for (const macro of macros) assert.deepEqual(await outcomeOf(made([...PINS, macro])), TRUE_PINS, macro);
  });

  it('that computes forever is ended in time', async () => {
    const endless = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n::VARCHAR AS cid FROM r';
    const file = made([`CREATE VIEW pins AS ${endless}`]);
    const began = performance.now();
    assert.equal(await outcomeOf(file, { firstByteMs: 2000, totalMs: 2000 }), 'timeout');
    assert.ok(performance.now() - began < 15_000);
  });

  for (const [what, source] of [
    ['texts of a gigabyte in all', `SELECT 'b' || range AS cid, repeat('€', 60000) AS name FROM range(10000000)`],
    [
      'a regular expression that takes gigabytes',
      `SELECT regexp_replace(repeat('a', 100000), '(a*)*b', 'x') AS cid FROM range(1000000)`,
    ],
    ['a list of gigabytes', `SELECT 'b' || range AS cid, list_resize([0], 300000000) AS name FROM range(10)`],
    [
      'an order that would fill a disk',
      `SELECT md5(range::VARCHAR) || repeat('x', 100) AS cid FROM range(1000000000) ORDER BY 1`,
    ],
  ] as const)
    it(`whose pins are a view of ${what} is too large`, async () => {
      assert.equal(await outcomeOf(made([`CREATE VIEW pins AS ${source}`])), 'too-large');
    });

  it('with columns that are computed, nested deep or many is read', async () => {
    const computed = [
      'CREATE TABLE pins(cid VARCHAR, name VARCHAR GENERATED ALWAYS AS (repeat(cid, 1000)))',
      `INSERT INTO pins(cid) VALUES ('b')`,
    ];
    assert.deepEqual(await outcomeOf(made(computed)), [['b', 'b'.repeat(1000)]]);
    const deep = [
      `CREATE TABLE pins(cid VARCHAR, name ${'STRUCT(a '.repeat(100)}INTEGER${')'.repeat(100)})`,
      `INSERT INTO pins(cid) VALUES ('b')`,
    ];
    assert.deepEqual(await outcomeOf(made(deep)), [['b']]);
    const many = [
      `CREATE TABLE pins(cid VARCHAR, ${Array.from({ length: 5000 }, (_, n) => `c${n} INTEGER`).join(', ')})`,
      `INSERT INTO pins(cid) VALUES ('b')`,
    ];
    assert.deepEqual(await outcomeOf(made(many)), [['b']]);
  });

  it('whose pins count up a sequence is refused: nothing is written', async () => {
    const file = made(['CREATE SEQUENCE s', `CREATE VIEW pins AS SELECT nextval('s')::VARCHAR AS cid FROM range(10)`]);
    const before = readFileSync(file);
    assert.equal(await outcomeOf(file), 'corrupt');
    assert.deepEqual(readFileSync(file), before);
  });
});
