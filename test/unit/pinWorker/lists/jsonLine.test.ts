import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { cidIn, LONGEST_CID, newSpans, objectInLine, plainFields, keptTextIn } from '../../../../src/pinWorker/lists/jsonLine';

const spans = newSpans();

/** The fields of a line between other bytes; undefined if it isn't plain. */
function fieldsOf(line: string): unknown {
  const bytes = Buffer.from(`"}${line}"}`);
  const [from, to] = [2, bytes.length - 2];
  const count = plainFields(bytes, from, to, spans);
  if (count < 0) return undefined;
  const text = (at: number): string => bytes.toString('latin1', spans[at], spans[at + 1]);
  return Object.fromEntries(Array.from({ length: count }, (_, field) => [text(4 * field), text(4 * field + 2)]));
}

describe('a line of JSON', () => {
  it('that is plain is read from its bytes', () => {
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

const malformed = (error: unknown): boolean => IpfsKitError.is(error, 'malformed');

describe('a line of JSON that is parsed', () => {
  it('is rejected if it is not UTF-8, since each invalid byte would become three', () => {
    const line = Buffer.from('--{"cid":"Qm\xff"}--', 'latin1');
    assert.throws(() => objectInLine(line, 2, line.length - 2, 'A list'), malformed);
    const valid = Buffer.from('\u00ff{"cid":"Qm\u00ff"}');
    assert.deepEqual(objectInLine(valid, 2, valid.length, 'A list'), { cid: 'Qm\u00ff' });
  });

  it('keeps one more character of a text than is shown', () => {
    assert.equal(keptTextIn('a'.repeat(2 ** 20))?.length, 4097);
    assert.deepEqual([keptTextIn('a'), keptTextIn(''), keptTextIn(5)], ['a', undefined, undefined]);
  });

  it('has no CID in a text that is longer than any', () => {
    assert.equal(cidIn('Q'.repeat(LONGEST_CID), 'A list').length, LONGEST_CID);
    for (const none of ['Q'.repeat(LONGEST_CID + 1), '', undefined, 5]) assert.throws(() => cidIn(none, 'A list'), malformed);
  });
});
