import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { testPython } from '../support/testDaemon';
import { differenceOf, readAll } from './crashes';
import type { Oracle } from './oracle';
import { SIDE_FILES } from './oracle';

export interface Damage {
  readonly what: string;
  cases: number;
  /** The number of damaged databases of which rows were read. */
  read: number;
  /** One line per database of which rows other than Python's were read. */
  readonly wrong: string[];
}

export interface DamageOptions {
  readonly folder: string;
  readonly wasmFile: string;
  readonly oracle: Oracle;
  /** Every byte of the headers and every `stride`-th byte after them is changed, and the file is cut off at every `stride`-th byte. */
  readonly stride: number;
}

const BASE =
  "import os, sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\ndb.execute('PRAGMA page_size = 512')\n";
const FILL =
  "db.execute('CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, size_bytes INTEGER)')\nfor n in range(24): db.execute('INSERT INTO pins VALUES (?, ?, ?, ?)', (f'bafy{n:04}', f'näme {n}' + 'x' * n, 'recursive', n * 1000))\n";
const KINDS: Readonly<Record<string, string>> = {
  'no side file': FILL,
  'a write-ahead log': `db.execute('PRAGMA journal_mode = WAL')\n${FILL}db.execute("UPDATE pins SET name = 'new' || name WHERE size_bytes < 8000")\ndb.execute("DELETE FROM pins WHERE cid = 'bafy0020'")\n`,
  'a log that is merged': `db.execute('PRAGMA journal_mode = WAL')\ndb.execute('BEGIN')\n${FILL}db.execute('COMMIT')\ndb.execute('PRAGMA wal_checkpoint(FULL)')\n`,
  'a restarted log, with old frames behind and an unfinished transaction': `db.execute('PRAGMA journal_mode = WAL')\ndb.execute('BEGIN')\n${FILL}db.execute('COMMIT')\ndb.execute('PRAGMA wal_checkpoint(RESTART)')\ndb.execute("UPDATE pins SET name = 'new' WHERE cid = 'bafy0009'")\ndb.execute('PRAGMA cache_size = 1')\ndb.execute('BEGIN')\ndb.execute("UPDATE pins SET size_bytes = 7 WHERE size_bytes < 5000")\n`,
  'the journal of a finished transaction': `db.execute('PRAGMA journal_mode = PERSIST')\ndb.execute('BEGIN')\n${FILL}db.execute('COMMIT')\ndb.execute("UPDATE pins SET name = 'new' || name")\n`,
  'a hot journal': `${FILL}db.execute('PRAGMA cache_size = 1')\ndb.execute('BEGIN')\ndb.execute("UPDATE pins SET name = 'uncommitted' || name")\ndb.execute("DELETE FROM pins WHERE size_bytes > 15000")\n`,
};
export const DAMAGED = Object.keys(KINDS);

/** Cuts off each file of a small database and inverts single bits. IPFS Kit must read Python's rows of the same bytes, or fail with an error. */
export async function readDamaged(what: string, { folder, wasmFile, oracle, stride }: DamageOptions): Promise<Damage> {
  const home = mkdtempSync(path.join(folder, 'damage-'));
  const file = path.join(home, 'pins.db');
  const { status, stderr } = spawnSync(testPython(), ['-c', `${BASE}${KINDS[what] ?? ''}os._exit(0)`, file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const whole = new Map(
    ['', ...SIDE_FILES].filter((side) => existsSync(file + side)).map((side) => [side, readFileSync(file + side)]),
  );
  const seen: Damage = { what, cases: 0, read: 0, wrong: [] };

  const compare = async (side: string, bytes: Buffer, how: string): Promise<void> => {
    for (const [each, content] of whole) {
      writeFileSync(file + each, each === side ? bytes : content);
      const minuteAgo = Date.now() / 1000 - 60;
      utimesSync(file + each, minuteAgo, minuteAgo); // A file that was written a moment ago isn't read.
    }
    const ours = await readAll(file, wasmFile);
    seen.cases++;
    if (typeof ours === 'string') return; // An error is always correct for a damaged file.
    seen.read++;
    const difference = differenceOf(ours, await oracle.read(file));
    if (difference !== undefined) seen.wrong.push(`${side === '' ? 'the file' : side} ${how}: ${difference}`);
  };

  for (const [side, content] of whole) {
    for (let length = 0; length < content.length; length += length % 512 === 0 ? 1 : Math.min(7 * stride, 512 - (length % 512)))
      await compare(side, content.subarray(0, length), `cut off after ${length} bytes`);
    for (let at = 0; at < content.length; at += at < 128 ? 1 : stride)
      for (const bit of at < 128 ? [at % 8, (at + 3) % 8] : [at % 8]) {
        const bytes = Buffer.from(content);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        await compare(side, bytes, `with bit ${bit} of byte ${at} changed`);
      }
  }
  rmSync(home, { recursive: true });
  return seen;
}
