import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sipHash } from '../../../src/inventory/sipHash';

/**
 * hash(bytes(range(n))) of CPython 3.11, which is SipHash-1-3: with PYTHONHASHSEED=0, whose key is 0, and with 7, whose key is what lcg_urandom makes of it
 * (Python/bootstrap_hash.c).
 */
const HASHES: readonly (readonly [key: readonly number[], hashes: Readonly<Record<number, bigint>>])[] = [
  [
    [0, 0, 0, 0],
    {
      1: 0x68a914128e01e473n,
      3: 0x4d4c9a4a8ef6e0adn,
      7: 0x2f098ab0c751325an,
      8: 0xead411e67ebe2eean,
      9: 0x75927f9d95124362n,
      15: 0xf30eb725bb91c9ean,
      36: 0xac77921fcc642bd3n,
      63: 0x385d3e39e5f37359n,
    },
  ],
  [[-2140205507, 315126945, -103647153, 1191872978], { 1: 0x7e255bf0210f9775n, 8: 0x8450991e34fe08den, 36: 0xec28f23106b18bbfn }],
];

it('SipHash-1-3 gives the hashes of CPython, whatever the memory after the message held', () => {
  for (const [key, hashes] of HASHES)
    for (const [length, wanted] of Object.entries(hashes)) {
      const words = new Int32Array(20).fill(-1);
      const bytes = new Uint8Array(words.buffer);
      for (let at = 0; at < Number(length); at++) bytes[at] = at;
      const into = new Int32Array(2);
      sipHash(words, Number(length), Int32Array.from(key), into);
      assert.equal((BigInt(into[1] ?? 0) << 32n) | BigInt((into[0] ?? 0) >>> 0), BigInt.asIntN(64, wanted), length);
    }
});
