// The figures of Files for `npm run bench`: a million entries in one folder, read from a Kubo repository on disk.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { least, measuring, spread } from './measuring.mjs';
import { inRoot, out } from './project.mjs';

/** A run takes some seconds. */
const MOST_RUNS = 5;

/** Rows of the table. */
export async function benchFiles({ runs }) {
  const repository = path.join(out, 'bench', 'files-1000000');
  mkdirSync(path.dirname(repository), { recursive: true });
  const measure = await measuring('benchFiles');
  const { first, all, plain, blocked, blocks, peakMegabytes } = measure([repository, inRoot('dist'), Math.min(MOST_RUNS, runs)]);
  const ratio = (least(all) / least(plain)).toFixed(2);
  return [
    ['Files with 1,000,000 entries in one folder, on disk: open → first 200 in the host, ms', spread(first), '300', ''],
    [
      `… all of them, every one of ${blocks.toLocaleString('en-US')} blocks compared with its CID, ms`,
      spread(all),
      '',
      `plain read and SHA-256 of the same blocks: ${spread(plain)} (${ratio} ×)`,
    ],
    ['… longest block of the host’s thread meanwhile, by the clock, ms', spread(blocked), '', ''],
    ['… most memory meanwhile beyond that of the idle process, the first time, MB', peakMegabytes.toFixed(0), '', ''],
  ];
}
