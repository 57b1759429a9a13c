// `npm run test:real`: pins and their content beside a real Kubo and a real IPFS Cluster, which are built from source with Go ≥ 1.26.4
// (some minutes, 2 GB of Go's caches, the first time).
//   --part NAME   only `node` or `workbench`
//   --only TEXT   in `node`, only the files whose name contains this
// No daemon is left behind when it is killed, by any signal (lib/lifeline.mjs).
// Ends with the line "N passed, N failed". It fails without Go, or if the build fails, because it was requested explicitly.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension } from './lib/build.mjs';
import { runWithLifeline } from './lib/lifeline.mjs';
import { loopbackOnlyCommand } from './lib/namespace.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main, out, refuseUnknown, root } from './lib/project.mjs';
import { ensurePython } from './lib/python.mjs';
import { say } from './lib/run.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { part: { type: 'string' }, only: { type: 'string', default: '' } } });
  const parts = { node: inNode, workbench: inWorkbench };
  const wanted = values.part === undefined ? Object.keys(parts) : [values.part];
  refuseUnknown('part', wanted, Object.keys(parts));
  const status = await runWithLifeline(process.argv[1], process.argv.slice(2));
  if (status !== undefined) return void (process.exitCode = status);
  await ensureNodeModules();
  const { ensureDaemon } = await import('./lib/realDaemons.mjs');
  process.env.IPFS_KIT_TEST_KUBO = ensureDaemon('kubo');
  process.env.IPFS_KIT_TEST_CLUSTER = ensureDaemon('cluster');
  const product = await packageExtension();
  process.env.IPFS_KIT_TEST_PYTHON = await ensurePython();
  const results = [];
  for (const name of wanted) results.push(await parts[name](product, values.only));
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('passed') > 0 && sum('failed') === 0 ? 0 : 1;
});

/** test/realDaemons/*.test.ts: the sources in plain Node. */
async function inNode(_product, only) {
  const { build } = await import('esbuild');
  const folder = inRoot('test/realDaemons');
  const outdir = path.join(out, 'test/realDaemons');
  const tests = readdirSync(folder).filter((file) => file.endsWith('.test.ts') && file.includes(only));
  await build({
    absWorkingDir: root,
    entryPoints: tests.map((file) => path.join(folder, file)),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const files = tests.map((file) => path.join(outdir, file.replace(/\.ts$/, '.js')));
  // IPFS Cluster searches for a router that forwards ports, and no setting prevents that.
  const [program, ...options] = [...(loopbackOnlyCommand() ?? []), process.execPath, '--test', '--test-reporter=spec'];
  const { stdout, status } = spawnSync(program, [...options, ...files], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(stdout);
  const count = (what) => Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);
  const [passed, failed] = [count('pass'), count('fail') + count('cancelled') + count('skipped') + count('todo')];
  return { passed, failed: passed > 0 && failed === 0 && status !== 0 ? 1 : failed };
}

/** test/realDaemons/journeys: a real Kubo below a real workbench. */
async function inWorkbench(product) {
  const { ensureCodeServer } = await import('./lib/codeServer.mjs');
  const { ensureChromium } = await import('./lib/chromium.mjs');
  const { runJourneys } = await import('./lib/uiLane.mjs');
  const { realKuboTools } = await import('./lib/realDaemons.mjs');
  await ensureCodeServer();
  const chromium = await ensureChromium();
  say('Running the journeys with a real Kubo, in a real workbench (some minutes: one waits until a pin times out)');
  const results = await runJourneys({
    ...{ chromium, product, folder: 'test/realDaemons/journeys', shotsOf: 'real-' },
    tools: await realKuboTools(),
  });
  const failed = results.filter(({ error }) => error !== undefined);
  for (const { title, error } of failed) console.log(`✖ ${title}\n${String(error).replace(/^/gm, '    ')}`);
  return { passed: results.length - failed.length, failed: failed.length };
}
