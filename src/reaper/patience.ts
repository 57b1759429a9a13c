import { DEFAULT_KUBO_IDLE_SECONDS } from '../defaults';
import type { Member } from './processTree';
import type { Pursuit } from './pursuit';
import type { StopStep } from './stopContract';
import { processKey } from './table/processTable';
import type { ProcessTable, ProcessWork } from './table/processTable';

/**
 * `usual`: ended like every process, by force once its time is over. `spared`: a Kubo that still works, or may; it is waited for. `left`: the person no
 * longer waits, and it goes on. `forced`: the person wants it to be ended now.
 */
export type Treatment = 'usual' | 'spared' | 'left' | 'forced';

/** Keeps SIGKILL away from a Kubo that is still writing: repositories have been lost to it (kubo#4363, kubo#5213). */
export interface Patience {
  /** Looks for Kubos among the processes that live. Once a Kubo, always: it lets go of its repository before it ends. */
  survey(): Promise<void>;
  treatment(member: Member): Treatment;
  /** To be ended by force, if anything: neither spared nor left. */
  doomed(): readonly Member[];
  /** Whether SIGTERM has nothing to add: it has closed its addresses and works, or has been sent one. A second makes Kubo exit at once, whatever it is writing. */
  isLeaving(member: Member): boolean;
  /** Takes note that it was sent SIGTERM. True of a Kubo. */
  hasTold(member: Member): boolean;
  /** Says every second which Kubo is waited for, and for how long. */
  tell(step: StopStep): void;
}

export interface PatienceOptions {
  readonly table: ProcessTable;
  readonly pursuit: Pursuit;
  /** Which of these are Kubos. */
  readonly find: (members: readonly Member[]) => Promise<ReadonlySet<Member>>;
  /** How long a Kubo may do nothing, counted from its SIGTERM at the earliest (ms). */
  readonly idleMs: number;
  /** Aborted: Kubos are left to themselves. */
  readonly signal: AbortSignal | undefined;
  /** Aborted: nobody waits for a Kubo any more. */
  readonly force: AbortSignal | undefined;
}

export const KUBO_IDLE_MS = DEFAULT_KUBO_IDLE_SECONDS * 1000;

/** Where a system doesn't show what a process does, that many times as long. */
const UNSEEN = 6;
/** CPU time that is work (ms), and its least share of the time it took: a program that hangs uses some too, for its timers. */
const CPU_STEP_MS = 20;
const CPU_SHARE = 0.01;
const SAMPLE_MS = 40;
const TELL_MS = 1000;
/** What lasts shorter needs no word (ms). */
const QUIET_MS = 1000;

interface Kubo {
  readonly member: Member;
  /** It had an address when it was first seen. */
  readonly listened: boolean;
  hasLeft: boolean;
  sample: ProcessWork | undefined;
  sampledAt: number;
  /** performance.now() when it was last seen to have done something, or when it was first seen. */
  workedAt: number;
  isWriting: boolean;
}

/** Kubos that were sent SIGTERM from here: also one whose stop was cancelled gets no second one. */
const told = new Set<string>();

export function createPatience({ table, pursuit, find, idleMs, signal, force }: PatienceOptions): Patience {
  const kubos = new Map<number, Kubo>();
  const seen = new WeakSet<Member>();
  const since = performance.now();
  let toldAt = since;

  /** A Kubo, or what a Kubo has started. */
  const kuboOf = (member: Member): Kubo | undefined => {
    const own = kubos.get(member.pid);
    if (own?.member === member) return own;
    const parent = kubos.get(member.row.ppid);
    return parent?.member.goneAt === undefined ? parent : undefined;
  };

  const listens = ({ row }: Member): boolean => {
    const { listening = [], listeningPaths = [] } = table.facts?.([row]).get(row.pid) ?? {};
    return listening.length + listeningPaths.length > 0;
  };

  const sample = (kubo: Kubo): void => {
    const now = performance.now();
    if (now - kubo.sampledAt < SAMPLE_MS) return;
    kubo.sampledAt = now;
    const [before, work] = [kubo.sample, table.work?.(kubo.member.row)];
    if (work === undefined) return;
    const cpuMs = work.cpuMs - (before?.cpuMs ?? work.cpuMs);
    const hasWritten = work.isWaiting || (before !== undefined && work.io !== before.io);
    const hasWorked = hasWritten || (cpuMs >= CPU_STEP_MS && cpuMs >= CPU_SHARE * (now - kubo.workedAt));
    if (hasWorked) [kubo.workedAt, kubo.isWriting] = [now, hasWritten];
    if (hasWorked || !before) kubo.sample = work;
  };

  const treatment = (member: Member): Treatment => {
    const kubo = kuboOf(member);
    if (!kubo) return 'usual';
    if (force?.aborted === true) return 'forced';
    const record = pursuit.recordOf(kubo.member);
    if (signal?.aborted === true) {
      record.left = true;
      return 'left';
    }
    sample(kubo);
    // Nobody has told it to end yet: it is below a daemon that hasn't ended, or is ending already.
    if (record.termAt === undefined && !kubo.hasLeft) return 'spared';
    const idleSince = Math.max(kubo.workedAt, record.termAt ?? 0);
    const patienceMs = kubo.sample === undefined ? UNSEEN * idleMs : idleMs;
    return performance.now() < idleSince + patienceMs ? 'spared' : 'usual';
  };

  return {
    survey: async () => {
      const fresh = pursuit.living().filter((member) => !seen.has(member));
      for (const member of fresh) seen.add(member);
      const now = performance.now();
      for (const member of await find(fresh)) {
        const kubo: Kubo = {
          member,
          listened: listens(member),
          hasLeft: false,
          sample: undefined,
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

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}
