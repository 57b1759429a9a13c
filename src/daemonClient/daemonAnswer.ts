import { tryAgain } from '../base/asker';
import { because, sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import { redirected } from './daemonUrl';
import type { HttpAnswer } from './http';
import type { JsonObject } from '../pin/looseJson';
import { objectInBytes } from '../pin/looseJson';
import type { RpcAccess } from './rpcAddress';
import { rpcRequest, wishForToken } from './rpcRequest';
import { BUSY_STATUS, messageIn, saying, told } from './serverWords';

/** `needs-token`: it is there, and refuses whoever brings none. */
type DaemonAnswerState = 'up' | 'absent' | 'busy' | 'foreign' | 'needs-token';

/** What a cheap look at a daemon found; `detail` is for people. */
export interface DaemonAnswer {
  readonly state: DaemonAnswerState;
  readonly detail: string;
  /** In place of what the state stands for. */
  readonly reason?: Reason;
  /** Of the daemon that is up, where it tells one: `0.42.0`. */
  readonly version?: string;
}

interface DaemonQuestion {
  readonly method: 'GET' | 'POST';
  readonly route: string;
  /** `Kubo`, `the IPFS Cluster`. */
  readonly who: string;
  /** What an answer says: text where it is the wrong one, undefined where it is right. */
  readonly judge: (answer: JsonObject) => string | undefined;
  readonly versionIn?: ((answer: JsonObject) => unknown) | undefined;
  /** The setting that says where it is asked, for the next step. */
  readonly setting: string;
  /** Whether an answer with another status than 200, in JSON, is the daemon's all the same. */
  readonly accepts?: ((answer: HttpAnswer) => boolean) | undefined;
}

const DEADLINE_MS = 1000;
const MAX_BYTES = 65_536;

/** Asks a daemon who it is; at most a second. Never rejects, but for `cancelled`. */
export async function askWho(access: RpcAccess, question: DaemonQuestion, signal?: AbortSignal): Promise<DaemonAnswer> {
  const { method, route, who, judge, versionIn, setting, accepts } = question;
  const place = access.socketPath ?? access.url;
  const foreign = (why: string): DaemonAnswer => ({
    state: 'foreign',
    detail: sentences(because(`What responds at ${place} is not ${who}`, why), `Set ${setting} to the address of ${who}`),
  });
  let answer: HttpAnswer;
  try {
    answer = await rpcRequest(access, route, {
      method,
      signal,
      headersMs: DEADLINE_MS,
      totalMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
      accept: 'application/json',
    });
  } catch (error) {
    const { reason, message } = IpfsKitError.from(error);
    if (reason === 'cancelled') throw error;
    if (reason === 'refused')
      return {
        state: 'absent',
        detail: `Nothing responds at ${place}, where ${who} is expected. Start it, or set ${setting} to its address.`,
      };
    if (reason === 'truncated')
      return {
        state: 'busy',
        detail: `${place} accepted the connection and closed it without a whole response. ${tryAgain()}.`,
      };
    if (reason === 'timeout')
      return {
        state: 'busy',
        detail: `${place} accepted the connection and didn't respond within ${DEADLINE_MS / 1000} s. ${tryAgain()}.`,
      };
    if (reason === 'certificate' || reason === 'proxy') return { state: 'foreign', reason, detail: message };
    // Where the token was kept from a stranger, the message says already what to do.
    if (reason === 'foreign' && access.ownedBy && message.includes(access.ownedBy.setting))
      return { state: reason, detail: message };
    return foreign(message.replace(access.url + route, 'it'));
  }
  const { status, body, headers } = answer;
  if (status === 401 || status === 403)
    return { state: 'needs-token', detail: `${place} is running, but ${wishForToken(access, status)}` };
  if (BUSY_STATUS.has(status)) {
    const said = saying(`${place} responded with HTTP ${status}`, messageIn(body, access));
    return { state: 'busy', detail: sentences(said, tryAgain()) };
  }
  if (status >= 300 && status < 400) return foreign(`it ${redirected(status, headers.location)}`);
  if (status !== 200 && accepts?.(answer) !== true)
    return foreign(saying(`it responded with HTTP ${status}`, messageIn(body, access)));
  const object = objectInBytes(body);
  if (!object) return foreign("its response isn't a JSON object");
  const wrong = status === 200 ? judge(object) : undefined;
  if (wrong !== undefined) return foreign(wrong);
  const version = told(versionIn?.(object), access);
  return { state: 'up', detail: `${place} is up.`, ...(version !== '' && { version }) };
}

/** What an answer other than `up` means for whoever wants more of that daemon. */
export function notUp({ state, detail, reason: why }: DaemonAnswer): IpfsKitError {
  const reason =
    why ??
    ({ absent: 'refused', busy: 'timeout', foreign: 'foreign', 'needs-token': 'needs-token', up: 'internal' } as const)[state];
  return new IpfsKitError(reason, detail);
}

/** A probe never rejects but for `cancelled`: what is wrong before anything is asked is the answer. */
export async function answered(asking: Promise<DaemonAnswer>): Promise<DaemonAnswer> {
  try {
    return await asking;
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    const { reason, message } = IpfsKitError.from(error);
    return { state: 'foreign', reason, detail: message };
  }
}
