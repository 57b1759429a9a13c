import { nameOf } from '../base/settingOrOption';
import { createPatience } from '../daemonClient/retryAfter';
import { tlsRequest } from '../daemonClient/tlsRequest';
import type { Way } from '../daemonClient/proxyAndCertificate';
import { redirected, shownDaemonUrl } from '../daemonClient/daemonUrl';
import type { HttpAnswer } from '../daemonClient/http';
import { messageIn, saying } from '../daemonClient/serverMessages';
import { parseGatewayUrl } from '../daemonClient/rpcUrl';
import { IpfsKitError } from '../base/ipfsKitError';
import type { BlockSource } from './blockSource';
import { BLOCK_PATIENCE, BLOCK_WAIT, MOST_BLOCK_BYTES } from './blockSource';

const NOT_THERE = new Set([404, 410, 451]);

/**
 * A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/), which is asked for single blocks. The only redirect that is followed is that
 * to the gateway's own subdomain for the CID, as Kubo's gateway sends it at localhost. An address that is invalid or contains a password has no blocks, and the
 * error says why. A gateway that asks to retry later is waited for.
 */
export function gatewaySource(url: string, way?: Way): BlockSource {
  let base: string;
  try {
    base = parseGatewayUrl(url);
  } catch (error) {
    return { name: shownDaemonUrl(url), isGateway: true, get: () => Promise.reject(IpfsKitError.from(error)) };
  }
  const patiently = createPatience(base, BLOCK_PATIENCE);
  return {
    name: base,
    isGateway: true,
    get: async (cid, signal, onBytes = () => undefined) => {
      const limits = { ...BLOCK_WAIT, maxBytes: MOST_BLOCK_BYTES, onBytes };
      const ask = (address: string): Promise<HttpAnswer> =>
        patiently(
          () => tlsRequest(`${address}?format=raw`, { way, signal, ...limits, accept: 'application/vnd.ipld.raw' }),
          signal,
        );
      let answer = await ask(`${base}/ipfs/${cid.toString()}`);
      const ownDomain = subdomainOf(base, answer);
      if (ownDomain !== undefined) answer = await ask(ownDomain);
      const { status, body, headers } = answer;
      if (NOT_THERE.has(status)) return undefined;
      if (status === 200) return body;
      if (status >= 300 && status < 400)
        throw new IpfsKitError(
          'foreign',
          `${base} ${redirected(status, headers.location)} Set ${nameOf('gateway')} to the address where it leads.`,
        );
      throw new IpfsKitError(
        'http-status',
        saying(`${base} responded with HTTP ${status} to a request for a block`, messageIn(body, { way })),
      );
    },
  };
}

/**
 * `http://CID.ipfs.localhost:8080/` for a gateway at `http://localhost:8080` that redirects there (https://specs.ipfs.tech/http-gateways/subdomain-gateway/):
 * same scheme, same port, a name below its own. Undefined for any other response.
 */
function subdomainOf(base: string, { status, headers: { location } }: HttpAnswer): string | undefined {
  if (status < 300 || status > 399 || location === undefined || !URL.canParse(location)) return undefined;
  const [own, to] = [new URL(base), new URL(location)];
  const isOwn = to.protocol === own.protocol && to.port === own.port && to.username === '' && to.password === '';
  const [label = '', ...below] = to.hostname.split('.');
  return isOwn && /^[a-z0-9]{1,63}$/.test(label) && below.join('.') === `ipfs.${own.hostname}` ? `${to.origin}/` : undefined;
}
