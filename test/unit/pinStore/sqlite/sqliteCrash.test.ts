import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { readAfterCrashes, readAtMoments, waysToCrash } from '../../../storeTorture/crashes';
import { DAMAGED, readDamaged } from '../../../storeTorture/damage';
import { JOURNAL_MODES } from '../../../storeTorture/liveReads';
import { startOracle } from '../../../storeTorture/oracle';
import { memoryFolder } from '../../../support/folder';
import { isLong } from '../../../support/rounds';
import { WASM_FILE } from '../testDatabases';

/** A short form of `npm run torture`. */
const folder = memoryFolder('crashes');
const oracle = startOracle(folder);
after(() => oracle.close());

const SEED = Date.now() % 100_000;
/** The bytes between two that are changed. No multiple of it is the size of a page or of a frame of the log, so that it meets all their parts. */
const STRIDE = isLong ? 41 : 389;

describe('a database whose writer died', () => {
  for (const mode of JOURNAL_MODES) {
    const options = { folder, mode, seed: SEED, wasmFile: WASM_FILE, oracle };

    it(`is what Python makes of it after its own recovery, and stays as it is (${mode})`, async () => {
      const seen = await readAfterCrashes({ ...options, cases: waysToCrash(mode).length });
      assert.deepEqual(seen.wrong, []);
      assert.ok(seen.unmerged > 0, 'no case depended on a side file, so this proves nothing');
    });

    it(`matches what Python reads, at any moment (${mode})`, async () => {
      const seen = await readAtMoments({ ...options, cases: 12 });
      assert.deepEqual(seen.wrong, []);
      assert.equal(seen.cases, 12);
    });
  }
});

describe('a damaged database', () => {
  for (const what of DAMAGED)
    it(`with ${what} gives the rows that Python gives of the same bytes, or an error`, async () => {
      const seen = await readDamaged(what, { folder, wasmFile: WASM_FILE, oracle, stride: STRIDE });
      assert.deepEqual(seen.wrong, []);
      assert.ok(seen.read > 20 && seen.read < seen.cases, `${seen.read} of ${seen.cases} gave rows`);
    });
});
