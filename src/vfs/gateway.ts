import { connect } from 'node:tls';
import { httpRequest } from '../daemonClient/http';
import { IpfsKitError } from '../ipfsKitError';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';

const TOTAL_MS = 30_000;
const NOT_THERE = new Set([404, 410, 451]);

/** A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/): asked for single blocks, without following redirects. */
export function gatewaySource(url: string): BlockSource {
  const base = url.replace(/\/+$/, '');
  return {
    name: base,
    get: async (cid, signal) => {
      const address = `${base}/ipfs/${cid.toString()}?format=raw`;
      const { status, body } = await httpRequest(address, {
        signal,
        headersMs: TOTAL_MS,
        totalMs: TOTAL_MS,
        maxBytes: MOST_BLOCK_BYTES,
        accept: 'application/vnd.ipld.raw',
        secure: (host, port) => connect({ host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host }),
      });
      if (NOT_THERE.has(status)) return undefined;
      if (status !== 200) throw new IpfsKitError('http-status', `${base} answers ${status} where a block was asked for.`);
      return body;
    },
  };
}
