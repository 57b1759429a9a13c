import path from 'node:path';
import { SETTING } from '../../base/contributions';
import { isThisMachine } from '../../daemonClient/loopback';
import { parseGatewayUrl } from '../../daemonClient/rpcUrl';
import { DEFAULT_BROWSER_GATEWAY } from '../../base/defaults';
import { IpfsKitError } from '../../base/ipfsKitError';
import { canonicalCid, looksLikeCid } from '../../pin/cid';
import { readRegularFile } from '../../base/regularFile';
import { safeText } from '../../base/safeText';
import type { Settings } from '../../base/settings';
import type { IpfsPath } from '../ipfsPath';
import { isPathName } from '../plainNames';

const MOST_BYTES = 4096;

/**
 * Where a browser is sent to, without a slash at the end: as it is set, else the gateway of the Kubo of this machine, which its repository names.
 * Throws `invalid-argument` where what is set is no address of a gateway, or holds credentials.
 */
export function browserGateway(settings: Pick<Settings, 'machine' | 'content'>): string {
  const set = settings.machine(SETTING.browserGateway);
  if (typeof set === 'string' && set.trim() !== '') return onLocalhost(parseGatewayUrl(set.trim()));
  return gatewayOf(settings.content.value().repository) ?? DEFAULT_BROWSER_GATEWAY;
}

/**
 * A gateway where the editor forwards its port. Undefined where that is a path of another server (code-server: `EDITOR/proxy/8080/`): pages of pins
 * would have the origin of the editor itself there, and could act as it.
 */
export function forwardedGateway(external: string): string | undefined {
  const { protocol, pathname, origin } = new URL(external);
  return /^https?:$/.test(protocol) && pathname === '/' ? onLocalhost(origin) : undefined;
}

/** `GATEWAY/ipfs/CID/path`. Throws `invalid-argument` where a browser would leave `/ipfs/CID` on the way. */
export function gatewayUrl(gateway: string, { cid, path: names }: IpfsPath): string {
  if (!looksLikeCid(cid)) throw new IpfsKitError('invalid-argument', `"${safeText(cid, 100)}" is not a CID: no gateway has it.`);
  // Browsers read `%2e%2e` as `..` too (https://url.spec.whatwg.org/#double-dot-path-segment), so such a name can't be encoded.
  const strange = names.find((name) => !isPathName(name));
  if (strange !== undefined)
    throw new IpfsKitError('invalid-argument', `A browser has no path to "${safeText(strange, 100)}". Open it in the editor.`);
  return `${gateway}/ipfs/${[canonicalCid(cid), ...names].map((name) => encodeURIComponent(name)).join('/')}`;
}

/**
 * The file `gateway`, there while a daemon with a gateway runs. Of its text only scheme, host and port are taken, and no other machine is: Kubo writes
 * nothing more into it, and whoever else did would have the browser sent anywhere.
 */
function gatewayOf(repository: string): string | undefined {
  try {
    const url = new URL(readRegularFile(path.join(repository, 'gateway'), MOST_BYTES).toString('utf8').trim());
    const { hostname } = new URL(onLocalhost(url.origin)); // the origin of a scheme without hosts is "null": no URL
    return /^https?:$/.test(url.protocol) && hostname === 'localhost' ? onLocalhost(url.origin) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * With `localhost` in place of an address of this machine: from there a gateway redirects to `CID.ipfs.localhost`
 * (https://specs.ipfs.tech/http-gateways/subdomain-gateway/), so that the pages of each CID have an origin of their own. On 127.0.0.1 all share one,
 * with its cookies and its storage.
 */
function onLocalhost(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (!isThisMachine(hostname)) return url;
  return `${protocol}//localhost${port === '' ? '' : `:${port}`}${pathname.replace(/\/+$/, '')}`;
}
