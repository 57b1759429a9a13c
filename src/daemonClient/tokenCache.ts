import { IpfsKitError } from '../base/ipfsKitError';
import type { AddressOwner, RpcAccess } from './rpcAccess';
import { serverText } from './serverMessages';
import { accessWith } from './rpcAccess';

/** Returns the value of the header `Authorization` for a URL or a socket, if one is saved. May reject, throw, or never settle. */
export interface TokenOf {
  (address: string): Promise<string | undefined>;
  /** How often a token has been set or deleted so far. */
  readonly changes?: () => number;
}

/** What the secret storage returned in time. */
export interface SavedToken {
  readonly authorization?: string | undefined;
  /** Why it isn't known whether a token is saved: a clause without a period. */
  readonly problem?: string;
}

export interface SavedTokens {
  /** Takes at most 1.5 s, and never rejects. */
  readonly of: (address: string) => Promise<SavedToken>;
  /** Adds the saved token of the address, or the reason why it isn't known. Rejects as accessWith throws. */
  readonly accessTo: (where: RpcAccess, ownedBy?: AddressOwner) => Promise<RpcAccess>;
  /** Calls back when a token has arrived too late for a caller: from then on it is available. */
  readonly watch: (changed: () => void) => { dispose(): void };
}

interface Question {
  readonly since: number;
  readonly answer: Promise<SavedToken>;
  /** Whether a caller has waited for the token in vain. */
  isLate: boolean;
}

/** From the start of the request: an unlocked keyring takes some milliseconds, and a locked one asks the person first (ms). */
const WITHIN_MS = 1500;
/** After this many such periods a request is given up, and repeated when the token is needed. */
const GIVEN_UP_AFTER = 4;

/**
 * The tokens of the editor's secret storage. Most daemons don't require one, so neither a storage that fails (no keyring) nor one that waits (a locked keyring)
 * may hold up the answer of a daemon. While a request to the storage is open, it isn't repeated for 6 s; a late answer is used if the next one is late, too.
 * Once a token has been set or deleted, no earlier answer counts.
 */
export function savedTokens(ask: TokenOf, withinMs = WITHIN_MS): SavedTokens {
  const open = new Map<string, Question>();
  const late = new Map<string, string | undefined>();
  const listeners = new Set<() => void>();
  let changes = ask.changes?.();

  const begin = (address: string): Question => {
    const since = performance.now();
    const asking = async (): Promise<SavedToken> => ({ authorization: await ask(address) });
    const answer = asking().catch((error: unknown): SavedToken => {
      const why = serverText(IpfsKitError.from(error).message).replace(/\.$/, '');
      return { problem: `the secret storage of VS Code couldn't be read: ${why}` };
    });
    const question = { since, answer, isLate: false };
    open.set(address, question);
    void answer.then((kept) => {
      if (open.get(address) !== question) return; // The request was given up, or is out of date.
      open.delete(address);
      const { authorization, problem } = kept;
      if (problem !== undefined) return;
      if (!question.isLate) return void late.delete(address);
      const isNew = authorization !== undefined && authorization !== late.get(address); // Otherwise a storage that is always late would cause endless lists.
      late.set(address, authorization);
      if (isNew) for (const changed of listeners) changed();
    });
    return question;
  };
  const of = async (address: string): Promise<SavedToken> => {
    const before = ask.changes?.();
    if (before !== changes) {
      changes = before;
      open.clear();
      late.clear();
    }
    const asked = open.get(address);
    const question = asked && performance.now() - asked.since < GIVEN_UP_AFTER * withinMs ? asked : begin(address);
    const kept = await within(question.answer, question.since + withinMs - performance.now());
    if (ask.changes?.() !== before) return of(address);
    if (kept) return kept;
    question.isLate = true;
    if (late.has(address)) return { authorization: late.get(address) };
    return { problem: `the secret storage of VS Code didn't respond within ${withinMs / 1000} s` };
  };

  return {
    of,
    accessTo: async (where, ownedBy) => {
      return accessFor(where, await of(where.socketPath ?? where.url), ownedBy);
    },
    watch: (changed) => {
      listeners.add(changed);
      return { dispose: () => void listeners.delete(changed) };
    },
  };
}

/** Adds the token, or the reason why it isn't known whether there is one; returns `where` itself if there is neither. Throws as accessWith does. */
export function accessFor(where: RpcAccess, { authorization, problem }: SavedToken, ownedBy?: AddressOwner): RpcAccess {
  return accessWith(problem === undefined ? where : { ...where, tokenProblem: problem }, authorization, ownedBy);
}

/** Undefined where the work isn't done in time. The work must not reject. */
function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
    void work.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

/** The value of the header `Authorization` for what a person enters: a bearer token, `user:password`, or the value itself (RFC 6750, RFC 7617). */
export function authorizationOf(token: string): string {
  if (/^(?:Bearer|Basic) \S+$/i.test(token)) return token;
  return token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;
}
