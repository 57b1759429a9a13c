import { createHash } from 'node:crypto';
import type { CID } from 'multiformats/cid';
import { IpfsKitError } from '../ipfsKitError';

/** By multihash code (https://github.com/multiformats/multicodec/blob/master/table.csv). Anything else is not read at all. */
const HASHES: ReadonlyMap<number, { readonly name: string; readonly digestBytes: number }> = new Map([
  [0x12, { name: 'sha256', digestBytes: 32 }],
  [0x13, { name: 'sha512', digestBytes: 64 }],
  [0x14, { name: 'sha3-512', digestBytes: 64 }],
  [0x15, { name: 'sha3-384', digestBytes: 48 }],
  [0x16, { name: 'sha3-256', digestBytes: 32 }],
  [0x17, { name: 'sha3-224', digestBytes: 28 }],
]);

const IDENTITY = 0x00;

/** What an identity CID holds in itself is as long as this at most, as Kubo has it. */
const MOST_INLINE_BYTES = 128;

/** The bytes that a CID holds itself; undefined where it only names them. Throws too-large. */
export function inlineBlock({ multihash }: CID): Uint8Array | undefined {
  if (multihash.code !== IDENTITY) return undefined;
  if (multihash.digest.length <= MOST_INLINE_BYTES) return multihash.digest;
  throw new IpfsKitError('too-large', `The CID holds more than ${MOST_INLINE_BYTES} bytes itself, which is not allowed.`);
}

/** Throws unsupported where these hashes cannot be compared: such a block is never read, since nothing could be said of it. */
export function checkHashFunction(cid: CID): void {
  const { code, digest } = cid.multihash;
  if (code === IDENTITY || HASHES.get(code)?.digestBytes === digest.length) return;
  throw new IpfsKitError(
    'unsupported',
    `${cid.toString()} is named by a hash (multihash 0x${code.toString(16)} of ${digest.length} bytes) that IPFS Kit cannot check, so it is not shown. SHA-2 and SHA-3 are checked.`,
  );
}

/** Whether these are the bytes that the CID names. */
export function isBlockOf({ multihash }: CID, bytes: Uint8Array): boolean {
  const hash = HASHES.get(multihash.code);
  return hash !== undefined && createHash(hash.name).update(bytes).digest().equals(multihash.digest);
}
