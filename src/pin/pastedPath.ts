import { byAsker } from '../base/settingOrOption';
import { IpfsKitError } from '../base/ipfsKitError';
import { canonicalCid, decodeCid, LIBP2P_KEY } from './cid';

/** A path below a CID, as people write and paste it. */
export interface PastedPath {
  /** The CID as canonicalCid returns it. */
  readonly cid: string;
  /** Names, outermost first; none is empty, `.` or `..`, or contains a slash. */
  readonly path: readonly string[];
}

const LONGEST = 64 * 1024;

/** Blanks, line breaks, and invisible characters. */
const BLANK = /^[\s\p{Cf}]$/u;
const PAIRS = ['""', "''", '``', '<>', '“”', '‘’', '«»', '()', '[]'];
const MOST_PAIRS = 4;
/** Characters that end a sentence or an item of a list; no CID contains any. A slash is a digit of base64. */
const PUNCTUATION = /^(?!\/)[\p{Po}\p{Pe}\p{Pf}]$/u;

const IPFS_URL = /^(?:web\+)?(?:dweb|(ip[fn]s)):\/*(.*)$/is;
const HTTP_URL = /^(?:https?:\/\/|\/\/(?!\/*ip[fn]s\/))([^/?#]*)(.*)$/is;
/** `CID.ipfs.localhost:8080` (https://specs.ipfs.tech/http-gateways/subdomain-gateway/). */
const SUBDOMAIN = /^([^.]+)\.(ip[fn]s)\../i;
const KIND = /^ip[fn]s$/i;
/** The beginning of pages of the IPLD explorer, which IPFS Desktop has, too. */
const EXPLORED = /^\/explore\//;
/** The query parameters of gateways (https://specs.ipfs.tech/http-gateways/path-gateway/). Behind a path that isn't a URL, any other `?` belongs to a name. */
const GATEWAY_QUERY = /\?(?:filename|download|format|dag-scope|entity-bytes|car-[a-z]+)=[^/?]*$/;

/** `/Documents/readme.md`, as IPFS Desktop shows it. */
const FILES_PATH = /^\/(?!\/|ip[fn]s(?:\/|$))./i;

/** CIDv0, and version 1 of dag-pb and raw blocks in base58btc, by their lengths and beginnings. */
const BASE58_CID = /^(?:qm[a-z\d]{44}|z(?:dj7|b2r)[a-z\d]{45})$/i;

interface Split {
  readonly kind: string;
  readonly names: readonly string[];
  readonly isUrl: boolean;
}

/**
 * Parses `CID`, `CID/path`, `/ipfs/CID/path`, `ipfs://CID/path`, or the URL of a gateway with the CID in its path or host, with blanks, quotes or brackets
 * around it. A URL is percent-decoded once, without its query and fragment; in any other path each character counts. `..` leads no higher than the CID.
 * Punctuation behind all of that, and a `?` or `#` right behind the CID with what follows, are left out unless they are part of a name.
 * `isExact`: blanks at the end of a path with nothing before it belong to its last name. `isLiteral`: a query that looks like a gateway's does, too. Throws
 * `invalid-argument`, whose message names an IPNS name, and a CID whose letters were changed on the way.
 */
export function parsePasted(text: string, { isExact = false, isLiteral = false } = {}): PastedPath {
  if (text.length > LONGEST) throw refused('The path is longer than 64 KB. Use a shorter one.');
  const trimmed = withoutAround(text);
  try {
    return pathIn(trimmed, isExact && text.startsWith(trimmed) ? text : trimmed, isLiteral);
  } catch (error) {
    const bare = withoutPunctuation(trimmed);
    for (const shorter of new Set([bare, withoutQuery(bare)])) {
      if (shorter === trimmed) continue;
      try {
        return pathIn(shorter, shorter, isLiteral);
      } catch {
        // The error about the whole text is more helpful.
      }
    }
    throw error;
  }
}

/** `exact`: the text with the blanks that belong to it where it isn't a URL. */
function pathIn(text: string, exact: string, isLiteral: boolean): PastedPath {
  if (decodeCid(text)) return pathBelow(text, []); // In base64, a CID may contain slashes.
  const found = split(text, isLiteral);
  const { kind, names } = found.isUrl ? found : split(exact, isLiteral);
  const [first = '', ...path] = names.filter(isNotEmpty);
  if (kind !== 'ipfs') throw isName(first);
  if (!found.isUrl && FILES_PATH.test(text) && !decodeCid(first))
    throw refused(`${shown(text)} is a path in Kubo's Files, which isn't supported. Use the CID or the share link of the item.`);
  return pathBelow(first, path);
}

/** As parsePasted, for text that may be anything else; undefined where parsePasted throws. */
export function pastedPath(text: string): PastedPath | undefined {
  try {
    return parsePasted(text);
  } catch {
    return undefined;
  }
}

/** The name in the query of a gateway's URL, `?filename=NAME`; undefined where there is none. */
export function pastedFileName(text: string): string | undefined {
  const encoded = /[?&]filename=([^&#\s]*)/.exec(text.slice(0, LONGEST))?.[1];
  return encoded === undefined ? undefined : decodedNames(encoded.replaceAll('+', ' ')).at(-1);
}

/** The error for text that isn't a CID. */
export function notACid(text: string): IpfsKitError {
  if (isInOneCase(text))
    return refused(
      `${shown(text)} is a ${/^q/i.test(text) ? 'CIDv0' : 'CID in base58'} whose letters were all changed to one case, as in the host name of a URL. Copy it again from its source, or use its CIDv1 in base32 (bafy…).`,
    );
  if (text.startsWith('12D3KooW')) return isName(text);
  return refused(`${shown(text)} is not a CID or IPFS link.`);
}

function isInOneCase(text: string): boolean {
  return BASE58_CID.test(text) && (text === text.toLowerCase() || text === text.toUpperCase());
}

/** Each pattern here begins at one position only, and passes over the text once, since the text may be 64 KB of anything. */
function split(text: string, isLiteral: boolean): Split {
  const ipfs = IPFS_URL.exec(text);
  if (ipfs) {
    const [, kind = 'ipfs', rest = ''] = ipfs;
    const path = withoutQuery(rest);
    return below(path, true) ?? { kind: kind.toLowerCase(), names: decodedNames(path), isUrl: true };
  }
  const http = HTTP_URL.exec(text) ?? (isBareAddress(text) ? HTTP_URL.exec(`//${text}`) : undefined);
  if (http) return inAddress(...(http.slice(1) as [string, string]));
  const names = (isLiteral ? text : text.replace(GATEWAY_QUERY, '')).split('/');
  return { ...(kindAt(names.filter(isNotEmpty), true) ?? { kind: 'ipfs', names }), isUrl: false };
}

/**
 * The path comes before a host name that only looks as if it contained a CID: `gateway.ipfs.io`. What a page shows, behind its `#`, comes before the page,
 * which may be on IPFS itself.
 */
function inAddress(host: string, rest: string): Split {
  const [, label = '', kind = ''] = SUBDOMAIN.exec(host.slice(host.lastIndexOf('@') + 1)) ?? [];
  const path = withoutQuery(rest);
  const inHost = { kind: kind.toLowerCase(), names: [label, ...decodedNames(path)], isUrl: true };
  const fragment = rest.slice(rest.indexOf('#') + 1);
  const page = rest.includes('#/') ? below(fragment.replace(EXPLORED, '/ipfs/'), true) : undefined;
  if (page && decodeCid(page.names[0] ?? '')) return page;
  if (decodeCid(label) || isInOneCase(label)) return inHost;
  const found = below(path) ?? page ?? below(fragment) ?? below(host + path, true);
  if (found) return found;
  if (inHost.kind === 'ipns') return inHost;
  throw refused("This address doesn't contain a CID. Use one with /ipfs/CID, or a CID like bafy… or Qm….");
}

/** An address without its scheme. A CID never matches: no base has a dot or a colon. */
function isBareAddress(text: string): boolean {
  if (text.startsWith('#/')) return true;
  const host = /^[^/?#]*/.exec(text)?.[0] ?? '';
  if (/\s/.test(host) || !/[.:]|^localhost$/i.test(host)) return false;
  return SUBDOMAIN.test(host) || below(text.slice(host.length)) !== undefined;
}

/** What follows `/ipfs/` in a path; `isFirst`: the path begins with it. */
function below(path: string, isFirst = false): Split | undefined {
  const found = kindAt(path.split('/').filter(isNotEmpty), isFirst);
  return found && { kind: found.kind, names: decodedNames(withoutQuery(found.names.join('/'))), isUrl: true };
}

/** The first name that shows what follows it, wherever a gateway or a page puts it; some write it twice. */
function kindAt(names: readonly string[], isFirst: boolean): Omit<Split, 'isUrl'> | undefined {
  const isKind = (index: number): boolean => KIND.test(names[index] ?? '') && index + 1 < names.length;
  let at = isFirst ? 0 : names.findIndex((_, index) => isKind(index));
  if (!isKind(at)) return undefined;
  while (names[at]?.toLowerCase() === 'ipfs' && isKind(at + 1)) at++;
  return { kind: names[at]?.toLowerCase() ?? '', names: names.slice(at + 1) };
}

function isNotEmpty(name: string): boolean {
  return name !== '';
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, '');
}

/** Decodes as gateways do: an encoded slash is a slash. Text that isn't encoded UTF-8 stays as it is (https://url.spec.whatwg.org/#percent-decode). */
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
    else if (path.pop() === undefined) throw refused(`The path leads out of ${canonicalCid(text)}. Use one that stays below it.`);
  }
  return { cid: canonicalCid(text), path };
}

/** Removes quotes and brackets, also several: `<"CID">`. */
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

/** Removes punctuation, and quotes around the rest: `"CID",`. */
function withoutPunctuation(text: string): string {
  let to = text.length;
  while (to > 0 && PUNCTUATION.test(text.charAt(to - 1)) && !closes(text, to)) to--;
  const rest = text.slice(0, to);
  return rest.endsWith('/') ? text : withoutAround(rest); // `..` is a name.
}

function closes(text: string, to: number): boolean {
  return PAIRS.includes(text.charAt(0) + text.charAt(to - 1));
}

function isName(text: string): IpfsKitError {
  return refused(
    `IPNS names and peer IDs aren't resolved. ${shown(text)} is one: run “ipfs resolve /ipns/NAME”, and use the CID that it prints.`,
  );
}

/** The text may be an address with a password; on the command line it may also be a password in the wrong place, and isn't repeated. */
function shown(text: string): string {
  const plain = text.replace(/^.*@/s, '…@').replace(/[?#].*$/s, '?…');
  return byAsker(`“${plain.slice(0, 80)}${plain.length > 80 ? '…' : ''}”`, 'This');
}

function refused(message: string): IpfsKitError {
  return new IpfsKitError('invalid-argument', message);
}
