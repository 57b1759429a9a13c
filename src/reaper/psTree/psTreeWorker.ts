/**
 * One call of ps-tree in its own thread, where it may throw, hang or fill its heap. The thread answers at most once, and exits by itself when its `ps` has
 * exited.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { parentPort, workerData } from 'node:worker_threads';
import psTree from 'ps-tree';
import type { PsTreeOrder } from './psTreeCandidates';

/** Room for some 200,000 processes. */
const MOST_BYTES = 8 * 2 ** 20;

const { root, until } = workerData as PsTreeOrder;
let lister: ChildProcess | undefined;
let received = 0;

// ps-tree doesn't give access to the `ps` that it spawns, but Node announces each child process (https://nodejs.org/api/diagnostics_channel.html#process).
subscribe('child_process', (message) => {
  lister = (message as { readonly process: ChildProcess }).process;
});

if (Date.now() < until) {
  psTree(root, (error, rows) => {
    const complete = !error && received <= MOST_BYTES;
    parentPort?.postMessage(complete ? rows.map(({ PID, PPID }) => ({ PID, PPID })) : []);
  });
}

lister?.stdout?.on('data', (bytes: Buffer) => {
  received += bytes.length;
  if (received > MOST_BYTES) lister?.kill('SIGKILL');
});

/** A process that `ps` has left behind may hold its output open. The thread therefore exits with `ps` itself, once that has been reaped. */
parentPort?.on('message', () => {
  if (lister?.kill('SIGKILL') !== true) process.exit();
  lister.once('exit', () => process.exit());
});
parentPort?.unref();
