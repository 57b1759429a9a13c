import { closeSync, openSync, readSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** The longest time within one step in which the extension host's thread took no other work, in ms, measured in several ways. */
export interface ThreadBlocks {
  /** Wall-clock time, which includes waiting for the processor and is therefore long on a busy machine. */
  readonly clock: number;
  /** Time in which code or garbage collection ran and the thread had a processor. With two cores and a browser running, the thread often waits. */
  readonly running: number;
  /** Time with a function of this extension on the stack, including time waiting for the processor. */
  readonly ownWaiting: number;
  /** The same without waiting, as far as it is known: at most as long as the thread had a processor. */
  readonly own: number;
  /** The functions that used most of the longest running block. */
  readonly most: readonly string[];
}

const TICK_MS = 1;
const SHORTEST_MS = 3;
const SAMPLE_MICROSECONDS = 250;

const nowMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);

/** Measures the blocks while `work` runs: a timer shows how long the thread was blocked, and samples of its stack show by which code. */
export async function threadBlocks(work: () => Promise<unknown>): Promise<ThreadBlocks> {
  const session = new Session();
  session.connect();
  const gaps: Gap[] = [];
  const schedule = threadSchedule();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
    await session.post('Profiler.start');
    let last = nowMicroseconds();
    let hadLast = schedule.processorMs();
    const tick = setInterval(() => {
      const now = nowMicroseconds();
      const had = schedule.processorMs();
      if (now - last > SHORTEST_MS * 1000) gaps.push({ from: last, to: now, processor: had - hadLast });
      last = now;
      hadLast = had;
    }, TICK_MS);
    try {
      await work();
      await new Promise((resolve) => setTimeout(resolve, 300)); // VS Code requests rows about 200 ms after it is notified of a change.
    } finally {
      clearInterval(tick);
    }
    const { profile } = await session.post('Profiler.stop');
    const stacks = stacksOf(profile);
    const blocks = gaps.map((gap) => blockOf(profile, stacks, gap));
    const longest = blocks.reduce((most, block) => (block.running > most.running ? block : most), NONE);
    return {
      clock: Math.max(0, ...blocks.map(({ clock }) => clock)),
      running: longest.running,
      ownWaiting: Math.max(0, ...blocks.map(({ ownWaiting }) => ownWaiting)),
      own: Math.max(0, ...blocks.map(({ own }) => own)),
      most: longest.most,
    };
  } finally {
    schedule.close();
    session.disconnect();
  }
}

const NONE: ThreadBlocks = { clock: 0, running: 0, ownWaiting: 0, own: 0, most: [] };

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly processor: number;
}

/** Processor time of this thread, the first of its process, in ms: the first field of schedstat, which is in ns (proc_pid_schedstat). */
function threadSchedule(): { processorMs(): number; close(): void } {
  const file = openSync('/proc/self/schedstat', 'r');
  const bytes = Buffer.alloc(64);
  return {
    processorMs: () => Number.parseInt(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)), 10) / 1e6,
    close: () => closeSync(file),
  };
}

interface Stack {
  readonly name: string;
  readonly idle: boolean;
  readonly own: boolean;
}

/** The bundles of this extension that run on the extension host's thread. */
const OWN = /\/ipfs-kit[^/]*\/dist\/\w+\.js$/;

function stacksOf({ nodes }: Profiler.Profile): Map<number, Stack> {
  const stacks = new Map<number, Stack>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, ownAbove: boolean): void => {
    const node = byId.get(id);
    if (!node) return;
    const { functionName, url, lineNumber } = node.callFrame;
    const own = ownAbove || OWN.test(url);
    const name = `${functionName || 'a function'} ${url.split('/').slice(-1)[0] ?? ''}:${lineNumber + 1}`;
    stacks.set(id, { name, idle: functionName === '(idle)', own });
    for (const child of node.children ?? []) visit(child, own);
  };
  const [root] = nodes;
  if (root) visit(root.id, false);
  return stacks;
}

function blockOf(
  { startTime, samples = [], timeDeltas = [] }: Profiler.Profile,
  stacks: ReadonlyMap<number, Stack>,
  { from, to, processor }: Gap,
): ThreadBlocks {
  let at = startTime;
  let running = 0;
  let own = 0;
  const byName = new Map<string, number>();
  for (const [index, sample] of samples.entries()) {
    at += timeDeltas[index] ?? 0;
    const stack = stacks.get(sample);
    if (at < from || at >= to || !stack || stack.idle) continue;
    const took = Math.min(timeDeltas[index + 1] ?? 0, to - at) / 1000;
    running += took;
    if (stack.own) own += took;
    byName.set(stack.name, (byName.get(stack.name) ?? 0) + took);
  }
  const most = [...byName].sort(([, a], [, b]) => b - a).slice(0, 3);
  return {
    clock: (to - from) / 1000,
    running: Math.min(running, processor),
    ownWaiting: own,
    own: Math.min(own, processor),
    most: most.map(([name, ms]) => `${name} ${ms.toFixed(1)}`),
  };
}
