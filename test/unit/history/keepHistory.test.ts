import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { HistoryRow } from '../../../src/history/historyContract';
import { historyDays } from '../../../src/history/askHistory';
import { dropOldest, filesOf } from '../../../src/history/historyFiles';
import { testFolder } from '../../support/folder';
import { rounds } from '../../support/rounds';
import { DAY, FIRST, keep, never, plainChanges, rawCid, saidOf, since, v0Cid, v1Cid } from './keptLists';

const folder = testFolder('history');
const newFolder = (): string => mkdtempSync(path.join(folder, 'of-'));
const pinsOf = (from: number, to: number): readonly HistoryRow[] =>
  Array.from({ length: to - from }, (_, at) => ({ cid: rawCid(from + at), name: `pin ${from + at}`, status: 'pinned' }));

const anyCid = fc.oneof(
  fc.nat(3).map(rawCid),
  fc.nat(3).map(v0Cid),
  fc.nat(3).map(v1Cid),
  fc.nat(1).map((of) => rawCid(of).toUpperCase()),
  fc.constantFrom('not a CID', 'Qm…'),
);
const anyRow: fc.Arbitrary<HistoryRow> = fc.record(
  {
    cid: anyCid,
    name: fc.constantFrom('a', 'b', 'ü', '💾'),
    status: fc.constantFrom('pinned', 'failed', 'queued'),
  },
  { requiredKeys: ['cid'] },
);
const anyLists = fc.array(fc.array(anyRow, { maxLength: 12 }), { minLength: 2, maxLength: 6 });

describe('the history of a list', () => {
  it('says of any two lists what Maps say of them, whatever came between', async () => {
    await fc.assert(
      fc.asyncProperty(anyLists, async (lists) => {
        const inFolder = newFolder();
        for (const [day, list] of lists.entries()) {
          const { changes } = await keep(inFolder, list, day);
          const before = lists[day - 1];
          if (before && changes) assert.deepEqual(saidOf(changes), plainChanges(before, list));
          if (before && !changes) assert.deepEqual(plainChanges(before, list), [[], [], [], []]);
        }
        for (const [day, list] of lists.entries()) {
          const changes = await since(inFolder, day);
          assert.deepEqual(saidOf(changes), plainChanges(list, lists.at(-1) ?? []));
          assert.deepEqual(changes.lost, []);
        }
      }),
      { numRuns: rounds(600) },
    );
  });

  it('notes at most once a day that a list has not changed, and writes nothing else for it', async () => {
    const inFolder = newFolder();
    const list = pinsOf(0, 50);
    const size = (): number => readdirSync(inFolder).reduce((sum, name) => sum + statSync(path.join(inFolder, name)).size, 0);
    assert.equal((await keep(inFolder, list, 0)).written, 'start');
    const first = size();
    assert.equal((await keep(inFolder, list.toReversed(), 0)).written, 'nothing');
    assert.equal(size(), first);
    assert.deepEqual([(await keep(inFolder, list, 1)).written, (await keep(inFolder, list, 1)).written], ['look', 'nothing']);
    assert.equal(size() - first, 64);
    const days = await historyDays({ folder: inFolder, source: 'source' }, never);
    assert.deepEqual(days, { atMs: [FIRST, FIRST + DAY], changes: [0, 0], lost: [] });
    assert.equal(readdirSync(inFolder).length, 2, 'no lock and no temporary file is left');
  });

  it('keeps the statuses that are known where a later list has none, and leaves out indirect pins', async () => {
    const inFolder = newFolder();
    await keep(inFolder, pinsOf(0, 3), 0);
    const withoutStatuses = [...pinsOf(0, 3).map(({ cid, name }) => ({ cid, name })), { cid: rawCid(9), type: 'indirect' }];
    assert.equal((await keep(inFolder, withoutStatuses, 1, { withStatuses: false })).written, 'look');
    const [first, ...others] = pinsOf(0, 3);
    assert.ok(first);
    const { changes } = await keep(inFolder, [{ ...first, status: 'failed' }, ...others], 2);
    assert.deepEqual(changes?.status, { count: 1, rows: [{ ...first, status: 'failed', was: 'pinned' }] });
    assert.deepEqual([changes.added.count, changes.gone.count, changes.renamed.count], [0, 0, 0]);
  });

  it('doesn’t count as lost what was removed from here, in whatever version its CID is written', async () => {
    const inFolder = newFolder();
    const [one, two] = [
      { cid: v0Cid(1), name: 'one' },
      { cid: rawCid(2), name: 'two' },
    ];
    await keep(inFolder, [one, two, { cid: rawCid(3) }], 0);
    const kept = await keep(inFolder, [{ cid: rawCid(3) }], 1, { removed: [v1Cid(1), rawCid(3), rawCid(4)] });
    assert.deepEqual(kept.changes?.gone, {
      count: 2,
      rows: [
        { ...one, status: undefined },
        { ...two, status: undefined },
      ],
    });
    assert.deepEqual([kept.lost, kept.removed], [{ count: 1, rows: [{ ...two, status: undefined }] }, [v1Cid(1)]]);
    assert.equal(kept.sinceMs, FIRST);
  });

  it('gives the first rows of each kind and the number of all', async () => {
    const inFolder = newFolder();
    await keep(inFolder, pinsOf(0, 1000), 0);
    await keep(inFolder, pinsOf(400, 1400), 1);
    const { added, gone, fromMs, toMs } = await since(inFolder, 0, 7);
    assert.deepEqual([added.count, added.rows.length, gone.count, gone.rows.length], [400, 7, 400, 7]);
    assert.deepEqual([added.rows[0]?.name, gone.rows[0]?.name, fromMs, toMs], ['pin 1000', 'pin 0', FIRST, FIRST + DAY]);
  });

  it('begins with the first list where it is asked for an earlier one, and says so', async () => {
    const inFolder = newFolder();
    await keep(inFolder, pinsOf(0, 2), 0);
    await keep(inFolder, pinsOf(0, 3), 1);
    const { added, fromMs, lost } = await since(inFolder, -100);
    assert.deepEqual([added.count, fromMs, lost], [1, FIRST, []]);
    await assert.rejects(since(newFolder(), 0), { reason: 'missing' });
  });

  it('takes half of its bytes when they are too many, the oldest first, and none that the last list needs', async () => {
    const inFolder = newFolder();
    const bounds = { bytes: 20_000, records: 1000, days: 1000 };
    for (let day = 0; day < 60; day++) await keep(inFolder, pinsOf(30 * day, 30 * day + 100), day, { bounds });
    const sizes = readdirSync(inFolder).map((name) => statSync(path.join(inFolder, name)).size);
    assert.ok(Math.max(...sizes) <= 20_000, `${sizes.join(' and ')} bytes`);
    const days = await historyDays({ folder: inFolder, source: 'source' }, never);
    assert.ok(days.atMs.length > 3 && days.atMs.length < 30, `${days.atMs.length} records`);
    assert.deepEqual([days.lost, days.atMs.at(-1)], [[], FIRST + 59 * DAY]);
    const { added, gone, fromMs } = await since(inFolder, 0);
    assert.equal(fromMs, days.atMs[0]);
    const daysSince = (FIRST + 59 * DAY - fromMs) / DAY;
    assert.deepEqual([added.count, gone.count], [Math.min(100, 30 * daysSince), Math.min(100, 30 * daysSince)]);
    assert.equal((await keep(inFolder, pinsOf(1770, 1870), 60, { bounds })).written, 'look');
  });

  it('keeps no more records, and none longer, than it may', async () => {
    const inFolder = newFolder();
    const bounds = { bytes: 2 ** 20, records: 150, days: 110 };
    const ofDay = (day: number): readonly HistoryRow[] => pinsOf(day, day + 2);
    for (let day = 0; day < 160; day++) await keep(inFolder, ofDay(day), day, { bounds });
    const days = await historyDays({ folder: inFolder, source: 'source' }, never);
    assert.ok(days.atMs.length <= 150 && days.atMs.length >= 100, `${days.atMs.length} records`);
    assert.ok((days.atMs[0] ?? 0) >= FIRST + (159 - 110 / 0.9 - 1) * DAY);
    assert.deepEqual(days.lost, []);
  });

  it('writes nothing when it is canceled', async () => {
    const inFolder = newFolder();
    await assert.rejects(keep(inFolder, pinsOf(0, 5000), 0, { signal: AbortSignal.abort() }), { reason: 'cancelled' });
    assert.deepEqual(readdirSync(inFolder), []);
  });
});

describe('two windows with the history of one list', () => {
  it('write one of two lists that come at once, and never both: the other list is compared next time', async () => {
    const inFolder = newFolder();
    await keep(inFolder, pinsOf(0, 100), 0);
    for (let day = 1; day < 12; day++) {
      const results = await Promise.all([0, 1, 2].map((of) => keep(inFolder, pinsOf(10 * day + of, 10 * day + 100), day)));
      const written = results.filter(({ written }) => written === 'changes');
      assert.ok(written.length >= 1);
      for (const { written: how } of results) assert.ok(['changes', 'busy', 'nothing'].includes(how), how);
    }
    await keep(inFolder, pinsOf(0, 1), 12);
    const { added, gone, lost } = await since(inFolder, 0);
    assert.deepEqual([added.count, gone.count, lost], [0, 99, []]);
    assert.equal(readdirSync(inFolder).length, 2, 'no lock and no temporary file is left');
  });
});

describe('a folder for the history', () => {
  it('isn’t waited for while another window has its lock, which is removed once it was left behind', async () => {
    const inFolder = newFolder();
    await keep(inFolder, pinsOf(0, 10), 0);
    const [name = ''] = readdirSync(inFolder);
    const lock = path.join(inFolder, `${path.parse(name).name}.lock`);
    writeFileSync(lock, '');
    assert.equal((await keep(inFolder, pinsOf(0, 20), 1)).written, 'busy');
    const tenYears = 10 * 365 * 86_400;
    for (const [round, away] of [-120, tenYears].entries()) {
      writeFileSync(lock, '');
      const then = Date.now() / 1000 + away; // the clock may have been ahead
      utimesSync(lock, then, then);
      const list = pinsOf(0, 20 + 10 * round);
      assert.equal((await keep(inFolder, list, 1)).written, 'busy');
      assert.equal((await keep(inFolder, list, 1)).changes?.added.count, 10);
    }
  });

  it('that can’t be written to is an error', async () => {
    const inFolder = path.join(newFolder(), 'file');
    writeFileSync(inFolder, '');
    await assert.rejects(keep(path.join(inFolder, 'below'), pinsOf(0, 10), 0), { reason: 'unreadable' });
  });

  it('keeps the other sources where one says each time that it is another', async () => {
    const inFolder = newFolder();
    const made = (source: string, of: string, seconds: number): void => {
      const { list } = filesOf({ folder: inFolder, source, of });
      writeFileSync(list, '');
      utimesSync(list, seconds, seconds);
    };
    made('mine', 'mine', 1000);
    for (let each = 0; each < 200; each++) made(`peer ${each}`, 'kubo', 2000 + each);
    const now = filesOf({ folder: inFolder, source: 'peer 199', of: 'kubo' });
    await dropOldest(inFolder, now);
    const mine = path.basename(filesOf({ folder: inFolder, source: 'mine', of: 'mine' }).list);
    assert.equal(readdirSync(inFolder).length, 9);
    assert.ok(readdirSync(inFolder).includes(mine) && readdirSync(inFolder).includes(path.basename(now.list)));
  });

  it('has no more bytes than it may: the sources go that were kept the longest ago', async () => {
    const inFolder = newFolder();
    for (let of = 0; of < 5; of++) {
      const file = path.join(inFolder, `${of}`.repeat(32));
      for (const ending of ['.changes', '.list']) {
        writeFileSync(file + ending, Buffer.alloc(1000));
        utimesSync(file + ending, 1000 + of, 1000 + of);
      }
    }
    await dropOldest(inFolder, filesOf({ folder: inFolder, source: 'kept now' }), 4500);
    assert.deepEqual(readdirSync(inFolder).map((name) => `${name[0]}${path.extname(name)}`), ['3.changes', '3.list', '4.changes', '4.list']); // prettier-ignore
  });
});
