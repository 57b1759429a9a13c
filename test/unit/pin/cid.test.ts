import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { base10 } from 'multiformats/bases/base10';
import { base16, base16upper } from 'multiformats/bases/base16';
import { base2 } from 'multiformats/bases/base2';
import { base256emoji } from 'multiformats/bases/base256emoji';
import * as bases32 from 'multiformats/bases/base32';
import { base36, base36upper } from 'multiformats/bases/base36';
import { base58btc, base58flickr } from 'multiformats/bases/base58';
import { base64, base64pad, base64url, base64urlpad } from 'multiformats/bases/base64';
import { base8 } from 'multiformats/bases/base8';
import type { MultibaseEncoder } from 'multiformats/bases/interface';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { canonicalCid, checkedCid, cidForms, decodeCid, isSameCid, looksLikeCid } from '../../../src/pin/cid';
import { parseCid } from '../../../src/vfs/ipfsPath';

const { base32z, ...others32 } = bases32;
/** The bases that `ipfs cid bases` of Kubo 0.42 lists. */
const KUBO: readonly MultibaseEncoder<string>[] = [
  ...[base2, base16, base16upper, ...Object.values(others32), base36, base36upper, base58btc, base58flickr],
  ...[base64, base64pad, base64url, base64urlpad, base256emoji],
];
const IN_EITHER_CASE = new Set(['f', 'F', 'b', 'B', 'c', 'C', 'v', 'V', 't', 'T', 'k', 'K']);

const bytes = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });
const digest = fc.oneof(
  fc.tuple(fc.constant(0x12), bytes(32)),
  fc.tuple(fc.constant(0x00), bytes(0, 128)),
  fc.tuple(fc.constantFrom(0x11, 0x13, 0x16, 0x1e, 0xb220, 0x3fffff), bytes(0, 64)),
);
const codec = fc.oneof(fc.constantFrom(0x55, 0x70, 0x71, 0x72), fc.integer({ min: 0, max: 2 ** 40 }));
const cids = fc.tuple(codec, digest).map(([code, [hash, value]]) => CID.createV1(code, Digest.create(hash, value)));

describe('a CID', () => {
  it('is read in every base that Kubo accepts, in either case, with any codec, hash and digest length', () =>
    fc.assert(
      fc.property(cids, fc.constantFrom(...KUBO), fc.boolean(), (cid, base, turned) => {
        const made = cid.toString(base);
        const text = turned && IN_EITHER_CASE.has(base.prefix) ? made.toUpperCase() : made;
        assert.deepEqual(Buffer.from(decodeCid(text)?.bytes ?? []), Buffer.from(cid.bytes), text);
        assert.ok(parseCid(text).equals(cid), text);
        assert.equal(canonicalCid(text), cid.toString());
        assert.ok(isSameCid(text, cid.toString()));
      }),
      { numRuns: 1000 },
    ));

  it('counts as a CID in a row exactly if it can be opened', () =>
    fc.assert(
      fc.property(
        cids,
        fc.constantFrom<MultibaseEncoder<string>>(...KUBO, base8, base10, base32z),
        fc.nat(),
        fc.constantFrom('', '0', '1', 'l', 'A', 'a', 'Q', '=', ' ', '/', '\u212a', '🚀'),
        (cid, base, at, put) => {
          const text = cid.toString(base);
          const place = at % text.length;
          for (const changed of [text, text.slice(0, place) + put + text.slice(place + 1)]) {
            const opens = ((): boolean => {
              try {
                return Boolean(parseCid(changed));
              } catch {
                return false;
              }
            })();
            assert.equal(looksLikeCid(changed), opens, changed);
          }
        },
      ),
    ));

  it('has both versions where it is dag-pb with SHA-256, and is the same in both; raw is another', () =>
    fc.assert(
      fc.property(bytes(32), (value) => {
        const multihash = Digest.create(0x12, value);
        const [v0, v1, raw] = [CID.createV0(multihash), CID.createV1(0x70, multihash), CID.createV1(0x55, multihash)].map(String);
        assert.ok(v0 !== undefined && v1 !== undefined && raw !== undefined);
        for (const text of [v0, v1]) assert.deepEqual(cidForms(decodeCid(text) ?? assert.fail()), { v0, v1 });
        assert.deepEqual(cidForms(decodeCid(raw) ?? assert.fail()), { v1: raw });
        assert.ok(isSameCid(v0, v1) && !isSameCid(v0, raw) && !isSameCid(v1, raw));
        assert.deepEqual([canonicalCid(v0), parseCid(v0).toString()], [v0, v0]);
        assert.equal(canonicalCid(`z${v0}`), v0);
      }),
    ));

  const taken: [what: string, text: string, canonical: string][] = [
    ['of no bytes', 'bafkqaaa', 'bafkqaaa'],
    ['with bits that are left over', 'bafkqaab', 'bafkqaaa'],
    [
      'a multihash of version 0 in hexadecimal',
      `f1220${'00'.repeat(32)}`,
      `Qm${canonicalCid(`f1220${'00'.repeat(32)}`).slice(2)}`,
    ],
    ['an identity of 128 bytes in base2', CID.createV1(0x55, Digest.create(0, new Uint8Array(128))).toString(base2), 'bafkqb'],
  ];
  for (const [what, text, canonical] of taken)
    it(`is one as for Kubo: ${what}`, () => assert.ok(canonicalCid(text).startsWith(canonical) && looksLikeCid(text)));

  // Kubo 0.42's `ipfs cid base32` rejects each of these but the last two, which no list contains.
  const refused = {
    nothing: '',
    'a prefix': 'b',
    'a multihash that ends early': 'f01551220aa',
    'a multihash of no length': 'f015500',
    'bytes after it': 'bafkqaaaa',
    'version 2': 'f02550000',
    'version 0 with a codec': 'f00550000',
    'a number in more bytes than need be': 'f01d5000000',
    'padding that is missing': 'MAVUAAA',
    'unexpected padding': 'bafkqaaa=',
    'half a byte': 'f015500000',
    'a blank before it': ' bafkqaaa',
    'a base that Kubo has not': CID.parse('bafkqaaa').toString(base32z),
    'a CIDv0 in lower case': 'qmunllspaccz1vlxqvkxqqlx5r1x345qqfhbsf67hva3nn',
    'a peer ID': '12D3KooWGFvxTU7wVNXDVQFyPzD4o6VVVxwGgZLtV5hHMQ4TQKVt',
    'a codec beyond 2^53': 'f01ffffffffffffffff7f0000',
    'a digest of kilobytes': CID.createV1(0x55, Digest.create(0, new Uint8Array(4096))).toString(),
  };
  for (const [what, text] of Object.entries(refused))
    it(`is not ${what}`, () => {
      assert.equal(decodeCid(text), undefined);
      assert.equal(canonicalCid(text), text);
      assert.throws(() => checkedCid(text), { reason: 'invalid-argument' });
    });

  it('is written in a URL as letters and digits', () => {
    assert.equal(checkedCid('K2JMTXTLHJL3FHMGNDF92E48BY79RYJUVQP3Y2QGEHPAO6V3LURVNMCV').length, 56);
    assert.deepEqual(['mAVUAAA', 'MAVUAAA==', '🚀🪐💕🚀🚀'].map(checkedCid), ['mAVUAAA', 'bafkqaaa', 'baeoaaaa']);
  });
});
