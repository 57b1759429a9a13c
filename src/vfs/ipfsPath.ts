import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../base/ipfsKitError';
import { cidForms as formsOf, decodeCid } from '../pin/cid';
import { notACid, parsePasted } from '../pin/pastedPath';

/** Something below a CID; an empty path means the CID itself. */
export interface IpfsPath {
  readonly cid: string;
  /** Names, outermost first; none is empty or contains a slash. */
  readonly path: readonly string[];
}

/** The most names of a path: each costs a block, and looking for a symbolic link on the way costs all before it again. */
export const MOST_NAMES = 256;

/** Parses a CID as decodeCid does, for the libraries that read blocks. Throws invalid-argument. */
export function parseCid(text: string): CID {
  const cid = decodeCid(text);
  if (!cid) throw notACid(text);
  const decoded = CID.decode(cid.bytes);
  return cid.version === 0 ? decoded.toV0() : decoded;
}

/**
 * Parses the argument of a command line, where blanks at the end of a name count; otherwise as parsePasted. `isLiteral`: a query of gateways behind a path that
 * isn't a URL is part of the name, too. Throws invalid-argument.
 */
export function parseIpfsPath(text: string, { isLiteral = false } = {}): IpfsPath {
  const at = parsePasted(text, { isExact: true, isLiteral });
  if (at.path.length <= MOST_NAMES) return at;
  throw new IpfsKitError('invalid-argument', `The path has more than ${MOST_NAMES} parts. Use a shorter one.`);
}

export function formatIpfsPath({ cid, path }: IpfsPath): string {
  return [cid, ...path].join('/');
}

/** The same CID in both versions; version 0 supports only dag-pb with SHA-256. Throws invalid-argument. */
export function cidForms(text: string): { readonly v0?: string; readonly v1: string } {
  const cid = decodeCid(text);
  if (!cid) throw notACid(text);
  return formsOf(cid);
}
