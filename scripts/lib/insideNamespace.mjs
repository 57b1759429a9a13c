// The first process of a PID namespace: `node insideNamespace.mjs SOCKET COMMAND…` runs the command, ends with it, and meanwhile handles requests over the
// socket, one line of JSON each: {id, start: [argv]} → {id, pid, line}, {id, alive: pid} → {id, alive}, {id, run: [argv]} → {id, status, stdout}.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const [socket, command, ...args] = process.argv.slice(2);
const running = new Set();

const answers = {
  async start([file, ...rest]) {
    const child = spawn(file, rest, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(child.pid);
    const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    ended.then(() => running.delete(child.pid));
    const line = await Promise.race([
      new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
      ended.then(() => ''),
    ]);
    return { pid: child.pid, line };
  },
  alive: (pid) => ({ alive: running.has(pid) }),
  run([file, ...rest]) {
    const { status, stdout, stderr } = spawnSync(file, rest, { encoding: 'utf8', timeout: 30_000 });
    return { status, stdout: `${stdout}${stderr}` };
  },
};

createServer((connection) => {
  createInterface({ input: connection }).on('line', async (line) => {
    const { id, ...asked } = JSON.parse(line);
    const [what] = Object.keys(asked);
    connection.write(`${JSON.stringify({ id, ...(await answers[what](asked[what])) })}\n`);
  });
}).listen(socket);

const main = spawn(command, args, { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => main.kill(signal));
main.once('exit', (code) => process.exit(code ?? 1));
