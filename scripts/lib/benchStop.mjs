// The stop figures of `npm run bench`: stop(options) beside the documented procedure, on the same trees in the same run, in a PID namespace.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { median, spread } from './measuring.mjs';
import { unshareCommand } from './namespace.mjs';
import { inRoot, out, root } from './project.mjs';

/** Rows of the table. */
export async function benchStop({ runs, python }) {
  const outdir = path.join(out, 'bench');
  await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    entryPoints: { stop: 'src/reaper/stop.ts', psTreeWorker: 'src/reaper/psTree/psTreeWorker.ts' },
    outdir,
  });
  const [program, ...options] = unshareCommand();
  const inside = [process.execPath, inRoot('scripts/benchStop/inside.mjs'), path.join(outdir, 'stop.js'), python, String(runs)];
  // The first process of a namespace inherits all orphans: a shell that waits reaps them, so no zombies accumulate.
  const init = ['sh', '-c', '"$@"; exit $?', 'sh'];
  const { status, stdout, stderr } = spawnSync(program, [...options, ...init, ...inside], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`The stop benchmark failed: ${stdout}${stderr}`);
  const { figures, block } = JSON.parse(stdout.trim().split('\n').at(-1));
  return [
    ...figures.map(({ name, floor, own, stop, peer, peerLeft }) => {
      const base = floor ?? median(own);
      const allowed = floor === undefined ? 50 : name.startsWith('a hundred') ? 1000 : 150;
      const left = peerLeft > 0 ? `, and leaves ${peerLeft} alive` : '';
      return [
        `stop, ${name}, ms`,
        `${spread(stop)} (${floor === undefined ? `own exit ${base.toFixed(0)}` : `term time ${base}`} + ${(median(stop) - base).toFixed(0)})`,
        `+ ${allowed}`,
        `documented procedure: ${spread(peer)} (ratio ${(median(stop) / median(peer)).toFixed(2)})${left}`,
      ];
    }),
    ['stop, longest block of the thread, 300 other processes, ms', block.toFixed(0), '16', ''],
  ];
}
