import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { testFolder } from '../support/folder';
import { needs } from '../support/needs';

const script = path.join(testFolder('lifeline'), 'script.mjs');
const lifeline = pathToFileURL(path.join(process.cwd(), 'scripts/lib/lifeline.mjs')).href;

/** A program that starts a daemon in its own session, which keeps the standard output open while it lives. */
writeFileSync(
  script,
  `import { spawn } from 'node:child_process';
   import { runWithLifeline } from ${JSON.stringify(lifeline)};
   const status = await runWithLifeline(process.argv[1], process.argv.slice(2));
   if (status !== undefined) process.exit(status);
   if (process.argv[2] === 'end') process.exit(7);
   spawn(process.execPath, ['-e', 'console.log("ready"); setInterval(() => {}, 1e6)'], { detached: true, stdio: 'inherit' });`,
);

describe('what a script with a lifeline has started', needs('PID namespaces'), () => {
  const ways: [what: string, signal: NodeJS.Signals, before: string[]][] = [
    ['the script', 'SIGKILL', []],
    ['the script', 'SIGTERM', []],
    ['the script', 'SIGINT', []],
    ['the script', 'SIGHUP', []],
    ['npm, which runs it with a shell,', 'SIGKILL', ['-c', `sh -c '"$@"; exit $?' "$@"; exit $?`, 'sh', 'sh', process.execPath]],
  ];
  for (const [what, signal, before] of ways)
    it(`has ended, daemons included, once ${what} has received ${signal}`, { timeout: 20_000 }, async () => {
      const child = spawn(before.length > 0 ? 'sh' : process.execPath, [...before, script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, npm_lifecycle_event: 'test' }, // As npm sets it, however this test is started.
      });
      await once(child.stdout, 'data');
      const gone = once(child.stdout.resume(), 'close');
      child.kill(signal);
      await gone;
    });

  it('leaves the script its exit status', async () => {
    const [code] = (await once(spawn(process.execPath, [script, 'end'], { stdio: 'inherit' }), 'exit')) as [number];
    assert.equal(code, 7);
  });
});
