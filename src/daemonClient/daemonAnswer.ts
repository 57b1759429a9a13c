import { tryAgain } from '../base/settingOrOption';
import { because, sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import { redirected } from './daemonUrl';
import type { HttpAnswer } from './http';
import type { JsonObject } from '../pin/looseJson';
import { objectInBytes } from '../pin/looseJson';
import type { RpcAccess } from './rpcAccess';
import { rpcRequest, tokenRequirement } from './rpcRequest';
import { BUSY_STATUS, messageIn, saying, serverText } from './serverMessages';

/** `needs-token`: the daemon is running, and rejects requests without a token. */
type DaemonAnswerState = 'up' | 'absent' | 'busy' | 'foreign' | 'needs-token';

/** The result of a quick check of a daemon; `detail` is for people. */
export interface DaemonAnswer {
  readonly state: DaemonAnswerState;
  readonly detail: string;
  /** Overrides the reason that the state stands for. */
  readonly reason?: Reason;
  /** The version of a daemon that is up, where it states one: `0.42.0`. */
  readonly version?: string | undefined;
  /** What tells a daemon that is up from others of its kind, where it states that. */
  readonly identity?: string | undefined;
}

interface DaemonQuestion {
  readonly method: 'GET' | 'POST';
  readonly route: string;
  /** `Kubo`, `the IPFS Cluster`. */
  readonly who: string;
  /** Checks a response: text says what is wrong with it; undefined where it is right. */
  readonly judge: (answer: JsonObject) => string | undefined;
  readonly versionIn?: ((answer: JsonObject) => unknown) | undefined;
  readonly identityIn?: ((answer: JsonObject) => unknown) | undefined;
  /** The setting with the daemon's address, for the next step. */
  readonly setting: string;
  /** Whether a JSON response with a status other than 200 still comes from the daemon. */
  readonly accepts?: ((answer: HttpAnswer) => boolean) | undefined;
}

const DEADLINE_MS = 1000;
const MAX_BYTES = 65_536;

/** Asks a daemon to identify itself; takes at most a second. Never rejects, except with `cancelled`. */
export async function askWho(access: RpcAccess, question: DaemonQuestion, signal?: AbortSignal): Promise<DaemonAnswer> {
  const { method, route, who, judge, versionIn, identityIn, setting, accepts } = question;
  const address = access.socketPath ?? access.url;
  const foreign = (why: string): DaemonAnswer => ({
    state: 'foreign',
    detail: sentences(because(`What responds at ${address} is not ${who}`, why), `Set ${setting} to the address of ${who}`),
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
        detail: `Nothing responds at ${address}, where ${who} is expected. Start it, or set ${setting} to its address.`,
      };
    if (reason === 'truncated')
      return {
        state: 'busy',
        detail: `${address} accepted the connection and closed it before its response was complete. ${tryAgain()}.`,
      };
    if (reason === 'timeout')
      return {
        state: 'busy',
        detail: `${address} accepted the connection and didn't respond within ${DEADLINE_MS / 1000} s. ${tryAgain()}.`,
      };
    if (reason === 'certificate' || reason === 'proxy') return { state: 'foreign', reason, detail: message };
    // Where the token was withheld from a foreign program, the message already names the next step.
    if (reason === 'foreign' && access.ownedBy && message.includes(access.ownedBy.setting))
      return { state: reason, detail: message };
    return foreign(message.replace(access.url + route, 'it'));
  }
  const { status, body, headers } = answer;
  if (status === 401 || status === 403)
    return { state: 'needs-token', detail: `${address} is running, but ${tokenRequirement(access, status)}` };
  if (BUSY_STATUS.has(status)) {
    const said = saying(`${address} responded with HTTP ${status}`, messageIn(body, access));
    return { state: 'busy', reason: 'http-status', detail: sentences(said, tryAgain()) };
  }
  if (status >= 300 && status < 400) return foreign(`it ${redirected(status, headers.location)}`);
  if (status !== 200 && accepts?.(answer) !== true)
    return foreign(saying(`it responded with HTTP ${status}`, messageIn(body, access)));
  const object = objectInBytes(body);
  if (!object) return foreign("its response isn't a JSON object");
  const wrong = status === 200 ? judge(object) : undefined;
  if (wrong !== undefined) return foreign(wrong);
  const stated = (value: unknown): string | undefined => serverText(value, access) || undefined;
  return {
    state: 'up',
    detail: `${address} is up.`,
    version: stated(versionIn?.(object)),
    identity: stated(identityIn?.(object)),
  };
}

/** The error for a caller that requires the daemon to be `up`. */
export function notUp({ state, detail, reason: why }: DaemonAnswer): IpfsKitError {
  const reason =
    why ??
    ({ absent: 'refused', busy: 'timeout', foreign: 'foreign', 'needs-token': 'needs-token', up: 'internal' } as const)[state];
  return new IpfsKitError(reason, detail);
}

/** A probe never rejects, except with `cancelled`: an error before the request becomes the answer. */
export async function answered(asking: Promise<DaemonAnswer>): Promise<DaemonAnswer> {
  try {
    return await asking;
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    const { reason, message } = IpfsKitError.from(error);
    return { state: 'foreign', reason, detail: message };
  }
}
