import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JOURNAL_MODES, readBesideWriter } from '../../../storeTorture/liveReads';
import { rounds } from '../../../support/rounds';
import { newFile, WASM_FILE } from '../testDatabases';

/** A short form of `npm run torture`. */
const READS = rounds(100);

describe('a database that is being written', () => {
  for (const [index, mode] of JOURNAL_MODES.entries())
    it(`is shown as of a moment between two transactions, never older than what is committed (${mode})`, async () => {
      const seen = await readBesideWriter({ file: newFile(), mode, reads: READS, seed: index + 4, wasmFile: WASM_FILE });
      assert.deepEqual({ torn: seen.torn, errors: seen.errors }, { torn: [], errors: [] });
      assert.ok(seen.reads >= READS, `${seen.reads} reads, busy ${seen.busy} times`);
      assert.ok(seen.generations.size >= 10, `${seen.generations.size} generations were seen: it was hardly written meanwhile`);
      const { control } = seen;
      assert.ok(
        control.torn + control.stale + control.errors > 0,
        `the plain bytes were right ${control.reads} times: this proves nothing`,
      );
    });
});
