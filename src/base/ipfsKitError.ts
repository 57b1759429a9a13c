/**
 * Why something a person asked for could not be done. Code decides on the reason, never on the message.
 * daemon: refused … needs-token (it is there, and refuses whoever brings none), certificate (it isn't trusted), proxy (it, or the way
 * through it, is at fault); Arrow and JSON bodies: empty … too-large; stores: missing … not-a-file (left-out: by the
 * settings, or as no part of what is listed; elsewhere: its daemon is on another machine; not-repeated: reading it has stopped a thread or a process, and
 * nobody has asked for it again);
 * content: no-entry, not-a-folder, mismatch (the bytes are not those that the CID names).
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
  | 'no-pins-table'
  | 'not-a-database'
  | 'corrupt'
  | 'busy'
  | 'unreadable'
  | 'not-a-file'
  | 'no-entry'
  | 'not-a-folder'
  | 'mismatch'
  | 'invalid-argument'
  | 'cancelled'
  | 'internal';

/** The one error class that people meet. The message names the file or URL, what is wrong, and the next step. */
export class IpfsKitError extends Error {
  override readonly name = 'IpfsKitError';

  constructor(
    readonly reason: Reason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** True for an IpfsKitError, and when reasons are named, only for one of those. */
  static is<R extends Reason = Reason>(error: unknown, ...reasons: readonly R[]): error is IpfsKitError & { readonly reason: R } {
    return isOurs(error) && (reasons.length === 0 || (reasons as readonly Reason[]).includes(error.reason));
  }

  /** Any thrown value as an IpfsKitError: itself, or wrapped with reason `internal`. Never throws, whatever the value does when it is looked at. */
  static from(error: unknown): IpfsKitError {
    try {
      if (isOurs(error)) return error;
      return new IpfsKitError('internal', String(error instanceof Error ? error.message : error), { cause: error });
    } catch {
      return new IpfsKitError('internal', 'Unknown error.', { cause: error });
    }
  }
}

/** Not by instanceof: each bundle has its own copy of the class. */
function isOurs(error: unknown): error is IpfsKitError {
  return error instanceof Error && error.name === 'IpfsKitError' && 'reason' in error;
}

/** What work is rejected with that nobody wants any more; people are not shown it. */
export function cancelled(): IpfsKitError {
  return new IpfsKitError('cancelled', 'Canceled.');
}

/** What of an error crosses between threads and into JSON. */
export interface PlainError {
  readonly reason: Reason;
  readonly message: string;
}

export function toPlainError(error: unknown): PlainError {
  const { reason, message } = IpfsKitError.from(error);
  return { reason, message };
}
