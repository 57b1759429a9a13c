import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDeadline } from '../../../src/base/deadline';

const MS = 200;

/** Keeps the thread busy. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe('a deadline', () => {
  it('is reported once, and not before its time', async () => {
    const started = performance.now();
    const reports: number[] = [];
    startDeadline(MS, () => reports.push(performance.now() - started));
    await sleep(3 * MS);
    assert.equal(reports.length, 1);
    assert.ok(Number(reports[0]) >= 0.9 * MS, String(reports));
  });

  it('leaves a thread that was busy for longer the time to read what has arrived', async () => {
    let isLate = false;
    const deadline = startDeadline(MS, () => (isLate = true));
    const arrived = readFile(__filename);
    block(3 * MS);
    await arrived;
    assert.ok(!isLate);
    deadline.end();
  });

  it('counts from the start again once it is refreshed, and is never reported once it has ended', async () => {
    let isLate = false;
    const deadline = startDeadline(MS, () => (isLate = true));
    for (let piece = 0; piece < 4; piece++) {
      await sleep(MS / 2);
      deadline.refresh();
    }
    assert.ok(!isLate);
    deadline.end();
    await sleep(2 * MS);
    assert.ok(!isLate);
  });
});
