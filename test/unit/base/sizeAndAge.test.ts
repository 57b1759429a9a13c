import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageText, sizeText } from '../../../src/base/sizeAndAge';

const NOW = Date.UTC(2026, 10, 23, 12);

describe('a size', () => {
  const cases: [number | string, string][] = [
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [1_048_575, '1.0 MB'],
    [5 * 2 ** 40, '5.0 TB'],
    ['18446744073709551615', '16.0 EB'],
  ];
  for (const [bytes, text] of cases) it(`of ${bytes} bytes reads ${text}`, () => assert.equal(sizeText(bytes), text));
});

describe('an age', () => {
  const cases: [string, string][] = [
    ['2026-11-23T11:59:30.000Z', 'just now'],
    ['2026-11-23T11:15:00.000Z', '45 min'],
    ['2026-11-22T13:00:00.000Z', '23 h'],
    ['2026-09-23T12:00:00.000Z', '2 mo'],
    ['2020-01-01T00:00:00.000Z', '6 y'],
    ['2031-05-05T00:00:00.000Z', '2031-05-05'],
  ];
  for (const [iso, text] of cases) it(`since ${iso} reads ${text}`, () => assert.equal(ageText(iso, NOW), text));
});
