import { IpfsKitError } from '../base/ipfsKitError';
import type { Patience } from './kubo/workingKubo';
import type { Member, ProcessTree } from './processTree';
import type { Pursuit } from './pursuit';
import type { StopStep } from './stopContract';

/** At most this many looks for processes that a frozen tree has started. */
const MOST_FREEZES = 20;
/** ps-tree takes 35 to 120 ms, so it is asked again this long before SIGKILL (ms). */
const SECOND_OPINION_MS = 200;
/** SIGKILL is repeated at least this long, since a killed process needs a moment to exit (ms). */
const LEAST_KILL_MS = 100;

/**
 * Asks the daemon to exit, and gives it time to. Ends when no member is alive, the hook has failed, time is up, or the daemons themselves have exited: nothing
 * would tell their orphans to exit.
 */
export async function askToLeave(
  pursuit: Pursuit,
  gracefulStop: () => unknown,
  { ms, signals, patience }: Asking,
): Promise<void> {
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
        const { reason, message } = IpfsKitError.from(error);
        const what = reason === 'timeout' || reason === 'truncated' ? "didn't respond to" : "didn't accept";
        pursuit.note(`The daemon ${what} the request to shut down: ${message}`);
      },
    );
  const isOver = (): boolean =>
    pursuit.living().length === 0 ||
    signals.some((signal) => signal?.aborted === true) ||
    hook === 'failed' ||
    (hook === 'settled' && roots.every(({ goneAt }) => goneAt !== undefined)) ||
    performance.now() >= until;
  while (!isOver()) {
    const rest = pursuit.rest(since, until);
    await (hook === 'asked' ? Promise.race([rest, answered]) : rest);
    await pursuit.look('changes');
    patience?.tell('graceful');
  }
}

interface Asking {
  readonly ms: number;
  /** The wait ends when one of these is aborted. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Set where the process that is asked may be a Kubo. */
  readonly patience?: Patience;
}

interface Ending {
  readonly pursuit: Pursuit;
  readonly tree: ProcessTree;
  readonly patience: Patience;
  readonly termMs: number;
  readonly killMs: number;
  readonly askOthers: () => void;
}

/**
 * Sends SIGTERM, then SIGKILL. A Kubo below a process that had to be killed gets its own SIGTERM and its own time afterwards, still in the step `kill`. Each
 * round kills a process, gives one up, or waits for a Kubo that is spared. Processes that appear later are ended in the step `verify`.
 */
export async function endAll(ending: Ending, first: 'terminate' | 'verify' = 'terminate'): Promise<void> {
  const { pursuit, patience } = ending;
  const last = first === 'terminate' ? 'kill' : first;
  for (let step: StopStep = first; pursuit.targets().length > 0; step = last) {
    await patience.survey();
    await terminate(ending, step);
    if (patience.doomed().length > 0) await kill(ending, last);
    if (!pursuit.targets().some((member) => patience.treatment(member) === 'spared')) return;
  }
}

/**
 * Sends SIGTERM, root first: leaves first makes supervisors restart them, and disturbs the daemon's own clean exit. A process that becomes topmost gets its own
 * SIGTERM and its own time, all of it within twice `termMs`. SIGCONT lets a stopped process act on SIGTERM. A Kubo that works is waited for, however long it
 * takes, unless other processes have to be killed first.
 */
async function terminate({ pursuit, patience, termMs: ms, askOthers }: Ending, step: StopStep): Promise<void> {
  const since = performance.now();
  let cap = since + 2 * ms;
  const endOf = (members: readonly Member[]): number =>
    members.length === 0
      ? Infinity
      : Math.max(
          ...members.map((member) =>
            patience.treatment(member) === 'forced' ? -Infinity : (pursuit.recordOf(member).termAt ?? performance.now()) + ms,
          ),
        );
  let hasSecondOpinion = false;
  for (;;) {
    const top = pursuit.topmost();
    const fresh = top.filter(
      (member) =>
        pursuit.recordOf(member).termAt === undefined &&
        ['usual', 'spared'].includes(patience.treatment(member)) &&
        !patience.isLeaving(member),
    );
    // A process that has lost its parent may be starting another one. Once it has exited, nothing would link that child to the daemon, so it is stopped during
    // the look.
    const orphaned = fresh.filter((member) => member.row.ppid !== member.firstPpid && patience.treatment(member) === 'usual');
    if (orphaned.length > 0) {
      await pursuit.send(orphaned, 'SIGSTOP');
      await pursuit.look('changes');
    }
    for (const { pid } of fresh) pursuit.tell(step, `Terminating PID ${pid}.`, pid);
    for (const member of fresh) pursuit.recordOf(member).termAt = performance.now();
    await pursuit.send(fresh, 'SIGTERM');
    for (const member of fresh) if (patience.hasSignaled(member)) cap = Math.max(cap, performance.now() + ms);
    // SIGCONT goes only to processes that were stopped: SIGTERM can't have ended those, so their PIDs can't have passed to other processes.
    await pursuit.send(
      top.filter((member) => member.row.stopped || orphaned.includes(member)),
      'SIGCONT',
    );
    const now = performance.now();
    const doomed = patience.doomed();
    const isWaiting = pursuit.targets().some((member) => patience.treatment(member) === 'spared');
    if (doomed.length === 0 && !isWaiting) return;
    const until = doomed.length === 0 ? Infinity : Math.min(cap, endOf(top.filter((member) => doomed.includes(member))));
    if (now >= until) return;
    if (!hasSecondOpinion && until - now <= SECOND_OPINION_MS) {
      hasSecondOpinion = true;
      askOthers();
    }
    await pursuit.rest(since, until);
    await pursuit.look('changes');
    if (pursuit.living().length === 0) await pursuit.look('all');
    await patience.survey();
    patience.tell(step);
  }
}

/**
 * Freezes all processes, looks until none is new, kills, and looks again: a frozen process can't fork between the look and the signal. Without the freeze, a
 * fast spawner left 1 to 3 children each time (measured). A Kubo among the new processes is found while it is frozen, and spared. A process that survives
 * SIGKILL is given up, so that the processes below it get their turn.
 */
async function kill({ pursuit, tree, patience, killMs }: Ending, step: StopStep): Promise<void> {
  const since = performance.now();
  const until = since + Math.max(killMs, LEAST_KILL_MS);
  const reported = new Set<number>();
  const isAwaitingTheEnd = (): boolean => patience.doomed().every((member) => pursuit.recordOf(member).killed);
  while (patience.doomed().length > 0 && performance.now() < until) {
    for (let round = 0, known = -1; round < MOST_FREEZES && known !== tree.members().length; round++) {
      known = tree.members().length;
      await pursuit.send(patience.doomed(), 'SIGSTOP');
      await pursuit.look('all');
      await patience.survey();
    }
    const targets = patience.doomed();
    for (const { pid } of targets) {
      if (!reported.has(pid)) pursuit.tell(step, `Force killing PID ${pid}.`, pid);
      reported.add(pid);
    }
    await pursuit.send(targets, 'SIGKILL');
    do {
      await pursuit.rest(since, until);
      await pursuit.look('changes');
      await patience.survey();
      patience.tell(step);
    } while (patience.doomed().length > 0 && isAwaitingTheEnd() && performance.now() < until);
    if (pursuit.living().length === 0) await pursuit.look('all');
  }
  const frozen = pursuit.targets().filter((member) => pursuit.recordOf(member).signals.includes('SIGSTOP'));
  await pursuit.send(frozen, 'SIGCONT'); // No process is left frozen.
  for (const member of patience.doomed()) pursuit.recordOf(member).givenUp = pursuit.recordOf(member).killed;
}
