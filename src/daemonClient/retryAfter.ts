import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled, IpfsKitError } from '../base/ipfsKitError';
import type { HttpAnswer } from './http';

interface PatienceLimits {
  /** The longest single wait that a server may ask for, in ms. */
  readonly longestMs: number;
  /** In all, for one request, in ms; no more than MOST_WAITS times the longest by default. */
  readonly mostMs?: number | undefined;
}

/** A request, which begins anew with each call. */
export type Patiently = (ask: () => Promise<HttpAnswer>, signal: AbortSignal) => Promise<HttpAnswer>;

/** For one request. */
const MOST_WAITS = 5;
/** For so long at most a server that asked for more patience than anyone has isn't asked again, in ms. */
const LONGEST_REST_MS = 60_000;

/**
 * Requests to one server, which are repeated when it asks for patience: 429, after what Retry-After says, or ever longer without it, and 503 with
 * Retry-After (RFC 9110, 10.2.3; RFC 6585, 4). While it asks one request to wait, the others wait too. Rejects with `busy` where that takes too long.
 */
export function createPatience(url: string, { longestMs, mostMs = MOST_WAITS * longestMs }: PatienceLimits): Patiently {
  let notBefore = 0;
  return async (ask, signal) => {
    let left = mostMs;
    const wait = async (ms: number, status: string): Promise<void> => {
      if (ms > Math.min(longestMs, left))
        throw new IpfsKitError('busy', `${url} asked to retry later${status}, ${Math.ceil(ms / 1000)} s. Try again later.`);
      left -= ms;
      await sleep(ms, undefined, { signal }).catch(() => {
        throw cancelled();
      });
    };
    for (let waits = 0; ; waits++) {
      const rest = notBefore - performance.now();
      if (rest > 0) await wait(rest, '');
      const answer = await ask();
      const asked = waitOf(answer, waits);
      if (asked === undefined) return answer;
      notBefore = performance.now() + Math.min(asked, LONGEST_REST_MS);
      if (waits === MOST_WAITS) left = -1;
      await wait(asked, ` (HTTP ${answer.status})`);
    }
  };
}

/** ms that an answer asks to wait for; undefined where it doesn't. */
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

/** Seconds, or a date (RFC 9110, 10.2.3); what is neither, though Date.parse would make a date of it, says nothing. */
function retryMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return 1000 * Number(text);
  const date = HTTP_DATE.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
