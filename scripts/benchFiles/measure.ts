import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createFilesSource } from '../../src/pinSource/filesSource';
import { closeListing } from '../../src/pinSource/listing';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { writeFilesOnDisk } from '../../test/support/filesOnDisk';
import { folderOfMany } from '../../test/support/manyEntries';

/**
 * Opens Files with a million entries in one folder, as a Kubo that doesn't run left them on disk, in the pin worker as it ships, and reads the same blocks plainly;
 * prints the figures of each run: `measure.js REPOSITORY DIST RUNS`.
 */

const COUNT = 1_000_000;
const PEER_ID = '12D3KooWEXaZm2yqmfaG3PSHCkyVyHCBmCdRbJvyGhQ5BqHC7jUS';
const [, , repository = '', dist = '', turns = '7'] = process.argv;
const megabytes = (bytes: number): number => bytes / 2 ** 20;

function make(): void {
  const { root, blocks } = folderOfMany(COUNT);
  writeFilesOnDisk(`${repository}.new`, blocks, root);
  writeFileSync(path.join(`${repository}.new`, 'config'), JSON.stringify({ Identity: { PeerID: PEER_ID } }));
  renameSync(`${repository}.new`, repository);
}

/** Reads the blocks in the order of their folders, and hashes each. */
function readPlainly(files: readonly string[]): number {
  const began = performance.now();
  for (const file of files) createHash('sha256').update(readFileSync(file)).digest();
  return performance.now() - began;
}

async function main(): Promise<void> {
  if (!existsSync(repository)) make();
  const folder = path.join(repository, 'blocks');
  const files = readdirSync(folder).flatMap((shard) =>
    readdirSync(path.join(folder, shard)).map((name) => path.join(folder, shard, name)),
  );
  const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  const source = createFilesSource({ repository, url: undefined, authorization: () => Promise.resolve(undefined) });
  const figures = {
    ...{ first: [] as number[], all: [] as number[], plain: [] as number[], blocked: [] as number[] },
    ...{ blocks: files.length, peakMegabytes: 0 },
  };
  for (let turn = 0; turn <= Number(turns); turn++) {
    const plain = readPlainly(files);
    const before = process.memoryUsage.rss();
    let firstRows: Promise<number> | undefined;
    let [longest, last] = [0, performance.now()];
    const tick = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const began = performance.now();
    const listing = await source.open({
      worker,
      onInterim: (soFar) => {
        const { table } = soFar.opened;
        const page = worker.request('page', { table, query: { limit: 200 } }).then((rows) => {
          if (rows.length !== 200) throw new Error(`${rows.length} first rows.`);
          return performance.now() - began;
        });
        firstRows ??= page;
        void page.then(() => closeListing(worker, soFar));
      },
    });
    const all = performance.now() - began;
    clearInterval(tick);
    const count = await worker.request('count', { table: listing.opened.table, of: {} });
    if (count !== COUNT || listing.incomplete) throw new Error(`${count} entries; ${listing.notes.join(' ')}`);
    const first = (await firstRows) ?? NaN;
    await closeListing(worker, listing);
    if (turn === 0) {
      figures.peakMegabytes = megabytes(process.resourceUsage().maxRSS * 1024 - before);
      continue; // warms the caches
    }
    figures.first.push(first);
    figures.all.push(all);
    figures.plain.push(plain);
    figures.blocked.push(longest);
  }
  await worker.dispose();
  process.stdout.write(JSON.stringify(figures));
}

void main();
