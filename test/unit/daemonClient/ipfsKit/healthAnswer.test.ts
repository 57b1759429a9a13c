import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge } from '../../../../src/daemonClient/ipfsKit/healthAnswer';

const answer = (status: number, body: string | Uint8Array): Parameters<typeof judge>[0] => ({
  status,
  body: typeof body === 'string' ? Buffer.from(body) : body,
});

describe('a response to the identity check', () => {
  it('is judged by its HTTP status first, and the body of an error is ignored', () => {
    for (const status of [408, 425, 429, 500, 502, 503, 504]) assert.equal(judge(answer(status, '{"status":"ok"}')), 'busy');
    for (const status of [201, 204, 301, 307, 400, 401, 403, 404, 405, 501])
      assert.equal(judge(answer(status, '{"status":"ok"}')), 'foreign');
  });

  it('says "starting" in upper or lower case', () => {
    for (const word of ['starting', 'Starting', 'STARTING'])
      assert.equal(judge(answer(200, JSON.stringify({ status: word }))), 'starting');
  });

  it('is up when its status is another word, or no word at all', () => {
    for (const status of ['ok', 'degraded', 'unhealthy', '', null, 1, {}, []])
      assert.equal(judge(answer(200, JSON.stringify({ status }))), 'up');
  });

  it("is foreign if it isn't an object with one of the daemon's own keys", () => {
    for (const body of ['{}', '{"__proto__":{"status":"ok"}}', '{"toString":1}', 'null', '"status"', '[{"status":"ok"}]'])
      assert.equal(judge(answer(200, body)), 'foreign');
  });

  it('may be any bytes', () => {
    const bodies = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, body) => {
        assert.ok(['up', 'starting', 'busy', 'foreign'].includes(judge(answer(status, body))));
      }),
    );
  });
});
