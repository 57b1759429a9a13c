import { IpfsKitError } from '../../base/ipfsKitError';
import type { DaemonState } from './daemonState';
import { isUp } from './daemonState';
import type { Probe, ProbeOptions } from './probe';
import { probe as realProbe } from './probe';

export interface MonitorState {
  readonly state: DaemonState;
  /** The literal base URL; undefined when absent. */
  readonly url?: string | undefined;
  readonly detail: string;
  /** When the state last changed, in ms since 1970. */
  readonly since: number;
}

interface Clock {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

interface MonitorOptions {
  readonly urls: () => readonly string[];
  readonly probe?: ((urls: readonly string[], options: ProbeOptions) => Promise<Probe>) | undefined;
  readonly clock?: Clock | undefined;
}

export interface DaemonMonitor {
  current(): MonitorState;
  /**
   * `asked`: a person asked, so /health is asked at once, and replaces a poll in progress. `poll`: the cheap status route. Otherwise the caller joins a request
   * in progress. Rejects with `cancelled` once disposed.
   */
  check(reason: 'asked' | 'poll'): Promise<Probe>;
  /** Reports `stopping` until the returned function is called; answers meanwhile are ignored. */
  holdStopping(detail: string): () => void;
  /** Polls only while the state is visible to a person. */
  setVisible(visible: boolean): void;
  onDidChange(listener: (state: MonitorState) => void): { dispose(): void };
  dispose(): void;
}

const UP_POLL_MS = 5000;
const LONGEST_POLL_MS = 60_000;
/** A second failure this long after the first counts (ms). */
const CONFIRM_MS = 1000;

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

interface Question {
  readonly reason: 'asked' | 'poll';
  readonly answer: Promise<Probe>;
  readonly controller: AbortController;
}

/** Tracks the state of the daemon: probes when asked, polls while visible, and gives up the state `up` only after two failures in a row. */
export function createDaemonMonitor({ urls, probe = realProbe, clock = systemClock }: MonitorOptions): DaemonMonitor {
  let state: MonitorState = { state: 'probing', detail: "The daemon hasn't been checked yet.", since: clock.now() };
  let misses = 0;
  let visible = false;
  let pollMs = UP_POLL_MS;
  let timer: unknown;
  let asking: Question | undefined;
  let disposed = false;
  let holds = 0;
  const listeners = new Set<(state: MonitorState) => void>();

  const become = (next: Omit<MonitorState, 'since'>): void => {
    if (disposed || (next.state === state.state && next.detail === state.detail && next.url === state.url)) return;
    state = { ...next, since: next.state === state.state ? state.since : clock.now() };
    for (const listener of [...listeners]) {
      try {
        listener(state);
      } catch (error) {
        process.emitWarning(IpfsKitError.from(error)); // The listener's own error: neither the other listeners nor the polls should fail because of it.
      }
    }
  };

  const schedule = (ms: number): void => {
    clock.clearTimeout(timer);
    timer = undefined;
    if (!disposed && (visible || misses > 0)) timer = clock.setTimeout(() => void check('poll').catch(() => undefined), ms);
  };

  const learn = ({ state: found, url, detail }: Probe, reason: 'asked' | 'poll'): void => {
    if (holds > 0) return schedule(UP_POLL_MS);
    const { state: before, url: urlBefore } = state;
    if (isUp(before) && !isUp(found) && ++misses < 2) return schedule(CONFIRM_MS);
    misses = 0;
    // Polls ask the status routes, which don't report "starting", so the answer of /health stays.
    const keeps = reason === 'poll' && found === 'up' && isUp(before) && url === urlBefore;
    pollMs = isUp(found) || found !== before || reason === 'asked' ? UP_POLL_MS : Math.min(pollMs * 2, LONGEST_POLL_MS);
    if (!keeps) become({ state: found, url, detail });
    schedule(pollMs);
  };

  /** Asynchronous, so that an error of the settings or the probe becomes a rejection. */
  const ask = async (reason: 'asked' | 'poll', signal: AbortSignal): Promise<Probe> =>
    probe(urls(), { signal, question: reason === 'asked' ? 'health' : 'status' });

  const check = (reason: 'asked' | 'poll'): Promise<Probe> => {
    if (disposed) return Promise.reject(new IpfsKitError('cancelled', 'IPFS Kit is shutting down.'));
    if (asking && (reason === 'poll' || asking.reason === 'asked')) return asking.answer;
    clock.clearTimeout(timer);
    const replaced = asking;
    const controller = new AbortController();
    const isCurrent = (): boolean => asking?.controller === controller;
    const answer = ask(reason, controller.signal).then(
      (found) => {
        if (!isCurrent()) return found;
        asking = undefined;
        learn(found, reason);
        return found;
      },
      (error: unknown) => {
        if (asking && !isCurrent()) return asking.answer; // Callers that waited for the poll get the answer that replaced it.
        asking = undefined;
        schedule(pollMs);
        throw IpfsKitError.from(error);
      },
    );
    asking = { reason, answer, controller };
    replaced?.controller.abort();
    return answer;
  };

  return {
    current: () => state,
    check,
    holdStopping: (detail) => {
      holds++;
      misses = 0;
      become({ ...state, state: 'stopping', detail });
      let released = false;
      return () => {
        if (!released) holds--;
        released = true;
      };
    },
    setVisible: (next) => {
      if (next === visible) return;
      visible = next;
      if (misses > 0) return; // The confirming probe follows anyway.
      if (!visible) clock.clearTimeout(timer);
      else if (state.state !== 'probing') schedule(0);
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      disposed = true;
      clock.clearTimeout(timer);
      asking?.controller.abort();
      listeners.clear();
    },
  };
}
