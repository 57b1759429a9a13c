import { IpfsKitError } from '../ipfsKitError';
import { canonicalCid, decodeCid, LIBP2P_KEY } from './cid';

/** A path below a CID, as people write and paste it. */
export interface PastedPath {
  /** As canonicalCid has it. */
  readonly cid: string;
  /** Names, outermost first; none is empty, `.` or `..`, or holds a slash. */
  readonly path: readonly string[];
}

const LONGEST = 64 * 1024;

/** Blanks, line breaks, and what can't be seen. */
const BLANK = /^[\s\p{Cf}]$/u;
const PAIRS = ['""', "''", '``', '<>', '“”', '‘’', '«»', '()', '[]'];
const MOST_PAIRS = 4;

const IPFS_URL = /^(?:web\+)?(?:dweb|(ip[fn]s)):\/*(.*)$/is;
const HTTP_URL = /^(?:https?:\/\/|\/\/(?!\/*ip[fn]s\/))([^/?#]*)(.*)$/is;
/** An address without its scheme. No CID is taken for one: there is no dot or colon in any base. */
const BARE_HOST = /^(?:[^/?#\s]*[.:][^/?#\s]*|localhost)\/+ip[fn]s\/|^[^./?#\s]+\.ip[fn]s\.[^/?#\s]/i;
/** `CID.ipfs.localhost:8080` (https://specs.ipfs.tech/http-gateways/subdomain-gateway/). */
const SUBDOMAIN = /^(?:.*@)?([^.@]+)\.(ip[fn]s)\../i;
/** What a path begins with that names its kind, wherever a gateway or a page has it; some write it twice. */
const NAMESPACE = /(?:^|\/)(?:ipfs\/+)*(ip[fn]s)\/+(?=[^/])/i;
/** What gateways are asked with (https://specs.ipfs.tech/http-gateways/path-gateway/). Behind a path that is no URL, any other `?` belongs to a name. */
const GATEWAY_QUERY = /\?(?:filename|download|format|dag-scope|entity-bytes|car-[a-z]+)=[^/?]*$/;

/** CIDv0, and version 1 of dag-pb and raw blocks in base58btc, by their lengths and beginnings. */
const BASE58_CID = /^(?:qm[a-z\d]{44}|z(?:dj7|b2r)[a-z\d]{45})$/i;

interface Split {
  readonly kind: string;
  readonly names: readonly string[];
  readonly isUrl: boolean;
}

/**
 * `CID`, `CID/path`, `/ipfs/CID/path`, `ipfs://CID/path`, or the URL of a gateway with the CID in its path or host; blanks, quotes or brackets around it.
 * A URL is percent-decoded once, without its query and fragment; of any other path each character counts. `..` leads no higher than the CID.
 * `isExact`: blanks at the end of a path that nothing stands before are of its last name. `isLiteral`: what looks like a gateway's query is, too. Throws `invalid-argument`, which tells an IPNS name, and a CID
 * whose letters were changed on its way, for what it is.
 */
export function parsePasted(text: string, { isExact = false, isLiteral = false } = {}): PastedPath {
  if (text.length > LONGEST) throw refused('The path is longer than 64 KB. Give a shorter one.');
  const trimmed = withoutAround(text);
  if (decodeCid(trimmed)) return pathBelow(trimmed, []); // in base64, a CID may hold slashes
  const isMeant = isExact && text.startsWith(trimmed);
  const { kind, names } = split(isMeant && !split(trimmed).isUrl ? text : trimmed, isLiteral);
  const [first = '', ...path] = names.filter((name) => name !== '');
  if (kind !== 'ipfs') throw isName(first);
  return pathBelow(first, path);
}

/** As parsePasted, for text that may as well be anything else; undefined where that throws. */
export function pastedPath(text: string): PastedPath | undefined {
  try {
    return parsePasted(text);
  } catch {
    return undefined;
  }
}

/** Why it is no CID, to be thrown. */
export function notACid(text: string): IpfsKitError {
  const isChanged = BASE58_CID.test(text) && (text === text.toLowerCase() || text === text.toUpperCase());
  if (isChanged)
    return refused(
      `“${shown(text)}” is a ${/^q/i.test(text) ? 'CIDv0' : 'CID in base58'} whose letters were all put into one case, as in the host name of a URL. Copy it again from where it came from, or give its CIDv1 in base32 (bafy…).`,
    );
  if (text.startsWith('12D3KooW')) return isName(text);
  return refused(`“${shown(text)}” is not a CID. Give one like bafy… or Qm….`);
}

function split(text: string, isLiteral = false): Split {
  const ipfs = IPFS_URL.exec(text);
  if (ipfs) {
    const [, kind = 'ipfs', rest = ''] = ipfs;
    const path = withoutQuery(rest);
    return NAMESPACE.exec(path)?.index === 0 ? below(path) : { kind: kind.toLowerCase(), names: decodedNames(path), isUrl: true };
  }
  const http = HTTP_URL.exec(BARE_HOST.test(text) ? `//${text}` : text);
  if (http) {
    const [, host = '', rest = ''] = http;
    const [, cid, kind] = SUBDOMAIN.exec(host) ?? [];
    const path = withoutQuery(rest);
    if (cid !== undefined && kind !== undefined)
      return { kind: kind.toLowerCase(), names: [cid, ...decodedNames(path)], isUrl: true };
    return below(path, rest.slice(rest.indexOf('#') + 1)); // pages as IPFS Desktop's have it behind a #
  }
  const [, kind = 'ipfs', rest = ''] =
    /^\/*(?:(?:ipfs\/+)*(ip[fn]s)\/+)?(.*)$/is.exec(isLiteral ? text : text.replace(GATEWAY_QUERY, '')) ?? [];
  return { kind: kind.toLowerCase(), names: rest.split('/'), isUrl: false };
}

/** What follows `/ipfs/` in the first of these paths that has it. */
function below(...paths: readonly string[]): Split {
  for (const path of paths) {
    const found = NAMESPACE.exec(path);
    const [all = '', kind = ''] = found ?? [];
    if (found)
      return { kind: kind.toLowerCase(), names: decodedNames(withoutQuery(path.slice(found.index + all.length))), isUrl: true };
  }
  throw refused('There is no CID in this address. Give one that holds /ipfs/CID, or a CID like bafy… or Qm….');
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, '');
}

/** As gateways read it: an encoded slash is one. What is no encoded UTF-8 stays as it is written (https://url.spec.whatwg.org/#percent-decode). */
function decodedNames(path: string): string[] {
  const decoded = path.replace(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
  return decoded.split('/');
}

function pathBelow(text: string, names: readonly string[]): PastedPath {
  const cid = decodeCid(text);
  if (!cid) throw notACid(text);
  if (cid.codec === LIBP2P_KEY) throw isName(text);
  const path: string[] = [];
  for (const name of names) {
    if (name === '.') continue;
    if (name !== '..') path.push(name);
    else if (path.pop() === undefined)
      throw refused(`The path leads out of ${canonicalCid(text)}. Give one that stays below it.`);
  }
  return { cid: canonicalCid(text), path };
}

/** Also where several stand around it: `<"CID">`. */
function withoutAround(text: string): string {
  let [from, to] = [0, text.length];
  for (let pairs = 0; ; pairs++) {
    while (from < to && BLANK.test(text.charAt(from))) from++;
    while (from < to && BLANK.test(text.charAt(to - 1))) to--;
    if (to - from < 2 || pairs === MOST_PAIRS || !PAIRS.includes(text.charAt(from) + text.charAt(to - 1)))
      return text.slice(from, to);
    from++;
    to--;
  }
}

function isName(text: string): IpfsKitError {
  return refused(
    `IPNS names and peer IDs aren't resolved: “${shown(text)}” is one. Run “ipfs resolve /ipns/NAME”, and give the CID that it prints.`,
  );
}

/** It may be an address with a password. */
function shown(text: string): string {
  const plain = text.replace(/^.*@/s, '…@').replace(/[?#].*$/s, '?…');
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}

function refused(message: string): IpfsKitError {
  return new IpfsKitError('invalid-argument', message);
}
