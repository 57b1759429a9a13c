import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A server that answers with bytes, for what no HTTP library would send. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** First lines of the requests, in the order they came. */
  readonly requests: string[];
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

/** `answer` is called for each request with its route; it may write, wait, or do nothing. */
export async function rawServer(
  answer: (route: string, socket: Socket) => void,
  host = '127.0.0.1',
  port = 0,
): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', (data) => {
      const line = data.toString().split('\r\n')[0] ?? '';
      requests.push(line);
      answer(line.split(' ')[1] ?? '', socket);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    requests,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function http(
  body: string,
  { status = '200 OK', type = 'application/json', length = Buffer.byteLength(body) } = {},
): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`;
}

/** Bytes one by one, until the other side has gone. */
export function drip(socket: Socket, text: string, everyMs = 20): void {
  let at = 0;
  const timer = setInterval(
    () => (at < text.length && socket.writable ? socket.write(text.charAt(at++)) : clearInterval(timer)),
    everyMs,
  );
  socket.once('close', () => clearInterval(timer));
}
