import { setTimeout as sleep } from 'node:timers/promises';
import { canceled, IpfsKitError } from '../base/ipfsKitError';
import type { HttpAnswer } from './http';

interface PatienceLimits {
  /** The longest single wait that a server may ask for (ms); with 0, no request is repeated. */
  readonly longestMs: number;
  /** The most waits in all for one request (ms); by default at most MOST_WAITS times the longest. */
  readonly mostMs?: number | undefined;
  /** How long at most a server that asked for a longer wait isn't asked again (ms); default a minute. */
  readonly longestRestMs?: number | undefined;
}

/** Sends a request, which starts again with each call. */
export type Patiently = (ask: () => Promise<HttpAnswer>, signal: AbortSignal) => Promise<HttpAnswer>;

/** The most waits for one request. */
const MOST_WAITS = 5;
const LONGEST_REST_MS = 60_000;

/**
 * Sends requests to one server, and repeats them when it asks to retry later: for 429 after the time in Retry-After, or after growing waits without it, and for
 * 503 with Retry-After (RFC 9110, 10.2.3; RFC 6585, 4). While one request waits, the others wait too. Rejects with `busy` where that takes too long.
 */
export function createPatience(
  url: string,
  { longestMs, mostMs = MOST_WAITS * longestMs, longestRestMs = LONGEST_REST_MS }: PatienceLimits,
): Patiently {
  let notBefore = 0;
  return async (ask, signal) => {
    let left = mostMs;
    const wait = async (ms: number, status: string): Promise<void> => {
      if (ms > Math.min(longestMs, left))
        throw new IpfsKitError('busy', `${url} asked to retry later${status}, ${Math.ceil(ms / 1000)} s. Try again later.`);
      left -= ms;
      await sleep(ms, undefined, { signal }).catch(() => {
        throw canceled();
      });
    };
    for (let waits = 0; ; waits++) {
      const rest = notBefore - performance.now();
      if (rest > 0) await wait(rest, '');
      const answer = await ask();
      const asked = waitOf(answer, waits);
      if (asked === undefined) return answer;
      notBefore = performance.now() + Math.min(asked, longestRestMs);
      if (waits === MOST_WAITS || longestMs === 0) left = -1;
      await wait(asked, ` (HTTP ${answer.status})`);
    }
  };
}

/** How long the response asks to wait (ms); undefined where it doesn't. */
function waitOf({ status, headers }: HttpAnswer, waits: number): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  return retryMs(headers['retry-after']) ?? (status === 429 ? 1000 * 2 ** waits : undefined);
}

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '\\d\\d:\\d\\d:\\d\\d';
/** `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994` (RFC 9110, 5.6.7). */
const HTTP_DATE = new RegExp(
  `^(?:${DAY}, \\d\\d ${MONTH} \\d{4} ${TIME} GMT|[A-Z][a-z]+day, \\d\\d-${MONTH}-\\d\\d ${TIME} GMT|${DAY} ${MONTH} [ \\d]\\d ${TIME} \\d{4})$`,
);

/** Seconds, or a date (RFC 9110, 10.2.3). Anything else is ignored, even if Date.parse accepts it. */
function retryMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return 1000 * Number(text);
  const date = HTTP_DATE.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
