import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lineOf, wordsIn } from '../../../src/reaper/commandWords';

describe('a command in one line', () => {
  it('is cut at spaces, which quotation marks keep', () => {
    assert.deepEqual(wordsIn(`  python3 -m "a b" 'c "d"' e'f g'h "" C:\\Py\\python.exe `), ['python3', '-m', 'a b', 'c "d"', 'ef gh', '', 'C:\\Py\\python.exe']); // prettier-ignore
    assert.deepEqual(wordsIn(''), []);
    for (const open of [`a "b`, `it's`, `"a" '`]) assert.equal(wordsIn(open), undefined, open);
  });

  it('is written so that it is read as the same words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', 'é') });
    fc.assert(fc.property(fc.array(word), (words) => assert.deepEqual(wordsIn(lineOf(words)), words)));
  });
});
