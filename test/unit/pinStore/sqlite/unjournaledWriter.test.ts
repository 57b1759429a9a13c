import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { because, newFile, open, PINS, pinsOf, python, settled, startPython } from '../testDatabases';

const FILL = `db.execute('${PINS}')\nfor n in range(200): db.execute('INSERT INTO pins VALUES (?, ?, NULL, NULL)', (f'cid{n:04}', 'old'))`;
const SPILL = `db.execute('PRAGMA cache_size = 2')\ndb.execute('BEGIN')\ndb.execute("UPDATE pins SET name = hex(randomblob(500))")`;
const WAIT = `print('ready', flush=True)\nsys.stdin.readline()`;

/** Python, once it has come to its first WAIT. */
async function holding(file: string, code: string): Promise<ChildProcess> {
  const process = startPython(file, code);
  assert.ok(process.stdout);
  await once(process.stdout, 'data');
  return process;
}

async function end(process: ChildProcess): Promise<void> {
  const ended = once(process, 'exit');
  process.kill('SIGKILL');
  await ended;
}

describe('a database whose writer keeps no journal on the disk', () => {
  for (const mode of ['MEMORY', 'OFF'])
    it(`is busy while the writer is in a transaction, and names it (${mode})`, async () => {
      const file = newFile();
      python(file, FILL);
      const writer = await holding(file, `db.execute('PRAGMA journal_mode = ${mode}')\n${SPILL}\n${WAIT}`);
      try {
        await assert.rejects(open(settled(file, 0.5), { retries: { patienceMs: 200 } }), (error: unknown) => {
          because('busy', file)(error);
          assert.match(String(error), new RegExp(`process ${writer.pid}\\)`));
          return true;
        });
      } finally {
        await end(writer);
      }
    });

  it('is read while a process that has written nothing since it began locks it all the same', async () => {
    const file = newFile();
    python(file, FILL);
    settled(file);
    const holder = await holding(file, `db.execute('BEGIN EXCLUSIVE')\n${WAIT}`);
    try {
      assert.equal((await pinsOf(file)).length, 200);
    } finally {
      await end(holder);
    }
  });

  it('is read while a writer that keeps a journal is in a transaction: as it was before', async () => {
    const file = newFile();
    python(file, FILL);
    const writer = await holding(file, `${SPILL}\n${WAIT}`);
    try {
      assert.ok((await pinsOf(file)).every(({ name }) => name === 'old'));
    } finally {
      await end(writer);
    }
  });

  it('is read while a process has it for itself between two transactions', async () => {
    const file = newFile();
    const holder = await holding(file, `db.execute('PRAGMA locking_mode = EXCLUSIVE')\n${FILL}\n${WAIT}`);
    try {
      assert.equal((await pinsOf(file)).length, 200);
    } finally {
      await end(holder);
    }
  });
});
