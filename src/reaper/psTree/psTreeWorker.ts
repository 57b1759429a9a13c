/**
 * One call of ps-tree, in a thread that has nothing else to do: it may throw, hang or fill its heap here. It answers at most once,
 * and ends by itself when its `ps` has ended.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { parentPort, workerData } from 'node:worker_threads';
import psTree from 'ps-tree';
import type { PsTreeOrder } from './psTreeCandidates';

/** Some 200,000 processes. */
const MOST_BYTES = 8 * 2 ** 20;

const { root, until } = workerData as PsTreeOrder;
let lister: ChildProcess | undefined;
let received = 0;

// ps-tree keeps the `ps` that it spawns to itself, but node announces it (https://nodejs.org/api/diagnostics_channel.html#process).
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

/** A process that `ps` has left behind may hold its output open: the thread ends with `ps` itself, once its end has been taken note of. */
parentPort?.on('message', () => {
  if (lister?.kill('SIGKILL') !== true) process.exit();
  lister.once('exit', () => process.exit());
});
parentPort?.unref();
