import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foldAscii } from '../../../src/pin/pinQuery';
import { findText, needleBytes } from '../../../src/columns/textSearch';

function rowsWith(texts: readonly string[], needle: string): number[] {
  return found(texts, needleBytes(foldAscii(needle)) ?? assert.fail('no bytes for this needle'), false);
}

function exactRowsWith(texts: readonly string[], needle: string): number[] {
  return found(texts, Buffer.from(needle), true);
}

function found(texts: readonly string[], needle: Uint8Array, exactly: boolean): number[] {
  const encoded = texts.map((text) => Buffer.from(text));
  const starts = [3]; // The first text doesn't start at the first byte.
  for (const { length } of encoded) starts.push((starts.at(-1) ?? 0) + length);
  const bytes = Buffer.concat([Buffer.from('aaa'), ...encoded, Buffer.from('aaa')]);
  const rows: number[] = [];
  const source = { length: texts.length, bytes, startOf: (row: number) => starts[row] ?? 0 };
  const steps = findText(source, needle, (row) => rows.push(row), exactly);
  while (steps.next().done !== true);
  return rows;
}

function plainly(texts: readonly string[], needle: string): number[] {
  return texts.flatMap((text, row) => (foldAscii(text).includes(foldAscii(needle)) ? [row] : []));
}

const letters = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', 'É', '日', '\u{1f600}', '\0', '.'), maxLength: 8 });

describe('a search through bytes', () => {
  it('finds the rows that a search through their texts finds, each once and in order', () =>
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 30 }), letters, (texts, needle) => {
        fc.pre(needle !== '');
        assert.deepEqual(rowsWith(texts, needle), plainly(texts, needle));
      }),
      { numRuns: 2000 },
    ));

  it('finds what lies across the windows in which bytes are folded', () => {
    const texts: string[] = [];
    for (let row = 0; row < 9000; row++)
      texts.push(`${'.'.repeat(row % 97)}Need${row % 3 === 0 ? 'LE' : 'les'.slice(row % 2)}${'x'.repeat(row % 31)}`);
    texts.push(`${'.'.repeat(600_000)}NEEDLE${'.'.repeat(300_000)}needle`, '', 'needl', 'eneedle');
    for (const needle of ['needle', 'NEEDLES', 'x.', 'zzz', '.', 'e'.repeat(1000)])
      assert.deepEqual(rowsWith(texts, needle), plainly(texts, needle), needle);
  });

  it('finds a needle at each place around the end of a window', () => {
    const window = 2 ** 18;
    for (let shift = -8; shift <= 2; shift++) {
      const texts = ['.'.repeat(window + shift), 'needle', `${'.'.repeat(window - 9)}needle`, 'needle'];
      assert.deepEqual(rowsWith(texts, 'Needle'), [1, 2, 3], String(shift));
    }
  });

  it('finds exact text if requested, also behind quotes', () => {
    const word = fc.string({ unit: fc.constantFrom('"', 'a', 'A', 'b', ':'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), word, (texts, needle) => {
        fc.pre(needle !== '');
        const expected = texts.flatMap((text, row) => (text.includes(needle) ? [row] : []));
        assert.deepEqual(exactRowsWith(texts, needle), expected);
      }),
      { numRuns: 2000 },
    );
    const stretch = 2 ** 22;
    for (let shift = -8; shift <= 2; shift++) {
      const texts = ['.'.repeat(stretch + shift), '"name"', 'name"', '"Name"', 'xname""name"'];
      assert.deepEqual(exactRowsWith(texts, '"name"'), [1, 4], String(shift));
    }
  });

  it('is left to the texts for a needle that bytes cannot tell', () => {
    assert.equal(needleBytes('a\ud83d'), undefined);
    assert.equal(needleBytes('\ufffd'), undefined);
    assert.ok(needleBytes('\u{1f600}'));
  });
});
