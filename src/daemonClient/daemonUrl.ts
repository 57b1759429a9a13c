import { IpfsKitError } from '../ipfsKitError';

/**
 * The literal base URLs that a configured one stands for: `http://localhost:8774` → 127.0.0.1 and [::1].
 * Throws `invalid-argument` for anything but `http://host[:port]`: the daemon speaks plain HTTP at the root, and credentials have no place in settings.
 */
export function parseDaemonUrl(text: string): string[] {
  // Settings and callers of the API are not bound by our types.
  if (typeof text !== 'string' || !URL.canParse(text)) throw refuse(text, 'is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:') throw refuse(text, 'must begin with http://');
  if (url.username !== '' || url.password !== '') throw refuse(text, 'must not hold a user name or password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw refuse(text, 'must end after the port');
  const port = url.port === '' ? '' : `:${url.port}`;
  const hosts = url.hostname === 'localhost' ? ['127.0.0.1', '[::1]'] : [url.hostname];
  return hosts.map((host) => `http://${host}${port}`);
}

/** As it may stand in a message or a log: at most 100 characters, and nothing of what may be a user name, a password or a key in a query. */
export function shownDaemonUrl(text: unknown): string {
  const whole = typeof text === 'string' ? text : typeof text;
  const shown = whole.slice(whole.lastIndexOf('@') + 1);
  return `${shown === whole ? '' : '…@'}${shown.replace(/([?#])[^]+/, '$1…').slice(0, 100)}`;
}

function refuse(text: unknown, why: string): IpfsKitError {
  return new IpfsKitError(
    'invalid-argument',
    `The daemon address "${shownDaemonUrl(text)}" ${why}. Write it like http://localhost:8774.`,
  );
}
