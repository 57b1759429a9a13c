import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A server that answers with bytes, for what no HTTP library would send. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** First lines of the requests, in the order they came. */
  readonly requests: string[];
  /** The whole of what came with each. */
  readonly heads: string[];
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

/** Waits a moment for what is over to leave the event loop: connections close a few turns after they are destroyed. */
export async function settled(isSettled: () => boolean): Promise<boolean> {
  for (let left = 100; !isSettled() && left > 0; left--) await new Promise((resolve) => setTimeout(resolve, 10));
  return isSettled();
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
