// The figures of stores for `npm run bench`: the first 200 rows of databases of every size, by each way of reading them, each in a separate process.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { measuring } from './measuring.mjs';
import { cache, inRoot } from './project.mjs';

const SIZES = [1000, 100_000, 1_000_000, 10_000_000];
const BY_NAME = 1_000_000;
const WHOLE_UP_TO = 2 ** 31 - 1;

/** Rows of the table. `database(count)` gives the file; `python(file)` reads it by Python's sqlite3. */
export async function benchStores({ runs, database, python, sizeOf }) {
  const measure = await measuring('benchStores', {
    loader: { '.py': 'text' },
    external: ['*/sqliteReader', '*/arrowReader', '*/parquetReader'],
  });
  const run = (kind, file, node) => measure([kind, file, inRoot('dist')], { node });
  const native = nodeWithSqlite();
  const figures = new Map(
    SIZES.map((count) => [count, { file: database(count), lazy: [], whole: [], native: [], python: [], block: [] }]),
  );
  for (let turn = 0; turn <= runs; turn++)
    for (const { file, ...each } of figures.values()) {
      const seen = {
        lazy: run('lazy', file),
        whole: sizeOf(file) <= WHOLE_UP_TO && turn <= 3 ? run('whole', file) : {},
        native: native ? run('native', file, native) : {},
        block: run('block', file),
      };
      const began = performance.now();
      python(file);
      seen.python = { ms: performance.now() - began };
      if (turn === 0) continue; // warms the caches
      for (const [kind, answer] of Object.entries(seen)) if (answer.ms !== undefined) each[kind].push(answer);
    }

  const byName = [];
  for (let turn = 0; turn < Math.min(3, runs); turn++) byName.push(run('byName', database(BY_NAME)));

  const least = (answers, of = 'ms') => (answers.length > 0 ? Math.min(...answers.map((answer) => answer[of])) : undefined);
  const text = (ms, digits = 0) => (ms === undefined ? '–' : ms.toFixed(digits));
  const rows = [];
  for (const [count, { lazy, whole, native: natively, python: pythons }] of figures) {
    const others = [
      `whole file ${text(least(whole))}`,
      `python3 -c ${text(least(pythons))}`,
      `node:sqlite ${text(least(natively), 1)}`,
    ];
    rows.push([
      `SQLite, no worker: load, open, first 200 of ${count.toLocaleString('en-US')}, ms (the same page again)`,
      `${text(least(lazy))} (${text(least(lazy, 'againMs'), 1)})`,
      '',
      others.join(', '),
    ]);
  }
  rows.push([
    `SQLite, ${BY_NAME.toLocaleString('en-US')}: first 200 by name; 200 in the middle; find a pin there, ms`,
    ['ms', 'middleMs', 'findMs'].map((what) => text(least(byName, what))).join('; '),
    '',
    '',
  ]);
  const of = (count, kind, what = 'ms') => least(figures.get(count)[kind], what);
  const [small] = SIZES;
  for (const count of SIZES.slice(1))
    rows.push([
      `the same, ${count.toLocaleString('en-US')} : 1,000`,
      (of(count, 'lazy') / of(small, 'lazy')).toFixed(2),
      count === 1_000_000 ? '1.3' : '',
      of(count, 'whole') === undefined
        ? 'whole file: not possible'
        : `whole file ${(of(count, 'whole') / of(small, 'whole')).toFixed(2)}`,
    ]);
  for (const count of SIZES.slice(1))
    rows.push([
      `memory beyond that for 1,000 rows, ${count.toLocaleString('en-US')} rows, MB`,
      (of(count, 'lazy', 'megabytes') - of(small, 'lazy', 'megabytes')).toFixed(1),
      '20',
      of(count, 'whole') === undefined
        ? ''
        : `whole file ${(of(count, 'whole', 'megabytes') - of(small, 'whole', 'megabytes')).toFixed(0)}`,
    ]);
  const blocks = SIZES.map((count) => `${text(of(count, 'block'))}`);
  rows.push([
    'longest block of the host’s thread: list, five more pages, refresh; 1k / 100k / 1M / 10M, ms',
    blocks.join(' / '),
    '16',
    '',
  ]);
  return rows;
}

/** A later Node that has SQLite built in: this one, or that of the workbench. */
function nodeWithSqlite() {
  const folder = path.join(cache, 'code-server/node_modules');
  const others = existsSync(folder) ? readdirSync(folder).filter((name) => /^node-\w+-\w+$/.test(name)) : [];
  const candidates = [process.execPath, ...others.map((name) => path.join(folder, name, 'bin/node'))];
  return candidates.find((node) => {
    try {
      execFileSync(node, ['-e', 'require("node:sqlite")'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
