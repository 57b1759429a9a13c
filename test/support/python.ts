import path from 'node:path';
import type { Pin } from '../../src/pin/pin';
import { runInPython } from './pythonProcess';
import { repositoryRoot, testPython } from './testDaemon';

/** Runs Python code that can import the modules of the test daemon, with `args` as `sys.argv[1:]`. Returns its output. */
export function python(code: string, ...args: string[]): string {
  return runInPython(testPython(), environment(), { code, args: ['-c', ...args] });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONPATH: path.join(repositoryRoot(), 'test/daemon'), PYTHONIOENCODING: 'utf-8' };
}

/** The pins that pyarrow, duckdb or Python's sqlite3 reads of a file. */
export function oraclePins(kind: 'arrow' | 'sqlite' | 'parquet' | 'duckdb', file: string): Pin[] {
  const args = [path.join(repositoryRoot(), 'test/support/oracle.py'), kind, file];
  return JSON.parse(runInPython(testPython(), environment(), { args })) as Pin[];
}

/** Writes a database with the pins of seed 1 by Python's sqlite3. */
export function writeDatabase(file: string, count: number, shape: 'cli' | 'wide' | 'enhanced_pins' | 'pin_cache' = 'cli'): void {
  const code =
    'import sys; from pathlib import Path; from pin_data import *; write_database(Path(sys.argv[1]), pins(int(sys.argv[2]), 1), sys.argv[3]).close()';
  python(code, file, String(count), shape);
}

/** Python code that writes a database (its argument) whose pins are counted at once, while the name of each after the first `sys.argv[2]` never ends. */
export const ENDLESS_NAMES = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
fast = int(sys.argv[2])
db.execute("create table t(n)")
db.executemany("insert into t values (?)", [(n,) for n in range(fast + 5)])
slow = "(with recursive r(x) as (select 1 union all select x + 1 from r where x < 1000000000 + n) select max(x) from r)"
db.execute(f"create view pins as select 'bafkqa' || n as cid, case when n < {fast} then n else {slow} end as name from t")
db.commit()`;

/** Python code that writes a database (its argument) whose pins never end, since SQLite searches for the next one forever. */
export const ENDLESS = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create view pins as with recursive n(i) as (select 1 union all select i + 1 from n) select i as cid, '' as name, '' as pin_type from n where i < 0")
db.commit()`;
