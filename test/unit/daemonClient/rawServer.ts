import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A server that sends raw bytes, which an HTTP library would not send. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** The request lines, in order. */
  readonly requests: string[];
  /** The whole head of each request. */
  readonly heads: string[];
  /** The number of open connections. */
  open(): number;
  close(): Promise<void>;
}

/** `answer` is called with the route of each request; it may write, wait, or do nothing. */
export async function rawServer(
  answer: (route: string, socket: Socket) => void,
  host = '127.0.0.1',
  port = 0,
): Promise<RawServer> {
  const requests: string[] = [];
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', (data) => {
      const line = data.toString().split('\r\n')[0] ?? '';
      requests.push(line);
      heads.push(data.toString());
      answer(line.split(' ')[1] ?? '', socket);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    requests,
    heads,
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

/** Waits a moment until `isSettled` returns true: connections close a few turns of the event loop after they are destroyed. */
export async function settled(isSettled: () => boolean): Promise<boolean> {
  for (let left = 100; !isSettled() && left > 0; left--) await new Promise((resolve) => setTimeout(resolve, 10));
  return isSettled();
}

/** Sends the text byte by byte until the client disconnects. */
export function drip(socket: Socket, text: string, everyMs = 20): void {
  let at = 0;
  const timer = setInterval(
    () => (at < text.length && socket.writable ? socket.write(text.charAt(at++)) : clearInterval(timer)),
    everyMs,
  );
  socket.once('close', () => clearInterval(timer));
}
