import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { HistoryRow } from '../../../src/history/historyContract';
import { historyDays } from '../../../src/history/askHistory';
import { testFolder } from '../../support/folder';
import { isLong, rounds } from '../../support/rounds';
import { DAY, FIRST, keep, never, rawCid, since } from './keptLists';

const folder = testFolder('history-damage');
const whole = path.join(folder, 'whole');
const list = (day: number): readonly HistoryRow[] =>
  Array.from({ length: 4 }, (_, at) => ({ cid: rawCid(day + at), name: `pin ${day + at}` }));
const LISTS = 3;
/** Each byte in a long run; else every third, from another one on each time. */
const sizesTo = (length: number): readonly number[] => {
  const step = isLong ? 1 : 3;
  const first = Math.floor(Math.random() * step);
  return Array.from({ length: Math.ceil((length - first) / step) }, (_, at) => first + step * at);
};
const END = FIRST + LISTS * DAY;
const place = (inFolder: string): { readonly folder: string; readonly source: string } => ({
  folder: inFolder,
  source: 'source',
});
const copy = (): string => {
  const inFolder = mkdtempSync(path.join(folder, 'of-'));
  cpSync(whole, inFolder, { recursive: true });
  return inFolder;
};
const fileOf = (inFolder: string, ending: '.changes' | '.list'): string =>
  path.join(inFolder, readdirSync(inFolder).find((name) => name.endsWith(ending)) ?? '');

/** A further list is kept whatever the damage, and what is said from the beginning to then is right, or named as lost. */
async function goesOn(inFolder: string, isCut: boolean): Promise<string> {
  const { written } = await keep(inFolder, list(LISTS), LISTS);
  assert.ok(['changes', 'restart', 'start'].includes(written), written);
  const again = await keep(inFolder, list(LISTS + 1), LISTS + 1);
  assert.deepEqual([again.written, again.changes?.added.count, again.changes?.gone.count], ['changes', 1, 1]);
  const { added, gone, fromMs, lost } = await since(inFolder, 0);
  assert.ok(fromMs >= FIRST && fromMs <= END);
  const all = Math.min(4, (END + DAY - fromMs) / DAY);
  if (lost.length === 0)
    assert.deepEqual([added.count, gone.count], [all, all], `${written} from ${new Date(fromMs).toISOString()}`);
  for (const { fromMs: after = FIRST, toMs } of lost)
    assert.ok(after <= toMs && toMs <= END, 'what was kept after the damage is whole');
  const days = await historyDays(place(inFolder), never);
  assert.equal(days.atMs.at(-1), END + DAY);
  if (isCut) assert.equal(days.lost.length, lost.length);
  rmSync(inFolder, { recursive: true });
  return lost.length > 0 ? 'lost' : fromMs === FIRST ? 'whole' : 'later';
}

describe('a damaged history', () => {
  before(async () => {
    for (let day = 0; day < LISTS; day++) assert.notEqual((await keep(whole, list(day), day)).written, 'busy');
  });

  it('goes on where its changes were cut at any byte: only the time between the lists before and after is less exact, or lost', async () => {
    const { length } = readFileSync(fileOf(whole, '.changes'));
    const seen = new Map<string, number>();
    const sizes = sizesTo(length);
    for (const size of sizes) {
      const inFolder = copy();
      truncateSync(fileOf(inFolder, '.changes'), size);
      const what = await goesOn(inFolder, true);
      seen.set(what, (seen.get(what) ?? 0) + 1);
    }
    // Cut within the three copies of its beginning, or within the record of the first list, it has lost all.
    const without = sizes.filter((size) => size < 72 + 64).length;
    assert.deepEqual([seen.get('lost'), seen.get('whole')], [without, sizes.length - without]);
  });

  it('goes on where its last list was cut at any byte, and says what it lost', async () => {
    const { length } = readFileSync(fileOf(whole, '.list'));
    for (const size of sizesTo(length)) {
      const inFolder = copy();
      truncateSync(fileOf(inFolder, '.list'), size);
      assert.equal(await goesOn(inFolder, true), 'lost', `${size} of ${length} bytes`);
    }
  });

  it('goes on where any byte was changed, and says what it lost', async () => {
    const files = (['.changes', '.list'] as const).map((ending) => ({ ending, bytes: readFileSync(fileOf(whole, ending)) }));
    let step = 0;
    for (const { ending, bytes } of files)
      for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / rounds(1000)))) {
        const inFolder = copy();
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (step++ % 8));
        writeFileSync(fileOf(inFolder, ending), damaged);
        const what = await goesOn(inFolder, false);
        // Of three copies of the beginning one is enough.
        if (ending === '.changes' && at < 72) assert.equal(what, 'whole');
      }
  });

  it('names the time of which changes are missing, and gives the others', async () => {
    const inFolder = copy();
    for (const day of [LISTS, LISTS + 1]) await keep(inFolder, list(day), day);
    const file = fileOf(inFolder, '.changes');
    const bytes = readFileSync(file);
    const marker = bytes.subarray(0, 16);
    const records: number[] = [];
    for (let at = bytes.indexOf(marker, 72); at >= 0; at = bytes.indexOf(marker, at + 1)) records.push(at);
    // A start, then what is gone and what was added in each of four later lists.
    assert.equal(records.length, 9);
    const second = (records[3] ?? 0) + 30;
    bytes[second] = (bytes[second] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const times = [{ fromMs: FIRST + DAY, toMs: FIRST + 3 * DAY }];
    assert.deepEqual((await historyDays(place(inFolder), never)).lost, times);
    const [early, late] = [await since(inFolder, 0), await since(inFolder, 3)];
    assert.deepEqual([early.lost, early.added.rows.map(({ name }) => name)], [times, ['pin 4', 'pin 6', 'pin 7']]);
    assert.deepEqual([late.lost, late.added.count, late.gone.count, late.fromMs], [[], 1, 1, FIRST + 3 * DAY]);
  });

  it('begins again where a file is gone, or is no history at all', async () => {
    for (const ending of ['.changes', '.list'] as const) {
      const inFolder = copy();
      rmSync(fileOf(inFolder, ending));
      assert.equal(await goesOn(inFolder, true), 'lost');
      const other = copy();
      writeFileSync(fileOf(other, ending), 'x'.repeat(5000));
      assert.equal(await goesOn(other, true), 'lost');
    }
  });
});
