import { DEFAULT_KUBO_IDLE_SECONDS } from '../../base/settingDefaults';
import { groupBy } from '../processTree';
import type { Member, ProcessTree } from '../processTree';
import type { Pursuit } from '../pursuit';
import type { StopStep } from '../stopContract';
import { processKey } from '../table/processTable';
import type { ProcessRow, ProcessTable, ProcessWork } from '../table/processTable';

/**
 * `usual`: ended like every process, by force once its time is over. `spared`: a Kubo that works, or may work; it is waited for. `left`: the person no longer
 * waits, and the Kubo keeps running. `forced`: the person wants the Kubo to be killed now.
 */
type Treatment = 'usual' | 'spared' | 'left' | 'forced';

/** Keeps SIGKILL away from a Kubo that is still writing: repositories have been lost to it (kubo#4363, kubo#5213). */
export interface Patience {
  /**
   * Looks for Kubos among the live processes. Call it after each look: a Kubo may start while other processes are being ended, and is recognized only once it
   * locks its repository. A process that was once a Kubo stays one, since Kubo releases its repository before it exits.
   */
  survey(): Promise<void>;
  treatment(member: Member): Treatment;
  /** The members that may be killed: neither spared nor left. */
  doomed(): readonly Member[];
  /**
   * Whether SIGTERM has nothing to add: the Kubo has closed its addresses and works, or SIGTERM was sent to it. A second SIGTERM makes Kubo exit at once, even
   * while it is writing.
   */
  isLeaving(member: Member): boolean;
  /** Records that SIGTERM was sent to the member. True for a Kubo. */
  hasTold(member: Member): boolean;
  /** Reports every second which Kubo is being waited for, and for how long. */
  tell(step: StopStep): void;
}

interface PatienceOptions {
  readonly table: ProcessTable;
  readonly tree: Pick<ProcessTree, 'rows'>;
  readonly pursuit: Pursuit;
  /** Finds the Kubos among the members. */
  readonly find: (members: readonly Member[]) => Promise<ReadonlySet<Member>>;
  /** How long a Kubo may do nothing, counted from its SIGTERM at the earliest (ms). */
  readonly idleMs: number;
  /** Once aborted, Kubos are left running. */
  readonly signal: AbortSignal | undefined;
  /** Once aborted, Kubos are no longer waited for. */
  readonly force: AbortSignal | undefined;
}

export const KUBO_IDLE_MS = DEFAULT_KUBO_IDLE_SECONDS * 1000;

/** The factor on `idleMs` where a system doesn't show what a process does. */
const UNSEEN = 6;
/** CPU time that counts as work (ms), and its least share of the elapsed time: a program that hangs also uses some, for its timers. */
const CPU_STEP_MS = 20;
const CPU_SHARE = 0.005;
/** Bytes read that count as work. */
const READ_STEP = 4096;
const SAMPLE_MS = 40;
/** The most steps from a process up to a Kubo. */
const MOST_STEPS = 64;
const TELL_MS = 1000;
/** A shorter wait isn't reported (ms). */
const QUIET_MS = 1000;

interface Kubo {
  readonly member: Member;
  /** Whether the Kubo had an address when it was first seen. */
  readonly listened: boolean;
  hasLeft: boolean;
  /** What the Kubo and everything it has started had done when it was last seen to work, by processKey. */
  work: ReadonlyMap<string, ProcessWork>;
  /** Whether the system shows everything that each of these processes does. */
  isShown: boolean;
  sampledAt: number;
  /** performance.now() when work was last seen, or when the Kubo was first seen. */
  workedAt: number;
  isWriting: boolean;
}

/** The Kubos that SIGTERM was sent to from here. A Kubo whose stop was canceled also gets no second one. */
const told = new Set<string>();

export function createPatience({ table, tree, pursuit, find, idleMs, signal, force }: PatienceOptions): Patience {
  const kubos = new Map<number, Kubo>();
  /** The Kubo of each process, since a process may lose the parent that showed it. */
  const owners = new WeakMap<Member, Kubo>();
  const since = performance.now();
  let toldAt = since;

  /** The Kubo that a member is, or the nearest live Kubo above it. */
  const kuboOf = (member: Member): Kubo | undefined => {
    if (kubos.size === 0) return undefined;
    const own = kubos.get(member.pid);
    if (own?.member === member) return own;
    const rows = tree.rows();
    for (let row = rows.get(member.row.ppid), steps = 0; row && steps < MOST_STEPS; row = rows.get(row.ppid), steps++) {
      const kubo = kubos.get(row.pid);
      if (kubo?.member.start !== row.start || kubo.member.goneAt !== undefined) continue;
      owners.set(member, kubo);
      return kubo;
    }
    const owner = owners.get(member);
    return owner?.member.goneAt === undefined ? owner : undefined;
  };

  /** The Kubo's own row, and those of everything it has started, directly or not. */
  const rowsOf = (kubo: Kubo): ReadonlySet<ProcessRow> => {
    const byParent = groupBy(tree.rows().values(), ({ ppid }) => ppid);
    const owned = pursuit.living().filter((member) => kuboOf(member) === kubo);
    const found = new Set([kubo.member.row, ...owned.map(({ row }) => row)]);
    for (const { pid } of found) for (const row of byParent.get(pid) ?? []) found.add(row);
    return found;
  };

  const listens = ({ row }: Member): boolean => {
    const { listening = [], listeningPaths = [] } = table.facts?.([row]).get(row.pid) ?? {};
    return listening.length + listeningPaths.length > 0;
  };

  const sample = (kubo: Kubo): void => {
    const now = performance.now();
    if (now - kubo.sampledAt < SAMPLE_MS) return;
    kubo.sampledAt = now;
    const work = new Map<string, ProcessWork>();
    let [cpuMs, hasWritten, hasStirred, isShown] = [0, false, false, true];
    for (const row of rowsOf(kubo)) {
      const [key, done] = [processKey(row), row.gone ? undefined : table.work?.(row)];
      if (done === undefined) isShown &&= row.pid !== kubo.member.pid; // The process has exited.
      if (done === undefined) continue;
      work.set(key, done);
      isShown &&= done.io !== undefined;
      const before = kubo.work.get(key);
      cpuMs += done.cpuMs - (before?.cpuMs ?? done.cpuMs);
      hasWritten ||= done.isWaiting || (before !== undefined && done.io !== before.io);
      // Starting a process counts as work.
      hasStirred ||= before ? hasRead(done, before) : kubo.work.size > 0;
    }
    const hasWorked = hasWritten || hasStirred || (cpuMs >= CPU_STEP_MS && cpuMs >= CPU_SHARE * (now - kubo.workedAt));
    if (hasWorked) [kubo.workedAt, kubo.isWriting] = [now, hasWritten];
    if (hasWorked || kubo.work.size === 0) kubo.work = work;
    kubo.isShown = isShown;
  };

  const treatment = (member: Member): Treatment => {
    const kubo = kuboOf(member);
    if (!kubo) return 'usual';
    if (force?.aborted === true) return 'forced';
    const record = pursuit.recordOf(kubo.member);
    if (signal?.aborted === true) {
      pursuit.recordOf(member).left ??= performance.now() - kubo.workedAt < QUIET_MS ? 'working' : 'idle';
      return 'left';
    }
    sample(kubo);
    // The Kubo wasn't asked to exit yet: it is below a daemon that hasn't exited, or it is ending already.
    if (record.termAt === undefined && !kubo.hasLeft) return 'spared';
    const idleSince = Math.max(kubo.workedAt, record.termAt ?? 0);
    const patienceMs = kubo.isShown ? idleMs : UNSEEN * idleMs;
    return performance.now() < idleSince + patienceMs ? 'spared' : 'usual';
  };

  return {
    survey: async () => {
      const others = pursuit.living().filter((member) => kubos.get(member.pid)?.member !== member);
      const now = performance.now();
      for (const member of await find(others)) {
        const kubo: Kubo = {
          member,
          listened: listens(member),
          hasLeft: false,
          work: new Map(),
          isShown: false,
          sampledAt: -Infinity,
          workedAt: now,
          isWriting: false,
        };
        kubos.set(member.pid, kubo);
        sample(kubo);
      }
    },

    treatment,
    doomed: () => pursuit.targets().filter((member) => ['usual', 'forced'].includes(treatment(member))),

    isLeaving: (member) => {
      const kubo = kubos.get(member.pid);
      if (kubo?.member !== member) return false;
      if (told.has(processKey(member))) {
        pursuit.recordOf(member).termAt ??= performance.now();
        return true;
      }
      kubo.hasLeft ||= kubo.listened && !listens(member);
      return kubo.hasLeft && treatment(member) === 'spared';
    },

    hasTold: (member) => {
      const isKubo = kubos.get(member.pid)?.member === member;
      if (isKubo) told.add(processKey(member));
      return isKubo;
    },

    tell: (step) => {
      const now = performance.now();
      if (now - since < QUIET_MS || now - toldAt < TELL_MS) return;
      const kubo = [...kubos.values()].find(({ member }) => member.goneAt === undefined && treatment(member) === 'spared');
      if (!kubo) return;
      toldAt = now;
      const idleMs = now - kubo.workedAt;
      const what =
        idleMs >= QUIET_MS
          ? `Kubo has done nothing for ${seconds(idleMs)} s. Waiting for it`
          : `Kubo is still ${kubo.isWriting ? 'writing' : 'working'}`;
      pursuit.tell(step, `${what}: ${seconds(now - since)} s`, kubo.member.pid, now - since);
    },
  };
}

function hasRead({ read = 0 }: ProcessWork, { read: before = 0 }: ProcessWork): boolean {
  return read - before >= READ_STEP;
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}
