import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND, VIEW } from '../../../src/base/contributions';
import type { TestDaemon } from '../../support/testDaemon';
import { startTestDaemon } from '../../support/testDaemon';
import { waitForView } from '../bridge';
import { api, emptyDataFolder, NO_SERVER, setDaemon } from '../fixtures';

/** Heap that the rows of a few refreshes use, in bytes; code that the engine optimizes adds some 100 kB once. */
const MOST_GROWN_BYTES = 2 ** 20;

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  /** Number of sockets, pipes and timers that Node.js counts as active. */
  readonly resources: number;
  /** Heap of the whole extension host after garbage collection, in bytes, with the rows that VS Code keeps for the view. */
  readonly heapBytes: number;
}

async function held(): Promise<Held> {
  await sleep(600); // VS Code requests rows about 200 ms after it is notified of a change.
  const session = new Session();
  session.connect();
  for (let round = 0; round < 3; round++) await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    resources: process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length,
    heapBytes: process.memoryUsage().heapUsed,
  };
}

/** Runs `doIt` `times` times, and compares what the host holds half way and at the end, since all code has run once by then. */
async function assertNothingGrows(times: number, doIt: (at: number) => PromiseLike<unknown>): Promise<void> {
  const warnings: string[] = [];
  const warned = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
  process.on('warning', warned);
  let halfWay: Held | undefined;
  try {
    for (let at = 0; at < times; at++) {
      if (at === Math.floor(times / 2)) halfWay = await held();
      await doIt(at);
    }
  } finally {
    process.off('warning', warned);
  }
  const end = await held();
  assert.ok(halfWay);
  assert.deepEqual(
    warnings.filter((text) => text.includes('MaxListeners')),
    [],
  );
  // VS Code and its other extensions also open and close some resources.
  for (const what of ['descriptors', 'threads', 'resources'] as const)
    assert.ok(end[what] <= halfWay[what] + 4, `${end[what]} ${what}, ${halfWay[what]} half way`);
  const grown = end.heapBytes - halfWay.heapBytes;
  assert.ok(grown < MOST_GROWN_BYTES, `the heap has grown by ${grown} bytes in ${times / 2} times`);
}

describe('what is done hundreds of times', () => {
  const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
  let daemon: TestDaemon;

  before(async () => {
    emptyDataFolder();
    daemon = await startTestDaemon(['--pins', '150', '--no-database']);
    await setDaemon(daemon.url);
    await run(`${VIEW.pins}.focus`);
    await run(COMMAND.refreshPins);
    await waitForView('pins', ({ rows }) => rows.length > 5);
  });
  after(async () => {
    await run(COMMAND.clearFilter);
    await setDaemon();
    await daemon.stop();
  });

  it('leaves nothing behind: 200 refreshes in view', async () => {
    await assertNothingGrows(200, () => run(COMMAND.refreshPins));
    assert.equal((await api()).state().list.total, 150);
  });

  it('leaves nothing behind: 200 filters in view', () => assertNothingGrows(200, (at) => run(COMMAND.filterPins, `a${at % 10}`)));

  it('leaves nothing behind: 30 changes of the settings', () =>
    assertNothingGrows(30, (at) => setDaemon(...(at % 2 === 0 ? [daemon.url, NO_SERVER] : [daemon.url]))));

  it('leaves nothing behind: 40 times hiding the view and showing it again', () =>
    assertNothingGrows(40, async () => {
      await run('workbench.view.explorer');
      await run(`${VIEW.pins}.focus`);
    }));
});
