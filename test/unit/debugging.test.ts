import assert from 'node:assert/strict';
import { formatMessagesSync } from 'esbuild';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import type { SourceLine } from '../support/breakpoints';
import { lineAfter, pausesAt } from '../support/breakpoints';
import { testFolder } from '../support/folder';

const inRoot = (...parts: string[]): string => path.join(process.cwd(), ...parts);
const json = (file: string): unknown => JSON.parse(readFileSync(inRoot(file), 'utf8'));

interface Configuration {
  readonly name: string;
  readonly program?: string;
  readonly preLaunchTask: string;
  readonly outFiles: readonly string[];
}
interface Task {
  readonly label: string;
  readonly script?: string;
  readonly dependsOn?: string;
  readonly problemMatcher: {
    readonly pattern: readonly { readonly regexp: string }[];
    readonly background: { readonly beginsPattern: string; readonly endsPattern: string };
  };
}

const { configurations } = json('.vscode/launch.json') as { configurations: readonly Configuration[] };
const { tasks } = json('.vscode/tasks.json') as { tasks: readonly Task[] };
const { scripts } = json('package.json') as { scripts: Record<string, string> };
const NO_PATTERNS = { beginsPattern: '(?!)', endsPattern: '(?!)' };
const labels = tasks.map(({ label }) => label);

describe('what an editor starts to debug', () => {
  it('names existing tasks, which name existing scripts', () => {
    for (const { preLaunchTask } of configurations) assert.ok(labels.includes(preLaunchTask), preLaunchTask);
    for (const { script, dependsOn } of tasks) {
      assert.ok(script === undefined || script in scripts, script);
      assert.ok(dependsOn === undefined || labels.includes(dependsOn), dependsOn);
    }
  });

  it('waits for lines of the watch, which needs no folder, and has built all when it prints the last', async () => {
    const folder = path.join(testFolder('watch'), 'dist');
    const watch = spawn(process.execPath, ['scripts/watch.mjs', '--out', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    const { beginsPattern, endsPattern } = tasks.find(({ label }) => label === 'watch')?.problemMatcher.background ?? NO_PATTERNS;
    try {
      for await (const line of createInterface({ input: watch.stdout })) if (lines.push(line) === 2) break;
    } finally {
      watch.kill();
    }
    const [begun = '', finished = ''] = lines;
    assert.match(begun, new RegExp(beginsPattern));
    assert.match(finished, new RegExp(endsPattern));
    const missing = ['extension.js', 'pinWorker.js', 'sql-wasm.wasm'].filter((file) => !existsSync(path.join(folder, file)));
    assert.deepEqual(missing, []);
  });

  it('finds an error of the build in what the watch prints', () => {
    const location = { file: 'src/logChannel.ts', line: 27, column: 15, length: 1, lineText: 'const broken = ;' };
    const [printed = ''] = formatMessagesSync([{ text: 'Unexpected ";"', location }], { kind: 'error' });
    const { pattern = [] } = tasks.find(({ label }) => label === 'watch')?.problemMatcher ?? {};
    const lines = printed.split('\n');
    const found = pattern.map(({ regexp }, index) => new RegExp(regexp).exec(lines[index] ?? '')?.slice(1));
    assert.deepEqual(found, [['Unexpected ";"'], [], ['src/logChannel.ts', '27', '15']]);
  });

  it('is the bundle of the test that is open', () => {
    const program = configurations.find(({ name }) => name === 'Debug This Unit Test')?.program ?? '';
    const open = { workspaceFolder: process.cwd(), relativeFileDirname: 'test/unit', fileBasenameNoExtension: 'debugging.test' };
    const file = program.replaceAll(/\$\{(\w+)\}/g, (_, name: keyof typeof open) => open[name]);
    assert.equal(path.resolve(file), __filename);
    assert.ok(existsSync(file));
  });
});

/** Loads and activates the extension with a `vscode` module whose every member returns itself. */
const HOST = `
const editor = new Proxy(function () {}, { get: (_, key) => key === Symbol.toPrimitive ? () => '' : editor, apply: () => editor, construct: () => editor });
const Module = require('node:module');
const load = Module._load;
Module._load = (name, ...rest) => name === 'vscode' ? editor : load(name, ...rest);
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', () => {
  try { require(workerData).activate(editor); } catch { process.exit(); }
});`;

describe('a breakpoint in the source is hit, through the source map,', { timeout: 30_000 }, () => {
  const dist = (name: string): string => inRoot('dist', name);
  const source = (file: string, head: string): SourceLine => lineAfter(inRoot('src', file), head);
  const asked = { id: 1, operation: 'none', params: {} };
  const asHandles = { env: {}, execArgv: [] };

  it('in the extension host', async () => {
    const wanted = source('extension.ts', 'export function activate(');
    const script = dist('extension.js');
    assert.deepEqual(await pausesAt(wanted, { script, started: HOST, eval: true, workerData: script, message: {} }), wanted);
  });

  it('in the pin worker', async () => {
    const wanted = source('pinWorker/pinWorker.ts', "parentPort?.on('message'");
    const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
    const workerData = { canceled: shared(), executing: shared(), firstTable: 0, environment: {} };
    assert.deepEqual(await pausesAt(wanted, { script: dist('pinWorker.js'), ...asHandles, workerData, message: asked }), wanted);
  });

  it('in the content worker', async () => {
    const wanted = source('vfs/vfsWorker.ts', "parentPort?.on('message'");
    assert.deepEqual(await pausesAt(wanted, { script: dist('vfsWorker.js'), ...asHandles, message: asked }), wanted);
  });
});
