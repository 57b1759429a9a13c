import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { IpfsKitError } from '../../../src/base/ipfsKitError';
import { IpfsKitError as Failure } from '../../../src/base/ipfsKitError';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import type { PinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';

const folder = mkdtempSync(path.join(tmpdir(), 'handle-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A thread that responds as a decoder with invalid input might. */
function threadThat(name: string, onMessage: string): { handle: PinWorkerHandle; ended: IpfsKitError[] } {
  const file = path.join(folder, `${name}.js`);
  writeFileSync(
    file,
    `const { parentPort, workerData } = require('node:worker_threads');\nparentPort.on('message', (message) => { ${onMessage} });\n`,
  );
  const ended: IpfsKitError[] = [];
  return {
    handle: createPinWorkerHandle({ file, wasmFile: 'none.wasm', silenceMs: 1500, onEnded: (why) => ended.push(why) }),
    ended,
  };
}

const failing = (reason: Failure['reason']) => (error: unknown) => Failure.is(error, reason);

describe('the handle of the pin worker', () => {
  it('starts no thread before it is needed', async () => {
    const { handle } = threadThat('idle', '');
    assert.equal(handle.isRunning(), false);
    await handle.dispose();
  });

  it('returns the right answer to each request, in any order', async () => {
    const { handle } = threadThat(
      'late',
      'setTimeout(() => parentPort.postMessage({ id: message.id, result: message.params.table }), message.params.table)',
    );
    const answers = await Promise.all([
      handle.request('count', { table: 60, of: {} }),
      handle.request('count', { table: 1, of: {} }),
    ]);
    assert.deepEqual(answers, [60, 1]);
    await handle.dispose();
  });

  it('informs a busy thread which requests were canceled', async () => {
    const { handle, ended } = threadThat(
      'deep',
      `const { canceled } = workerData;
       const isCanceled = () => Atomics.load(canceled, message.id % canceled.length) === message.id;
       if (message.params?.table === 0) while (!isCanceled());
       if (message.id) parentPort.postMessage({ id: message.id, result: 7 })`,
    );
    const stop = new AbortController();
    const deep = handle.request('count', { table: 0, of: {} }, { signal: stop.signal });
    const next = handle.request('count', { table: 1, of: {} });
    stop.abort();
    await assert.rejects(deep, failing('cancelled'));
    assert.equal(await next, 7);
    assert.deepEqual(ended, []);
    await handle.dispose();
  });

  it('ends a thread that hangs, rejects all waiting requests with timeout, and starts another for the next', async () => {
    const { handle, ended } = threadThat(
      'hang',
      'if (message.params.table === 0) for (;;); else parentPort.postMessage({ id: message.id, result: workerData.firstTable })',
    );
    const hung = handle.request('count', { table: 0, of: {} });
    const behind = handle.request('count', { table: 1, of: {} });
    await Promise.all([assert.rejects(hung, failing('timeout')), assert.rejects(behind, failing('timeout'))]);
    assert.equal(handle.isRunning(), false);
    assert.equal(ended.length, 1);
    assert.equal(await handle.request('count', { table: 1, of: {} }), 1_000_000, 'tables of the new thread have other numbers');
    await handle.dispose();
  });

  it('waits on as long as there are signs of life', async () => {
    const { handle } = threadThat(
      'alive',
      'let n = 0; const t = setInterval(() => { parentPort.postMessage({ id: message.id, receivedBytes: ++n }); if (n === 12) { clearInterval(t); parentPort.postMessage({ id: message.id, result: 7 }); } }, 50)',
    );
    const received: number[] = [];
    assert.equal(await handle.request('count', { table: 1, of: {} }, { onReceived: (bytes) => received.push(bytes) }), 7);
    assert.deepEqual(received, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await handle.dispose();
  });

  it('turns a thread that crashes, or exits, into an error', async () => {
    const { handle } = threadThat('crash', 'if (message.params.table) throw new TypeError("deep inside"); else process.exit(3)');
    await assert.rejects(handle.request('count', { table: 1, of: {} }), failing('internal'));
    await assert.rejects(handle.request('count', { table: 0, of: {} }), failing('internal'));
    await handle.dispose();
  });

  it('reports a missing file as an error', async () => {
    const handle = createPinWorkerHandle({ file: path.join(folder, 'nowhere.js'), wasmFile: 'none.wasm' });
    await assert.rejects(handle.request('inspect', undefined), failing('internal'));
    await handle.dispose();
  });

  it('rejects immediately when a request is canceled, and closes what was opened for it', async () => {
    const { handle } = threadThat(
      'cancel',
      `if ('cancel' in message) globalThis.canceled = message.cancel;
       else if (message.operation === 'open') setTimeout(() => parentPort.postMessage({ id: message.id, result: { table: 42 } }), 50);
       else if (message.operation === 'close') { globalThis.closed = message.params.table; parentPort.postMessage({ id: message.id }); }
       else setTimeout(() => parentPort.postMessage({ id: message.id, result: [globalThis.canceled, globalThis.closed] }), 150);`,
    );
    const controller = new AbortController();
    const opening = handle.request('open', { kind: 'store', query: { databasePath: 'x' } }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(opening, failing('cancelled'));
    assert.deepEqual(await handle.request('inspect', undefined), [1, 42]);
    await assert.rejects(handle.request('inspect', undefined, { signal: controller.signal }), failing('cancelled'));
    await handle.dispose();
  });

  it('rejects what waits, and what comes later, when it is disposed', async () => {
    const { handle } = threadThat('silent', '');
    const waiting = handle.request('inspect', undefined);
    const checked = assert.rejects(waiting, failing('cancelled'));
    await handle.dispose();
    await checked;
    await assert.rejects(handle.request('inspect', undefined), failing('cancelled'));
    assert.equal(handle.isRunning(), false);
  });

  it("doesn't pass the environment or the flags of the host to the thread", async () => {
    process.env['IPFS_KIT_SECRET'] = 'secret';
    const { handle } = threadThat(
      'bare',
      'parentPort.postMessage({ id: message.id, result: [Object.keys(process.env).length, process.execArgv.length] })',
    );
    assert.deepEqual(await handle.request('inspect', undefined), [0, 0]);
    delete process.env['IPFS_KIT_SECRET'];
    await handle.dispose();
  });
});
