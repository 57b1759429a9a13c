import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jsonScan, stringAt } from '../../../src/daemonClient/jsonScan';

/** The end of the JSON value at the start of a text, after blanks; undefined if there is none. */
function endIn(text: string): number | undefined {
  try {
    const scan = jsonScan(Buffer.from(text), 'It');
    return scan.blanks(scan.value(scan.blanks(0)));
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const pieces =
  '{ } [ ] " : , \\ a true false null 0 1 -1 1.5 1e3 1E+2 -0 01 . - + "a" "a":1 \\n \\u00e9 \\u12 \\" \t \n é \0 []'.split(' ');

describe('JSON that is looked through', () => {
  it('is JSON to the last byte where JSON.parse takes it, and only there', () => {
    const near = fc.array(fc.constantFrom(...pieces, ' '), { maxLength: 8 }).map((parts) => parts.join(''));
    const broken = fc
      .tuple(fc.json({ maxDepth: 5 }), fc.nat(), fc.constantFrom(...pieces))
      .map(([text, at, piece]) => `${text.slice(0, at % (text.length + 1))}${piece}${text.slice((at + 3) % (text.length + 1))}`);
    fc.assert(
      fc.property(fc.oneof(near, broken, fc.json({ maxDepth: 5 })), (text) => {
        assert.equal(endIn(text) === Buffer.byteLength(text), isJson(text), text);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the strings that JSON.parse gives', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, escaped) => {
        const written = escaped
          ? JSON.stringify(text).replace(/[^\0-\x7f]/gu, (each) => JSON.stringify(each).slice(1, -1))
          : JSON.stringify(text);
        const scan = jsonScan(Buffer.from(`${written} `), 'It');
        assert.equal(stringAt(scan, 0, scan.string(0)), text);
      }),
    ));
});
