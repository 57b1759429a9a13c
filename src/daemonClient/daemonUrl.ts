import { IpfsKitError } from '../base/ipfsKitError';
import { isLocalhost } from './loopback';

/**
 * The literal base URLs that a configured URL stands for: `http://localhost:8774` → 127.0.0.1 and [::1]. Both may be asked, since no token is sent there.
 * Throws `invalid-argument` for anything but `http://host[:port]`: the daemon speaks plain HTTP at the root, and settings mustn't contain credentials.
 */
export function parseDaemonUrl(text: string): string[] {
  // Types don't bind settings and callers of the API.
  if (typeof text !== 'string' || !URL.canParse(text)) throw refuse(text, 'is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:') throw refuse(text, 'must begin with http://');
  if (url.username !== '' || url.password !== '') throw refuse(text, "can't contain a user name or password");
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw refuse(text, 'must end after the port');
  const port = url.port === '' ? '' : `:${url.port}`;
  const hosts = isLocalhost(url.hostname) ? ['127.0.0.1', '[::1]'] : [url.hostname];
  return hosts.map((host) => `http://${host}${port}`);
}

const LONGEST_SHOWN = 100;
/** Text that isn't an address and is still shown: it has no room for a secret. */
const PLAIN = /^(?:[a-z][a-z\d+.-]*:\/\/[a-z\d.-]+|localhost|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?\/?$/i;

/**
 * An address as a message or a log may show it: at most 100 characters, without user name, password, query and fragment. Of text that isn't an http: or https:
 * URL, and may be anything, only a plain `scheme://host:port` is shown.
 */
export function shownDaemonUrl(text: unknown): string {
  if (typeof text !== 'string') return typeof text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return PLAIN.test(text) ? text.slice(0, LONGEST_SHOWN) : '…';
  const hidden = url.search === '' ? (url.hash === '' ? '' : '#…') : '?…';
  const path = mayHideCredentials(url.pathname) ? '/…' : url.pathname === '/' && hidden === '' ? '' : url.pathname;
  const credentials = url.username === '' && url.password === '' ? '' : '…@';
  return `${url.protocol}//${credentials}${url.host}${path}${hidden}`.slice(0, LONGEST_SHOWN);
}

/** `responded with a redirect (HTTP 302) to https://other.example; redirects aren't followed.` Only the host of the target is shown. */
export function redirected(status: number, location?: string): string {
  const to = location !== undefined && URL.canParse(location) ? ` to ${shownDaemonUrl(new URL(location).origin)}` : '';
  return `responded with a redirect (HTTP ${status})${to}; redirects aren't followed.`;
}

/** The most levels of percent-encoding that are decoded. */
const MOST_DECODED = 10;

/** Whether a path contains an @, however often it is encoded: `http://host\\me:password@x` is the path `/me:password@x` of `host`. */
export function mayHideCredentials(pathname: string): boolean {
  let path = pathname;
  for (let round = 0; round < MOST_DECODED; round++) {
    if (path.includes('@')) return true;
    const decoded = path.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
    if (decoded === path) return false;
    path = decoded;
  }
  return true;
}

function refuse(text: unknown, why: string): IpfsKitError {
  return new IpfsKitError(
    'invalid-argument',
    `The daemon address "${shownDaemonUrl(text)}" ${why}. Write it like http://localhost:8774.`,
  );
}
