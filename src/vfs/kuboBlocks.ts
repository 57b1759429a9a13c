import { nameOf } from '../base/settingOrOption';
import { IpfsKitError } from '../base/ipfsKitError';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { createPatience } from '../daemonClient/retryAfter';
import { refusal, rpcRequest } from '../daemonClient/rpcRequest';
import { messageIn } from '../daemonClient/serverMessages';
import type { BlockSource } from './blockSource';
import { BLOCK_PATIENCE, BLOCK_WAIT, MOST_BLOCK_BYTES } from './blockSource';

/**
 * Kubo responds with 500 to every error, including a broken datastore. For a block that it doesn't have it says "block was not found locally (offline): ipld:
 * could not find bafk…" (boxo, ipld/merkledag and go-ipld-format's ErrNotFound); go-ipfs before 0.13 says "blockservice: key not found" or "merkledag: not
 * found".
 */
const NOT_FOUND =
  /^(?:block was not found locally|(?:ipld: could not find|blockservice: key not found|merkledag: not found|block not found)\b)/;

/** Every Kubo has the route, and accepts POST. */
const NO_RPC = new Set([404, 405]);

/**
 * A running Kubo, asked for the blocks that it has. `offline` keeps it from looking through the network, which could take forever. An error after the first
 * byte comes only in a trailer; here the hash of the block shows it.
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
      if (status === 500 && NOT_FOUND.test(messageIn(body, access))) return undefined;
      if (NO_RPC.has(status))
        throw new IpfsKitError(
          'foreign',
          `What responds at ${access.socketPath ?? access.url} isn't Kubo's RPC API (HTTP ${status}). Set ${nameOf('kubo')} to the address of the API, which usually has port 5001.`,
        );
      throw refusal(access, '', status, body);
    },
  };
}
