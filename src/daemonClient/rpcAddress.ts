import type { Way } from './proxyAndCertificate';

/** The address of a daemon other than ipfs_kit_py's, and the authorization for it. It can be sent to the pin worker as it is. */
export interface RpcAccess {
  /** `http://127.0.0.1:5001`, without a slash at the end. With a socket, the host is a name for people. */
  readonly url: string;
  /** A unix socket, absolute, instead of the URL's host and port. */
  readonly socketPath?: string;
  /** The value of the header `Authorization`, from the editor's secret storage. Never logged, never in a message. */
  readonly authorization?: string;
  /** Why it isn't known whether there is an `authorization`: a clause without a period, shown where the daemon requires one. */
  readonly tokenProblem?: string;
  readonly way?: Way | undefined;
  /** Set where a file names the address: `authorization` is sent only to programs of that file's owner (see connectionOwner.ts). */
  readonly ownedBy?: AddressOwner;
}

export interface AddressOwner {
  /** Absolute; its owner can read the secret in it. */
  readonly file: string;
  /** The setting or option with which a person can set the address instead: any server that responds there is meant then. */
  readonly setting: string;
}
