import { createHash } from 'node:crypto';
import { blake2b, blake2s } from '@noble/hashes/blake2.js';
import { blake3 } from '@noble/hashes/blake3.js';
import {
  keccak_224,
  keccak_256,
  keccak_384,
  keccak_512,
  sha3_224,
  sha3_256,
  sha3_384,
  sha3_512,
  shake256,
} from '@noble/hashes/sha3.js';
import type { CID } from 'multiformats/cid';
import { IpfsKitError } from '../base/ipfsKitError';

/** The shortest digest. It may be shorter than its function's output, as in Kubo (boxo, verifcid/cid.go). */
const LEAST_DIGEST_BYTES = 20;

interface HashFunction {
  /** Longest digest, in bytes. */
  readonly mostBytes: number;
  /** The digest, `length` bytes at least. */
  readonly digest: (bytes: Uint8Array, length: number) => Uint8Array;
}

const native =
  (name: 'sha1' | 'sha256' | 'sha512') =>
  (bytes: Uint8Array): Uint8Array =>
    createHash(name).update(bytes).digest();

const SHA256 = native('sha256');

/**
 * The hash functions that Kubo allows by default, by multihash code (boxo, verifcid/allowlist.go;
 * https://github.com/multiformats/multicodec/blob/master/table.csv). Blocks with other hashes are never read. Every VS Code has the functions used from
 * node:crypto; SHA-3 and BLAKE are there only in builds with OpenSSL, and Electron is built with BoringSSL.
 */
const HASHES: ReadonlyMap<number, HashFunction> = new Map<number, HashFunction>([
  [0x11, { mostBytes: 20, digest: native('sha1') }],
  [0x12, { mostBytes: 32, digest: SHA256 }],
  [0x13, { mostBytes: 64, digest: native('sha512') }],
  [0x14, { mostBytes: 64, digest: sha3_512 }],
  [0x15, { mostBytes: 48, digest: sha3_384 }],
  [0x16, { mostBytes: 32, digest: sha3_256 }],
  [0x17, { mostBytes: 28, digest: sha3_224 }],
  [0x19, { mostBytes: 64, digest: (bytes, length) => shake256(bytes, { dkLen: length }) }],
  [0x1a, { mostBytes: 28, digest: keccak_224 }],
  [0x1b, { mostBytes: 32, digest: keccak_256 }],
  [0x1c, { mostBytes: 48, digest: keccak_384 }],
  [0x1d, { mostBytes: 64, digest: keccak_512 }],
  [0x1e, { mostBytes: 128, digest: (bytes, length) => blake3(bytes, { dkLen: length }) }],
  [0x56, { mostBytes: 32, digest: (bytes) => SHA256(SHA256(bytes)) }],
  // BLAKE2 has a code for each length, and each length is another function.
  ...perLength(0xb200, 64, (length) => (bytes) => blake2b(bytes, { dkLen: length })),
  ...perLength(0xb240, 32, (length) => (bytes) => blake2s(bytes, { dkLen: length })),
]);

function perLength(code: number, most: number, digestOf: (length: number) => HashFunction['digest']): [number, HashFunction][] {
  const lengths = Array.from({ length: most - LEAST_DIGEST_BYTES + 1 }, (_, at) => LEAST_DIGEST_BYTES + at);
  return lengths.map((length) => [code + length, { mostBytes: length, digest: digestOf(length) }]);
}

const IDENTITY = 0x00;

/** The most bytes in an identity CID, as in Kubo. */
const MOST_INLINE_BYTES = 128;

/** The bytes that a CID contains itself; undefined where it only names them. Throws too-large. */
export function inlineBlock({ multihash }: CID): Uint8Array | undefined {
  if (multihash.code !== IDENTITY) return undefined;
  if (multihash.digest.length <= MOST_INLINE_BYTES) return multihash.digest;
  throw new IpfsKitError('too-large', `The CID contains more than ${MOST_INLINE_BYTES} bytes itself, which is not allowed.`);
}

/** Throws unsupported for hashes that can't be checked. Such a block is never read, since it couldn't be verified. */
export function checkHashFunction(cid: CID): void {
  const { code, digest } = cid.multihash;
  if (code === IDENTITY || hashFor(cid)) return;
  throw new IpfsKitError(
    'unsupported',
    `${cid.toString()} uses a hash (multihash 0x${code.toString(16)} of ${digest.length} bytes) that IPFS Kit can't check, so it isn't shown. The hash functions that Kubo accepts are checked, with digests of ${LEAST_DIGEST_BYTES} bytes or more.`,
  );
}

/** Whether these are the bytes that the CID names. */
export function isBlockOf(cid: CID, bytes: Uint8Array): boolean {
  const { digest } = cid.multihash;
  const hash = hashFor(cid);
  return hash !== undefined && Buffer.compare(hash.digest(bytes, digest.length).subarray(0, digest.length), digest) === 0;
}

function hashFor({ multihash: { code, digest } }: CID): HashFunction | undefined {
  const hash = HASHES.get(code);
  return hash && digest.length >= LEAST_DIGEST_BYTES && digest.length <= hash.mostBytes ? hash : undefined;
}
