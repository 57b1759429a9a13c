import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

/** Code that signals a process (signal 0 only checks for one), runs a program that does, requests a shutdown of a daemon, or closes a terminal. */
const ENDS =
  /\bprocess\.kill\b(?!\(\w+, 0\))|\.kill\('SIG|\.taskkill\b|\.signal\(|requestShutdown\(|requestKuboShutdown\(|\bterminal\.dispose\(/;

const source = path.join(process.cwd(), 'src');
const read = (file: string): string => readFileSync(file, 'utf8');

describe('the page about stopping', () => {
  const page = read(path.join(process.cwd(), 'docs/stopping.md'));
  const section = page.slice(page.indexOf('## What ends a process'), page.indexOf('## When another extension asks'));

  it('names every file that signals a process or asks a daemon to leave', () => {
    const files = readdirSync(source, { recursive: true })
      .map(String)
      .filter(
        (file) =>
          file.endsWith('.ts') && ENDS.test(read(path.join(source, file)).replace(/^export (?:async )?function .*/gm, '')),
      );
    assert.ok(files.length >= 10, files.join());
    const unnamed = files.filter((file) => !section.includes(path.basename(file)));
    assert.deepEqual(unnamed, ['reaper/pursuit.ts']); // pursuit.ts passes the decisions of stopSteps.ts to the process table.
  });

  it('names every command that does', () => {
    for (const command of [
      'Stop Daemon',
      'Restart Daemon',
      'Stop Kubo',
      'Start Kubo',
      'Daemon Processes',
      'stopDaemon',
      'ipfsKit.stop.allowedExtensions',
    ])
      assert.ok(section.includes(command), command);
  });
});
