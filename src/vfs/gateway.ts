import { createPatience } from '../daemonClient/patience';
import { tlsRequest } from '../daemonClient/tlsRequest';
import type { Way } from '../daemonClient/way';
import { shownDaemonUrl } from '../daemonClient/daemonUrl';
import { parseRpcUrl } from '../daemonClient/rpcUrl';
import { IpfsKitError } from '../ipfsKitError';
import type { BlockSource } from './blockSource';
import { BLOCK_PATIENCE, MOST_BLOCK_BYTES } from './blockSource';

const TOTAL_MS = 30_000;
const NOT_THERE = new Set([404, 410, 451]);

/**
 * A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/): asked for single blocks, without following redirects. One whose address
 * is none, or holds a password, has no block, and says why. One that asks for patience is waited for.
 */
export function gatewaySource(url: string, way?: Way): BlockSource {
  let base: string;
  try {
    base = parseRpcUrl(url, 'gateway');
  } catch (error) {
    return { name: shownDaemonUrl(url), get: () => Promise.reject(IpfsKitError.from(error)) };
  }
  const patiently = createPatience(base, BLOCK_PATIENCE);
  return {
    name: base,
    get: async (cid, signal) => {
      const address = `${base}/ipfs/${cid.toString()}?format=raw`;
      const limits = { headersMs: TOTAL_MS, totalMs: TOTAL_MS, maxBytes: MOST_BLOCK_BYTES };
      const ask = () => tlsRequest(address, { way, signal, ...limits, accept: 'application/vnd.ipld.raw' });
      const { status, body } = await patiently(ask, signal);
      if (NOT_THERE.has(status)) return undefined;
      if (status !== 200) throw new IpfsKitError('http-status', `${base} answers ${status} where a block was asked for.`);
      return body;
    },
  };
}
