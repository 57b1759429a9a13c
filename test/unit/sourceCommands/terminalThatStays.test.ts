import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createNotes, exitCodeIn, keptOpen, removeNotes } from '../../../src/sourceCommands/terminalThatStays';
import { testFolder } from '../../support/folder';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('kept-open');
const inFolder = (name: string): string => path.join(folder, name);

/** Runs a program as a terminal does, but with pipes, and in its own process group, which receives Ctrl+C. */
function run(notes: string, program: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const { shellPath, shellArgs } = keptOpen(notes, process.execPath, ['-e', program, ...args]);
  return spawn(shellPath, shellArgs, { detached: true });
}

function ended(child: ChildProcessWithoutNullStreams): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

function said(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  let output = '';
  return new Promise((resolve) =>
    child.stdout.on('data', (data) => {
      output += String(data);
      if (output.includes(text)) resolve();
    }),
  );
}

/** Sends Ctrl+D, which closes the terminal too. */
function close(child: ChildProcessWithoutNullStreams): void {
  child.stdin.end();
}

function ctrlC({ pid }: ChildProcessWithoutNullStreams): void {
  assert.ok(pid);
  process.kill(-pid, 'SIGINT');
}

describe('a program in a terminal that stays', needs(POSIX), () => {
  it('receives its arguments unchanged: no shell interprets them', async () => {
    const [notes, file] = [await createNotes(), inFolder('arguments')];
    const args = [`'`, '"', '$(touch x)', '`id`', '$HOME', '*', 'two words', '', '\\', '; exit 3', '-c', 'new\nline'];
    const child = run(
      notes,
      `require('fs').writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)))`,
      file,
      ...args,
    );
    close(child);
    await ended(child);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), args);
    await removeNotes(notes);
    assert.ok(!existsSync(notes));
  });

  it('reports its exit code, and its terminal stays until Ctrl+C', async () => {
    for (const code of [0, 1]) {
      const notes = await createNotes();
      const child = run(notes, `console.log('the reason'); setTimeout(() => process.exit(${code}), 300)`);
      const stays = said(child, 'Press Ctrl+C');
      const end = ended(child);
      assert.equal(await exitCodeIn(notes), undefined);
      await stays;
      assert.equal(await exitCodeIn(notes), code);
      const again = setInterval(() => child.exitCode ?? ctrlC(child), 200); // `sh` may have printed the notice before it has a process to end.
      const { code: ofTerminal, output } = await end;
      clearInterval(again);
      assert.match(output, new RegExp(`^the reason\\n\\nEnded with exit code ${code}\\.`));
      assert.equal(ofTerminal, 0);
      await removeNotes(notes);
    }
  });

  it('receives Ctrl+C while it runs', async () => {
    const notes = await createNotes();
    const child = run(notes, `process.on('SIGINT', () => process.exit(7)); console.log('ready'); setInterval(() => 0, 1000)`);
    const end = ended(child);
    await said(child, 'ready');
    const stays = said(child, 'exit code 7');
    ctrlC(child);
    await stays;
    assert.equal(await exitCodeIn(notes), 7);
    close(child);
    assert.equal((await end).code, 0);
    await removeNotes(notes);
  });

  it('lets its terminal close when it is released and succeeds, or ends by Ctrl+C, but not when it fails', async () => {
    const gone = '/nonexistent';
    const well = await ended(run(gone, 'process.exit(0)'));
    assert.deepEqual(well, { code: 0, output: '' });
    const child = run(gone, `console.log('ready'); setInterval(() => 0, 1000)`);
    const end = ended(child);
    await said(child, 'ready');
    ctrlC(child);
    assert.deepEqual(await end, { code: 0, output: 'ready\n' });
    const failing = run(gone, 'process.exit(4)');
    await said(failing, 'exit code 4');
    close(failing);
  });
});
