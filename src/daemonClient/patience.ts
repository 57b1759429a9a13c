import { setTimeout as sleep } from 'node:timers/promises';
import { IpfsKitError } from '../ipfsKitError';
import type { HttpAnswer } from './http';

export interface PatienceLimits {
  /** The longest single wait that a server may ask for, in ms. */
  readonly longestMs: number;
  /** In all, for one request, in ms; no more than MOST_WAITS times the longest by default. */
  readonly mostMs?: number;
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
        throw new IpfsKitError('busy', `${url} asks for patience${status}, ${Math.ceil(ms / 1000)} s. Try again later.`);
      left -= ms;
      await sleep(ms, undefined, { signal }).catch(() => {
        throw new IpfsKitError('cancelled', 'Cancelled.');
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

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return 1000 * Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
