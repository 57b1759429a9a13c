import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { checkQuery, foldAscii } from '../../../src/pin/pinQuery';

describe('a query from outside', () => {
  it('has an offset of 0 and a limit of 200 by default', () => {
    assert.deepEqual(checkQuery({}), { offset: 0, limit: 200 });
    assert.deepEqual(checkQuery({ offset: 5, limit: 10_000, sort: '-time' }), { offset: 5, limit: 10_000, sort: '-time' });
  });

  const bad: Record<string, unknown>[] = [
    { sort: 'cid' },
    { group: 'name' },
    { offset: -1 },
    { offset: 1.5 },
    { offset: Number.NaN },
    { limit: 10_001 },
    { limit: '5' },
    { filter: 7 },
    { filter: 'x'.repeat(1001) },
  ];
  for (const query of bad)
    it(`is refused with ${JSON.stringify(query).slice(0, 40)}`, () =>
      assert.throws(
        () => checkQuery(query),
        (error) => IpfsKitError.is(error, 'invalid-argument'),
      ));
});

describe('folding', () => {
  it('lowers A to Z and nothing else', () => assert.equal(foldAscii('ÄBC-İ-ẞ-xyZ'), 'Äbc-İ-ẞ-xyz'));
});
