import { IpfsKitError } from '../base/ipfsKitError';
import { safeText } from '../base/safeText';
import { decodeMultibase, toBase32, toBase58 } from './multibase';

/** The parts of a CID (https://github.com/multiformats/cid). Equal bytes identify equal content, regardless of how the CID is written. */
export interface Cid {
  readonly version: 0 | 1;
  /** https://github.com/multiformats/multicodec/blob/master/table.csv */
  readonly codec: number;
  /** The bytes in the form of version 1: version, codec, multihash. */
  readonly bytes: Uint8Array;
}

const DAG_PB = 0x70;
export const LIBP2P_KEY = 0x72;

/** SHA-256 of 32 bytes: the only multihash of version 0. */
const SHA2_256 = Buffer.from([0x12, 32]);
const V0_BYTES = 34;
/** Version 1, dag-pb. */
const V0_IN_V1 = Buffer.from([1, DAG_PB]);

/**
 * Decodes a CID in any base that Kubo accepts, with the length that its multihash states; undefined for other text. Like Kubo, it also accepts a multihash of
 * version 0 in bases other than base58btc (`zQm…`, `f1220…`). Every check of a CID, and everything that is opened, pinned or searched for, uses this.
 */
export function decodeCid(text: string): Cid | undefined {
  if (last?.text !== text) last = { text, cid: decoded(text) };
  return last.cid;
}

/** A row decodes its own CID several times. */
let last: { readonly text: string; readonly cid: Cid | undefined } | undefined;

function decoded(text: string): Cid | undefined {
  const isPlainV0 = text.length === 46 && text.startsWith('Qm');
  const bytes = decodeMultibase(isPlainV0 ? `z${text}` : text);
  if (!bytes) return undefined;
  if (SHA2_256.equals(bytes.subarray(0, 2)))
    return bytes.length === V0_BYTES ? { version: 0, codec: DAG_PB, bytes: Buffer.concat([V0_IN_V1, bytes]) } : undefined;
  const [version, afterVersion] = varint(bytes, 0);
  const [codec, afterCodec] = varint(bytes, afterVersion);
  const [, afterHash] = varint(bytes, afterCodec);
  const [length, digest] = varint(bytes, afterHash);
  return version === 1 && digest + length === bytes.length ? { version, codec, bytes } : undefined;
}

/**
 * An unsigned varint below 2^53 (https://github.com/multiformats/unsigned-varint), and where it ends; NaN where there is none, or one that is longer than
 * necessary.
 */
function varint(bytes: Uint8Array, from: number): readonly [value: number, end: number] {
  let value = 0;
  for (let at = from; ; at++) {
    const byte = bytes[at] ?? NaN;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (Number.isNaN(byte) || !Number.isSafeInteger(value) || (byte === 0 && at > from)) return [NaN, NaN];
    if (byte < 0x80) return [value, at + 1];
  }
}

export function looksLikeCid(text: string): boolean {
  return decodeCid(text) !== undefined;
}

/** The part that identifies the content in every version and format: the same for Qm… and bafy…, and for raw and dag-pb blocks of equal bytes. */
export function multihashOf({ bytes }: Cid): Uint8Array {
  const [, afterVersion] = varint(bytes, 0);
  const [, afterCodec] = varint(bytes, afterVersion);
  return bytes.subarray(afterCodec);
}

/** The same CID in the form that lists use: in base58btc for version 0, if there is one, and in base32 for version 1. */
export function cidForms({ codec, bytes }: Cid): { readonly v0?: string; readonly v1: string } {
  const multihash = bytes.subarray(V0_IN_V1.length);
  const hasV0 = codec === DAG_PB && multihash.length === V0_BYTES && SHA2_256.equals(multihash.subarray(0, 2));
  return { ...(hasV0 && { v0: toBase58(multihash) }), v1: toBase32(bytes) };
}

/** The same CID in the same version, as Kubo writes it: letters and digits, which can be part of any path or URL. Text that isn't a CID stays as it is. */
export function canonicalCid(text: string): string {
  const cid = decodeCid(text);
  if (!cid) return text;
  if (cid.version === 1) return toBase32(cid.bytes); // every row asks for it, and base58 takes longer
  const { v0, v1 } = cidForms(cid);
  return v0 ?? v1;
}

/** The CID in a form that can be part of any path or URL: unchanged if it has only letters and digits. Throws `invalid-argument` for text that isn't a CID. */
export function checkedCid(text: string): string {
  if (looksLikeCid(text)) return /^[a-z\d]+$/i.test(text) ? text : canonicalCid(text);
  throw new IpfsKitError('invalid-argument', `"${safeText(text, 100)}" is not a CID. Nothing was sent to the daemon.`);
}

/** Whether both name the same content in the same format, regardless of their bases and versions. */
export function isSameCid(one: string, other: string): boolean {
  return one === other || sameInAll(one) === sameInAll(other);
}

function sameInAll(text: string): string {
  const cid = decodeCid(text);
  return cid ? cidForms(cid).v1 : text;
}

/** `bafy…bzdi`: enough of both ends to distinguish it from others at a glance, and short enough for a narrow side bar. */
export function shortCid(cid: string): string {
  return cid.length <= 12 ? cid : `${cid.slice(0, 4)}…${cid.slice(-6)}`;
}

/** Folders are dag-pb, and so are most files. */
export function mayBeFolder(cid: string): boolean {
  return decodeCid(cid)?.codec === DAG_PB;
}

/** A folder without entries, which Kubo pins in each new repository. */
const EMPTY_FOLDER = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';

export function isEmptyFolder(cid: string): boolean {
  return isSameCid(cid, EMPTY_FOLDER);
}
