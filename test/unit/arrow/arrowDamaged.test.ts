import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Pin } from '../../../src/pin/pin';
import { cuts, flips, pinsOf, readDamagedBodies } from '../../arrowDamage/damagedBodies';
import { makeBodies } from '../../arrowDamage/makeBodies';
import type { ArrowOracle, Damage } from '../../arrowDamage/oracle';
import { startArrowOracle } from '../../arrowDamage/oracle';

/** The number of damaged bodies of each kind; `npm run torture` reads them all. */
const SAMPLE = 200;
/** Each run has another seed, which failures print. `IPFS_KIT_SEED` repeats a run. */
const seed = Number(process.env['IPFS_KIT_SEED'] ?? Date.now() % 1_000_000);

const folder = mkdtempSync(path.join(tmpdir(), 'arrow-damaged-'));
let oracle: ArrowOracle;
before(() => {
  makeBodies(folder);
  oracle = startArrowOracle();
});
after(() => {
  oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

/** About SAMPLE of the damages at regular distances, from a start that the seed determines. */
function sampled(damages: Iterable<Damage>, total: number): Damage[] {
  const stride = Math.max(1, Math.floor(total / SAMPLE));
  return [...damages].filter((_, number) => (number + seed) % stride === 0);
}

describe(`a damaged body (seed ${seed})`, () => {
  const names = ['plain', 'lz4', 'zstd'].flatMap((packing) => [`${packing}.stream.arrows`, `${packing}.file.arrow`]);
  for (const name of [...names, 'large.stream.arrows', 'view.stream.arrows'])
    it(`(${name}) gives the pins that pyarrow gives with full validation, or is rejected with a reason`, async () => {
      const file = path.join(folder, name);
      const { length } = readFileSync(file);
      const damages = [...sampled(cuts(length), length), ...sampled(flips(length), 9 * length)];
      const { cases, read, wrong } = await readDamagedBodies(file, damages, oracle);
      assert.deepEqual(wrong, [], `seed ${seed}`);
      assert.ok(cases >= 2 * SAMPLE && read > SAMPLE / 20, `${read} of ${cases} were read`);
    });

  it('would be noticed if it gave other pins: a reader that omits the last one is detected', async () => {
    const file = path.join(folder, 'plain.stream.arrows');
    const { length } = readFileSync(file);
    const forgetful = async (body: Uint8Array): Promise<readonly Pin[]> => (await pinsOf(body)).slice(0, -1);
    const { wrong } = await readDamagedBodies(file, sampled(flips(length), 9 * length), oracle, forgetful);
    assert.ok(wrong.length > SAMPLE / 20);
  });
});
