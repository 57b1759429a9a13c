import { IpfsKitError } from '../base/ipfsKitError';
import type { Member, ProcessTree } from './processTree';
import type { ProcessTable, ReaperSignal, SignalOutcome } from './table/processTable';
import type { MemberRecord } from './stopReport';
import { createSlices } from './slices';
import type { StopProgress, StopStep } from './stopContract';

/** Between two looks: often at first, when a clean exit is likely, then less (ms). */
const POLL_MS = 15;
const SLOW_POLL_MS = 50;
const SLOW_AFTER_MS = 500;
/** A look may take a fifth of the time, not more. */
const REST_PER_LOOK = 4;
/** Between two looks at every process, beside those at the newborn and the members (ms). */
const FULL_LOOK_MS = 250;

/** Rows that are signalled in one go: some 2 ms of work. */
const MOST_AT_ONCE = 32;

/** One stop under way: what is known of the tree now, and what was done to it. */
export interface Pursuit {
  /** Members that lived at the last look. */
  living(): readonly Member[];
  /** Of those, who may still be signalled. */
  targets(): readonly Member[];
  /** Of the targets, those whose parent is none. */
  topmost(): readonly Member[];
  /** Never rejects: what can't be read is noted, and what was known stands. */
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
    // On Windows most processes can't be asked to leave: nobody waits for them to.
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
        onProgress?.({ step, message, ...(pid !== undefined && { pid }), ...(waitedMs !== undefined && { waitedMs }) });
      } catch {
        // Whoever listens does not decide whether the daemon ends.
      }
    },
    note,
    notes: () => [...notes],
  };
}
