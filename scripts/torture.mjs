// `npm run torture [-- stores | arrow [OPTIONS]]`: minutes, where `npm test` takes seconds. Without a name it runs both, and options go to stores.
// stores: reads pin databases beside real writers, after real crashes and with damage of every kind.
//   --reads N      beside a writer, in all journal modes together; default 10,000
//   --crashes N    of each journal mode; default 40
//   --stride N     every n-th byte behind the headers is damaged; default 3
//   --modes A,B    of wal, delete, truncate, persist; default all
//   --seed N       default: a different one each time; it is printed
// arrow: reads Arrow bodies cut at each byte, with each byte inverted and each bit flipped, beside pyarrow.
//   --stride N     every n-th flip; default 1
//   --bodies NAME  only those whose name contains this
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main, out, root } from './lib/project.mjs';
import { ensurePython } from './lib/python.mjs';

const text = { type: 'string' };
const RUNS = {
  stores: {
    entry: 'storeTorture',
    args: ['--wasm', inRoot('node_modules/sql.js/dist/sql-wasm.wasm')],
    options: { reads: text, crashes: text, stride: text, modes: text, seed: text },
  },
  arrow: { entry: 'arrowDamage', args: [], options: { stride: text, bodies: text } },
};

await main(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const runs = name !== undefined && name in RUNS ? { [name]: rest } : { stores: process.argv.slice(2), arrow: [] };
  for (const [run, args] of Object.entries(runs)) parseArgs({ args, options: RUNS[run].options });
  await ensureNodeModules();
  const python = await ensurePython();
  const { build } = await import('esbuild');
  let failed = 0;
  for (const [run, options] of Object.entries(runs)) {
    const { entry, args } = RUNS[run];
    const outfile = path.join(out, `${entry}.js`);
    await build({
      absWorkingDir: root,
      entryPoints: [`test/${entry}/torture.ts`],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'inline',
      loader: { '.py': 'text', '.wasm': 'binary' },
      logLevel: 'warning',
    });
    const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args, ...options], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, IPFS_KIT_TEST_PYTHON: python },
    });
    failed ||= status ?? 1;
  }
  process.exitCode = failed;
});
