import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fuzzyNeedle, matchesFuzzily } from '../../../src/pin/fuzzyMatch';
import { isPlainlyFuzzy } from '../../support/plainFuzzy';
import { rounds } from '../../support/rounds';

const matches = (text: string, filter: string): boolean => matchesFuzzily(text, fuzzyNeedle(filter));

describe('A fuzzy filter', () => {
  it('forgives one typo in any place: swapped, missing, additional or replaced', () => {
    for (const typo of [
      'archvie-33',
      'rachive-33',
      'archive-3',
      'arhive-33',
      'archhive-33',
      'archibe-33',
      'rchive-33',
      'ARCHIVE_33',
    ])
      for (const text of ['archive-33', 'my Archive-33.tar']) assert.ok(matches(text, typo), `${typo} in ${text}`);
    for (const other of ['acrhvie-33', 'archvie-34', 'archives_33'])
      for (const text of ['archive-33', 'my Archive-33.tar']) assert.ok(!matches(text, other), `${other} in ${text}`);
  });

  it('takes a character of any length for one, and blanks for characters of what was typed', () => {
    assert.ok(matches('日本語の本', '日本吾の本'));
    assert.ok(matches('a 😀 smile', 'a smile 😀') === isPlainlyFuzzy('a 😀 smile', 'a smile 😀'));
    assert.ok(matches('arch😀ve', 'archive') && matches('archive', 'arch😀ve'));
    assert.ok(matches('my holiday', 'my hoilday'));
  });

  it('forgives nothing in three characters', () => {
    assert.ok(matches('json', 'jon') && !matches('json', 'jos'));
  });

  it('matches the same texts as its definition', () => {
    const text = (maxLength: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', '😀'), maxLength });
    fc.assert(
      fc.property(text(9), text(6), (within, filter) => {
        fc.pre(Array.from(filter).length >= 4);
        assert.equal(matches(within, filter), isPlainlyFuzzy(within, filter));
      }),
      { numRuns: rounds(3000) },
    );
  });
});
