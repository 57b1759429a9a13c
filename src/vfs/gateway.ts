import { tlsRequest } from '../daemonClient/tlsRequest';
import { shownDaemonUrl } from '../daemonClient/daemonUrl';
import { parseRpcUrl } from '../daemonClient/rpcUrl';
import { IpfsKitError } from '../ipfsKitError';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';

const TOTAL_MS = 30_000;
const NOT_THERE = new Set([404, 410, 451]);

/**
 * A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/): asked for single blocks, without following redirects. One whose address
 * is none, or holds a password, has no block, and says why.
 */
export function gatewaySource(url: string): BlockSource {
  let base: string;
  try {
    base = parseRpcUrl(url, 'gateway');
  } catch (error) {
    return { name: shownDaemonUrl(url), get: () => Promise.reject(IpfsKitError.from(error)) };
  }
  return {
    name: base,
    get: async (cid, signal) => {
      const address = `${base}/ipfs/${cid.toString()}?format=raw`;
      const { status, body } = await tlsRequest(address, {
        signal,
        headersMs: TOTAL_MS,
        totalMs: TOTAL_MS,
        maxBytes: MOST_BLOCK_BYTES,
        accept: 'application/vnd.ipld.raw',
      });
      if (NOT_THERE.has(status)) return undefined;
      if (status !== 200) throw new IpfsKitError('http-status', `${base} answers ${status} where a block was asked for.`);
      return body;
    },
  };
}
