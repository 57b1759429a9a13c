/** What a process holds on to while it does the same thing again and again: measured in a process of its own, half way and at the end. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A scenario in the process that is measured. */
export interface Repeated {
  readonly cycle: (at: number) => Promise<unknown>;
  /** Nothing is under way any more. */
  readonly atRest?: () => Promise<unknown>;
  /** More that has to stay as it is, by name. */
  readonly counts?: () => Promise<Readonly<Record<string, number>>>;
}

export interface Held {
  readonly descriptors: number;
  /** Sockets, pipes, timers and threads that node counts as active. */
  readonly resources: number;
  readonly threads: number;
  /** After garbage collection. */
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly rssBytes: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Growth {
  readonly cycles: number;
  readonly halfWay: Held;
  readonly end: Held;
  /** MaxListenersExceededWarning, and whatever else node warns of. */
  readonly warnings: readonly string[];
}

/** In the process that is measured, which was started with --expose-gc: does it so often, and prints what it held. */
export async function measureGrowth(cycles: number, { cycle, atRest, counts }: Repeated): Promise<never> {
  const warnings: string[] = [];
  process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
  const held = async (): Promise<Held> => {
    await atRest?.();
    for (let round = 0; round < 4; round++) {
      await sleep(50); // what was closed is gone a moment later, and finalisers run between two collections
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
  await counts?.(); // a thread that is asked for them is there from the beginning
  for (let at = 0; at < cycles; at++) {
    if (at === Math.floor(cycles / 2)) halfWay = await held();
    await cycle(at);
  }
  const growth = { cycles, halfWay: halfWay ?? (await held()), end: await held(), warnings } satisfies Growth;
  process.stdout.write(JSON.stringify(growth), () => process.exit(0));
  return new Promise<never>(() => undefined);
}

const SCENARIO = 'IPFS_KIT_REPEATED';

/** What the process that is measured is to do: JSON; undefined in the tests themselves. */
export function scenarioHere(): unknown {
  const text = process.env[SCENARIO];
  return text === undefined ? undefined : JSON.parse(text);
}

/** Runs a bundle again, for a scenario. */
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
