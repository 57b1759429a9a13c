import { base32 } from 'multiformats/bases/base32';
import { base36 } from 'multiformats/bases/base36';
import { base58btc } from 'multiformats/bases/base58';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../ipfsKitError';
import { splitIpfsPath } from './splitPath';

/** Something below a CID; no path means the CID itself. */
export interface IpfsPath {
  readonly cid: string;
  /** Names, outermost first; none is empty or holds a slash. */
  readonly path: readonly string[];
}

const LONGEST_CID = 1024;
const LONGEST_PATH = 64 * 1024;
/** Of a path: each costs a block, and looking for a link on the way all before it again. */
export const MOST_NAMES = 256;
const BASES = base32.decoder.or(base36.decoder).or(base58btc.decoder);

/** A CID in base32, base36 or base58btc, as people and pins write it. Throws invalid-argument. */
export function parseCid(text: string): CID {
  try {
    if (text.length <= LONGEST_CID) return CID.parse(text, text.startsWith('Qm') || text.startsWith('1') ? undefined : BASES);
  } catch {
    // told below
  }
  const plain = text.replace(/^.*@/s, '…@').replace(/[?#].*$/s, '?…'); // it may be an address with a password
  const shown = plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
  throw new IpfsKitError('invalid-argument', `“${shown}” is not a CID. Give one like bafy… or Qm….`);
}

/** `CID`, `CID/path`, `/ipfs/CID/path` or `ipfs://CID/path`. Throws invalid-argument. */
export function parseIpfsPath(text: string): IpfsPath {
  if (text.length > LONGEST_PATH)
    throw new IpfsKitError('invalid-argument', 'The path is longer than 64 KB. Give a shorter one.');
  const [cid = '', ...path] = splitIpfsPath(text);
  if (path.length > MOST_NAMES)
    throw new IpfsKitError('invalid-argument', `The path has more than ${MOST_NAMES} names. Give a shorter one.`);
  parseCid(cid);
  return { cid, path };
}

export function formatIpfsPath({ cid, path }: IpfsPath): string {
  return [cid, ...path].join('/');
}

/** The same CID in both versions; version 0 can only say dag-pb with SHA-256. Throws invalid-argument. */
export function cidForms(text: string): { readonly v0?: string; readonly v1: string } {
  const cid = parseCid(text);
  const v1 = cid.toV1().toString(base32);
  try {
    return { v0: cid.toV0().toString(), v1 };
  } catch {
    return { v1 };
  }
}
