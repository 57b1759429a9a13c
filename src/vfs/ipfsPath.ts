import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../base/ipfsKitError';
import { cidForms as formsOf, decodeCid } from '../pin/cid';
import { notACid, parsePasted } from '../pin/pastedPath';

/** Something below a CID; no path means the CID itself. */
export interface IpfsPath {
  readonly cid: string;
  /** Names, outermost first; none is empty or holds a slash. */
  readonly path: readonly string[];
}

/** Of a path: each costs a block, and looking for a link on the way all before it again. */
export const MOST_NAMES = 256;

/** A CID as decodeCid takes it, for the libraries that read blocks. Throws invalid-argument. */
export function parseCid(text: string): CID {
  const cid = decodeCid(text);
  if (!cid) throw notACid(text);
  const decoded = CID.decode(cid.bytes);
  return cid.version === 0 ? decoded.toV0() : decoded;
}

/**
 * What a person gives to a command line, where blanks at the end of a name are meant: all that parsePasted takes. `isLiteral`: a query of gateways behind
 * a path that is no URL is meant as well. Throws invalid-argument.
 */
export function parseIpfsPath(text: string, { isLiteral = false } = {}): IpfsPath {
  const at = parsePasted(text, { isExact: true, isLiteral });
  if (at.path.length <= MOST_NAMES) return at;
  throw new IpfsKitError('invalid-argument', `The path has more than ${MOST_NAMES} names. Give a shorter one.`);
}

export function formatIpfsPath({ cid, path }: IpfsPath): string {
  return [cid, ...path].join('/');
}

/** The same CID in both versions; version 0 can only say dag-pb with SHA-256. Throws invalid-argument. */
export function cidForms(text: string): { readonly v0?: string; readonly v1: string } {
  const cid = decodeCid(text);
  if (!cid) throw notACid(text);
  return formsOf(cid);
}
