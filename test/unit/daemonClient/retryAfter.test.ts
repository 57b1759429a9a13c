import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPatience } from '../../../src/daemonClient/retryAfter';
import { IpfsKitError } from '../../../src/base/ipfsKitError';

const asked = async (retryAfter: string): Promise<number | undefined> => {
  const answer = { status: 503, contentType: '', headers: { 'retry-after': retryAfter }, trailers: {}, body: Buffer.alloc(0) };
  const patiently = createPatience('http://a', { longestMs: -1 });
  try {
    await patiently(() => Promise.resolve(answer), new AbortController().signal);
    return undefined;
  } catch (error) {
    return Number(/, (\d+) s\./.exec(IpfsKitError.from(error).message)?.[1]);
  }
};

describe('Retry-After', () => {
  it('is no reason to repeat a request that never waits', async () => {
    for (const retryAfter of ['0', 'Sun, 06 Nov 1994 08:49:37 GMT', '-1', '31536000']) {
      const answer = {
        status: 429,
        contentType: '',
        headers: { 'retry-after': retryAfter },
        trailers: {},
        body: Buffer.alloc(0),
      };
      let requests = 0;
      const ask = (): Promise<typeof answer> => Promise.resolve({ ...answer, status: ++requests > 0 ? 429 : 200 });
      const patiently = createPatience('http://a', { longestMs: 0 });
      await assert.rejects(patiently(ask, new AbortController().signal), { reason: 'busy' });
      assert.equal(requests, 1, retryAfter);
    }
  });

  it('is seconds, or a date as HTTP writes it', async () => {
    assert.equal(await asked('0'), 0);
    assert.equal(await asked('120'), 120);
    const soon = new Date(Date.now() + 3_600_000).toUTCString(); // In the past: Sun, 06 Nov 1994 08:49:37 GMT.
    const [, day = '', date = '', month = '', year = '', time = ''] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(soon) ?? [];
    for (const text of [
      soon,
      `Sunday, ${date}-${month}-${year.slice(2)} ${time} GMT`,
      `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`,
    ])
      // prettier-ignore
      assert.ok(Math.abs(((await asked(text)) ?? NaN) - 3600) < 5, text);
  });

  it('is undefined if it is neither', async () => {
    for (const text of ['-1', '1.5', '1, 2', '12/31', '', '+5', '2999-01-01', 'Sun, 06 Nov 2994 08:49:37', '1e3', 'x'])
      assert.equal(await asked(text), undefined, text);
  });
});
