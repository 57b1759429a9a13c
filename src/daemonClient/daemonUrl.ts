import { IpfsKitError } from '../ipfsKitError';

/**
 * The literal base URLs that a configured one stands for: `http://localhost:8774` → 127.0.0.1 and [::1].
 * Throws `invalid-argument` for anything but `http://host[:port]`: the daemon speaks plain HTTP at the root, and credentials have no place in settings.
 */
export function parseDaemonUrl(text: string): string[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse(text, 'is not a URL');
  }
  if (url.protocol !== 'http:') throw refuse(text, 'must begin with http://');
  if (url.username !== '' || url.password !== '') throw refuse(text, 'must not hold a user name or password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw refuse(text, 'must end after the port');
  const port = url.port === '' ? '' : `:${url.port}`;
  const hosts = url.hostname === 'localhost' ? ['127.0.0.1', '[::1]'] : [url.hostname];
  return hosts.map((host) => `http://${host}${port}`);
}

function refuse(text: string, why: string): IpfsKitError {
  return new IpfsKitError(
    'invalid-argument',
    `The daemon address "${text.slice(0, 200)}" ${why}. Write it like http://localhost:8774.`,
  );
}
