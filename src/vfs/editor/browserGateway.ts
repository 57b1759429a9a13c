import path from 'node:path';
import { SETTING } from '../../base/contributions';
import { isThisMachine } from '../../daemonClient/loopback';
import { parseGatewayUrl } from '../../daemonClient/rpcUrl';
import { DEFAULT_BROWSER_GATEWAY } from '../../base/settingDefaults';
import { IpfsKitError } from '../../base/ipfsKitError';
import { canonicalCid, looksLikeCid } from '../../pin/cid';
import { readRegularFile } from '../../base/regularFile';
import { safeText } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';
import type { IpfsPath } from '../ipfsPath';
import { isPathName } from '../../pin/fileName';

const MOST_BYTES = 4096;

/**
 * The gateway that a browser is sent to, without a slash at the end: the one in the settings, else that of this machine's Kubo, which its repository names.
 * Throws `invalid-argument` where the setting isn't the address of a gateway, or contains credentials.
 */
export function browserGateway(settings: Pick<Settings, 'machine' | 'content'>): string {
  const set = settings.machine(SETTING.browserGateway);
  if (typeof set === 'string' && set.trim() !== '') return onLocalhost(parseGatewayUrl(set.trim()));
  return gatewayOf(settings.content.value().repository) ?? DEFAULT_BROWSER_GATEWAY;
}

/**
 * The gateway at the address where the editor forwards its port. Undefined where that is a path of another server (code-server: `EDITOR/proxy/8080/`): pages of
 * pins would have the origin of the editor itself there, and could act as the editor.
 */
export function forwardedGateway(external: string): string | undefined {
  const { protocol, pathname, origin } = new URL(external);
  return /^https?:$/.test(protocol) && pathname === '/' ? onLocalhost(origin) : undefined;
}

/** `GATEWAY/ipfs/CID/path`. Throws as encodedPath. */
export function gatewayUrl(gateway: string, { cid, path: names }: IpfsPath): string {
  if (!looksLikeCid(cid)) throw new IpfsKitError('invalid-argument', `"${safeText(cid, 100)}" is not a CID: no gateway has it.`);
  return `${gateway}/ipfs/${encodedPath([canonicalCid(cid), ...names])}`;
}

/** The names as a path of a URL. Throws `invalid-argument` where a browser would resolve it to something outside what comes before it. */
export function encodedPath(names: readonly string[]): string {
  // Browsers also read `%2e%2e` as `..` (https://url.spec.whatwg.org/#double-dot-path-segment), so such a name can't be encoded.
  const strange = names.find((name) => !isPathName(name));
  if (strange !== undefined)
    throw new IpfsKitError(
      'invalid-argument',
      `A browser can't open a path with "${safeText(strange, 100)}". Open it in the editor.`,
    );
  return names.map(encodeURIComponent).join('/');
}

/**
 * Reads the file `gateway`, which exists while a daemon with a gateway runs. Only its scheme, host and port are used, and only an address of this machine: Kubo
 * writes nothing more, and another program that wrote the file could send the browser anywhere.
 */
function gatewayOf(repository: string): string | undefined {
  try {
    const url = new URL(readRegularFile(path.join(repository, 'gateway'), MOST_BYTES).toString('utf8').trim());
    const { hostname } = new URL(onLocalhost(url.origin)); // The origin of a scheme without hosts is "null", which isn't a URL.
    return /^https?:$/.test(url.protocol) && hostname === 'localhost' ? onLocalhost(url.origin) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Replaces an address of this machine with `localhost`: there, a gateway redirects to `CID.ipfs.localhost`
 * (https://specs.ipfs.tech/http-gateways/subdomain-gateway/), so that the pages of each CID have their own origin. On 127.0.0.1 all share one, with its cookies
 * and its storage.
 */
function onLocalhost(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (!isThisMachine(hostname)) return url;
  return `${protocol}//localhost${port === '' ? '' : `:${port}`}${pathname.replace(/\/+$/, '')}`;
}
