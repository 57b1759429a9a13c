import { IpfsKitError } from '../ipfsKitError';
import type { ProbedState } from './daemonState';
import { parseDaemonUrl } from './daemonUrl';
import { judge } from './healthAnswer';
import { httpGet } from './http';

export interface ProbeAttempt {
  /** Literal base URL. */
  readonly address: string;
  readonly route: string;
  /** `up`, `foreign` …; for no answer the reason, such as `refused` or `timeout`. */
  readonly outcome: string;
  readonly ms: number;
}

export interface Probe {
  readonly state: ProbedState;
  /** Literal base URL of what answered; undefined when absent. */
  readonly url?: string;
  /** One sentence for people, with the next step where there is one. */
  readonly detail: string;
  readonly attempts: readonly ProbeAttempt[];
  readonly ms: number;
}

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** ms over everything; default 1000. */
  readonly deadlineMs?: number;
  /** What is asked first. Polls ask `status`: /health is slow and has side effects in an initialised daemon. */
  readonly question?: 'health' | 'status';
}

const DEADLINE_MS = 1000;
/** After so long without an answer from /health the status route is asked beside it. */
const LATE_MS = 300;
/** Less is not worth another question. */
const SHORTEST_MS = 20;
const MAX_BYTES = 65_536;
const STATUS_ROUTES = ['/api/v1/status', '/status'] as const;

interface Verdict {
  readonly state: ProbedState;
  readonly address: string;
}

const RANK: readonly ProbedState[] = ['absent', 'foreign', 'busy', 'starting', 'up'];

/** Who is there, at any of the configured URLs? All are asked side by side; the first in order that has anybody wins. Rejects only when cancelled. */
export async function probe(urls: readonly string[], options: ProbeOptions = {}): Promise<Probe> {
  const { signal, deadlineMs = DEADLINE_MS, question = 'health' } = options;
  const started = performance.now();
  const attempts: ProbeAttempt[] = [];
  const stop = new AbortController();
  const cancel = (): void => stop.abort();
  if (signal?.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const asked = urls.map((url) => askUrl(url, { question, deadlineMs, signal: stop.signal, attempts }));
    let best: Verdict | undefined;
    for (const answer of asked) {
      const verdict = await answer;
      if (verdict.state === 'up' || verdict.state === 'starting') {
        best = verdict;
        break;
      }
      if (best === undefined || RANK.indexOf(verdict.state) > RANK.indexOf(best.state)) best = verdict;
    }
    if (signal?.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
    const { state, address } = best ?? { state: 'absent', address: '' };
    const ms = performance.now() - started;
    return { state, ...(state !== 'absent' && { url: address }), detail: detailOf(state, address, urls), attempts, ms };
  } finally {
    signal?.removeEventListener('abort', cancel);
    stop.abort(); // whoever is still being asked is not needed any more
  }
}

interface Asking {
  readonly question: 'health' | 'status';
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly attempts: ProbeAttempt[];
}

/** All addresses of one configured URL side by side: the first that is up decides, else the best of all. */
async function askUrl(url: string, asking: Asking): Promise<Verdict> {
  let addresses: string[];
  try {
    addresses = parseDaemonUrl(url);
  } catch (error) {
    asking.attempts.push({ address: url.slice(0, 200), route: '', outcome: IpfsKitError.from(error).message, ms: 0 });
    return { state: 'absent', address: url };
  }
  return firstUp(addresses.map((address) => askAddress(address, asking)));
}

function firstUp(answers: readonly Promise<Verdict>[]): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const upAtOnce = (verdict: Verdict): void => {
      if (RANK.indexOf(verdict.state) >= RANK.indexOf('starting')) resolve(verdict);
    };
    for (const answer of answers) answer.then(upAtOnce, reject);
    Promise.all(answers).then(
      (verdicts) => resolve(verdicts.reduce((best, next) => (RANK.indexOf(next.state) > RANK.indexOf(best.state) ? next : best))),
      reject,
    );
  });
}

/** /health, and when it is late the status route beside it; the first good answer decides. */
async function askAddress(address: string, asking: Asking): Promise<Verdict> {
  const { question, deadlineMs, signal } = asking;
  const started = performance.now();
  if (question === 'status') return askStatus(address, asking, started);
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  if (signal.aborted) enough.abort();
  signal.addEventListener('abort', stop, { once: true });
  let late: NodeJS.Timeout | undefined;
  const health = askRoute(address, '/health', { ...asking, signal: enough.signal }, started);
  const status = new Promise<Verdict | undefined>((resolve) => {
    const askToo = (): void => resolve(askStatus(address, { ...asking, signal: enough.signal }, started));
    if (deadlineMs > LATE_MS) late = setTimeout(askToo, LATE_MS);
    void health.then(({ state }) => {
      const timeLeft = performance.now() - started < deadlineMs - SHORTEST_MS;
      if (state === 'busy' && timeLeft) askToo();
      else resolve(undefined);
    });
  });
  try {
    const first = await firstUp([health, status.then((verdict) => verdict ?? health)]);
    // What /health itself said counts before what a status route did not know.
    const said = first.state === 'up' || first.state === 'starting' ? first : await health;
    return said;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
    enough.abort();
  }
}

async function askStatus(address: string, asking: Asking, started: number): Promise<Verdict> {
  let verdict: Verdict = { state: 'absent', address };
  for (const route of STATUS_ROUTES) {
    verdict = await askRoute(address, route, asking, started);
    if (verdict.state !== 'foreign') break;
  }
  return verdict;
}

async function askRoute(
  address: string,
  route: string,
  { deadlineMs, signal, attempts }: Asking,
  started: number,
): Promise<Verdict> {
  const began = performance.now();
  const left = Math.max(1, deadlineMs - (began - started));
  const note = (state: ProbedState, outcome: string): Verdict => {
    attempts.push({ address, route, outcome, ms: performance.now() - began });
    return { state, address };
  };
  try {
    const answer = await httpGet(address + route, {
      signal,
      headersMs: left,
      totalMs: left,
      maxBytes: MAX_BYTES,
      accept: 'application/json',
    });
    const state = judge(answer);
    return note(state, state === 'foreign' || state === 'busy' ? `${state} (HTTP ${answer.status})` : state);
  } catch (error) {
    const { reason } = IpfsKitError.from(error);
    return note(stateOf(reason), reason);
  }
}

/** Connected and no whole answer: somebody is there and has no time. Nothing accepted the connection: nobody is there. */
function stateOf(reason: IpfsKitError['reason']): ProbedState {
  if (reason === 'refused' || reason === 'cancelled') return 'absent';
  return reason === 'foreign' || reason === 'too-large' ? 'foreign' : 'busy';
}

function detailOf(state: ProbedState, address: string, urls: readonly string[]): string {
  const asked =
    urls.length === 0
      ? 'No daemon address is configured'
      : `No daemon answers at ${urls.map((url) => url.slice(0, 100)).join(' or ')}`;
  switch (state) {
    case 'absent':
      return `${asked}.`;
    case 'busy':
      return `The daemon at ${address} took the connection and gave no good answer in time. It is asked again in the background.`;
    case 'foreign':
      return `What answers at ${address} is not the ipfs_kit_py daemon. Set ipfsKit.daemon.urls to where the daemon listens.`;
    case 'starting':
      return `The daemon at ${address} is up and says that it is starting.`;
    case 'up':
      return `The daemon at ${address} is up.`;
  }
}
