import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createSemaphore } from '../../../src/base/semaphore';

const NEVER = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('a semaphore', () => {
  it('runs a limited number of tasks at once, and the others in order', async () => {
    const semaphore = createSemaphore(() => 2);
    const began: number[] = [];
    let running = 0;
    let most = 0;
    const task = (number: number) => async (): Promise<number> => {
      began.push(number);
      most = Math.max(most, ++running);
      await turn();
      running--;
      return number;
    };
    const numbers = [0, 1, 2, 3, 4, 5, 6];
    assert.deepEqual(await Promise.all(numbers.map((number) => semaphore.run(task(number), NEVER))), numbers);
    assert.deepEqual([began, most], [numbers, 2]);
  });

  it('continues after a failure', async () => {
    const semaphore = createSemaphore(() => 1);
    const failed = semaphore.run(() => Promise.reject(new Error('boom')), NEVER);
    const next = semaphore.run(() => Promise.resolve('next'), NEVER);
    await assert.rejects(failed, /boom/);
    assert.equal(await next, 'next');
  });

  it("doesn't begin a task that was canceled before or while it waited", async () => {
    const semaphore = createSemaphore(() => 1);
    const stop = new AbortController();
    let began = 0;
    const first = semaphore.run(turn, NEVER);
    const waiting = semaphore.run(() => Promise.resolve(began++), stop.signal);
    const last = semaphore.run(() => Promise.resolve('last'), NEVER);
    stop.abort();
    await assert.rejects(waiting, (error) => IpfsKitError.is(error, 'cancelled'));
    await assert.rejects(
      semaphore.run(() => Promise.resolve(began++), stop.signal),
      (error) => IpfsKitError.is(error, 'cancelled'),
    );
    await first;
    assert.deepEqual([await last, began], ['last', 0]);
  });

  it('begins urgent tasks first, also those that become so, and keeps a part of the slots for them', async () => {
    let most = 2;
    let isUrgent = false;
    const semaphore = createSemaphore(() => most, 2);
    const began: string[] = [];
    const ends: (() => void)[] = [];
    const task = (name: string, urgent: () => boolean): Promise<void> => {
      const work = (): Promise<void> => {
        began.push(name);
        return new Promise((resolve) => ends.push(resolve));
      };
      return semaphore.run(work, NEVER, urgent);
    };
    const no = (): boolean => false;
    const tasks = [task('first', no), task('second', no), task('third', () => isUrgent)];
    await turn();
    assert.deepEqual(began, ['first'], 'the other slot is for urgent ones');
    isUrgent = true;
    semaphore.hurry();
    await turn();
    assert.deepEqual(began, ['first', 'third']);
    most = 4;
    semaphore.hurry();
    await turn();
    assert.deepEqual(began, ['first', 'third'], 'two of four are for urgent ones');
    ends[0]?.();
    await turn();
    assert.deepEqual(began, ['first', 'third', 'second']);
    for (const end of ends) end();
    await Promise.all(tasks);
  });
});
