import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { testFolder } from '../support/folder';

describe('in a clone without node_modules', () => {
  const clone = testFolder('clone');
  for (const part of ['scripts', 'package.json', 'package-lock.json', 'esbuild.mjs'])
    cpSync(path.join(process.cwd(), part), path.join(clone, part), { recursive: true });
  const run = (
    script: string,
    ...args: string[]
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
    spawnSync(process.execPath, [path.join('scripts', script), ...args], { cwd: clone, encoding: 'utf8' });
  const scripts = readdirSync(path.join(clone, 'scripts')).filter((file) => file.endsWith('.mjs'));
  // The command line explains its options itself, and is built for that.
  const explained = scripts.filter(
    (file) => !readFileSync(path.join(clone, 'scripts', file), 'utf8').includes('commandLine.mjs'),
  );

  it('--help of each script explains it', () => {
    assert.ok(explained.length > 10);
    for (const script of explained) {
      const { status, stdout, stderr } = run(script, '--help');
      assert.deepEqual([status, stderr], [0, ''], script);
      assert.match(stdout, /^`(?:npm|node scripts\/)/, script);
    }
  });

  it('each script that installs nothing says what to do first', () => {
    for (const script of ['watch.mjs', 'testUnit.mjs']) {
      const { status, stderr } = run(script);
      assert.deepEqual([status, stderr.trim()], [1, 'Run `npm ci` first.'], script);
    }
  });
});
