/**
 * SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; one round a word and three at the end, as in the hash tables of Rust and Python): 64
 * bits that nobody can predict or make collide without the key. `words` holds the message in 8-byte words, and needs room for one word after it, which is
 * overwritten. `key` has four numbers, `into` gets two. Numbers of 64 bits are two of 32, since BigInt takes ten times as long.
 */
export function sipHash(words: Int32Array, length: number, key: Int32Array, into: Int32Array): void {
  const count = (length >> 3) + 1;
  const last = length & 7;
  // The bytes after the message are 0, and the last byte of its last word is its length.
  const low = 2 * count - 2;
  const high = low + 1;
  if (last < 4) {
    words[low] = (words[low] ?? 0) & ~(-1 << (8 * last));
    words[high] = 0;
  } else words[high] = (words[high] ?? 0) & ~(-1 << (8 * (last - 4)));
  words[high] = (words[high] ?? 0) | (length << 24);

  const k0l = key[0] ?? 0;
  const k0h = key[1] ?? 0;
  const k1l = key[2] ?? 0;
  const k1h = key[3] ?? 0;
  let v0l = k0l ^ 0x70736575;
  let v0h = k0h ^ 0x736f6d65;
  let v1l = k1l ^ 0x6e646f6d;
  let v1h = k1h ^ 0x646f7261;
  let v2l = k0l ^ 0x6e657261;
  let v2h = k0h ^ 0x6c796765;
  let v3l = k1l ^ 0x79746573;
  let v3h = k1h ^ 0x74656462;
  const rounds = count + 3;
  for (let round = 0; round < rounds; round++) {
    const ml = round < count ? (words[2 * round] ?? 0) : 0;
    const mh = round < count ? (words[2 * round + 1] ?? 0) : 0;
    if (round === count) v2l ^= 0xff;
    v3l ^= ml;
    v3h ^= mh;
    let swap;
    v0l = (v0l + v1l) | 0;
    v0h = (v0h + v1h + (v0l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
    swap = v1l;
    v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
    v1h = ((v1h << 13) | (swap >>> 19)) ^ v0h;
    swap = v0l;
    v0l = v0h;
    v0h = swap;
    v2l = (v2l + v3l) | 0;
    v2h = (v2h + v3h + (v2l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
    swap = v3l;
    v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
    v3h = ((v3h << 16) | (swap >>> 16)) ^ v2h;
    v0l = (v0l + v3l) | 0;
    v0h = (v0h + v3h + (v0l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
    swap = v3l;
    v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
    v3h = ((v3h << 21) | (swap >>> 11)) ^ v0h;
    v2l = (v2l + v1l) | 0;
    v2h = (v2h + v1h + (v2l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
    swap = v1l;
    v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
    v1h = ((v1h << 17) | (swap >>> 15)) ^ v2h;
    swap = v2l;
    v2l = v2h;
    v2h = swap;
    v0l ^= ml;
    v0h ^= mh;
  }
  into[0] = v0l ^ v1l ^ v2l ^ v3l;
  into[1] = v0h ^ v1h ^ v2h ^ v3h;
}
