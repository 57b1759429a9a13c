import { IpfsKitError } from '../base/ipfsKitError';
import type { Member, ProcessTree } from './processTree';
import type { ProcessTable, ReaperSignal, SignalOutcome } from './table/processTable';
import type { MemberRecord } from './stopReport';
import { createSlices } from './slices';
import type { StopProgress, StopStep } from './stopContract';

/** The time between two looks: short at first, when a clean exit is likely, then longer (ms). */
const POLL_MS = 15;
const SLOW_POLL_MS = 50;
const SLOW_AFTER_MS = 500;
/** A look may take at most a fifth of the time. */
const REST_PER_LOOK = 4;
/** The time between two looks at every process, beside those at new processes and members (ms). */
const FULL_LOOK_MS = 250;

/** The rows that are signaled in one go: some 2 ms of work. */
const MOST_AT_ONCE = 32;

/** One stop in progress: what is known of the tree now, and what was done to it. */
export interface Pursuit {
  /** Members that were alive at the last look. */
  living(): readonly Member[];
  /** Live members that may still be signaled. */
  targets(): readonly Member[];
  /** Targets whose parent isn't a target. */
  topmost(): readonly Member[];
  /** Never rejects: a table that can't be read is noted, and the last one stays in use. */
  look(scope: 'all' | 'changes'): Promise<void>;
  /** True if the last look failed. */
  isBlind(): boolean;
  /** Waits for the next look, at most until the given performance.now(). */
  rest(since: number, until: number): Promise<void>;
  send(members: readonly Member[], ...signals: readonly ReaperSignal[]): Promise<void>;
  readonly recordOf: (member: Member) => MemberRecord;
  tell(step: StopStep, message: string, pid?: number, waitedMs?: number): void;
  note(text: string): void;
  notes(): readonly string[];
}

export function createPursuit(table: ProcessTable, tree: ProcessTree, onProgress?: (event: StopProgress) => void): Pursuit {
  const notes = new Set<string>();
  const records = new Map<Member, MemberRecord>();
  let living: readonly Member[] = [];
  let isBlind = false;
  let lookMs = 0;
  let fullLookMs = 0;
  let lastFullAt = -Infinity;

  const recordOf = (member: Member): MemberRecord => {
    const record = records.get(member) ?? {
      signals: [],
      termAt: undefined,
      killed: false,
      denied: false,
      givenUp: false,
      left: undefined,
    };
    records.set(member, record);
    return record;
  };

  const targets = (): readonly Member[] => living.filter((member) => !recordOf(member).denied && !recordOf(member).givenUp);

  const note = (text: string): void => void notes.add(text);

  const record = (member: Member, signals: readonly ReaperSignal[], outcome: SignalOutcome): void => {
    if (outcome === 'denied') recordOf(member).denied = true;
    // On Windows most processes can't be asked to exit, so the stop doesn't wait for them.
    if (outcome === 'unsupported' && signals.includes('SIGTERM')) recordOf(member).termAt = -Infinity;
    if (outcome !== 'sent' && outcome !== 'denied') return;
    if (outcome === 'sent' && signals.includes('SIGKILL')) recordOf(member).killed = true;
    const { signals: sent } = recordOf(member);
    for (const signal of signals) {
      const text = outcome === 'sent' ? signal : `${signal} (refused)`;
      if (sent.at(-1) !== text) sent.push(text);
    }
  };

  return {
    living: () => living,
    targets,
    topmost: () => {
      const pids = new Set(targets().map(({ pid }) => pid));
      return targets().filter(({ row }) => !pids.has(row.ppid));
    },

    look: async (scope) => {
      const began = performance.now();
      const isFull = scope === 'all' || began - lastFullAt > Math.max(FULL_LOOK_MS, REST_PER_LOOK * fullLookMs);
      try {
        living = await tree.look(isFull ? 'all' : 'changes');
        isBlind = false;
      } catch (error) {
        isBlind = true;
        note(IpfsKitError.from(error).message);
      }
      lookMs = performance.now() - began;
      if (isFull) [lastFullAt, fullLookMs] = [performance.now(), lookMs];
    },
    isBlind: () => isBlind,

    rest: (since, until) => {
      const now = performance.now();
      const poll = now - since < SLOW_AFTER_MS ? POLL_MS : SLOW_POLL_MS;
      const ms = Math.min(Math.max(poll, REST_PER_LOOK * lookMs), Math.max(1, until - now));
      return new Promise((resolve) => setTimeout(resolve, ms));
    },

    send: async (members, ...signals) => {
      const slices = createSlices();
      for (let at = 0; at < members.length; at += MOST_AT_ONCE) {
        const some = members.slice(at, at + MOST_AT_ONCE);
        try {
          const outcomes = await table.signal(
            some.map(({ row }) => row),
            ...signals,
          );
          some.forEach((member, index) => record(member, signals, outcomes[index] ?? 'gone'));
        } catch (error) {
          note(IpfsKitError.from(error).message);
        }
        const wait = slices.next();
        if (wait) await wait;
      }
    },
    recordOf,

    tell: (step, message, pid, waitedMs) => {
      try {
        onProgress?.({ step, message, pid, waitedMs });
      } catch {
        // A process that only listens there doesn't decide whether the daemon has exited.
      }
    },
    note,
    notes: () => [...notes],
  };
}
