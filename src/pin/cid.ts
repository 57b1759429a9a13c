import { IpfsKitError } from '../ipfsKitError';
import { safeText } from '../safeText';

/** CID v0 is 46 characters of base58btc from `Qm`; v1 as Kubo writes it is base32 from `b`, base36 from `k` or base58btc from `z`. */
const CID =
  /^(?:Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{20,200}|k[0-9a-z]{20,200}|z[1-9A-HJ-NP-Za-km-z]{20,200}|f[0-9a-f]{20,300})$/;

/** Whether it has the form of a CID. ipfs_kit_py's own three sample pins do not (45 characters). */
export function looksLikeCid(cid: string): boolean {
  return CID.test(cid);
}

/** Whether a daemon may mean what it was asked for: it writes CIDs in base58 or base32, whatever they were asked in, and others can't be compared as text. */
export function mayBeTheSame(told: string, asked: string): boolean {
  return told === asked || !/^(?:Qm|b)/.test(asked);
}

/** The same text, which may stand in a URL as it is. Throws `invalid-argument`. */
export function checkedCid(cid: string): string {
  if (looksLikeCid(cid)) return cid;
  throw new IpfsKitError('invalid-argument', `"${safeText(cid, 100)}" is not a CID. Nothing was asked of the daemon.`);
}
