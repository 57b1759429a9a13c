import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IpfsKitError } from '../../../src/ipfsKitError';
import type { PinTable } from '../../../src/pin/pinTable';
import { NEVER, newFile, open, startPython } from './testDatabases';

const ROWS = 300;
const BYTES_IN_ALL = ROWS * 1000;

/**
 * Writes for as long as it is let live: each transaction gives every row one new generation and moves bytes between rows, so that their sum stays.
 * Some are rolled back after they have spilled into the file; rows are taken out and put back.
 */
function writer(mode: string, afterCommit: string): string {
  return `
import random
db.execute('PRAGMA journal_mode = ${mode}')
db.execute('PRAGMA cache_size = 3')
db.execute('PRAGMA wal_autocheckpoint = 0')
db.execute('CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, size_bytes INTEGER)')
db.execute('CREATE INDEX by_name ON pins(name)')
generation = 0
while True:
  db.execute('BEGIN IMMEDIATE')
  if generation == 0:
    db.executemany('INSERT INTO pins VALUES (?, ?, ?, 1000)', ((f'bafy{n:04}', '', 'recursive') for n in range(${ROWS})))
  generation += 1
  one, other = random.sample(range(${ROWS}), 2)
  moved = random.randrange(1, 100)
  db.execute('UPDATE pins SET size_bytes = size_bytes + ? WHERE cid = ?', (moved, f'bafy{one:04}'))
  db.execute('UPDATE pins SET size_bytes = size_bytes - ? WHERE cid = ?', (moved, f'bafy{other:04}'))
  row = db.execute('SELECT * FROM pins WHERE cid = ?', (f'bafy{one:04}',)).fetchone()
  db.execute('DELETE FROM pins WHERE cid = ?', (row[0],))
  db.execute('INSERT INTO pins VALUES (?, ?, ?, ?)', row)
  db.execute('UPDATE pins SET name = ?', (f'generation {generation:08} ' + 'x' * random.randrange(200),))
  db.execute('ROLLBACK' if generation % 5 == 4 and generation > 5 else 'COMMIT')
  ${afterCommit}
  if generation == 1: print('ready', flush=True)
  time.sleep(random.choice((0, 0.002, 0.015, 0.03)))
`;
}

/** The generation that was seen. */
async function check(table: PinTable): Promise<string> {
  const pins = await table.page({ limit: 1000 }, NEVER);
  assert.equal(pins.length, ROWS);
  assert.equal(new Set(pins.map(({ name }) => name)).size, 1, 'one generation');
  assert.equal(
    pins.reduce((sum, { sizeBytes }) => sum + Number(sizeBytes), 0),
    BYTES_IN_ALL,
  );
  assert.deepEqual(await table.groups('type', undefined, NEVER), [{ key: 'recursive', count: ROWS, sizeBytes: BYTES_IN_ALL }]);
  assert.equal(await table.count('GENERATION', NEVER), ROWS);
  return pins[0]?.name ?? '';
}

describe('a database that is being written', () => {
  const modes: readonly (readonly [string, string])[] = [
    ['DELETE', 'pass'],
    ['TRUNCATE', 'pass'],
    ['PERSIST', 'pass'],
    ['WAL', "db.execute('PRAGMA wal_checkpoint(' + random.choice(('FULL', 'RESTART', 'TRUNCATE', 'PASSIVE')) + ')')"],
  ];
  for (const [mode, afterCommit] of modes)
    it(`is shown as it stood between two transactions, or is busy (${mode})`, async () => {
      const file = newFile();
      const python = startPython(file, writer(mode, afterCommit));
      assert.ok(python.stdout);
      const ended = once(python, 'exit');
      await once(python.stdout, 'data');
      let [answers, busy] = [0, 0];
      const generations = new Set<string>();
      try {
        let table: PinTable | undefined;
        while (answers < 25 && busy < 200) {
          try {
            table ??= await open(file);
            generations.add(await check(table));
            answers++;
            if (answers % 5 !== 0) continue; // some answers by a table that stays open, some by a new one
          } catch (error) {
            if (!IpfsKitError.is(error, 'busy')) throw error;
            busy++;
          }
          table?.close();
          table = undefined;
          await sleep(1);
        }
        table?.close();
      } finally {
        python.kill('SIGKILL');
        await ended;
      }
      assert.equal(answers, 25, `busy ${busy} times`);
      assert.ok(generations.size >= 5, `${generations.size} generations were seen: it was hardly written meanwhile`);
    });
});
