/** Measures what a process holds while it repeats the same work: in a separate process, half way and at the end. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Work that the measured process repeats. */
export interface Repeated {
  readonly cycle: (at: number) => Promise<unknown>;
  /** Waits until no work is left. */
  readonly atRest?: () => Promise<unknown>;
  /** Further numbers, by name, that must stay constant. */
  readonly counts?: () => Promise<Readonly<Record<string, number>>>;
}

export interface Held {
  readonly descriptors: number;
  /** Number of sockets, pipes, timers and threads that Node.js counts as active. */
  readonly resources: number;
  readonly threads: number;
  /** Heap after garbage collection, in bytes. */
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly rssBytes: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Growth {
  readonly cycles: number;
  readonly halfWay: Held;
  readonly end: Held;
  /** MaxListenersExceededWarning, and any other warning of Node.js. */
  readonly warnings: readonly string[];
}

/** Repeats a cycle in the measured process, which was started with --expose-gc, and prints what the process held. */
export async function measureGrowth(cycles: number, { cycle, atRest, counts }: Repeated): Promise<never> {
  const warnings: string[] = [];
  process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
  const held = async (): Promise<Held> => {
    await atRest?.();
    for (let round = 0; round < 4; round++) {
      await sleep(50); // Closed handles are released a moment later, and finalizers run between two collections.
      globalThis.gc?.();
    }
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    return {
      descriptors: readdirSync('/proc/self/fd').length,
      resources: process.getActiveResourcesInfo().length,
      threads: readdirSync('/proc/self/task').length,
      heapBytes: heapUsed,
      bufferBytes: arrayBuffers,
      rssBytes: rss,
      counts: (await counts?.()) ?? {},
    };
  };
  let halfWay: Held | undefined;
  await counts?.(); // A thread that the counts are requested from then exists from the beginning.
  for (let at = 0; at < cycles; at++) {
    if (at === Math.floor(cycles / 2)) halfWay = await held();
    await cycle(at);
  }
  const growth = { cycles, halfWay: halfWay ?? (await held()), end: await held(), warnings } satisfies Growth;
  process.stdout.write(JSON.stringify(growth), () => process.exit(0));
  return new Promise<never>(() => undefined);
}

const SCENARIO = 'IPFS_KIT_REPEATED';

/** The scenario of the measured process as parsed JSON; undefined in the tests themselves. */
export function scenarioHere(): unknown {
  const text = process.env[SCENARIO];
  return text === undefined ? undefined : JSON.parse(text);
}

/** Runs this bundle again as the measured process of a scenario. */
export async function growthOf(file: string, scenario: unknown): Promise<Growth> {
  const env = { ...process.env, [SCENARIO]: JSON.stringify(scenario), NODE_TEST_CONTEXT: undefined };
  const child = spawn(process.execPath, ['--expose-gc', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0 || said === '') throw new Error(`The process ended with ${String(code)}.\n${errors}`);
  return JSON.parse(said) as Growth;
}
