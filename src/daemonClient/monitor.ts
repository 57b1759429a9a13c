import { IpfsKitError } from '../ipfsKitError';
import type { DaemonState } from './daemonState';
import { isUp } from './daemonState';
import type { Probe, ProbeOptions } from './probe';
import { probe as realProbe } from './probe';

export interface MonitorState {
  readonly state: DaemonState;
  /** Literal base URL; undefined when absent. */
  readonly url?: string;
  readonly detail: string;
  /** ms since 1970 of the last change of state. */
  readonly since: number;
}

export interface Clock {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface MonitorOptions {
  readonly urls: () => readonly string[];
  readonly probe?: (urls: readonly string[], options: ProbeOptions) => Promise<Probe>;
  readonly clock?: Clock;
}

export interface DaemonMonitor {
  current(): MonitorState;
  /** `asked` by a person: /health, at once. `poll`: the cheap status route; joins a question under way. Rejects only with `cancelled`. */
  check(reason: 'asked' | 'poll'): Promise<Probe>;
  /** What listing learned. */
  report(state: DaemonState, detail?: string): void;
  /** Polls only while somebody can see the answer. */
  setVisible(visible: boolean): void;
  onDidChange(listener: (state: MonitorState) => void): { dispose(): void };
  dispose(): void;
}

const UP_POLL_MS = 5000;
const LONGEST_POLL_MS = 60_000;
/** A second miss this long after the first is no coincidence. */
const CONFIRM_MS = 1000;

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Keeps the state of the daemon: probes when asked, polls while visible, and takes "up" back only after two misses in a row. */
export function createDaemonMonitor({ urls, probe = realProbe, clock = systemClock }: MonitorOptions): DaemonMonitor {
  let state: MonitorState = { state: 'probing', detail: 'The daemon has not been asked yet.', since: clock.now() };
  let misses = 0;
  let visible = false;
  let pollMs = UP_POLL_MS;
  let timer: unknown;
  let asking: { readonly answer: Promise<Probe>; readonly controller: AbortController } | undefined;
  let disposed = false;
  const listeners = new Set<(state: MonitorState) => void>();

  const become = (next: Omit<MonitorState, 'since'>): void => {
    if (disposed || (next.state === state.state && next.detail === state.detail && next.url === state.url)) return;
    state = { ...next, since: next.state === state.state ? state.since : clock.now() };
    for (const listener of listeners) listener(state);
  };

  const schedule = (ms: number): void => {
    clock.clearTimeout(timer);
    timer = undefined;
    if (!disposed && (visible || misses > 0)) timer = clock.setTimeout(() => void check('poll').catch(() => undefined), ms);
  };

  const learn = (answer: Probe, polled: boolean): void => {
    const { state: found, url, detail } = answer;
    const wasUp = isUp(state.state);
    if (!isUp(found) && wasUp && ++misses < 2) return schedule(CONFIRM_MS);
    misses = 0;
    const before = state.state;
    // Polls ask the status routes, which know neither the Arrow route nor the word "starting": they take nothing of that back.
    const next = found === 'up' && polled && isUp(before) ? before : found;
    pollMs = isUp(found) || next !== before ? UP_POLL_MS : Math.min(pollMs * 2, LONGEST_POLL_MS);
    become({ state: next, ...(url !== undefined && { url }), detail });
    schedule(pollMs);
  };

  const check = (reason: 'asked' | 'poll'): Promise<Probe> => {
    if (disposed) return Promise.reject(new IpfsKitError('cancelled', 'IPFS Kit is shutting down.'));
    if (asking && reason === 'poll') return asking.answer;
    clock.clearTimeout(timer);
    const controller = new AbortController();
    const answer = probe(urls(), { signal: controller.signal, question: reason === 'asked' ? 'health' : 'status' });
    const mine = { answer, controller };
    asking = mine;
    return answer.then(
      (found) => {
        if (asking === mine) {
          asking = undefined;
          learn(found, reason === 'poll');
        }
        return found;
      },
      (error: unknown) => {
        if (asking === mine) {
          asking = undefined;
          schedule(pollMs);
        }
        throw IpfsKitError.from(error);
      },
    );
  };

  return {
    current: () => state,
    check,
    report: (next, detail = state.detail) => become({ ...state, state: next, detail }),
    setVisible: (next) => {
      if (next === visible) return;
      visible = next;
      if (visible && state.state !== 'probing') schedule(0);
      else if (!visible) schedule(pollMs);
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
