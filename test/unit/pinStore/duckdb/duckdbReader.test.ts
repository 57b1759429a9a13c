import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Pin } from '../../../../src/pin/pin';
import { readArrow } from '../../../../src/arrow/arrowReader';
import type { DuckdbOptions } from '../../../../src/pinStore/duckdb/duckdbReader';
import { readDuckdb } from '../../../../src/pinStore/duckdb/duckdbReader';
import type { PythonCommand } from '../../../../src/pinStore/duckdb/runPython';
import { pythonEnvironment } from '../../../../src/pinStore/duckdb/pythonEnvironment';
import { oraclePins, python } from '../../../support/python';
import { testPython } from '../../../support/testDaemon';
import { because, copyOfFixture, fixture, NEVER, newFile, newFolder, settled, startPython } from '../testDatabases';

/** A separate folder for the copies, so that the test can see whether they are deleted. */
function command(program = testPython()): PythonCommand {
  return { path: program, environment: pythonEnvironment(process.env), tempFolder: newFolder() };
}

/** A POSIX shell script in place of Python. */
function standIn(script: string): PythonCommand {
  const file = newFile('python3');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return command(file);
}

async function pinsOf(file: string, options: DuckdbOptions = {}): Promise<Pin[]> {
  const python = options.python ?? command();
  const body = await readDuckdb(file, { ...options, python });
  assert.deepEqual(readdirSync(python.tempFolder), [], 'no copy is left');
  return (await readArrow(body)).page({ limit: 1000 }, NEVER);
}

async function assertRefused(options: DuckdbOptions, check: (error: unknown) => true, file = genuine()): Promise<void> {
  await assert.rejects(readDuckdb(file, options), check);
  if (options.python) assert.deepEqual(readdirSync(options.python.tempFolder), [], 'no copy is left');
}

const genuine = (): string => copyOfFixture('duckdb/pins-v999.duckdb.gz');

/** A database that duckdb has written and closed. */
function written(sql: string): string {
  const file = newFile('made.duckdb');
  python('import sys, duckdb\ndb = duckdb.connect(sys.argv[1])\ndb.execute(sys.argv[2])\ndb.close()', file, sql);
  return settled(file);
}

function mentioning(reason: 'unsupported' | 'timeout' | 'too-large' | 'corrupt', ...texts: string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(IpfsKitError.is(error, reason), String(error));
    for (const text of texts) assert.ok(error.message.includes(text), `${error.message} lacks ${text}`);
    return true;
  };
}

describe('a DuckDB database', () => {
  for (const name of ['pins-v64', 'pins-v999', 'enhanced_pins-v64'])
    it(`of ipfs_kit_py gives what duckdb gives, and stays as it is: ${name}`, async () => {
      const file = copyOfFixture(`duckdb/${name}.duckdb.gz`);
      const before = readFileSync(file);
      const pins = await pinsOf(file);
      assert.ok(readFileSync(file).equals(before));
      assert.deepEqual(readdirSync(path.dirname(file)), [path.basename(file)]);
      assert.deepEqual(pins, oraclePins('duckdb', file));
      assert.ok(pins.length > 0);
    });

  it('without pins is an empty list', async () =>
    assert.deepEqual(await pinsOf(copyOfFixture('duckdb/empty-v999.duckdb.gz')), []));

  it('whose writer was killed is read with the row that is only in its .wal', async () => {
    const file = copyOfFixture('duckdb/unclean-kill/pin_metadata.duckdb.gz');
    assert.deepEqual(await pinsOf(file), []);
    copyFileSync(fixture('duckdb/unclean-kill/pin_metadata.duckdb.wal'), `${file}.wal`);
    settled(file);
    const before = [readFileSync(file), readFileSync(`${file}.wal`)];
    assert.deepEqual(
      (await pinsOf(file)).map(({ name }) => name),
      ['readme'],
    );
    assert.deepEqual([readFileSync(file), readFileSync(`${file}.wal`)], before);
  });

  it('that another process has locked is still read', async () => {
    const file = newFile('locked.duckdb');
    const holder = startPython(
      newFile(),
      `import duckdb\ndb = duckdb.connect(${JSON.stringify(file)})\ndb.execute("CREATE TABLE pins AS SELECT 'bafy1' AS cid, 'one' AS name")\nprint('ready', flush=True)\nsys.stdin.readline()`,
    );
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    try {
      assert.deepEqual(await pinsOf(file), [{ cid: 'bafy1', name: 'one' }]);
    } finally {
      holder.stdin?.end();
      await new Promise((resolve) => holder.once('exit', resolve));
    }
  });

  it('is read by its own catalog: views, odd names, types of every kind', async () => {
    const file = written(`
      CREATE TABLE "the real ""one""" (CID VARCHAR, "Name" VARCHAR, size_bytes HUGEINT, timestamp TIMESTAMP WITH TIME ZONE, tier VARCHAR[], metadata STRUCT(a INTEGER), pin_type VARCHAR);
      INSERT INTO "the real ""one""" VALUES ('bafy1', 'näme 📌', 170141183460469231731687303715884105727, '2025-07-27 08:00:00+00', ['a', 'b'], {'a': 1}, 'direct'), ('bafy2', NULL, 12, NULL, NULL, NULL, NULL), (NULL, 'no cid', 1, NULL, NULL, NULL, NULL);
      CREATE VIEW Pins AS SELECT * FROM "the real ""one"""`);
    assert.deepEqual(await pinsOf(file), [
      { cid: 'bafy1', name: 'näme 📌', type: 'direct', pinnedAt: '2025-07-27T08:00:00.000Z', tier: '[a, b]' },
      { cid: 'bafy2', sizeBytes: 12 },
    ]);
  });

  it('gives long texts cut, and many rows', async () => {
    const file = written(`
      CREATE TABLE pins AS SELECT 'bafy' || range AS cid, CASE WHEN range = 0 THEN repeat('x', 50000000) ELSE 'short' END AS name FROM range(100000)`);
    const body = await readDuckdb(file, { python: command() });
    assert.ok(body.length < 20_000_000, `${body.length} bytes`);
    assert.equal(await (await readArrow(body)).count({}, NEVER), 100_000);
  });

  it('cannot make Python read another file', async () => {
    const secret = newFile('secret.csv');
    writeFileSync(secret, 'cid\nsecret\n');
    const file = written(`CREATE VIEW pins AS SELECT * FROM read_csv('${secret}')`);
    await assertRefused({ python: command() }, (error) => mentioning('corrupt', file)(error), file);
  });

  it('without a table of pins is reported as such', async () => {
    const file = written('CREATE TABLE other AS SELECT 1 AS x');
    await assertRefused({ python: command() }, because('no-pins-table', file), file);
  });

  it('that is damaged is reported as such', async () => {
    const file = genuine();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096, 12_288);
    writeFileSync(file, bytes);
    await assertRefused({ python: command() }, because('corrupt', file), settled(file));
  });
});

describe('the Python that reads DuckDB', () => {
  const TOO_LATE = { firstByteMs: 300, totalMs: 1_000 };

  it('is not started if the setting is empty', () => assertRefused({}, mentioning('unsupported', 'ipfsKit.python.path')));

  it('is reported as missing', () =>
    assertRefused({ python: command('/nowhere/python3') }, mentioning('unsupported', '/nowhere/python3 was not found')));

  it('without a module gets the command that installs it', async () => {
    for (const module of ['duckdb', 'pyarrow']) {
      // -S hides all installed packages; with duckdb's folder added, only pyarrow is missing.
      const folder = newFolder();
      if (module === 'pyarrow') mkdirSync(path.join(folder, 'duckdb'));
      if (module === 'pyarrow') writeFileSync(path.join(folder, 'duckdb', '__init__.py'), '');
      const script = `shift; shift; program="$1"; shift; exec ${testPython()} -I -S -c "import sys; sys.path.append('${folder}'); exec(sys.argv.pop(1))" "$program" "$@"`;
      const python = standIn(script);
      await assertRefused(
        { python },
        mentioning('unsupported', `doesn't have the module ${module}`, '-m pip install duckdb pyarrow'),
      );
    }
  });

  it('that is too old for the file gets the command that updates it', async () => {
    const file = genuine();
    const bytes = readFileSync(file);
    // A checksum protects the main header, so a stand-in prints what duckdb says about an unknown version.
    assert.equal(bytes.toString('latin1', 8, 12), 'DUCK');
    const said = JSON.stringify({ kind: 'too-old', detail: 'version number 999' });
    await assertRefused(
      { python: standIn(`echo '${said}' >&2; exit 3`) },
      mentioning('unsupported', 'pip install --upgrade duckdb'),
    );
  });

  it("doesn't outlive its time limit, and neither do its children", async () => {
    const mark = newFile('alive');
    const python = standIn(`(while :; do date > ${mark}; sleep 0.05; done) & sleep 600`);
    await assertRefused({ python, limits: TOO_LATE }, mentioning('timeout', 'in time'));
    rmSync(mark, { force: true });
    await sleep(300);
    assert.ok(!existsSync(mark), 'what it had started has ended');
  });

  it("doesn't outlive its time limit while it keeps writing", () =>
    assertRefused(
      { python: standIn('while :; do echo more; sleep 0.05; done'), limits: TOO_LATE },
      mentioning('timeout', '1 s'),
    ));

  it('is read even if a child that it leaves behind keeps its pipes open', async () => {
    const python = standIn(`sleep 600 & echo '{"kind":"out-of-memory"}' >&2; exit 3`);
    const started = performance.now();
    await assertRefused({ python }, mentioning('too-large', 'size limit'));
    assert.ok(performance.now() - started < 20_000);
  });

  it('may print anything: the message is one line', async () => {
    const python = standIn(`echo; echo 'Segmentation   fault' >&2; exit 139`);
    await assertRefused({ python }, mentioning('unsupported', 'ended with 139: Segmentation fault'));
  });

  it('that floods is ended', () => assertRefused({ python: standIn('cat /dev/zero') }, mentioning('too-large', 'size limit')));

  it('is ended when it is no longer needed', async () => {
    const controller = new AbortController();
    const python = standIn('sleep 600');
    const reading = assertRefused({ python, signal: controller.signal }, (error) => {
      assert.ok(IpfsKitError.is(error, 'cancelled'), String(error));
      return true;
    });
    setTimeout(() => controller.abort(), 200);
    await reading;
  });

  it('gets nothing of the environment but what it needs to be found and to load', () => {
    const environment = pythonEnvironment({
      PATH: '/bin',
      HOME: '/home/a',
      PYTHONPATH: '/evil',
      LD_PRELOAD: '/evil.so',
      TOKEN: 'x',
    });
    assert.deepEqual(environment, { PATH: '/bin', HOME: '/home/a' });
  });
});
