import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A body that is generated while it is sent: a head, `unit` again and again, and a tail, `bytes` in all. */
export interface RepeatedBody {
  readonly head?: string;
  readonly unit: string;
  readonly tail?: string;
  readonly bytes: number;
  /** The number of digits with which the index of a unit replaces `#`. */
  readonly digits?: number;
}

export interface RepeatingServer {
  readonly url: string;
  /** The number of requests by path. */
  readonly asked: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const PIECE = 2 ** 20;

/** Serves bodies by path on loopback, as fast as the client reads; 404 for any other path. */
export async function repeatingServer(bodies: Readonly<Record<string, RepeatedBody>>): Promise<RepeatingServer> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*$/s, '') ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const body = bodies[path];
    if (!body) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    const pieces = piecesOf(body);
    const send = (): void => {
      for (let piece = pieces.next(); piece.done !== true; piece = pieces.next())
        if (!response.write(piece.value)) return void response.once('drain', send);
      response.end();
    };
    send();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function* piecesOf({ head = '', unit, tail = '', bytes, digits }: RepeatedBody): Generator<Buffer> {
  yield Buffer.from(head);
  const size = Buffer.byteLength(unit) + (digits === undefined ? 0 : digits - 1);
  let left = Math.floor((bytes - Buffer.byteLength(head) - Buffer.byteLength(tail)) / size);
  const most = Math.max(1, Math.floor(PIECE / size));
  const same = Buffer.from(digits === undefined ? unit.repeat(most) : '');
  for (let number = 0; left > 0;) {
    const count = Math.min(most, left);
    left -= count;
    if (digits === undefined) yield same.subarray(0, count * size);
    else
      yield Buffer.from(Array.from({ length: count }, () => unit.replace('#', String(number++).padStart(digits, '0'))).join(''));
  }
  yield Buffer.from(tail);
}
