import path from 'node:path';
import { nameOf } from '../../base/settingOrOption';
import { probeKubo } from './kuboRpc';
import type { DaemonAnswer } from '../daemonAnswer';
import type { AddressOwner, RpcAccess } from '../rpcAccess';

export interface KuboProof {
  readonly answer: DaemonAnswer;
  /** With the token only where the daemon requires it. */
  readonly access: RpcAccess;
}

interface KuboToBeProven {
  readonly repository: string;
  /** The peer ID in the `config` of the repository. */
  readonly peerId: string;
  /** Adds the saved token of the address, for the owner of that file only. Rejects where it can't be sent there. */
  readonly withToken: (where: RpcAccess, ownedBy: AddressOwner) => Promise<RpcAccess>;
}

/**
 * Asks the program at the address that a repository names whether it is the repository's daemon: first without the token, which a daemon that responds doesn't
 * need, so that the secret storage isn't asked either. Where a token is required, it is sent only to a program that runs as the owner of the repository's
 * `config`, who can read Kubo's tokens there anyway: now, and with each later request of the access. A peer ID is public: it tells daemons apart, and doesn't
 * keep out a program that imitates one. Where the system doesn't show which program responds (macOS, Windows), such a program gets the token. Takes at most two
 * seconds, plus the time of `withToken`. Rejects with `cancelled`, and as `withToken` does.
 */
export async function proveKubo(
  where: RpcAccess,
  { repository, peerId, withToken }: KuboToBeProven,
  signal?: AbortSignal,
): Promise<KuboProof> {
  const answer = await probeKubo(where, peerId, signal);
  if (answer.state !== 'needs-token') return { answer, access: where };
  const access = await withToken(where, { file: path.join(repository, 'config'), setting: nameOf('kubo') });
  if (access === where) return { answer, access }; // No token is saved.
  return { answer: await probeKubo(access, peerId, signal), access };
}
