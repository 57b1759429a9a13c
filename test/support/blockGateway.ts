import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Blocks } from './ipfsTree';

export interface BlockGateway {
  readonly url: string;
  /** The requested CIDs, in order. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
}

/** Sends a block; the default does it as a trustless gateway. */
export type Send = (response: ServerResponse, bytes: Uint8Array, cid: string) => void;

const sendBlock: Send = (response, bytes) => {
  response.writeHead(200, { 'content-type': 'application/vnd.ipld.raw', 'content-length': bytes.length });
  response.end(bytes);
};

/** Starts a trustless gateway on 127.0.0.1 that has these blocks. */
export async function startBlockGateway(blocks: Blocks, send: Send = sendBlock): Promise<BlockGateway> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const [, cid = ''] = /^\/ipfs\/([^/?]+)\?format=raw$/.exec(request.url ?? '') ?? [];
    asked.push(cid);
    const block = blocks.get(cid);
    if (block) send(response, block.bytes, cid);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, stop };
}
