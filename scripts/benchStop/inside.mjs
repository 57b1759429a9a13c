// Runs in a PID namespace: `node inside.mjs STOP_BUNDLE PYTHON RUNS`. Prints JSON: per tree the times of stop(), of the peer and of the tree's own exit.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [bundle, python, runs] = process.argv.slice(2);
const { stop } = createRequire(import.meta.url)(bundle);

const TERM_MS = 500;
const TREES = [
  { name: 'clean', args: ['0', '0', '0'] },
  { name: 'clean, takes 200 ms', args: ['200', '0', '0'] },
  { name: 'clean, takes 1,000 ms', args: ['1000', '0', '0'], termMs: 5000 },
  { name: 'stubborn', args: ['0', '3', '1'], floor: TERM_MS },
  { name: 'a hundred stubborn', args: ['0', '99', '99', 'stubborn'], floor: TERM_MS },
];

/** The live processes other than this one: the namespace contains nothing else. */
function alive() {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || name === '1' || Number(name) === process.pid) return false;
    try {
      return !/\) [ZX] /.test(readFileSync(`/proc/${name}/stat`, 'latin1'));
    } catch {
      return false;
    }
  });
}

async function grow(args) {
  const child = spawn(python, [path.join(here, 'ipfs_kit_daemon.py'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  await once(child.stdout, 'data');
  return child;
}

function fell() {
  for (const pid of alive()) process.kill(Number(pid), 'SIGKILL'); // all of them belong to this test: see above
}

async function settle(longest = Infinity) {
  for (const end = performance.now() + longest; alive().length > 0 && performance.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

async function timed(work) {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

/** The longest time that the thread was blocked. */
async function longestBlock(work) {
  let last = performance.now();
  let longest = 0;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  await work();
  tick();
  clearInterval(timer);
  return longest;
}

const figures = TREES.map(({ name, floor }) => ({ name, floor, own: [], stop: [], peer: [], peerLeft: 0 }));
for (let turn = 0; turn <= Number(runs); turn++)
  for (const [index, { args, floor, termMs = TERM_MS }] of TREES.entries()) {
    const figure = figures[index];
    if (floor === undefined) {
      const child = await grow(args);
      const [own] = await timed(async () => {
        child.kill('SIGTERM');
        await once(child, 'exit');
      });
      if (turn > 0) figure.own.push(own);
    }
    await grow(args);
    const [ms, result] = await timed(() =>
      stop({ scriptNames: ['ipfs_kit_daemon.py'], host: '127.0.0.1', port: 1, termTimeoutMs: termMs }),
    );
    await settle(1000); // a `ps` of ps-tree may still be running
    if (!result.ok || alive().length > 0) throw new Error(`${figure.name}: ${result.summary} ${alive().length} are alive.`);
    if (turn > 0) figure.stop.push(ms);

    await grow(args);
    const [peer] = await timed(() => spawnSync(python, [path.join(here, 'documented_stop.py')], { stdio: 'inherit' }));
    figure.peerLeft = alive().length;
    fell();
    await settle();
    if (turn > 0) figure.peer.push(peer);
  }

const crowd = Array.from({ length: 300 }, () => spawn('sleep', ['600'], { stdio: 'ignore' }));
await grow(['0', '20', '20', 'stubborn']);
const block = await longestBlock(() => stop({ scriptNames: ['ipfs_kit_daemon.py'], termTimeoutMs: TERM_MS }));
for (const child of crowd) child.kill('SIGKILL');
console.log(JSON.stringify({ figures, block }));
