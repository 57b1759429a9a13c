import path from 'node:path';
import { probeKubo } from './kuboRpc';
import type { PeerAnswer } from './peerAnswer';
import type { RpcAccess } from './rpcAddress';
import { accessWith } from './rpcUrl';

export interface KuboProof {
  readonly answer: PeerAnswer;
  /** With the token only where it is wanted. */
  readonly access: RpcAccess;
}

export interface KuboToBeProven {
  readonly repository: string;
  /** By the `config` of the repository. */
  readonly peerId: string;
  /** The value of the header Authorization, if one is kept. */
  readonly authorization: string | undefined;
}

/**
 * Asks whoever listens at the address that a repository names whether it is the repository's daemon: first without the token, which a daemon that answers
 * doesn't need. Where a token is required, it is sent only to a program that runs as the owner of the repository's `config`, who finds Kubo's tokens in
 * there anyway: now, and with each later request of the access. A peer id is no secret: it tells daemons apart, and doesn't keep out a program that
 * imitates one. Where the system doesn't tell who answers (macOS, Windows), such a program gets the token. Two seconds at most. Never rejects, but for
 * `cancelled`.
 */
export async function proveKubo(
  where: RpcAccess,
  { repository, peerId, authorization }: KuboToBeProven,
  signal?: AbortSignal,
): Promise<KuboProof> {
  const answer = await probeKubo(where, peerId, signal);
  if (answer.state !== 'needs-token' || authorization === undefined) return { answer, access: where };
  const access = accessWith(where, authorization, {
    file: path.join(repository, 'config'),
    setting: 'ipfsKit.kubo.url',
  });
  return { answer: await probeKubo(access, peerId, signal), access };
}
