/**
 * Why a request of a person failed. Code decides by the reason, never by the message.
 * daemon: refused … needs-token (the daemon is running, and rejects requests without a token), certificate (it isn't trusted), proxy (the proxy, or the
 * connection through it, failed); Arrow and JSON bodies: empty … too-large; stores: missing … not-a-file (left-out: by the settings, or because it isn't part
 * of the list; elsewhere: the daemon is on another machine; not-repeated: reading the store has stopped a thread or a process, and the person hasn't asked for
 * it again); not-pinned: the daemon doesn't have the pin, or only as part of another; closed: the open list is gone, because its thread has ended or it was replaced; content: no-entry, not-a-folder, mismatch (the bytes aren't those that the CID names).
 */
export type Reason =
  | 'refused'
  | 'timeout'
  | 'foreign'
  | 'no-such-route'
  | 'http-status'
  | 'needs-token'
  | 'certificate'
  | 'proxy'
  | 'empty'
  | 'malformed'
  | 'truncated'
  | 'unsupported'
  | 'too-large'
  | 'missing'
  | 'left-out'
  | 'elsewhere'
  | 'not-repeated'
  | 'not-pinned'
  | 'no-pins-table'
  | 'not-a-database'
  | 'corrupt'
  | 'busy'
  | 'unreadable'
  | 'not-a-file'
  | 'closed'
  | 'no-entry'
  | 'not-a-folder'
  | 'mismatch'
  | 'invalid-argument'
  | 'cancelled'
  | 'internal';

/** The one error class that people see. The message names the file or URL, what is wrong, and the next step. */
export class IpfsKitError extends Error {
  override readonly name = 'IpfsKitError';

  constructor(
    readonly reason: Reason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** True for an IpfsKitError; if reasons are given, only for an error with one of those. */
  static is<R extends Reason = Reason>(error: unknown, ...reasons: readonly R[]): error is IpfsKitError & { readonly reason: R } {
    return isOurs(error) && (reasons.length === 0 || (reasons as readonly Reason[]).includes(error.reason));
  }

  /** Any thrown value as an IpfsKitError: itself, or wrapped with the reason `internal`. Never throws, even if reading the value does. */
  static from(error: unknown): IpfsKitError {
    try {
      if (isOurs(error)) return error;
      return new IpfsKitError('internal', String(error instanceof Error ? error.message : error), { cause: error });
    } catch {
      return new IpfsKitError('internal', 'Unknown error.', { cause: error });
    }
  }
}

/** Doesn't use instanceof, since each bundle has its own copy of the class. */
function isOurs(error: unknown): error is IpfsKitError {
  return error instanceof Error && error.name === 'IpfsKitError' && 'reason' in error;
}

/** The error of work that is no longer needed; it isn't shown to people. */
export function canceled(): IpfsKitError {
  return new IpfsKitError('cancelled', 'Canceled.');
}

/** The part of an error that can be sent between threads and written as JSON. */
export interface PlainError {
  readonly reason: Reason;
  readonly message: string;
}

export function toPlainError(error: unknown): PlainError {
  const { reason, message } = IpfsKitError.from(error);
  return { reason, message };
}
