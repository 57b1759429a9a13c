import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newSpans, plainFields } from '../../../src/pinIndex/jsonLine';

const spans = newSpans();

/** The fields of a line, between other bytes; undefined where it is not plain. */
function fieldsOf(line: string): unknown {
  const bytes = Buffer.from(`"}${line}"}`);
  const [from, to] = [2, bytes.length - 2];
  const count = plainFields(bytes, from, to, spans);
  if (count < 0) return undefined;
  const text = (at: number): string => bytes.toString('latin1', spans[at], spans[at + 1]);
  return Object.fromEntries(Array.from({ length: count }, (_, field) => [text(4 * field), text(4 * field + 2)]));
}

describe('a line of JSON', () => {
  it('that is plain is told from its bytes', () => {
    assert.deepEqual(fieldsOf('{"Cid":"bafy","Type":"recursive"}'), { Cid: 'bafy', Type: 'recursive' });
    assert.deepEqual(fieldsOf('{"a":"","b":"}"}'), { a: '', b: '}' });
  });

  for (const line of [
    '{}',
    '[]',
    '{"a":1}',
    '{"a":"é"}',
    '{"a":"\\n"}',
    '{"a": "b"}',
    ' {"a":"b"}',
    '{"a":{"b":"c"}}',
    '',
    '{',
    '"a"',
  ])
    it(`that reads ${line} is left to JSON.parse`, () => assert.equal(fieldsOf(line), undefined));

  it('is never read but as JSON.parse reads it', () => {
    const pieces = fc.constantFrom('{', '}', '"', ':', ',', '\\', 'a', 'Cid', '{"', '":"', '","', '"}', ' ', '[', '1', '\n', 'é');
    const near = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
    const real = fc
      .dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 6 }), { maxKeys: 9 })
      .map((each) => JSON.stringify(each));
    fc.assert(
      fc.property(fc.oneof(near, real), (line) => {
        const fields = fieldsOf(line);
        if (fields !== undefined) assert.deepEqual(fields, { ...(JSON.parse(line) as object) });
      }),
      { numRuns: 3000 },
    );
  });
});
