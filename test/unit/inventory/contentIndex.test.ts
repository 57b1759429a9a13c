import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contentIndex } from '../../../src/inventory/contentIndex';
import { toBase32 } from '../../../src/pin/multibase';
import { rounds } from '../../support/rounds';

/** The most bytes of a content beside the table of its list, of which 4 are for its row. */
const MOST_BYTES = 40 - 4;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

describe('the index of contents', () => {
  it('finds what was added and not removed, and gives entries again, as a Map does', () => {
    const step = fc.tuple(fc.constantFrom('add', 'remove', 'find'), fc.nat(3000));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1500, maxLength: 4000, size: 'max' }), (steps) => {
        const index = contentIndex();
        const known = new Map<string, number>();
        for (const [what, number] of steps) {
          const text = `content ${number}`;
          const bytes = bytesOf(text);
          const before = known.get(text);
          if (what === 'add') {
            const entry = index.findOrAdd(bytes, 0, bytes.length);
            if (before === undefined) assert.ok(![...known.values()].includes(entry), 'an entry is that of one content');
            else assert.equal(entry, before);
            known.set(text, entry);
            index.classes()[entry] = number + 1;
          } else if (what === 'remove' && before !== undefined) {
            assert.equal(index.classes()[before], number + 1);
            index.remove(before);
            known.delete(text);
          }
          assert.equal(index.find(bytes, 0, bytes.length), known.get(text) ?? -1);
          assert.equal(index.size, known.size);
        }
        for (const [text, entry] of known) {
          assert.equal(index.find(bytesOf(text), 0, text.length), entry);
          assert.equal(`content ${(index.classes()[entry] ?? 0) - 1}`, text);
        }
      }),
      { numRuns: Math.ceil(rounds(30) / 3) },
    );
  });

  it('takes at most 40 bytes for a content, at any size, and gives them back with the last one', () => {
    const index = contentIndex();
    const empty = index.bytes();
    const digits = Buffer.alloc(36);
    digits.set([1, 0x55, 0x12, 32]);
    for (let at = 0; at < 300_000; at++) {
      digits.writeUInt32BE(at, 20);
      const cid = bytesOf(toBase32(digits));
      assert.equal(index.findOrAdd(cid, 0, cid.length), at);
      if (at > 10_000) assert.ok(index.bytes() / (at + 1) <= MOST_BYTES, `${index.bytes() / (at + 1)} bytes of ${at + 1}`);
    }
    for (let entry = 0; entry < 300_000; entry++) index.remove(entry);
    assert.deepEqual([index.size, index.bytes()], [0, empty]);
  });

  it('has another secret each time, and is not slowed down by texts with equal hashes of another kind or equal beginnings', () => {
    // Identity CIDs that differ in their last byte only, and texts with the same 32 bits of FNV-1a: found by a search over eight letters.
    const identity = Array.from({ length: 256 }, (_, last) =>
      toBase32(Buffer.from([1, 0x55, 0, 100, ...new Uint8Array(99).fill(7), last])),
    );
    const texts = [...identity, ...equalHashes(40)];
    const index = contentIndex();
    const entries = texts.map((text) => index.findOrAdd(bytesOf(text), 0, text.length));
    assert.deepEqual(
      entries,
      texts.map((_, at) => at),
    );
    assert.deepEqual(
      texts.map((text) => index.find(bytesOf(text), 0, text.length)),
      entries,
    );
  });
});

/** Texts that collide in FNV-1a of 32 bits, whose steps can be undone: each begins with other letters and is led to the same hash by its end. */
function equalHashes(count: number): readonly string[] {
  const PRIME = 0x01000193;
  const hashOf = (bytes: Iterable<number>, hash = 0x811c9dc5): number => {
    for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
    return hash >>> 0;
  };
  const ends = new Map<number, string>();
  const found = new Set<string>();
  const target = hashOf(Buffer.from('target00'));
  const inverse = 0x359c449b; // PRIME * inverse = 1 mod 2^32
  const back = (hash: number, text: string): number =>
    [...Buffer.from(text)].reverse().reduce((each, byte) => (Math.imul(each, inverse) ^ byte) >>> 0, hash);
  const letters = (number: number): string => number.toString(36).padStart(4, 'z');
  for (let at = 0; at < 400_000; at++) ends.set(back(target, letters(at)), letters(at));
  for (let at = 0; at < 36 ** 5 && found.size < count; at++) {
    const begin = `t${at.toString(36)}`;
    const end = ends.get(hashOf(Buffer.from(begin)));
    if (end !== undefined) found.add(begin + end);
  }
  for (const text of found) assert.equal(hashOf(Buffer.from(text)), target);
  assert.equal(found.size, count);
  return [...found];
}
