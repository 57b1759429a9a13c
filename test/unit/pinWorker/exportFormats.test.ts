import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Pin } from '../../../src/pin/pin';
import { EXPORT_TEXT } from '../../../src/pinWorker/exportFormats';
import { FORMULA_AT_START, withoutApostrophes } from '../../support/csvText';
import { rounds } from '../../support/rounds';

const SEPARATORS = [',', ';', '\t', '|', '\u060c', '\u061b', '\uff0c', '\uff1b'] as const;
const written = (...pins: readonly Pin[]): string => EXPORT_TEXT.csv.pins(pins, true);

/** Splits cells like a reader that ignores quotes, and trims quotes at the ends of a cell. */
function naive(text: string, separator: string): string[] {
  return text
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .flatMap((line) => line.split(separator).map((cell) => cell.replace(/^"+|"+$/g, '')));
}

/** Splits cells like Excel and Python: a quote at the start of a cell opens a quoted text; elsewhere it is a character. */
function quoting(text: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' = 'start';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (state === 'quoted') {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text.charAt(++at);
      else state = 'plain';
    } else if (character === separator || character === '\n' || character === '\r') {
      cells.push(cell);
      [cell, state] = ['', 'start'];
    } else if (state === 'start' && character === '"') state = 'quoted';
    else [cell, state] = [cell + character, 'plain'];
  }
  return [...cells, cell];
}

/** Whether a cell is text: an apostrophe before a formula was added by the export; any other belongs to the text. */
const isText = (cell: string): boolean => !FORMULA_AT_START.test(cell) || /^[\s"]*'/.test(cell);

const nasty = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          ...'=+-@＝＋－＠−;,|\u060c\u061b\uff0c\uff1b\t\r\n"\' \u00a0\u200b\ufeff\u0000\u2028'.split(''),
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom("=cmd|' /C calc'!A0", '@SUM(1)', '""', ';=', '\t"=1"', '|\u200b+1', '\udb40\udc01', 'a'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('a cell of CSV', () => {
  it('begins with no formula, by whichever separator and with or without quotes the file is read', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (name, vfsPath, cid) => {
        const text = written({ cid: `x${cid}`, name, vfsPath, tier: name + vfsPath, backend: cid });
        for (const separator of SEPARATORS)
          for (const read of [naive, quoting])
            for (const cell of read(text, separator))
              assert.ok(isText(cell), `${JSON.stringify(cell)} of ${JSON.stringify(text)} by ${JSON.stringify(separator)}`);
      }),
      { numRuns: rounds(3000) },
    );
  });

  const cases: readonly (readonly [name: string, cell: string])[] = [
    ['=1+1', "'=1+1"],
    [' =1+1', "' =1+1"],
    ['\u200b@SUM(1)', "'\u200b@SUM(1)"],
    ['"=1"', '"\'""=1"""'],
    ['a;=1', '"a;\'=1"'],
    ['a\t+1|\ufe66', '"a\t\'+1|\'\ufe66"'],
    ['a, -1', '"a,\' -1"'],
    ['a\n＝1', '"a\n\'＝1"'],
    ["a;'=1", '"a;\'\'=1"'],
    ['a\u061b=1', '"a\u061b\'=1"'],
    ['a\uff0c =1', '"a\uff0c\' =1"'],
    ['a;;=1', '"a;;\'=1"'],
    ['a\t\t=1', '"a\t\'\t\'=1"'],
    ['a;b|c', '"a;b|c"'],
    [' a', '" a"'],
    ['a-b=c+d@e', 'a-b=c+d@e'],
    ['a - b', 'a - b'],
    ["it's", "it's"],
  ];
  for (const [name, cell] of cases)
    it(`of the name ${JSON.stringify(name)} is ${JSON.stringify(cell)}`, () =>
      assert.equal(written({ cid: 'x', name }), `x,${cell}${','.repeat(23)}\r\n`));

  it('of a list, or of texts by key, is JSON, in which nothing begins a formula', () => {
    const pin = { cid: 'x', replicasMin: -1, metadata: { team: '=1', 'a,=b': 'c' }, allocations: ['A', 'B'] };
    assert.equal(written(pin), `x,,,,,,,,,,,,,,,-1,,"{""team"":""=1"",""a,'=b"":""c""}","[""A"",""B""]",,,,,,\r\n`);
    assert.equal(EXPORT_TEXT.json.pins([pin], true), `\n${JSON.stringify(pin)}`);
  });

  it('of a number is that number', () => {
    const text = written({ cid: 'x', sizeBytes: 7, replicas: -1 });
    assert.match(text, /,7,/);
    assert.match(text, /,-1,/);
  });

  it('gives its text back once one apostrophe before each formula is taken off', () => {
    fc.assert(
      fc.property(nasty, (name) => {
        const [, cell = ''] = quoting(written({ cid: 'x', name }), ',');
        assert.equal(withoutApostrophes(cell), name);
      }),
      { numRuns: rounds(3000) },
    );
  });
});
