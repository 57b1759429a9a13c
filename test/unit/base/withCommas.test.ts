import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withCommas } from '../../../src/base/withCommas';

it('Numbers have a comma after every third digit, as the locale en-US writes them', () => {
  for (const value of [0, 7, 999, 1000, 12_345, 123_456, 1_234_567, Number.MAX_SAFE_INTEGER, -1, -999, -1000, -123_456])
    assert.equal(withCommas(value), new Intl.NumberFormat('en-US').format(value));
  assert.equal(withCommas(2n ** 63n), '9,223,372,036,854,775,808');
  assert.equal(withCommas('9007199254740993'), '9,007,199,254,740,993');
});
