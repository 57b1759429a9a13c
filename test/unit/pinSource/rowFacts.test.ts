import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AskedFacts } from '../../../src/pinSource/pinSource';
import { createRowFacts } from '../../../src/pinSource/rowFacts';

describe('facts of rows', () => {
  const row = { pin: { cid: 'bafkqaaa' } };

  async function until(isSo: () => boolean): Promise<void> {
    for (const end = Date.now() + 5000; !isSo(); await sleep(5)) assert.ok(Date.now() < end);
  }

  it('stay while they are asked for again after a list that nobody asked for, and are dropped after any other', async () => {
    let status: string | undefined = 'pinning';
    const asked: string[] = [];
    const drawn: (AskedFacts | undefined)[] = [];
    const facts = createRowFacts<typeof row>(
      (cids) => {
        asked.push(...cids);
        return Promise.resolve(new Map(status === undefined ? [] : [['bafkqaaa', { status }]]));
      },
      () => drawn.push(facts.of(row)),
    );
    assert.equal(facts.of(row), undefined);
    await until(() => drawn.length === 1);
    facts.forget(true);
    status = 'pinned';
    assert.deepEqual(facts.of(row), { status: 'pinning' });
    facts.forget(true);
    assert.deepEqual(facts.of(row), { status: 'pinning' }, 'also where the request was not sent');
    await until(() => drawn.length === 2);
    facts.forget(true);
    status = undefined;
    facts.of(row);
    await until(() => drawn.length === 3);
    assert.deepEqual(drawn, [{ status: 'pinning' }, { status: 'pinned' }, undefined]);
    assert.deepEqual(asked, ['bafkqaaa', 'bafkqaaa', 'bafkqaaa']);
    facts.forget(true);
    status = 'pinned';
    facts.of(row);
    await until(() => drawn.length === 4);
    facts.forget();
    assert.equal(facts.of(row), undefined);
    facts.dispose();
  });
});
