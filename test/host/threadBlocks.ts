import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** The longest times within one step that the thread of the extension host took no other work, in ms. */
export interface ThreadBlocks {
  /** By the clock: waiting for the processor counts, so a machine with much else to do shows long ones. */
  readonly clock: number;
  /** That code, or the garbage collector, was running on the thread: the rest of the clock's block it was idle, or not scheduled. */
  readonly running: number;
  /** That a function of this extension was on the stack. */
  readonly own: number;
  /** The functions that took most of the longest running block. */
  readonly most: readonly string[];
}

const TICK_MS = 1;
const SHORTEST_MS = 3;
const SAMPLE_MICROSECONDS = 250;

const nowMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);

/** A timer tells when the thread was held up; samples of its stack tell by whom. */
export async function threadBlocks(work: () => Promise<unknown>): Promise<ThreadBlocks> {
  const session = new Session();
  session.connect();
  const gaps: { readonly from: number; readonly to: number }[] = [];
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
    await session.post('Profiler.start');
    let last = nowMicroseconds();
    const tick = setInterval(() => {
      const now = nowMicroseconds();
      if (now - last > SHORTEST_MS * 1000) gaps.push({ from: last, to: now });
      last = now;
    }, TICK_MS);
    try {
      await work();
      await new Promise((resolve) => setTimeout(resolve, 300)); // VS Code asks for rows some 200 ms after it is told of others
    } finally {
      clearInterval(tick);
    }
    const { profile } = await session.post('Profiler.stop');
    const stacks = stacksOf(profile);
    const blocks = gaps.map(({ from, to }) => blockOf(profile, stacks, from, to));
    const longest = blocks.reduce((most, block) => (block.running > most.running ? block : most), NONE);
    return {
      clock: Math.max(0, ...blocks.map(({ clock }) => clock)),
      running: longest.running,
      own: Math.max(0, ...blocks.map(({ own }) => own)),
      most: longest.most,
    };
  } finally {
    session.disconnect();
  }
}

const NONE: ThreadBlocks = { clock: 0, running: 0, own: 0, most: [] };

interface Stack {
  readonly name: string;
  readonly idle: boolean;
  readonly own: boolean;
}

/** The bundles of this extension that the editor's thread loads. */
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
  from: number,
  to: number,
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
  return { clock: (to - from) / 1000, running, own, most: most.map(([name, ms]) => `${name} ${ms.toFixed(1)}`) };
}
