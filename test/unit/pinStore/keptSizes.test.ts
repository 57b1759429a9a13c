import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { keptSizes } from '../../../src/pinStore/keptSizes';
import { testFolder } from '../../support/folder';

const folder = testFolder('kept-sizes');
const newFolder = (): string => mkdtempSync(path.join(folder, 'of-'));
const cids = (count: number, prefix = ''): readonly string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const known = (of: string, daemon: string, asked: readonly string[]): number => {
  const kept = keptSizes(of, daemon);
  return asked.filter((cid) => kept.get(cid) === 2 ** 50).length;
};

describe('sizes that are kept', () => {
  it('are those of all windows, which write at once, and of one daemon only', async () => {
    const inFolder = newFolder();
    const windows = ['a', 'b', 'c', 'd'].map((name) => ({ name, kept: keptSizes(inFolder, 'kubo one') }));
    for (let round = 0; round < 3; round++)
      await Promise.all(
        windows.map(({ name, kept }) => {
          for (const cid of cids(20, `${name}${round}-`)) kept.add(cid, 2 ** 50);
          return kept.save();
        }),
      );
    const all = windows.flatMap(({ name }) => [0, 1, 2].flatMap((round) => cids(20, `${name}${round}-`)));
    assert.deepEqual([known(inFolder, 'kubo one', all), known(inFolder, 'kubo two', all)], [240, 0]);
    assert.equal(readdirSync(inFolder).length, 1, 'no lock and no temporary file is left');
  });

  it('are bounded; any of them are dropped, so that some of a longer list stay', async () => {
    const inFolder = newFolder();
    const kept = keptSizes(inFolder, 'kubo', 100);
    for (const cid of cids(400)) kept.add(cid, 2 ** 50);
    await kept.save();
    assert.equal(known(inFolder, 'kubo', cids(400)), 100);
    const first = known(inFolder, 'kubo', cids(200));
    assert.ok(first > 0 && first < 100, `${first} of the first half`);
  });

  it('are as few in memory where they can not be written', async () => {
    const kept = keptSizes(undefined, 'kubo', 100);
    for (const cid of cids(400)) kept.add(cid, 2 ** 50);
    await kept.save();
    assert.equal(cids(400).filter((cid) => kept.get(cid) !== undefined).length, 100);
  });

  it('are written despite a lock that a killed window left behind, and wait for one that is held', async () => {
    const inFolder = newFolder();
    const kept = keptSizes(inFolder, 'kubo');
    kept.add('a', 2 ** 50);
    await kept.save();
    const lock = path.join(inFolder, `${readdirSync(inFolder)[0] ?? ''}.lock`);
    writeFileSync(lock, '');
    kept.add('b', 2 ** 50);
    await kept.save();
    assert.equal(known(inFolder, 'kubo', ['a', 'b']), 1, 'another window may be writing');
    utimesSync(lock, 1, 1);
    await kept.save();
    assert.equal(known(inFolder, 'kubo', ['a', 'b']), 2);
  });

  it('stay in memory where there is no folder, or it is none', async () => {
    const file = path.join(newFolder(), 'file');
    writeFileSync(file, '');
    for (const where of [undefined, path.join(file, 'sizes')]) {
      const kept = keptSizes(where, 'kubo');
      kept.add('a', 7);
      await kept.save();
      assert.deepEqual([kept.get('a'), kept.get('b')], [7, undefined]);
    }
  });
});
