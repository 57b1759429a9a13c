import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificate } from './certificate';

export interface TlsServer {
  readonly port: number;
  /** The number of connections, with or without a completed handshake. */
  readonly connections: () => number;
  /** The request of each client that completed the handshake, and the server name that it sent. */
  readonly requests: readonly { readonly text: string; readonly name: string | undefined }[];
  close(): Promise<void>;
}

/** Speaks HTTP over TLS on loopback, with the same response to each request. */
export async function tlsServer({ key, cert }: Certificate, body: string | Uint8Array): Promise<TlsServer> {
  const requests: { readonly text: string; readonly name: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const { servername } = socket as { readonly servername?: string | false };
      requests.push({ text: data.toString(), name: servername === false ? undefined : servername });
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`);
      socket.end(body);
    });
  });
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
