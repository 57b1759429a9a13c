import { nameOf } from '../../base/asker';
import { sentences } from '../../base/causes';
import { cancelled, IpfsKitError } from '../../base/ipfsKitError';
import type { ProbedState } from './daemonState';
import { parseDaemonUrl, shownDaemonUrl } from '../daemonUrl';
import { judge } from './healthAnswer';
import { httpRequest } from '../http';

interface ProbeAttempt {
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
  /** Why it is `busy`, where it responded: an HTTP status that says so. */
  readonly busyStatus?: number;
  /** One sentence for people, with the next step where there is one. */
  readonly detail: string;
  readonly attempts: readonly ProbeAttempt[];
  readonly ms: number;
}

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /** ms over everything; default 1000. */
  readonly deadlineMs?: number | undefined;
  /** What is asked first. Polls ask `status`: /health is slow and has side effects in an initialised daemon. */
  readonly question?: 'health' | 'status' | undefined;
}

const DEADLINE_MS = 1000;
/** After so long without an answer from /health the status route is asked beside it. */
const LATE_MS = 300;
/** Less is not worth another question. */
const SHORTEST_MS = 20;
const MAX_BYTES = 65_536;
const STATUS_ROUTES = ['/api/v1/status', '/status'] as const;
/** As many as the setting takes; of a longer list the rest is not asked. */
const MAX_URLS = 8;

interface Verdict {
  readonly state: ProbedState;
  readonly address: string;
  /** HTTP 404: it lives, and has no such route. */
  readonly noSuchRoute?: true;
  readonly busyStatus?: number;
}

const RANK: readonly ProbedState[] = ['absent', 'foreign', 'busy', 'starting', 'up'];

/**
 * Who is there, at any of the configured URLs? All are asked side by side, each address once; the first in order that is up wins, else the best.
 * Rejects only when cancelled.
 */
export async function probe(urls: readonly string[], options: ProbeOptions = {}): Promise<Probe> {
  const { signal, deadlineMs = DEADLINE_MS, question = 'health' } = options;
  const started = performance.now();
  const attempts: ProbeAttempt[] = [];
  const stop = new AbortController();
  const cancel = (): void => stop.abort();
  if (signal?.aborted) throw cancelled();
  signal?.addEventListener('abort', cancel, { once: true });
  const { places, wrong } = placesOf(urls);
  for (const { url, message } of wrong) attempts.push({ address: url, route: '', outcome: message, ms: 0 });
  const asked = places.map((addresses) =>
    addresses.map((address) => askAddress(address, { question, deadlineMs, signal: stop.signal, attempts })),
  );
  try {
    let best: Verdict | undefined;
    for (const answers of asked) {
      const verdict = await healthiest(answers);
      if (verdict && isGood(verdict)) {
        best = verdict;
        break;
      }
      best = better(best, verdict);
    }
    stop.abort(); // whoever is still being asked is not needed any more
    await Promise.all(asked.flat());
    if (signal?.aborted) throw cancelled();
    const verdict: Verdict = best ?? { state: 'absent', address: '' };
    const { state, address, busyStatus } = verdict;
    const detail = detailOf(verdict, urls, wrong);
    return {
      state,
      ...(state !== 'absent' && { url: address }),
      ...(busyStatus !== undefined && { busyStatus }),
      detail,
      attempts: [...attempts],
      ms: performance.now() - started,
    };
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

interface WrongUrl {
  readonly url: string;
  readonly message: string;
}

/** The addresses to ask for each URL; one that an earlier URL stands for too is not asked again, since /health has side effects. */
function placesOf(urls: readonly string[]): {
  readonly places: readonly (readonly string[])[];
  readonly wrong: readonly WrongUrl[];
} {
  const taken = new Set<string>();
  const wrong: WrongUrl[] = [];
  const places = urls.slice(0, MAX_URLS).map((url) => {
    try {
      const fresh = parseDaemonUrl(url).filter((address) => !taken.has(address));
      for (const address of fresh) taken.add(address);
      return fresh;
    } catch (error) {
      wrong.push({ url: shownDaemonUrl(url), message: IpfsKitError.from(error).message });
      return [];
    }
  });
  return { places, wrong };
}

interface Asking {
  readonly question: 'health' | 'status';
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly attempts: ProbeAttempt[];
}

function isGood({ state }: Verdict): boolean {
  return state === 'up' || state === 'starting';
}

/** The earlier one if they are equal. */
function better(one: Verdict | undefined, other: Verdict | undefined): Verdict | undefined {
  if (!one || !other) return one ?? other;
  return RANK.indexOf(other.state) > RANK.indexOf(one.state) ? other : one;
}

/** The first that is up, at once; else the healthiest when all have answered. */
function healthiest(answers: readonly Promise<Verdict>[]): Promise<Verdict | undefined> {
  return new Promise((resolve, reject) => {
    for (const answer of answers) answer.then((verdict) => (verdict.state === 'up' ? resolve(verdict) : undefined), reject);
    Promise.all(answers).then((verdicts) => resolve(verdicts.reduce<Verdict | undefined>(better, undefined)), reject);
  });
}

async function askAddress(address: string, asking: Asking): Promise<Verdict> {
  const started = performance.now();
  if (asking.question === 'health') return askHealth(address, asking, started);
  const verdict = await askStatus(address, asking, started);
  // Who has no status route is not the daemon whose /health has side effects; but it may be one that only answers /health.
  return verdict.noSuchRoute ? askRoute(address, '/health', asking, started) : verdict;
}

/** /health, and when it is late or busy the status route beside it; the first good answer decides, else what /health said. */
async function askHealth(address: string, asking: Asking, started: number): Promise<Verdict> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  if (asking.signal.aborted) stop();
  asking.signal.addEventListener('abort', stop, { once: true });
  const both = { ...asking, signal: enough.signal };
  const health = askRoute(address, '/health', both, started);
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Verdict>((resolve, reject) => {
      let status: Promise<Verdict> | undefined;
      const askToo = (): Promise<Verdict> => {
        clearTimeout(late);
        status ??= askStatus(address, both, started);
        status.then((verdict) => (isGood(verdict) ? resolve(verdict) : undefined), reject);
        return status;
      };
      late = setTimeout(() => void askToo(), LATE_MS);
      health.then((verdict) => {
        const timeLeft = asking.deadlineMs - (performance.now() - started);
        if (verdict.state !== 'busy' || (!status && timeLeft < SHORTEST_MS)) resolve(verdict);
        else askToo().then(() => resolve(verdict), reject);
      }, reject);
    });
  } finally {
    clearTimeout(late);
    asking.signal.removeEventListener('abort', stop);
    enough.abort();
  }
}

async function askStatus(address: string, asking: Asking, started: number): Promise<Verdict> {
  const [first, second] = STATUS_ROUTES;
  const verdict = await askRoute(address, first, asking, started);
  return verdict.noSuchRoute ? askRoute(address, second, asking, started) : verdict;
}

async function askRoute(
  address: string,
  route: string,
  { deadlineMs, signal, attempts }: Asking,
  started: number,
): Promise<Verdict> {
  const began = performance.now();
  const left = Math.max(1, deadlineMs - (began - started));
  const note = (state: ProbedState, outcome: string, httpStatus?: number): Verdict => {
    attempts.push({ address, route, outcome, ms: performance.now() - began });
    const busyStatus = state === 'busy' ? httpStatus : undefined;
    return { state, address, ...(httpStatus === 404 && { noSuchRoute: true }), ...(busyStatus !== undefined && { busyStatus }) };
  };
  try {
    const answer = await httpRequest(address + route, {
      signal,
      headersMs: left,
      totalMs: left,
      maxBytes: MAX_BYTES,
      accept: 'application/json',
    });
    const state = judge(answer);
    return note(state, isGood({ state, address }) ? state : `${state} (HTTP ${answer.status})`, answer.status);
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

function detailOf({ state, address, busyStatus }: Verdict, urls: readonly string[], wrong: readonly WrongUrl[]): string {
  switch (state) {
    case 'absent':
      return nobodyAt(urls, wrong);
    case 'busy':
      return busyStatus === undefined
        ? `The daemon at ${address} accepted the connection but didn't respond in time. Try again in a moment.`
        : `The daemon at ${address} responded with HTTP ${busyStatus}. Look into its log, or try again in a moment.`;
    case 'foreign':
      return `What responds at ${address} is not the ipfs_kit_py daemon. Set ${nameOf('daemon')} to where the daemon listens.`;
    case 'starting':
      return `The daemon at ${address} is running. It reports that it is starting, as ipfs_kit_py does for as long as it runs.`;
    case 'up':
      return `The daemon at ${address} is running.`;
  }
}

function nobodyAt(urls: readonly string[], wrong: readonly WrongUrl[]): string {
  const shown = urls.slice(0, MAX_URLS).map(shownDaemonUrl);
  const asked = shown.filter((url) => !wrong.some((one) => one.url === url));
  const [mistake] = wrong;
  return sentences(
    ...(asked.length > 0 ? [`No daemon responds at ${asked.join(' or ')}.`] : []),
    ...(mistake ? [mistake.message] : []),
    ...(urls.length === 0 ? ['No daemon address is configured.'] : []),
  );
}
