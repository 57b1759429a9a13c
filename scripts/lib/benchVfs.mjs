// The figures of the VFS bridge for `npm run bench`.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { least, measuring, spread } from './measuring.mjs';
import { out } from './project.mjs';

/** Rows of the table. */
export async function benchVfs({ runs }) {
  const folder = path.join(out, 'bench', 'repository');
  mkdirSync(folder, { recursive: true });
  const measure = await measuring('benchVfs');
  const { verified, plain, ranged, blocks } = measure([folder, runs]);
  return [
    [
      '60 MB out of a Kubo repository, every block compared with its CID, ms',
      spread(verified),
      '2 × the other',
      `plain read and SHA-256 of the same bytes: ${spread(plain)} (${(least(verified) / least(plain)).toFixed(2)} ×)`,
    ],
    ['the first of ten bytes in the middle of it, ms (blocks read)', `${least(ranged).toFixed(1)} (${blocks})`, '', ''],
  ];
}
