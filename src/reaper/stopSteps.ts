import { IpfsKitError } from '../ipfsKitError';
import type { ProcessTree } from './processTree';
import type { Pursuit } from './pursuit';

/** Looks for the newborn of a frozen tree. */
const MOST_FREEZES = 20;
/** ps-tree takes 35-120 ms; it is asked again this long before SIGKILL (ms). */
const SECOND_OPINION_MS = 200;

/**
 * Asks the daemon to leave, and gives it time to. Over when nothing lives, the hook has failed, time is up, or the daemons themselves have left:
 * orphans have nobody who would tell them.
 */
export async function askToLeave(pursuit: Pursuit, gracefulStop: () => unknown, ms: number, signal?: AbortSignal): Promise<void> {
  pursuit.tell('graceful', 'Attempting graceful shutdown.');
  const roots = pursuit.topmost();
  const since = performance.now();
  const until = since + ms;
  let hook = 'asked' as 'asked' | 'settled' | 'failed';
  const answered = Promise.resolve()
    .then(gracefulStop)
    .then(
      () => (hook = 'settled'),
      (error: unknown) => {
        hook = 'failed';
        pursuit.note(`The daemon did not take the request to shut down: ${IpfsKitError.from(error).message}`);
      },
    );
  const isOver = (): boolean =>
    pursuit.living().length === 0 ||
    signal?.aborted === true ||
    hook === 'failed' ||
    (hook === 'settled' && roots.every(({ goneAt }) => goneAt !== undefined)) ||
    performance.now() >= until;
  while (!isOver()) {
    const rest = pursuit.rest(since, until);
    await (hook === 'asked' ? Promise.race([rest, answered]) : rest);
    await pursuit.look('changes');
  }
}

/**
 * SIGTERM, root first: leaves first makes supervisors restart them, and spoils the daemon's own clean exit. Who becomes topmost gets its own
 * SIGTERM and its own time; all of it within twice that time. SIGCONT lets a stopped process act on it.
 */
export async function terminate(pursuit: Pursuit, ms: number, askOthers: () => void): Promise<void> {
  const since = performance.now();
  const cap = since + 2 * ms;
  let hasSecondOpinion = false;
  for (;;) {
    const top = pursuit.topmost();
    const fresh = top.filter((member) => pursuit.recordOf(member).termAt === undefined);
    for (const { pid } of fresh) pursuit.tell('terminate', `Terminating PID ${pid}.`, pid);
    for (const member of fresh) pursuit.recordOf(member).termAt = performance.now();
    await pursuit.send(fresh, 'SIGTERM');
    // To those alone that are stopped: they can't have ended of SIGTERM, and so their numbers can't have passed to others.
    await pursuit.send(
      top.filter(({ row }) => row.stopped),
      'SIGCONT',
    );
    const now = performance.now();
    const until = Math.min(cap, Math.max(...top.map((member) => (pursuit.recordOf(member).termAt ?? now) + ms)));
    if (pursuit.targets().length === 0 || now >= until) return;
    if (!hasSecondOpinion && until - now <= SECOND_OPINION_MS) {
      hasSecondOpinion = true;
      askOthers();
    }
    await pursuit.rest(since, until);
    await pursuit.look('changes');
    if (pursuit.living().length === 0) await pursuit.look('all');
  }
}

/**
 * Freezes all, looks until nothing new appears, kills, and looks again: what is frozen can't fork between the look and the signal.
 * Without it a fast spawner lost 1-3 children each time (measured).
 */
export async function kill(pursuit: Pursuit, tree: ProcessTree, step: 'kill' | 'verify', ms: number): Promise<void> {
  const since = performance.now();
  const until = since + ms;
  const told = new Set<number>();
  while (pursuit.targets().length > 0 && performance.now() < until) {
    for (let round = 0, known = -1; round < MOST_FREEZES && known !== tree.members().length; round++) {
      known = tree.members().length;
      await pursuit.send(pursuit.targets(), 'SIGSTOP');
      await pursuit.look('all');
    }
    const targets = pursuit.targets();
    for (const { pid } of targets) {
      if (!told.has(pid)) pursuit.tell(step, `Force killing PID ${pid}.`, pid);
      told.add(pid);
    }
    await pursuit.send(targets, 'SIGKILL');
    do {
      await pursuit.rest(since, until);
      await pursuit.look('changes');
    } while (pursuit.living().length > 0 && isAwaitingTheEnd(pursuit) && performance.now() < until);
    if (pursuit.living().length === 0) await pursuit.look('all');
  }
  await pursuit.send(pursuit.targets(), 'SIGCONT'); // nothing is left frozen
}

function isAwaitingTheEnd(pursuit: Pursuit): boolean {
  return pursuit.living().every((member) => pursuit.recordOf(member).killed);
}
