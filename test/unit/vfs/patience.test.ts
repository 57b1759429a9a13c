import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { startPatience } from '../../../src/vfs/patience';

const MS = 200;

/** Keeps the thread busy. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

const never = (): Promise<never> => new Promise(() => undefined);
const isTimeout = (error: unknown): boolean => IpfsKitError.is(error, 'timeout');

describe('patience', () => {
  it('is over for all that is waited for, and for what would begin later', async () => {
    const patience = startPatience({ ms: MS });
    await Promise.all([1, 2].map(() => assert.rejects(patience.of(never), isTimeout)));
    assert.ok(patience.isOver());
    await assert.rejects(
      patience.of(() => assert.fail('nothing begins')),
      isTimeout,
    );
  });

  it('takes what has arrived while the thread was busy for longer', async () => {
    const patience = startPatience({ ms: MS });
    const text = patience.of(() => readFile(__filename, 'utf8'));
    block(3 * MS);
    assert.ok((await text).length > 0);
    patience.end();
  });

  it('begins again with each piece that arrives, if it is renewed', async () => {
    const patience = startPatience({ ms: MS, renewed: true });
    const last = assert.rejects(patience.of(never), isTimeout);
    for (let piece = 0; piece < 6; piece++) await patience.of(() => sleep(MS / 2));
    assert.ok(!patience.isOver());
    await last;
    assert.ok(patience.isOver());
  });

  it('is counted no longer once it has ended', async () => {
    const patience = startPatience({ ms: MS });
    patience.end();
    await sleep(2 * MS);
    assert.ok(!patience.isOver());
  });
});
