import type { Way } from './way';

/** Where a daemon other than ipfs_kit_py's is asked, and with what right. Crosses into the pin worker as it is. */
export interface RpcAccess {
  /** `http://127.0.0.1:5001`, no slash at the end. With a socket, the host is a name for people. */
  readonly url: string;
  /** A unix socket, absolute, in place of the URL's host and port. */
  readonly socketPath?: string;
  /** The value of the header `Authorization`, from the editor's secret storage. Never logged, never in a message. */
  readonly authorization?: string;
  /** Why it isn't known whether there is an `authorization`: a clause without a period, told where the daemon requires one. */
  readonly tokenProblem?: string;
  readonly way?: Way | undefined;
  /** Where a file names the address: `authorization` is sent only to programs of that file's owner (see connectionOwner.ts). */
  readonly ownedBy?: AddressOwner;
}

export interface AddressOwner {
  /** Absolute; its owner can read the secret in it. */
  readonly file: string;
  /** The setting, or the option, in which a person can name the address instead: whatever answers there is meant then. */
  readonly setting: string;
}
