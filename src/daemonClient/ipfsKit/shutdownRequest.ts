import { IpfsKitError } from '../../base/ipfsKitError';
import { httpRequest } from '../http';

const CONNECT_MS = 1000;
const MAX_BYTES = 65_536;

/**
 * `POST /shutdown`. Resolves once the daemon has confirmed that it will exit. ipfs_kit_py itself has no such route (404), which rejects with `no-such-route`.
 * Rejects with IpfsKitError.
 */
export async function requestShutdown(baseUrl: string, timeoutMs: number): Promise<void> {
  const url = `${baseUrl}/shutdown`;
  const { status, body } = await httpRequest(url, {
    method: 'POST',
    headersMs: timeoutMs,
    totalMs: Math.max(timeoutMs, CONNECT_MS),
    maxBytes: MAX_BYTES,
  });
  if (status === 404 || status === 405) throw new IpfsKitError('no-such-route', `${url} doesn't exist (HTTP ${status}).`);
  if (status < 200 || status > 299) throw new IpfsKitError('http-status', `${url} responded with HTTP ${status}.`);
  // Routes of ipfs_kit_py respond with 200 to requests that they didn't carry out (ipfs_kit_py 81f11b6c, ipfs_kit_daemon.py).
  if (/"success"\s*:\s*false|"error"\s*:\s*"/.test(Buffer.from(body).toString('latin1')))
    throw new IpfsKitError('http-status', `${url} responded that it couldn't shut down.`);
}
