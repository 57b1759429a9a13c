import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bases } from 'multiformats/basics';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { decodeCid } from '../../../src/pin/cid';
import { cutText, MAX_TEXT } from '../../../src/pin/pin';
import { KEY_BYTES, writeContentKey } from '../../../src/inventory/contentKey';
import { rounds } from '../../support/rounds';

function keyOf(text: string | Uint8Array): string {
  const bytes = Buffer.from(text);
  const within = Buffer.concat([Buffer.from('x'), bytes, Buffer.from('Qm')]);
  const into = new Uint8Array(KEY_BYTES).fill(0xee);
  return Buffer.from(into.subarray(0, writeContentKey(within, 1, 1 + bytes.length, into))).toString('hex');
}

/** By the definition: the bytes of the decoded CID, else a 0 and the shown text. */
function plainKeyOf(text: string): string {
  const cid = decodeCid(text);
  return Buffer.from(cid ? cid.bytes : Buffer.concat([Buffer.of(0), Buffer.from(cutText(text))])).toString('hex');
}

const hasV0 = ({ code, multihash }: CID): boolean => code === 0x70 && multihash.code === 0x12;
const digest = (code: number, bytes: Uint8Array): Digest.Digest<number, number> => Digest.create(code, bytes);
/** Those that Kubo accepts. */
const SPELLINGS = Object.values(bases).filter(({ prefix }) => !['\0', '7', '9', 'h'].includes(prefix));

/** CIDs of any codec and hash, identity among them, in any base and version. */
const cid = fc
  .record({
    codec: fc.constantFrom(0x55, 0x70, 0x71, 0x72, 0x0129, 0),
    hash: fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => digest(0x12, bytes)),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => digest(0xb220, bytes)),
      fc.uint8Array({ maxLength: 130 }).map((bytes) => digest(0, bytes)),
    ),
  })
  .map(({ codec, hash }) => CID.createV1(codec, hash));
const spelled = fc
  .record({ of: cid, base: fc.constantFrom(...SPELLINGS), asV0: fc.boolean(), upper: fc.boolean() })
  .map(({ of, base, asV0, upper }) => {
    const text = asV0 && hasV0(of) ? of.toV0().toString() : base.encoder.encode(of.bytes);
    return upper ? text.toUpperCase() : text;
  });
/** The same with one character replaced, added or removed. */
const damaged = fc
  .record({ text: spelled, at: fc.nat(100), by: fc.constantFrom('', 'a', '0', '1', '8', 'l', '=', 'é', '\0', 'Qm') })
  .map(({ text, at, by }) => text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1));

describe('the key of a content', () => {
  it('is the decoded CID for every spelling, and the text for everything else', () => {
    const text = fc.oneof(spelled, damaged, fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, (each) => {
        const wellFormed = Buffer.from(each).toString();
        assert.equal(keyOf(wellFormed), plainKeyOf(wellFormed));
      }),
      { numRuns: rounds(6000) },
    );
  });

  it('is the same in both versions and all bases, and another for another codec or hash', () => {
    fc.assert(
      fc.property(cid, cid, (one, other) => {
        const keys = SPELLINGS.map((base) => keyOf(base.encoder.encode(one.bytes)));
        assert.equal(new Set(keys).size, 1);
        assert.equal(keys[0], Buffer.from(one.bytes).toString('hex'));
        if (hasV0(one)) assert.equal(keyOf(one.toV0().toString()), keys[0]);
        assert.equal(keyOf(other.toString()) === keys[0], Buffer.compare(one.bytes, other.bytes) === 0);
      }),
      { numRuns: rounds(600) },
    );
  });

  it('is that of the shown text where a text is no CID and too long, or has bytes that are no UTF-8', () => {
    const long = 'é'.repeat(3 * MAX_TEXT);
    assert.equal(keyOf(long), plainKeyOf(cutText(long)));
    assert.equal(keyOf(cutText(long)), keyOf(long));
    assert.notEqual(keyOf(`${long.slice(0, 5)}x`), keyOf(long));
    assert.equal(keyOf(Buffer.from([0x62, 0xff, 0x61])), plainKeyOf('b\ufffda'));
  });
});
