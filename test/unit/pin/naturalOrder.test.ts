import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareKeys, compareNaturally, inNaturalOrder, naturalKey } from '../../../src/pin/naturalOrder';
import { comparePlainly } from '../../support/plainNaturalOrder';
import { rounds } from '../../support/rounds';

const digits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }).map((some) => some.join(''));
const text = fc
  .array(
    fc.oneof(
      digits,
      fc.constantFrom(...Array.from('aAzZ/:;@[ -_.'), 'é', 'É', '٣', '\ue000', '\u{1f600}', '\ud800'),
      fc.string(),
    ),
    {
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));

describe('the natural order', () => {
  it('has numbers by value, letters without case, and every character where its code point is', () => {
    const ordered = [
      '',
      ' ',
      '/',
      '0',
      '7',
      '9',
      '10',
      '10a',
      '10-2',
      '10-12',
      ':',
      '@',
      'a1b',
      'a2',
      'V3',
      'v20',
      'v20.1',
      '[',
      'é',
      '٣',
    ];
    const expected = [
      '',
      ' ',
      '/',
      '0',
      '7',
      '9',
      '10',
      '10-2',
      '10-12',
      '10a',
      ':',
      '@',
      '[',
      'a1b',
      'a2',
      'V3',
      'v20',
      'v20.1',
      'é',
      '٣',
    ];
    assert.deepEqual(inNaturalOrder([...ordered, undefined].reverse()), [...expected, undefined]);
  });

  it('leaves texts equal that differ only in case or leading zeros, and tells them apart by code point where the order must be total', () => {
    assert.equal(naturalKey('Photo 007'), naturalKey('photo 7'));
    assert.equal(naturalKey('000'), naturalKey('0'));
    assert.deepEqual(inNaturalOrder(['a7', 'A7', 'a07']), ['A7', 'a07', 'a7']);
  });

  it('compares numbers of any length by value', () => {
    const lengths = [1, 2, 9, 10, 16, 17, 24, 25, 26, 300, 4096, 70_000];
    const numbers = lengths.flatMap((length) => [
      `1${'0'.repeat(length - 1)}`,
      `1${'0'.repeat(length)}`.slice(0, -1).replace(/.$/, '5'),
      '9'.repeat(length),
    ]);
    assert.deepEqual(inNaturalOrder([...new Set(numbers)].reverse()), [...new Set(numbers)]);
  });

  it('is that of its plainest reading, for any texts', () =>
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [one, other] = [naturalKey(a), naturalKey(b)];
        assert.equal(Math.sign(compareKeys(one, other)), Math.sign(comparePlainly(a, b)));
        assert.equal(compareNaturally(a, b) === 0, a === b);
        assert.ok(one.length <= Buffer.byteLength(a), 'a key is not longer than its text');
      }),
      { numRuns: rounds(3000) },
    ));
});
