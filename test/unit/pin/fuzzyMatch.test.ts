import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fuzzyNeedle, matchesFuzzily } from '../../../src/pin/fuzzyMatch';
import { rounds } from '../../support/rounds';

const matches = (text: string, filter: string): boolean => matchesFuzzily(text, fuzzyNeedle(filter));

/** The optimal string alignment distance, by its definition. */
function distance(one: readonly string[], other: readonly string[]): number {
  const [a, b] = [one.at(-1), other.at(-1)];
  if (a === undefined || b === undefined) return Math.max(one.length, other.length);
  const [shortOne, shortOther] = [one.slice(0, -1), other.slice(0, -1)];
  const isSwapped = one.length > 1 && other.length > 1 && a === other.at(-2) && b === one.at(-2);
  return Math.min(
    distance(shortOne, shortOther) + (a === b ? 0 : 1),
    distance(one, shortOther) + 1,
    distance(shortOne, other) + 1,
    isSwapped ? distance(one.slice(0, -2), other.slice(0, -2)) + 1 : Infinity,
  );
}

/** Whether any part of the text differs from the filter by one typo at most, or has its characters in their order. */
function plainly(text: string, filter: string): boolean {
  const [all, wanted] = [Array.from(text.toLowerCase()), Array.from(filter.toLowerCase())];
  let next = 0;
  for (const character of all) if (character === wanted[next]) next++;
  if (next === wanted.length) return true;
  return all.some((_, from) =>
    [wanted.length - 1, wanted.length, wanted.length + 1].some(
      (length) => from + length <= all.length && distance(all.slice(from, from + length), wanted) <= 1,
    ),
  );
}

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
    assert.ok(matches('a 😀 smile', 'a smile 😀') === plainly('a 😀 smile', 'a smile 😀'));
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
        assert.equal(matches(within, filter), plainly(within, filter));
      }),
      { numRuns: rounds(3000) },
    );
  });
});
