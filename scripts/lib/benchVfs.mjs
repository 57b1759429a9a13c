// The figures of the VFS bridge for `npm run bench`.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { out, root } from './project.mjs';

/** Rows of the table. */
export async function benchVfs({ runs }) {
  const folder = path.join(out, 'bench', 'repository');
  const measure = path.join(out, 'bench', 'measureVfs.js');
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/benchVfs/measure.ts'],
    outfile: measure,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  const { verified, plain, ranged, blocks } = JSON.parse(
    execFileSync(process.execPath, [measure, folder, String(runs)], { encoding: 'utf8' }),
  );
  const least = (figures) => Math.min(...figures);
  const middle = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1];
  const both = (figures) => `${least(figures).toFixed(0)} / ${middle(figures).toFixed(0)}`;
  return [
    [
      '60 MB out of a Kubo repository, every block compared with its CID, ms',
      both(verified),
      '2 × the other',
      `plain read and SHA-256 of the same bytes: ${both(plain)} (${(least(verified) / least(plain)).toFixed(2)} ×)`,
    ],
    ['the first of ten bytes in the middle of it, ms (blocks read)', `${least(ranged).toFixed(1)} (${blocks})`, '', ''],
  ];
}
