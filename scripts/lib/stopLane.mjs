// The stop lane: each case of test/stop/cases in a separate PID namespace and network, two at a time.
import { build } from 'esbuild';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { unshareCommand } from './namespace.mjs';
import { inRoot, out, root, SetupError, temporaryFolder } from './project.mjs';
import { atMost } from './run.mjs';

const CASES = inRoot('test/stop/cases');
const TREE_FILES = inRoot('test/stop/tree');
const BUNDLES = path.join(out, 'stop');
const AT_A_TIME = 2;
const CASE_MS = 60_000;

/** Results as [{ title, error? }]. */
export async function runStopCases({ only } = {}) {
  const unshare = unshareCommand(['--net']);
  const python = baseInterpreter();
  const names = readdirSync(CASES)
    .filter((name) => !only || name.includes(only))
    .sort();
  await buildStopCases(names);
  const slot = atMost(AT_A_TIME);
  const run = async (name) => {
    const started = performance.now();
    const { title, error, durations } = await runCase(name, unshare, python);
    const stops = durations.map((ms) => ms.toFixed(0)).join(', ');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${error === undefined ? '✓' : '✖'} ${title} [${name}: ${seconds} s; stop took ${stops || '?'} ms]`);
    return { title, ...(error !== undefined && { error }) };
  };
  return Promise.all(names.map((name) => slot(() => run(name))));
}

/** Not a wrapper script, and not a virtual environment, because cases count processes. */
function baseInterpreter() {
  const command = process.env.IPFS_KIT_TEST_PYTHON ?? process.env.PYTHON ?? 'python3';
  const code = 'import os, sys; print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))';
  const { status, stdout } = spawnSync(command, ['-c', code], { encoding: 'utf8' });
  if (status !== 0) throw new SetupError(`${command} isn't Python 3. Set PYTHON=/path/to/python3.`);
  return stdout.trim();
}

async function buildStopCases(names) {
  rmSync(BUNDLES, { recursive: true, force: true });
  const imports = names.map((name, index) => `import { stopCase as case${index} } from './cases/${name}/case';`);
  const table = names.map((name, index) => `${JSON.stringify(name)}: case${index}`);
  const entry = `import { runCase } from './runCase';\n${imports.join('\n')}\nvoid runCase({ ${table.join(', ')} });\n`;
  const common = { absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };
  const withMaps = { ...common, sourcemap: 'inline' };
  await build({
    ...withMaps,
    stdin: { contents: entry, resolveDir: inRoot('test/stop'), loader: 'ts' },
    outfile: path.join(BUNDLES, 'stopCases.js'),
  });
  await build({
    ...withMaps,
    entryPoints: { caller: 'test/stop/caller.ts', psTreeWorker: 'src/reaper/psTree/psTreeWorker.ts' },
    outdir: BUNDLES,
  });
}

async function runCase(name, unshare, python) {
  const { folder, remove } = temporaryFolder('stop-');
  try {
    chmodSync(folder, 0o755); // a bystander of another user runs there too
    const command = [
      process.execPath,
      '--enable-source-maps',
      path.join(BUNDLES, 'stopCases.js'),
      name,
      python,
      folder,
      TREE_FILES,
    ];
    const [program, ...options] = unshare;
    const child = spawn(program, [...options, python, path.join(TREE_FILES, 'init.py'), ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
    });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(part));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, CASE_MS);
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    clearTimeout(timer);
    const file = path.join(folder, 'outcome.json');
    const text = Buffer.concat(said).toString('utf8').trim().slice(-4000);
    const log = path.join(folder, 'tree.log');
    const more = [text, existsSync(log) && readFileSync(log, 'utf8').slice(-2000)].filter(Boolean).join('\n');
    if (isLate || !existsSync(file)) {
      const error = `${isLate ? `It was still running after ${CASE_MS / 1000} s.` : `It ended with ${code}.`}\n${more}`;
      return { title: name, error, durations: [] };
    }
    const outcome = JSON.parse(readFileSync(file, 'utf8'));
    return outcome.error === undefined ? outcome : { ...outcome, error: `${outcome.error}\n${more}`.trim() };
  } finally {
    remove();
  }
}
