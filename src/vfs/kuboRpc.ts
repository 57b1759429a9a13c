import type { RpcAccess } from '../daemonClient/rpcAddress';
import { refusal, rpcRequest } from '../daemonClient/rpcRequest';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';

const TOTAL_MS = 10_000;

/**
 * A running Kubo, asked for what it has: `offline` keeps it from looking through the network, which it would do for ever.
 * A failure after the first byte comes in a trailer alone; the hash of the block tells it here.
 */
export function kuboRpcSource(access: RpcAccess): BlockSource {
  return {
    name: access.socketPath ?? access.url,
    get: async (cid, signal) => {
      const { status, body } = await rpcRequest(access, `/api/v0/block/get?arg=${cid.toString()}&offline=true`, {
        method: 'POST',
        signal,
        headersMs: TOTAL_MS,
        totalMs: TOTAL_MS,
        maxBytes: MOST_BLOCK_BYTES,
      });
      if (status === 200) return body;
      if (status === 500) return undefined; // "block was not found locally (offline)"
      throw refusal(access, '', status, body);
    },
  };
}
