// The figures of the history of lists for `npm run bench`: 1,000,000 pins of which 1 % change each day, for DAYS days; the year is what these days make of it.
import path from 'node:path';
import { measuring } from './measuring.mjs';
import { out } from './project.mjs';

const PINS = 1_000_000;
const DAYS = 12;
const YEAR = 365;

/** Rows of the table. */
export async function benchHistory() {
  const measure = await measuring('benchHistory');
  const of = measure([path.join(out, 'bench', 'history'), PINS, DAYS], { flags: ['--max-old-space-size=4096'] });
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
