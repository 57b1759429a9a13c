import { nameOf } from '../../base/settingOrOption';
import type { Reason } from '../../base/ipfsKitError';
import { IpfsKitError } from '../../base/ipfsKitError';
import { redirected } from '../daemonUrl';
import type { Progress } from '../http';
import { httpRequest, SLOW_LIST_MS } from '../http';

export interface FetchLimits {
  readonly headersMs: number;
  readonly stallMs: number;
  readonly slowMs: number;
  readonly totalMs: number;
  readonly maxBytes: number;
}

interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Returns `true` when another whole batch has arrived. */
  readonly onBytes?: ((progress: Progress) => unknown) | undefined;
  readonly limits?: Partial<FetchLimits> | undefined;
}

const ACCEPT_ARROW = 'application/vnd.apache.arrow.stream, application/vnd.apache.arrow.file, */*;q=0.5';

const ARROW_LIMITS: FetchLimits = { headersMs: 2000, stallMs: 5000, slowMs: SLOW_LIST_MS, totalMs: 60_000, maxBytes: 2 ** 30 };
/** The limits of jsonReader.ts, which needs as much memory again for the columns. */
const JSON_LIMITS: FetchLimits = { ...ARROW_LIMITS, maxBytes: 2 ** 28 };

/** GET /pin-index-arrow. The download itself shows whether the route exists. Rejects with IpfsKitError. */
export function fetchArrowIndex(baseUrl: string, options: FetchOptions = {}): Promise<Uint8Array> {
  const url = `${baseUrl}/pin-index-arrow`;
  const checkHead = (head: Uint8Array): void => {
    if (head.length > 0 && !looksLikeArrow(head)) throw new IpfsKitError('malformed', `${url} sent something that isn't Arrow.`);
  };
  return get(url, ACCEPT_ARROW, ARROW_LIMITS, options, checkHead);
}

/**
 * Whether the bytes begin with the magic of the file form, or with the length of a first message, the schema, which is at most a few MB, behind a marker since
 * Arrow 0.15.
 */
function looksLikeArrow(head: Uint8Array): boolean {
  const bytes = Buffer.from(head);
  if (bytes.toString('latin1', 0, 6) === 'ARROW1') return true;
  if (bytes.length < 8) return false;
  const length = bytes.readInt32LE(bytes.readInt32LE(0) === -1 ? 4 : 0);
  return length > 0 && length < 2 ** 24;
}

/** GET /pins. Rejects with IpfsKitError. */
export function fetchJsonPins(baseUrl: string, options: FetchOptions = {}): Promise<Uint8Array> {
  return get(`${baseUrl}/pins`, 'application/json', JSON_LIMITS, options);
}

async function get(
  url: string,
  accept: string,
  defaults: FetchLimits,
  { signal, onBytes, limits }: FetchOptions,
  checkHead?: (head: Uint8Array) => void,
): Promise<Uint8Array> {
  const refuse = (reason: Reason, what: string): IpfsKitError => new IpfsKitError(reason, `${url} ${what}`);
  const answer = await httpRequest(url, {
    ...defaults,
    ...limits,
    accept,
    // The body of an error response is skipped, since it may be endless.
    checkStatus: (status) => {
      if (status === 404) throw refuse('no-such-route', "doesn't exist (HTTP 404).");
      if (status >= 300 && status < 400)
        throw refuse('foreign', `${redirected(status)} Set ${nameOf('daemon')} to the daemon's address.`);
      if (status !== 200) throw refuse('http-status', `responded with HTTP ${status}. Check the daemon's log for the reason.`);
    },
    signal,
    onBytes,
    checkHead,
  });
  if (answer.body.length === 0) throw refuse('empty', 'responded without a body.');
  return answer.body;
}
