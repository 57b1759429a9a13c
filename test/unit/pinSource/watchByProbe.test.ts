import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerState } from '../../../src/pinSource/pinSource';
import { watchByProbe } from '../../../src/pinSource/watchByProbe';

/** The number of notifications after each of these states, and the number of probes in all. */
async function notificationsOver(states: readonly AnswerState[]): Promise<{ notifications: number[]; asked: number }> {
  let asked = 0;
  let changes = 0;
  const notifications: number[] = [];
  let done = (): void => undefined;
  const all = new Promise<void>((resolve) => (done = resolve));
  const probe = (): Promise<{ state: AnswerState; detail: string }> => {
    if (asked > 0) notifications.push(changes);
    const state = states[asked++];
    if (asked > states.length) done();
    return Promise.resolve({ state: state ?? states.at(-1) ?? 'up', detail: '' });
  };
  const watching = watchByProbe(probe, () => changes++, 5);
  const awake = setInterval(() => undefined, 1000); // The watch doesn't keep the process running.
  await all;
  clearInterval(awake);
  watching.dispose();
  return { notifications: notifications.slice(0, states.length), asked };
}

describe('a daemon that leaves no file behind', () => {
  it('is reported when it has stopped or started, and when it requires a token; not when it is busy for a while', async () => {
    const { notifications } = await notificationsOver(['up', 'up', 'absent', 'absent', 'up', 'busy', 'up', 'needs-token']);
    assert.deepEqual(notifications, [0, 0, 1, 1, 2, 2, 2, 3]);
  });

  it('is probed once at a time, and no longer once the watch is disposed of', async () => {
    let asked = 0;
    let answer = (): void => undefined;
    let canceled = false;
    const watching = watchByProbe(
      (signal) => {
        asked++;
        signal.addEventListener('abort', () => (canceled = true));
        return new Promise((resolve) => (answer = () => resolve({ state: 'up', detail: '' })));
      },
      () => assert.fail('Nothing has changed.'),
      5,
    );
    await sleep(50);
    assert.equal(asked, 1);
    watching.dispose();
    assert.ok(canceled);
    answer();
    await sleep(50);
    assert.equal(asked, 1);
  });
});
