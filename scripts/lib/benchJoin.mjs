// The figures of the join of lists for `npm run bench`: 1,000,000, 100,000 and 10,000 pins, in columns and with the first list in SQLite.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { measuring } from './measuring.mjs';
import { inRoot, out } from './project.mjs';

/** The contents of scripts/benchJoin/measure.ts, as ipfs_kit_py's command line stores them. */
const MAKE = `import base64, hashlib, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, created_at text)")
def cid(i): return "b" + base64.b32encode(b"\\x01\\x70\\x12\\x20" + hashlib.sha256(str(i).encode()).digest()).decode().lower().rstrip("=")
rows = ((cid(i), f"pin number {i}", "recursive", "2025-07-27T08:00:00") for i in range(1000000))
db.executemany("insert into pins values (?, ?, ?, ?)", rows)
db.commit()`;

/** Rows of the table. */
export async function benchJoin({ runs, python }) {
  const measure = await measuring('benchJoin');
  const file = path.join(out, 'bench', 'join.db');
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file)) execFileSync(python, ['-c', MAKE, file]);
  const rows = [];
  for (const kind of ['columns', 'sqlite']) {
    const seen = [];
    for (let turn = 0; turn < Math.min(3, runs); turn++) seen.push(measure([kind, file, inRoot('dist')]));
    const figure = (of) => {
      const [ms, cpuMs] = ['ms', 'cpuMs'].map((what) => Math.min(...seen.map((answer) => answer[of][what])).toFixed(0));
      return `${ms} (${cpuMs})`;
    };
    const [{ bytesAPin }] = seen;
    const where = kind === 'sqlite' ? 'the first list in SQLite' : 'in columns';
    rows.push([
      `join of 1,000,000 + 100,000 + 10,000 pins, ${where}, ms (of the processor)`,
      figure('all'),
      '1000',
      `a Map of the CIDs as texts, the same lists: ${figure('plain')}`,
    ]);
    rows.push(['… the last of them removed and added again', figure('last'), '', '']);
    rows.push(['… bytes a content beside the lists', bytesAPin.toFixed(1), '40', '']);
    rows.push([
      '… in the first list: count of copies:1; first 200 by -copies; group by source',
      ['filter', 'sort', 'group'].map(figure).join('; '),
      '',
      '',
    ]);
  }
  return rows;
}
