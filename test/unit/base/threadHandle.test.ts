import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { ThreadHandle } from '../../../src/base/threadHandle';
import { createThreadHandle, isEndByAnother, isEndOfThread, repeatIfEndedByAnother } from '../../../src/base/threadHandle';
import { testFolder } from '../../support/folder';

const folder = testFolder('threads');

interface Asked {
  readonly ask: { readonly params: 'stuck' | 'answer' | 'leave' | 'throw'; readonly result: number };
}

/** Waits for a file, for at most a minute. */
const WAIT = `const { existsSync } = require('node:fs');
  setInterval(() => existsSync(process.argv[1]) && process.exit(), 10);
  setTimeout(() => process.exit(), 60_000);`;

/** A thread that blocks in native code, which can't be interrupted, until a file exists. It responds with its number, and counts its starts. */
const THREAD = `
  const { parentPort, threadId, workerData } = require('node:worker_threads');
  const { execFileSync } = require('node:child_process');
  const { existsSync } = require('node:fs');
  const { program, release, starts } = workerData;
  const started = new Int32Array(starts);
  Atomics.add(started, existsSync(release) ? 1 : 0, 1);
  parentPort.on('message', ({ id, params }) => {
    if (params === 'stuck') execFileSync(program, ['-e', ${JSON.stringify(WAIT)}, release]);
    else if (params === 'leave') process.exit(3);
    else if (params === 'throw') throw new TypeError('deep inside');
    else parentPort.postMessage({ id, result: threadId });
  });`;

interface Tried {
  readonly thread: ThreadHandle<Asked, { readonly sign: true }>;
  /** Lets the native code return. */
  readonly release: () => void;
  /** The number of threads that were started before and after the release. */
  readonly started: Int32Array;
  readonly ended: IpfsKitError[];
}

let tries = 0;

function newThread(exitMs?: number): Tried {
  const [file, release] = [path.join(folder, 'thread.js'), path.join(folder, `release-${++tries}`)];
  writeFileSync(file, THREAD);
  const started = new Int32Array(new SharedArrayBuffer(8));
  const ended: IpfsKitError[] = [];
  const thread = createThreadHandle<Asked, { readonly sign: true }>({
    file,
    workerData: () => ({ program: process.execPath, release, starts: started.buffer }),
    silenceMs: 500,
    ...(exitMs !== undefined && { exitMs }),
    heapMb: 64,
    onEnded: (why) => ended.push(why),
    texts: { silent: 'Trying', full: 'It is full.', failed: 'It failed', ended: 'It ended.' },
  });
  return { thread, release: () => writeFileSync(release, ''), started, ended };
}

const failing = (reason: IpfsKitError['reason'], what: RegExp) => (error: unknown) =>
  IpfsKitError.is(error, reason) && what.test(error.message);

describe('a thread that is stuck in native code', () => {
  it('is reported as being stopped, and the next one is not started before it has exited', async () => {
    const { thread, release, started, ended } = newThread(60_000);
    const first = await thread.request('ask', 'answer');
    await assert.rejects(thread.request('ask', 'stuck'), failing('timeout', /hasn't responded for 0\.5 s and is being stopped/));
    assert.equal(thread.isRunning(), false);
    thread.start(); // It has no effect yet.
    const waiting = Promise.all([thread.request('ask', 'answer'), thread.request('ask', 'answer')]);
    await sleep(100);
    assert.deepEqual([...started], [1, 0], 'only this thread runs');
    release();
    const [second, third] = await waiting;
    assert.ok(second > first);
    assert.equal(third, second);
    assert.deepEqual([...started], [1, 1]);
    assert.equal(ended.length, 1);
    await thread.dispose();
  });

  it("doesn't block callers forever: requests meanwhile are rejected after a while, and can be canceled", async () => {
    const { thread, release, started } = newThread(100);
    await assert.rejects(thread.request('ask', 'stuck'), failing('timeout', /is being stopped/));
    await assert.rejects(thread.request('ask', 'answer'), failing('timeout', /still being stopped/));
    const stop = new AbortController();
    const canceled = thread.request('ask', 'answer', { signal: stop.signal });
    stop.abort();
    await assert.rejects(canceled, failing('cancelled', /./));
    await thread.dispose(); // dispose() doesn't wait for it either.
    assert.deepEqual([...started], [1, 0]);
    release();
  });
});

describe('a thread', () => {
  it('that exits or fails is replaced immediately', async () => {
    const { thread, started, ended } = newThread();
    await assert.rejects(thread.request('ask', 'leave'), failing('internal', /It ended/));
    const next = await thread.request('ask', 'answer');
    await assert.rejects(thread.request('ask', 'throw'), failing('internal', /It failed: deep inside/));
    assert.ok((await thread.request('ask', 'answer')) > next);
    assert.deepEqual([...started], [3, 0]);
    assert.equal(ended.length, 2);
    await thread.dispose();
    await assert.rejects(thread.request('ask', 'answer'), failing('cancelled', /shutting down/));
  });
});

describe('a request that cannot be sent', () => {
  it('fails immediately, and neither it nor its silence stops the thread', async () => {
    const { thread, ended } = newThread();
    const first = await thread.request('ask', 'answer');
    await assert.rejects(thread.request('ask', (() => 1) as never), failing('invalid-argument', /neither plain data nor text/));
    await sleep(700); // Longer than the silence after which it would be stopped.
    assert.equal(await thread.request('ask', 'answer'), first);
    assert.deepEqual(ended, []);
    await thread.dispose();
  });
});

describe('a thread that notes which request it is working on', () => {
  /** `hang` never returns, `crash` ends the thread, and `wait` gets no response. */
  const NOTING = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.on('message', ({ id, params }) => {
      if (params === 'wait') return;
      Atomics.store(workerData, 0, id);
      if (params === 'hang') for (;;);
      if (params === 'crash') throw new Error('deep inside');
    });`;
  interface Noted {
    readonly ask: { readonly params: 'hang' | 'crash' | 'wait'; readonly result: number };
  }

  for (const how of ['hang', 'crash'] as const)
    it(`blames only that request if it ends by a ${how}, and the others can be repeated`, async () => {
      const file = path.join(folder, 'noting.js');
      writeFileSync(file, NOTING);
      const executing = new Int32Array(new SharedArrayBuffer(4));
      const thread = createThreadHandle<Noted, { readonly sign: true }>({
        file,
        workerData: () => executing,
        executing,
        silenceMs: 500,
        heapMb: 64,
        texts: { silent: 'Trying', full: 'It is full.', failed: 'It failed', ended: 'It ended.' },
      });
      const [blamed, other] = await Promise.all(
        ([how, 'wait'] as const).map((params) => thread.request('ask', params).catch((error: unknown) => error)),
      );
      assert.deepEqual([isEndOfThread(blamed), isEndByAnother(blamed)], [true, false]);
      assert.deepEqual([isEndOfThread(other), isEndByAnother(other)], [false, true]);
      let repeats = 0;
      const work = (isRepeated: boolean): Promise<number> => {
        repeats += Number(isRepeated);
        return isRepeated ? Promise.resolve(7) : Promise.reject(other instanceof Error ? other : new Error('none'));
      };
      assert.deepEqual([await repeatIfEndedByAnother(work), repeats], [7, 1]);
      await thread.dispose();
    });
});

describe('a thread that is disposed', () => {
  const CLEANING = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.on('message', ({ cancel }) => {
      if (cancel) setTimeout(() => {
        require('node:fs').writeFileSync(workerData, '');
        parentPort.postMessage({ id: cancel, error: { reason: 'cancelled', message: 'Canceled.' } });
      }, 200);
    });`;

  it('is given time to clean up after its requests, those that were canceled before too', async () => {
    const [file, cleaned] = [path.join(folder, 'cleaning.js'), path.join(folder, 'cleaned')];
    writeFileSync(file, CLEANING);
    for (const isCanceledBefore of [false, true]) {
      rmSync(cleaned, { force: true });
      const thread = createThreadHandle<Asked, { readonly sign: true }>({
        file,
        workerData: () => cleaned,
        silenceMs: 60_000,
        heapMb: 64,
        texts: { silent: 'Trying', full: 'It is full.', failed: 'It failed', ended: 'It ended.' },
      });
      const stop = new AbortController();
      const asked = assert.rejects(thread.request('ask', 'stuck', { signal: stop.signal }), failing('cancelled', /./));
      if (isCanceledBefore) stop.abort();
      await thread.dispose();
      await asked;
      assert.ok(existsSync(cleaned));
    }
  });

  it("is stopped even if it doesn't clean up", async () => {
    const { thread, release } = newThread(100);
    const asked = assert.rejects(thread.request('ask', 'stuck'), failing('cancelled', /shutting down/));
    await thread.dispose();
    await asked;
    assert.equal(thread.isRunning(), false);
    release();
  });
});

describe('a thread that is debugged', () => {
  it("isn't stopped as unresponsive, because it may be at a breakpoint", async () => {
    process.env['IPFS_KIT_DEBUG'] = '1';
    try {
      const { thread, release, ended } = newThread();
      const stuck = thread.request('ask', 'stuck').catch((error: unknown) => error);
      await sleep(700); // Longer than the silence after which it would be stopped.
      assert.deepEqual([thread.isRunning(), ended.length], [true, 0]);
      release();
      await thread.dispose();
      await stuck;
    } finally {
      delete process.env['IPFS_KIT_DEBUG'];
    }
  });
});

describe('a request that sends only heartbeats', () => {
  /** Responds with its number. `work` ends only when it is canceled, `deaf` not even then, and both report progress meanwhile. */
  const BUSY = `
    const { parentPort, threadId } = require('node:worker_threads');
    let working;
    parentPort.on('message', ({ id, params, cancel }) => {
      if (cancel) return void clearInterval(working);
      if (params === 'answer') return parentPort.postMessage({ id, result: threadId });
      const sign = () => parentPort.postMessage({ id, alive: true });
      if (params === 'work') working = setInterval(sign, 20);
      else setInterval(sign, 20);
    });`;
  interface Worked {
    readonly ask: { readonly params: 'work' | 'deaf' | 'answer'; readonly result: number };
  }
  const busyThread = (busyMs: number): { readonly thread: ThreadHandle<Worked, { readonly alive: true }>; ended: string[] } => {
    const file = path.join(folder, 'busy.js');
    writeFileSync(file, BUSY);
    const ended: string[] = [];
    const thread = createThreadHandle<Worked, { readonly alive: true }>({
      file,
      workerData: () => undefined,
      silenceMs: 1000,
      busyMs,
      heapMb: 64,
      onEnded: ({ message }) => ended.push(message),
      texts: { silent: 'Trying', full: 'It is full.', failed: 'It failed', ended: 'It ended.' },
    });
    return { thread, ended };
  };
  const tooLong = (error: unknown): boolean => failing('timeout', /has taken longer than 2 s/)(error) && isEndOfThread(error);

  it('may take longer than the thread may be silent, and is canceled when it takes too long', async () => {
    const { thread, ended } = busyThread(2000);
    const first = await thread.request('ask', 'answer');
    await assert.rejects(thread.request('ask', 'work'), tooLong);
    assert.equal(await thread.request('ask', 'answer'), first, 'the thread goes on');
    assert.deepEqual(ended, []);
    await thread.dispose();
  });

  it("ends its thread if it can't be canceled", async () => {
    const { thread, ended } = busyThread(2000);
    await assert.rejects(thread.request('ask', 'deaf'), tooLong);
    while (ended.length === 0) await sleep(20);
    assert.match(ended.join(), /has taken longer than 2 s/);
    await thread.dispose();
  });
});
