import type { RpcAccess } from '../daemonClient/rpcAddress';
import { createPatience } from '../daemonClient/patience';
import { refusal, rpcRequest } from '../daemonClient/rpcRequest';
import type { BlockSource } from './blockSource';
import { BLOCK_PATIENCE, BLOCK_WAIT, MOST_BLOCK_BYTES } from './blockSource';

/**
 * A running Kubo, asked for what it has: `offline` keeps it from looking through the network, which it would do for ever.
 * A failure after the first byte comes in a trailer alone; the hash of the block tells it here.
 */
export function kuboRpcSource(access: RpcAccess): BlockSource {
  const patiently = createPatience(access.url, BLOCK_PATIENCE);
  return {
    name: access.socketPath ?? access.url,
    get: async (cid, signal, onBytes = () => undefined) => {
      const route = `/api/v0/block/get?arg=${cid.toString()}&offline=true`;
      const limits = { ...BLOCK_WAIT, maxBytes: MOST_BLOCK_BYTES, onBytes };
      const { status, body } = await patiently(() => rpcRequest(access, route, { method: 'POST', signal, ...limits }), signal);
      if (status === 200) return body;
      if (status === 500) return undefined; // "block was not found locally (offline)"
      throw refusal(access, '', status, body);
    },
  };
}
