import { IpfsKitError } from '../ipfsKitError';
import type { HttpAnswer } from './http';
import type { JsonObject } from './rpcJson';
import { objectIn } from './rpcJson';
import type { RpcAccess } from './rpcAddress';
import { messageIn, rpcRequest, wishForToken } from './rpcRequest';

/** `needs-token`: it is there, and refuses whoever brings none. */
export type PeerState = 'up' | 'absent' | 'busy' | 'foreign' | 'needs-token';

/** What a cheap look at a daemon found; `detail` is for people. */
export interface PeerAnswer {
  readonly state: PeerState;
  readonly detail: string;
  /** In place of what the state stands for. */
  readonly reason?: 'certificate' | 'proxy';
}

export interface PeerQuestion {
  readonly method: 'GET' | 'POST';
  readonly route: string;
  /** `Kubo`, `the IPFS Cluster`. */
  readonly who: string;
  /** What an answer says: text where it is the wrong one, undefined where it is right. */
  readonly judge: (answer: JsonObject) => string | undefined;
}

const DEADLINE_MS = 1000;
const MAX_BYTES = 65_536;
/** The daemon's word for "not now": too early, too many, or an error of its own while it lives. */
const BUSY_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Asks a daemon who it is; at most a second. Never rejects, but for `cancelled`. */
export async function askWho(access: RpcAccess, question: PeerQuestion, signal?: AbortSignal): Promise<PeerAnswer> {
  const { method, route, who, judge } = question;
  const place = access.socketPath ?? access.url;
  const foreign = (why: string): PeerAnswer => ({
    state: 'foreign',
    detail: `What answers at ${place} is not ${who}: ${why}. Set the address of ${who} in the settings.`,
  });
  let answer: HttpAnswer;
  try {
    answer = await rpcRequest(access, route, {
      method,
      ...(signal && { signal }),
      headersMs: DEADLINE_MS,
      totalMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
      accept: 'application/json',
    });
  } catch (error) {
    const { reason, message } = IpfsKitError.from(error);
    if (reason === 'cancelled') throw error;
    if (reason === 'refused') return { state: 'absent', detail: `Nothing answers at ${place}, where ${who} is expected.` };
    if (reason === 'timeout' || reason === 'truncated')
      return { state: 'busy', detail: `${place} took the connection and gave no whole answer within ${DEADLINE_MS / 1000} s.` };
    if (reason === 'certificate' || reason === 'proxy') return { state: 'foreign', reason, detail: message };
    // Where the token was kept from a stranger, the message says already what to do.
    if (reason === 'foreign' && access.ownedBy && message.includes(access.ownedBy.setting))
      return { state: reason, detail: message };
    return foreign(message.replace(/\.$/, ''));
  }
  const { status, body } = answer;
  if (status === 401 || status === 403)
    return { state: 'needs-token', detail: `${place} is up, and ${wishForToken(access, status)}` };
  if (BUSY_STATUS.has(status)) {
    const why = messageIn(body);
    return { state: 'busy', detail: `${place} answers HTTP ${status}${why === '' ? '.' : `: ${why}`}` };
  }
  if (status !== 200) return foreign(`it answers HTTP ${status}`);
  const object = parsed(body);
  if (!object) return foreign('its answer is no JSON object');
  const wrong = judge(object);
  return wrong === undefined ? { state: 'up', detail: `${place} is up.` } : foreign(wrong);
}

function parsed(body: Uint8Array): JsonObject | undefined {
  try {
    return objectIn(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return undefined;
  }
}
