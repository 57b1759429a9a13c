// The figures of the history of lists for `npm run bench`: 1,000,000 pins of which 1 % change each day, for DAYS days; the year is what these days make of it.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { out, root } from './project.mjs';

const PINS = 1_000_000;
const DAYS = 12;
const YEAR = 365;

/** Rows of the table. */
export async function benchHistory() {
  const measure = path.join(out, 'bench', 'measureHistory.js');
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/benchHistory/measure.ts'],
    outfile: measure,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  const args = ['--max-old-space-size=4096', measure, path.join(out, 'bench', 'history'), String(PINS), String(DAYS)];
  const of = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  const ms = (time) => time.toFixed(0);
  return [
    [
      'history of 1,000,000 pins, 1 % changed a day: MB of 365 days (of the list itself)',
      `${((of.listBytes + YEAR * of.dayBytes) / 1e6).toFixed(0)} (${(of.listBytes / 1e6).toFixed(0)})`,
      '200',
      '',
    ],
    [`… what changed since the last day; since ${DAYS} days ago, ms`, `${ms(of.dayMs)}; ${ms(of.allMs)}`, '1000', ''],
    ['… keeping the first list; a later one, ms', `${ms(of.firstMs)}; ${ms(of.keptMs)}`, '', ''],
  ];
}
