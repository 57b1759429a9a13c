import { nameOf } from '../base/settingOrOption';
import { sentences } from '../base/causes';
import type { Disposable } from '../base/disposable';
import { together } from '../base/disposable';
import { IpfsKitError } from '../base/ipfsKitError';
import type { DaemonAnswer } from '../daemonClient/daemonAnswer';
import { answered, notUp } from '../daemonClient/daemonAnswer';
import type { KuboProof } from '../daemonClient/kubo/kuboProof';
import { proveKubo } from '../daemonClient/kubo/kuboProof';
import { kuboAddress, peerIdIn, repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import { probeKubo } from '../daemonClient/kubo/kuboRpc';
import { watchKuboAddress } from '../daemonClient/kubo/watchKuboAddress';
import type { WayTo } from '../daemonClient/proxyAndCertificate';
import { usualWay } from '../daemonClient/proxyAndCertificate';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { accessTo } from '../daemonClient/rpcAccess';
import { parseKuboUrl } from '../daemonClient/rpcUrl';
import type { TokenOf } from '../daemonClient/tokenCache';
import { savedTokens } from '../daemonClient/tokenCache';
import { hasKubo } from './expectedSources';
import type { Listing } from './listing';
import { closeListing } from './listing';
import { madeOnce } from './madeOnce';
import { ofOlderVersion } from './olderVersion';
import type { OpenOptions, PinSource, SourceAnswer } from './pinSource';
import type { SourceParts } from './sourceKind';
import { watchByProbe } from './watchByProbe';

export interface KuboAccessOptions {
  /** Absolute path; it need not exist. */
  readonly repository: string;
  /** An address from the settings that replaces the one in the repository. Its daemon isn't checked against the repository. */
  readonly url: string | undefined;
  readonly authorization: TokenOf;
  readonly wayTo?: WayTo | undefined;
  /** Receives lines for the log. */
  readonly note?: ((line: string) => void) | undefined;
}

/** `peerId`: that of the daemon; undefined where it didn't tell. */
type ProvenWork<Result> = (access: RpcAccess, peerId: string | undefined) => Promise<Result>;

/** The daemon of a repository, or the one at an address from the settings, as every source that asks it needs it. */
export interface KuboAccess {
  /** The daemon, for sizes that are kept for it; `isProven`: it has been compared with the repository. */
  readonly daemon: () => { readonly id: string; readonly isProven: boolean };
  /** As PinSource.probe. */
  readonly probe: (signal?: AbortSignal) => Promise<SourceAnswer>;
  /**
   * Runs `work` between two checks that the daemon belongs to the repository: another program may have taken its port. Each request opens its own
   * connection, so that only the second check shows that the result came from the same daemon; without it the work rejects with `foreign`, and `what` says
   * what that means. A daemon at an address from the settings isn't checked.
   */
  readonly proven: <Result>(work: ProvenWork<Result>, what: string, signal?: AbortSignal) => Promise<Result>;
  /** As `proven` for a list, which is closed where the second check fails. */
  readonly openProven: (open: ProvenWork<Listing>, options: Pick<OpenOptions, 'worker' | 'signal'>) => Promise<Listing>;
  /** As PinSource.watch. */
  readonly watch: (changed: () => void) => Disposable;
  /** As PinSource.tokenAddress. */
  readonly tokenAddress: () => Promise<string | undefined>;
}

/** The sources that ask Kubo, made once for each repository and address; none where no Kubo is expected. */
export function sourcesAtKubo(parts: SourceParts, make: (options: KuboAccessOptions) => PinSource): () => readonly PinSource[] {
  const once = madeOnce();
  const { authorization, note } = parts;
  const options = { authorization, note, wayTo: usualWay(parts.ways) };
  return () => {
    if (!hasKubo(parts)) return [];
    const [repository, url] = [parts.repository(), parts.settings().kuboUrl];
    return [once(`${repository}\n${url ?? ''}`, () => make({ ...options, repository, url }))];
  };
}

export function createKuboAccess({ repository, url, authorization, wayTo, note }: KuboAccessOptions): KuboAccess {
  const tokens = savedTokens(authorization);

  /** The address of the daemon; undefined where the repository names none. Throws where it can't be read, or names an address on another machine. */
  const address = (): RpcAccess | undefined => {
    return url === undefined ? kuboAddress(repository) : accessTo(url, wayTo, parseKuboUrl);
  };
  /** Probes the daemon and checks that it belongs to the repository. Gives `access` for further requests where it does. */
  const look = async (
    where: RpcAccess | undefined,
    signal?: AbortSignal,
  ): Promise<Partial<KuboProof> & Pick<KuboProof, 'answer'>> => {
    if (!where) return { answer: noDaemon(repository) };
    if (url !== undefined) {
      const access = await tokens.accessTo(where);
      return { access, answer: await probeKubo(access, undefined, signal) };
    }
    const peerId = peerIdIn(repository);
    if (peerId === undefined) return { answer: noPeer(repository) };
    const proof = await proveKubo(where, { repository, peerId, withToken: tokens.accessTo }, signal);
    // A daemon that was killed leaves its address behind.
    return proof.answer.state === 'absent' ? { answer: noDaemon(repository) } : proof;
  };

  const probe: KuboAccess['probe'] = async (signal) => {
    const looked = async (): Promise<DaemonAnswer> => (await readable(() => look(address(), signal))).answer;
    return answered(looked());
  };

  const proven: KuboAccess['proven'] = async (work, what, signal) => {
    const { where, answer, access } = await readable(async () => {
      const at = address();
      return { where: at, ...(await look(at, signal)) };
    });
    if (answer.state !== 'up' || !access) throw notUp(answer);
    const stillKubo = async (): Promise<void> => {
      if (url !== undefined) return;
      const { answer: after } = await look(where, signal);
      // A daemon that has stopped or is busy by now was the right one when it responded.
      if (after.state === 'foreign' || after.state === 'needs-token')
        throw new IpfsKitError('foreign', sentences(what, 'Another program took over the address of Kubo', after.detail));
    };
    let result: Awaited<ReturnType<typeof work>>;
    try {
      result = await work(access, answer.identity);
    } catch (error) {
      if (!IpfsKitError.is(error, 'cancelled')) await stillKubo();
      throw ofOlderVersion(error, answer.version === undefined ? undefined : { ...NEEDED, version: answer.version });
    }
    await stillKubo();
    return result;
  };

  return {
    daemon: () => ({ id: `kubo ${url ?? peerIdIn(repository) ?? repository}`, isProven: url === undefined }),
    probe,
    proven,
    openProven: async (open, { worker, signal }) => {
      let listing: Listing | undefined;
      const list: typeof open = async (access, peerId) => (listing = await open(access, peerId));
      try {
        return await proven(list, 'The list was discarded.', signal);
      } catch (error) {
        if (listing) void closeListing(worker, listing);
        throw error;
      }
    },
    watch: (changed) =>
      together(
        url === undefined ? watchKuboAddress(repository, changed, { note }) : watchByProbe(probe, changed),
        tokens.watch(changed),
      ),
    tokenAddress: () =>
      new Promise((resolve) => {
        const where = address(); // what it throws becomes a rejection
        resolve(where?.socketPath ?? where?.url);
      }),
  };
}

/** The first version with names of pins, which every list of pins requests. */
const NEEDED = { name: 'Kubo', needed: '0.26' } as const;

/** Adds the next step to an `unreadable` error: another user's daemon can be listed by its address, even if only that user may read its repository. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!IpfsKitError.is(error, 'unreadable')) throw error;
    const step = `To list its daemon's pins anyway, set ${nameOf('kubo')} to the address of that daemon`;
    throw new IpfsKitError(error.reason, sentences(error.message, step), { cause: error });
  }
}

/** The answer for a config without a peer ID: no daemon can prove that it belongs to the repository, so none is contacted and no token is sent. */
function noPeer(repository: string): DaemonAnswer {
  const { state, detail, reason } = noDaemon(repository);
  if (reason !== undefined) return { state, detail, reason };
  const why = `The config of ${repository} has no peer ID. To list a daemon anyway, set ${nameOf('kubo')} to its address.`;
  return { state: 'foreign', detail: why };
}

/** The answer for a repository whose daemon isn't running. Throws `unreadable`. */
function noDaemon(repository: string): DaemonAnswer {
  const problem = repositoryProblem(repository);
  if (problem?.reason === 'missing') return { state: 'absent', reason: 'missing', detail: problem.message };
  if (problem) throw problem;
  return { state: 'absent', detail: `Kubo isn't running for ${repository}. Open IPFS Desktop or start Kubo to see its pins.` };
}
