import { nameOf } from '../../base/settingOrOption';
import { sentences } from '../../base/causes';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import type { ProbedState } from './daemonState';
import { parseDaemonUrl, shownDaemonUrl } from '../daemonUrl';
import { judge } from './healthAnswer';
import { httpRequest } from '../http';

interface ProbeAttempt {
  /** The literal base URL. */
  readonly address: string;
  readonly route: string;
  /** `up`, `foreign` and so on; without a response the reason, such as `refused` or `timeout`. */
  readonly outcome: string;
  readonly ms: number;
}

export interface Probe {
  readonly state: ProbedState;
  /** The literal base URL of the server that responded; undefined when absent. */
  readonly url?: string | undefined;
  /** The HTTP status that makes it `busy`, where it responded. */
  readonly busyStatus?: number | undefined;
  /** One sentence for people, with the next step where there is one. */
  readonly detail: string;
  readonly attempts: readonly ProbeAttempt[];
  readonly ms: number;
}

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /** The time for the whole probe (ms); default 1000. */
  readonly deadlineMs?: number | undefined;
  /** The route that is asked first. Polls ask `status`: /health is slow and has side effects in an initialized daemon. */
  readonly question?: 'health' | 'status' | undefined;
}

const DEADLINE_MS = 1000;
/** If /health hasn't responded after this time, the status route is asked as well (ms). */
const LATE_MS = 300;
/** With less time left than this, another request is pointless (ms). */
const SHORTEST_MS = 20;
const MAX_BYTES = 65_536;
const STATUS_ROUTES = ['/api/v1/status', '/status'] as const;
/** The most URLs that the setting accepts. The rest of a longer list isn't asked. */
const MAX_URLS = 8;

interface Verdict {
  readonly state: ProbedState;
  readonly address: string;
  /** HTTP 404: the server is alive, and doesn't have the route. */
  readonly noSuchRoute?: boolean;
  readonly busyStatus?: number | undefined;
}

const RANK: readonly ProbedState[] = ['absent', 'foreign', 'busy', 'starting', 'up'];

/**
 * Which daemon responds at the configured URLs. All are asked at the same time, each address once. The first URL in order whose daemon is up wins, else the
 * best answer. Rejects only when canceled.
 */
export async function probe(urls: readonly string[], options: ProbeOptions = {}): Promise<Probe> {
  const { signal, deadlineMs = DEADLINE_MS, question = 'health' } = options;
  const started = performance.now();
  const attempts: ProbeAttempt[] = [];
  const stop = new AbortController();
  const cancel = (): void => stop.abort();
  if (signal?.aborted) throw canceled();
  signal?.addEventListener('abort', cancel, { once: true });
  const { byUrl, wrong } = addressesOf(urls);
  for (const { url, message } of wrong) attempts.push({ address: url, route: '', outcome: message, ms: 0 });
  const asked = byUrl.map((addresses) =>
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
    stop.abort(); // The other requests are no longer needed.
    await Promise.all(asked.flat());
    if (signal?.aborted) throw canceled();
    const verdict: Verdict = best ?? { state: 'absent', address: '' };
    const { state, address, busyStatus } = verdict;
    const detail = detailOf(verdict, urls, wrong);
    return {
      state,
      url: state === 'absent' ? undefined : address,
      busyStatus,
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

/** The addresses to ask for each URL. An address that an earlier URL covers isn't asked again, since /health has side effects. */
function addressesOf(urls: readonly string[]): {
  readonly byUrl: readonly (readonly string[])[];
  readonly wrong: readonly WrongUrl[];
} {
  const taken = new Set<string>();
  const wrong: WrongUrl[] = [];
  const byUrl = urls.slice(0, MAX_URLS).map((url) => {
    try {
      const fresh = parseDaemonUrl(url).filter((address) => !taken.has(address));
      for (const address of fresh) taken.add(address);
      return fresh;
    } catch (error) {
      wrong.push({ url: shownDaemonUrl(url), message: IpfsKitError.from(error).message });
      return [];
    }
  });
  return { byUrl, wrong };
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

/** The earlier verdict if they are equal. */
function better(one: Verdict | undefined, other: Verdict | undefined): Verdict | undefined {
  if (!one || !other) return one ?? other;
  return RANK.indexOf(other.state) > RANK.indexOf(one.state) ? other : one;
}

/** Resolves at once with the first daemon that is up; else with the best verdict when all have responded. */
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
  // A server without a status route isn't the daemon whose /health has side effects; but it may be one that has only /health.
  return verdict.noSuchRoute ? askRoute(address, '/health', asking, started) : verdict;
}

/** Asks /health, and the status route as well when /health is late or busy. The first good answer decides, else the answer of /health. */
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
    return { state, address, noSuchRoute: httpStatus === 404, busyStatus };
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

/** A connection without a complete response means a server that is busy. Without a connection, there is no server. */
function stateOf(reason: IpfsKitError['reason']): ProbedState {
  if (reason === 'refused' || reason === 'cancelled') return 'absent';
  return reason === 'foreign' || reason === 'too-large' ? 'foreign' : 'busy';
}

function detailOf({ state, address, busyStatus }: Verdict, urls: readonly string[], wrong: readonly WrongUrl[]): string {
  switch (state) {
    case 'absent':
      return nothingAt(urls, wrong);
    case 'busy':
      return busyStatus === undefined
        ? `The daemon at ${address} accepted the connection but didn't respond in time. Retry in a moment.`
        : `The daemon at ${address} responded with HTTP ${busyStatus}. Check its log, or try again in a moment.`;
    case 'foreign':
      return `What responds at ${address} is not the ipfs_kit_py daemon. Set ${nameOf('daemon')} to the daemon's address.`;
    case 'starting':
      return `The daemon at ${address} is running. It reports that it is starting, as ipfs_kit_py does for as long as it runs.`;
    case 'up':
      return `The daemon at ${address} is running.`;
  }
}

function nothingAt(urls: readonly string[], wrong: readonly WrongUrl[]): string {
  const shown = urls.slice(0, MAX_URLS).map(shownDaemonUrl);
  const asked = shown.filter((url) => !wrong.some((one) => one.url === url));
  const [mistake] = wrong;
  return sentences(
    ...(asked.length > 0 ? [`No daemon responds at ${asked.join(' or ')}.`] : []),
    ...(mistake ? [mistake.message] : []),
    ...(urls.length === 0 ? ['No daemon address is configured.'] : []),
  );
}
