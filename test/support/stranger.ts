import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program of another user (uid 4711) that binds a port as soon as it is free, and responds with 401 to every request. */
export interface Stranger {
  /** Resolves when it listens on the port. */
  readonly listening: Promise<unknown>;
  /** The first line of each request, and after it the header `Authorization` or `none`. */
  readonly received: readonly string[];
  end(): Promise<void>;
}

const PROGRAM = `
const server = require('node:http').createServer((request, response) => {
  console.log(request.method + ' ' + request.url + ' ' + (request.headers.authorization ?? 'none'));
  response.writeHead(401, { connection: 'close' }).end();
});
const take = () => server.listen(Number(process.argv[1]), '127.0.0.1');
server.on('error', () => setTimeout(take, 5)).on('listening', () => console.log('listening'));
take();`;

/** Starts a stranger, which only root can. */
export function startStranger(port: number): Stranger {
  const child = spawn(process.execPath, ['-e', PROGRAM, String(port)], {
    ...{ uid: 4711, gid: 4711, cwd: '/' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const received: string[] = [];
  const listening = new Promise<void>((resolve) =>
    child.stdout.on('data', (data) => {
      for (const line of String(data).trim().split('\n'))
        if (line === 'listening') resolve();
        else received.push(line);
    }),
  );
  return {
    listening,
    received,
    end: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}
