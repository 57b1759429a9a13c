import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program of another user (uid 4711) that binds a port as soon as it is free, and responds with 401 to every request. */
export interface Stranger {
  /** Resolves when it listens on the port. */
  readonly listening: Promise<unknown>;
  /** Ends it. Resolves with each request that it has received: method, path, and the header `Authorization` or `none`. */
  end(): Promise<readonly string[]>;
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
  let printed = '';
  child.stdout.on('data', (data) => (printed += String(data)));
  return {
    listening: once(child.stdout, 'data'), // Before it listens, it receives nothing and prints nothing.
    end: async () => {
      child.kill('SIGKILL');
      await once(child, 'close'); // Then all that it printed, each line before its response, has been read.
      return printed.split('\n').filter((line) => line !== '' && line !== 'listening');
    },
  };
}
