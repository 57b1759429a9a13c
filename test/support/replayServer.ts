import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A response, recorded from a daemon or made by a test. */
export interface Answer {
  /** Default `200 OK`. */
  readonly status?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Trailers, sent after the body. The body is chunked unless a content-length is among the headers. */
  readonly trailers?: Readonly<Record<string, string>>;
  /** Length of a chunk in bytes; default 4096. */
  readonly chunk?: number;
  readonly fault?: Fault;
}

/** A fault of a response. `after` counts the bytes of body, chunk framing and trailers, without the head. */
export type Fault =
  | { readonly kind: 'cut' | 'silence'; readonly after: number }
  | { readonly kind: 'mute' }
  | { readonly kind: 'drip'; readonly everyMs: number; readonly bytes: number };

export interface ReplayedRequest {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReplayServer {
  readonly url: string;
  readonly port: number;
  /** The requests, in order. */
  readonly requests: readonly ReplayedRequest[];
  /** The number of open connections. */
  open(): number;
  close(): Promise<void>;
}

/** The responses of a recorded file, each with its request, such as `POST /api/v0/id`. */
export function recorded(file: string): readonly (Answer & { readonly asked: string })[] {
  const text = readFileSync(file, 'latin1');
  return text
    .split(/^# /m)
    .slice(1)
    .map((exchange) => {
      const [, asked = '', status = '', head = '', rest = ''] =
        /^(.*?) *\n(?:HTTP\/1\.1 (.*)\r\n)?((?:.*\r\n)*?)(?:\r\n|$)([^]*)$/.exec(exchange) ?? [];
      const headers = Object.fromEntries(
        head
          .split('\r\n')
          .filter(Boolean)
          .map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
      );
      const [, body = rest, trailer] = /^((?:.*\n)*?)X-Stream-Error: ?(.*)[\r\n]*$/.exec(rest) ?? [];
      return {
        asked,
        status,
        headers,
        body: Buffer.from(body, 'latin1'),
        ...(trailer !== undefined && { trailers: { 'X-Stream-Error': trailer } }),
      };
    });
}

/** The first response of a recorded file. */
export function recordedAnswer(file: string): Answer {
  const [first] = recorded(file);
  if (!first) throw new Error(`${file} holds no answer.`);
  return first;
}

/** The rows as lines of a JSON stream. */
export const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Responds on loopback or at a Unix socket; 404 if `answer` returns nothing. */
export async function replayServer(
  answer: (request: ReplayedRequest) => Answer | undefined,
  socketPath?: string,
): Promise<ReplayServer> {
  const requests: ReplayedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', (data) => {
      const request = requestOf(data.toString('latin1'));
      requests.push(request);
      void send(socket, answer(request) ?? { status: '404 Not Found', headers: { 'content-length': '0' } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  const port = socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The body of a response and its trailers, framed as they are sent. */
export function framed({ headers = {}, body = '', trailers = {}, chunk = 4096, status = '' }: Answer): Buffer {
  const bytes = Buffer.from(body);
  if (!isChunked(headers, status)) return bytes;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    const piece = bytes.subarray(at, at + chunk);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  const ending = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([...parts, Buffer.from(`0\r\n${ending.join('')}\r\n`, 'latin1')]);
}

function isChunked(headers: Readonly<Record<string, string>>, status: string): boolean {
  return headers['content-length'] === undefined && !status.startsWith('204');
}

function headOf({ status = '200 OK', headers = {}, trailers }: Answer): string {
  const sentHeaders: Record<string, string> = {
    'content-type': 'application/json',
    ...(trailers && { trailer: Object.keys(trailers).join(', ') }),
    ...headers,
    ...(isChunked(headers, status) && { 'transfer-encoding': 'chunked' }),
    connection: 'close',
  };
  const written = Object.entries(sentHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${written.join('')}\r\n`;
}

async function send(socket: Socket, answer: Answer): Promise<void> {
  const { fault } = answer;
  if (fault?.kind === 'mute') return;
  const bytes = framed(answer);
  socket.write(headOf(answer));
  switch (fault?.kind) {
    case undefined:
      socket.end(bytes);
      break;
    case 'cut':
      socket.end(bytes.subarray(0, fault.after));
      break;
    case 'silence':
      socket.write(bytes.subarray(0, fault.after));
      break;
    case 'drip':
      for (let at = 0; at < bytes.length && socket.writable; at += fault.bytes) {
        socket.write(bytes.subarray(at, at + fault.bytes));
        await new Promise((resolve) => setTimeout(resolve, fault.everyMs));
      }
      socket.end();
      break;
  }
}

function requestOf(head: string): ReplayedRequest {
  const [first = '', ...rest] = head.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  return {
    method,
    path,
    query: new URL(path, 'http://localhost').searchParams,
    headers: Object.fromEntries(
      rest.filter(Boolean).map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
    ),
  };
}
