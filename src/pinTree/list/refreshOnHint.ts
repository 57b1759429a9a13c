import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { Listing } from '../../pinSource/listing';
import type { SourceList } from './sourceList';

/** A source rests this many times as long as its last list took before it is listed again: so at most a twentieth of its time goes into that. */
const REST = 20;
/**
 * The shortest time in ms between two lists of a source without a hint. Each reads all of its pins, mostly to find that nothing has changed, and a person who
 * waits for a pin looks at the list for about this long.
 */
const LIST_EVERY_MS = 30_000;
/** The time in ms after which a source that is busy with something else is looked at again. */
const BUSY_MS = 1000;

export interface Clock {
  /** Time in ms from any moment on. */
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => Disposable;
}

/** A longer timer would fire at once. What is due is looked at again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS)).unref();
    return { dispose: () => clearTimeout(timer) };
  },
};

export interface HintRefresh extends Disposable {
  /** Whether the list may be looked at now: somebody sees it, and wants it to be kept current. */
  readonly setWatched: (isWatched: boolean) => void;
}

/**
 * Lists a source again while it is watched. A source with a hint (PinSource.hint) is listed when its hint has become another one than that of its list, and once
 * for each hint: some services count otherwise in a list. A source without one is listed from time to time. Both rest after a list, and are left alone while
 * anything else is under way, and where the last list isn't live and whole. A hint that is unknown is no reason to list.
 */
export function refreshOnHint({ source, model }: SourceList, clock = CLOCK): HintRefresh {
  const { hint } = source;
  let isWatched = false;
  let isDisposed = false;
  let timer: Disposable | undefined;
  let asking: AbortController | undefined;
  let askedAt = -Infinity;
  /** The last list, when it came, and the hint that stands for it. */
  let last: Listing | undefined;
  let cameAt = 0;
  let known: string | undefined;
  /** The hint for which the source was listed last. */
  let listedFor: string | undefined;
  /** The list after which the source asked for a token, or was another program: it isn't asked again before the next list. */
  let refused: Listing | undefined;

  const isWhole = ({ freshness, incomplete }: Listing): boolean => freshness === 'live' && incomplete === undefined;
  /** The list that may be replaced; undefined where there is none. */
  const listed = (): Listing | undefined => {
    const { listing, error } = model.state;
    return listing && error === undefined && isWhole(listing) && listing !== refused ? listing : undefined;
  };
  const follow = (): void => {
    const { listing } = model.state;
    if (listing !== last) {
      [last, cameAt, known] = [listing, clock.now(), listing?.hint];
      timer?.dispose();
      timer = undefined;
    }
    next();
  };
  const dueAt = (): number => {
    const rested = cameAt + REST * (last?.tookMs ?? 0);
    return hint ? Math.max(rested, Math.max(cameAt, askedAt) + hint.everyMs) : Math.max(rested, cameAt + LIST_EVERY_MS);
  };
  const next = (): void => {
    if (isWatched && !isDisposed && !asking && listed()) timer ??= clock.after(Math.max(0, dueAt() - clock.now()), look);
  };
  const look = (): void => {
    timer = undefined;
    if (!listed()) return;
    if (!model.isIdle) timer = clock.after(BUSY_MS, look);
    else if (dueAt() > clock.now()) next();
    else if (hint) void ask(hint.ask);
    else refresh();
  };
  const refresh = (): void => {
    model.refresh();
    timer ??= clock.after(BUSY_MS, look);
  };
  const ask = async (of: (signal: AbortSignal) => Promise<string | undefined>): Promise<void> => {
    const before = last;
    const { signal } = (asking = new AbortController());
    askedAt = clock.now();
    const text = await of(signal).catch((error: unknown) => {
      if (IpfsKitError.is(error, 'needs-token', 'foreign')) refused = before;
      return undefined;
    });
    if (signal.aborted) return;
    asking = undefined;
    askedAt = clock.now();
    if (text !== undefined && last === before) {
      known ??= text;
      if (text !== known && text !== listedFor && model.isIdle && listed()) {
        listedFor = text;
        refresh();
      }
    }
    next();
  };
  const rest = (): void => {
    timer?.dispose();
    asking?.abort();
    [timer, asking] = [undefined, undefined];
  };

  const listening = model.onDidChange(follow);
  follow();
  return {
    setWatched: (now) => {
      isWatched = now;
      if (now)
        next(); // the list may have changed meanwhile
      else rest();
    },
    dispose: () => {
      isDisposed = true;
      rest();
      listening.dispose();
    },
  };
}
