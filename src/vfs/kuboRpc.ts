import { httpRequest } from '../daemonClient/http';
import { IpfsKitError } from '../ipfsKitError';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';

const TOTAL_MS = 10_000;

/**
 * A running Kubo, asked for what it has: `offline` keeps it from looking through the network, which it would do for ever.
 * A failure after the first byte comes in a trailer alone; the hash of the block tells it here.
 */
export function kuboRpcSource(url: string): BlockSource {
  return {
    name: url,
    get: async (cid, signal) => {
      const { status, body } = await httpRequest(`${url}/api/v0/block/get?arg=${cid.toString()}&offline=true`, {
        method: 'POST',
        signal,
        headersMs: TOTAL_MS,
        totalMs: TOTAL_MS,
        maxBytes: MOST_BLOCK_BYTES,
      });
      if (status === 200) return body;
      if (status === 500) return undefined; // "block was not found locally (offline)"
      const needsToken = status === 403 ? ' It may want a token.' : '';
      throw new IpfsKitError('http-status', `Kubo at ${url} answers ${status} where a block was asked for.${needsToken}`);
    },
  };
}
