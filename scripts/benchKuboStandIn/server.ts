import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/**
 * Sends pin lists as a Kubo does, each line in a separate chunk, at the measured pace of a real one with 100,000 pins (`pace` 1); 0 means all at once. Prints
 * its port; GET /first returns the time (ms since 1970) of the first line that it has sent since the last such request.
 */

const [, , count = '100000', pace = '1'] = process.argv;
const EVERY_MS = 10;
const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntrailer: X-Stream-Error\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';

/** ms to the first byte and to the last, for 100,000 pins. */
const PACE = { plain: [129, 1350], named: [156, 5300] } as const;

let first: number | undefined;

function body(names: boolean): Buffer[] {
  return Array.from({ length: Number(count) }, (_, at) => {
    const cid = `bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7o${String(at).padStart(9, '0')}`;
    const line = `{"Cid":"${cid}"${names && at % 2 === 0 ? `,"Name":"pin number ${at}"` : ''},"Type":"recursive"}\n`;
    return Buffer.from(`${line.length.toString(16)}\r\n${line}\r\n`);
  });
}
const bodies = { plain: body(false), named: body(true) };

async function send(socket: Socket, kind: keyof typeof bodies): Promise<void> {
  const lines = bodies[kind];
  const [head, whole] = PACE[kind].map((ms) => ms * Number(pace)) as [number, number];
  const began = Date.now();
  await new Promise((resolve) => setTimeout(resolve, head));
  socket.write(HEAD);
  for (let at = 0; at < lines.length && socket.writable;) {
    const due = whole === 0 ? lines.length : Math.ceil((lines.length * (Date.now() - began - head + EVERY_MS)) / (whole - head));
    first ??= Date.now();
    socket.write(Buffer.concat(lines.slice(at, due)));
    at = Math.max(at, due);
    if (at < lines.length) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  socket.end('0\r\n\r\n');
}

const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', (data) => {
    const route = data.toString().split(' ')[1] ?? '';
    if (route === '/first') {
      const text = String(first ?? 0);
      first = undefined;
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`);
    } else if (!route.includes('type=recursive')) socket.end(`${HEAD}0\r\n\r\n`);
    else void send(socket, route.includes('names=true') ? 'named' : 'plain');
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on('end', () => process.exit()); // ends with the process that started it
