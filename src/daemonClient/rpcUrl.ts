import { byAsker } from '../base/settingOrOption';
import { IpfsKitError } from '../base/ipfsKitError';
import { mayHideCredentials, shownDaemonUrl } from './daemonUrl';

/** The next step for credentials in the address of a daemon or a pinning service, and in that of a gateway. */
const INSTEAD = {
  daemon: () => `Remove them, and ${byAsker('save them with Set Token', 'give them with --token-file or --token-env')}.`,
  gateway: () => "Gateways that require a user name, a password or a key aren't supported.",
} as const;

/**
 * A URL of the settings as the base of routes: `https://pins.example/api/` → `https://pins.example/api`.
 * Throws `invalid-argument` for anything but http: and https:, and for a user name, a password (also behind a misplaced slash), a query or a fragment, which
 * may be secrets: settings are synchronized, and addresses are shown.
 */
export function parseRpcUrl(text: string, of: keyof typeof INSTEAD = 'daemon'): string {
  const refuse = (why: string): IpfsKitError =>
    new IpfsKitError('invalid-argument', `The address "${shownDaemonUrl(text)}" ${why}`);
  if (typeof text !== 'string' || !URL.canParse(text)) throw refuse('is not a URL. Begin it with http:// or https://.');
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw refuse('must begin with http:// or https://.');
  if (username !== '' || password !== '' || mayHideCredentials(pathname))
    throw refuse(`can't contain a user name or password. ${INSTEAD[of]()}`);
  if (search !== '' || hash !== '') throw refuse(`must end before any ? or #. If a key follows there: ${INSTEAD[of]()}`);
  return origin + pathname.replace(/\/+$/, '');
}

/** As parseRpcUrl, for a gateway: removes `/ipfs` at the end, which the address of a page has. */
export function parseGatewayUrl(text: string): string {
  return parseRpcUrl(text, 'gateway').replace(/(?:\/ipfs)+$/, '');
}

/** As parseRpcUrl, for a pinning service: removes `/pins` at the end, which its routes begin with. */
export function parseServiceUrl(text: string): string {
  return parseRpcUrl(text).replace(/\/pins$/, '');
}

/** As parseRpcUrl, for Kubo's RPC: removes `/api/v0` at the end, which its routes have. */
export function parseKuboUrl(text: string): string {
  return parseRpcUrl(text).replace(/\/api\/v0$/, '');
}
