import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { PinSource, SourceAnswer } from '../../../../src/pinSource/pinSource';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { retryWhenBusy } from '../../../../src/pinTree/list/retryWhenBusy';
import type { PinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';

const FIRST_MS = 5;
const LONG_MS = 120;

/** A list that fails with these reasons in order, the last one repeated, and a daemon whose probes give these states in order. */
function listOf(reasons: readonly Reason[], states: readonly SourceAnswer['state'][]) {
  const asked: string[] = [];
  const next = <T>(answers: readonly T[], at: number): T => answers[Math.min(at, answers.length - 1)] as T;
  let opens = 0;
  let probes = 0;
  const source = {
    probe: () => {
      const state = next(states, probes++);
      asked.push(state);
      return Promise.resolve({ state, detail: '' });
    },
    open: () => {
      const reason = next(reasons, opens++);
      asked.push(`list: ${reason}`);
      return Promise.reject(new IpfsKitError(reason, 'It failed.'));
    },
  } as unknown as PinSource;
  const model = createPinListModel({ worker: {} as PinWorkerHandle, source });
  return { list: { source, model }, asked };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !isSo(); tries++) await pause(5);
}

describe('a source that did not respond in time', () => {
  it('is listed again once it responds, which is probed cheaply and ever less often', async () => {
    const { list, asked } = listOf(['timeout', 'refused'], ['busy', 'busy', 'busy', 'up']);
    const retrying = retryWhenBusy(list, FIRST_MS);
    const began = performance.now();
    await list.model.list();
    await until(() => asked.includes('list: refused'));
    assert.deepEqual(asked, ['list: timeout', 'busy', 'busy', 'busy', 'up', 'list: refused']);
    assert.ok(performance.now() - began >= (1 + 2 + 4 + 8) * FIRST_MS - 4, 'each wait is twice the one before');
    await pause(LONG_MS);
    assert.equal(asked.length, 6, 'another kind of failure is not retried');
    retrying.dispose();
  });

  it('is no longer retried if it responds and its list fails three more times', async () => {
    const { list, asked } = listOf(['http-status'], ['up']);
    const retrying = retryWhenBusy(list, FIRST_MS);
    await list.model.list();
    await until(() => asked.length === 7);
    await pause(LONG_MS);
    assert.deepEqual(asked, ['list: http-status', ...Array.from({ length: 3 }, () => ['up', 'list: http-status']).flat()]);
    retrying.dispose();
  });

  it('is not probed again once its list is disposed of', async () => {
    const { list, asked } = listOf(['timeout', 'refused'], ['up']);
    const retrying = retryWhenBusy(list, FIRST_MS);
    await list.model.list();
    retrying.dispose();
    await pause(LONG_MS);
    assert.deepEqual(asked, ['list: timeout']);
  });

  it('is not probed again after any other error', async () => {
    const { list, asked } = listOf(['needs-token', 'timeout', 'refused'], ['up']);
    const retrying = retryWhenBusy(list, FIRST_MS);
    await list.model.list();
    await pause(LONG_MS);
    assert.deepEqual(asked, ['list: needs-token']);
    await list.model.list();
    await until(() => asked.includes('list: refused'));
    assert.deepEqual(asked, ['list: needs-token', 'list: timeout', 'up', 'list: refused'], 'the same list, a moment later');
    retrying.dispose();
  });
});
