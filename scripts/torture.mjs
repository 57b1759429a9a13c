// `npm run torture`: reads pin databases beside real writers, after real crashes and with damage of every kind; minutes, where `npm test` takes seconds.
//   --reads N      beside a writer, in all journal modes together; default 10,000
//   --crashes N    of each journal mode; default 40
//   --stride N     every n-th byte behind the headers is damaged; default 3
//   --modes A,B    of wal, delete, truncate, persist; default all
//   --seed N       default: another each time; it is printed
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main, out, root } from './lib/project.mjs';
import { ensurePython } from './lib/python.mjs';

await main(async () => {
  await ensureNodeModules();
  const python = await ensurePython();
  const { build } = await import('esbuild');
  const outfile = path.join(out, 'storeTorture.js');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/storeTorture/torture.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    loader: { '.py': 'text' },
    logLevel: 'warning',
  });
  const wasm = inRoot('node_modules/sql.js/dist/sql-wasm.wasm');
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, '--wasm', wasm, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, IPFS_KIT_TEST_PYTHON: python },
  });
  process.exitCode = status ?? 1;
});
