import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pin } from '../../src/pin/pin';
import { closeListing } from '../../src/pinSource/listing';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import type { AskedFacts, PinSource } from '../../src/pinSource/pinSource';
import { testFolder } from '../support/folder';
import type { RealKubo } from './realKubo';

const dist = path.join(process.cwd(), 'dist');
const folder = testFolder('real-daemons');

/** The pin worker as it ships; it ends with the tests of the file. */
export const worker = createPinWorkerHandle({
  file: path.join(dist, 'pinWorker.js'),
  wasmFile: path.join(dist, 'sql-wasm.wasm'),
});
after(() => worker.dispose());

/** All pins of a source, sorted by name. The list must be complete. */
export async function pinsOf(source: PinSource): Promise<Pin[]> {
  const listing = await source.open({ worker });
  const pins = await worker.request('page', { table: listing.opened.table, query: { sort: 'name', limit: 10_000 } });
  await closeListing(worker, listing);
  assert.equal(listing.incomplete, undefined);
  return pins;
}

/** The facts that a source reports for a pin in view. */
export async function factsOf(source: PinSource, cid: string): Promise<AskedFacts | undefined> {
  const row = { pin: { cid } };
  let notify = (): void => undefined;
  const telling = new Promise<void>((resolve) => (notify = resolve));
  const facts = source.rowFacts?.<typeof row>(() => notify());
  facts?.of(row);
  await Promise.race([telling, sleep(10_000, undefined, { ref: false })]);
  const known = facts?.of(row);
  facts?.dispose();
  return known;
}

/** Adds a file of this length or with these bytes to a Kubo, and returns its CID. */
export function addedTo(kubo: RealKubo, name: string, content: number | Uint8Array, ...options: readonly string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, typeof content === 'number' ? Buffer.alloc(content, name) : content);
  return kubo.run('add', '-Q', '--cid-version=1', ...options, file).trim();
}

/** Calls `look` until its result satisfies `isSo`; fails after `within` ms with the last result. */
export async function comesTo<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, within = 60_000): Promise<T> {
  for (const end = Date.now() + within; ; await sleep(300)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    assert.ok(Date.now() < end, `It did not come to that: ${JSON.stringify(seen)}`);
  }
}
