import { expectedPeerId, isKuboRepository, kuboAccess } from '../daemonClient/kuboRepository';
import type { KuboPinType, PinAddOptions } from '../daemonClient/kuboRpc';
import { pinAdd, pinOf, pinRename, pinRm, pinVerify, probeKubo, sizeOfDag } from '../daemonClient/kuboRpc';
import { watchKuboAddress } from '../daemonClient/watchKuboAddress';
import type { PeerAnswer } from '../daemonClient/peerAnswer';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { accessWith, parseRpcUrl } from '../daemonClient/rpcUrl';
import { IpfsKitError } from '../ipfsKitError';
import { safeText } from '../safeText';
import { sizeText } from '../sizeAndAge';
import { withCommas } from '../withCommas';
import { createGate } from './gate';
import { answered, notUp, openFromPeer } from './peerListing';
import { createRowFacts } from './rowFacts';
import type { AskedFacts, PinSource, RunPinAction, SourceAnswer } from './pinSource';
import { watchByProbe } from './watchByProbe';

export interface KuboSourceOptions {
  /** Absolute; it need not be there. */
  readonly repository: string;
  /** An address from the settings, in place of the one that the repository names. Whoever answers there is believed to be meant. */
  readonly url: string | undefined;
  /** The value of the header Authorization for a URL or a socket, if one is kept. */
  readonly authorization: (place: string) => Promise<string | undefined>;
  /** Whether what is pinned by being below a recursive pin is listed too: seconds more. */
  readonly indirect: () => boolean;
}

export interface KuboSource extends PinSource {
  /** Where it is asked now, for whoever stops it or reads content; undefined where no daemon has left an address. */
  access(): Promise<RpcAccess | undefined>;
  readonly run: RunPinAction;
}

/** A size costs Kubo a walk: more at once would make lists and pins wait. */
const SIZES_AT_ONCE = 4;

/** Kubo, also as a part of IPFS Desktop. Its recursive and direct pins are read from the daemon alone: on disk only Kubo finds them. */
export function createKuboSource({ repository, url, authorization, indirect }: KuboSourceOptions): KuboSource {
  const gate = createGate(SIZES_AT_ONCE);

  const address = (): RpcAccess | undefined => {
    return url === undefined ? kuboAccess(repository) : { url: parseRpcUrl(url) };
  };
  const access = async (): Promise<RpcAccess | undefined> => {
    const found = address();
    return found && accessWith(found, await authorization(found.socketPath ?? found.url));
  };

  const ask = async (where: RpcAccess | undefined, signal?: AbortSignal): Promise<PeerAnswer> => {
    if (!where) return noDaemon(repository);
    if (url !== undefined) return probeKubo(where, undefined, signal);
    const peerId = expectedPeerId(repository);
    if (peerId === undefined) return noPeer(repository);
    const answer = await probeKubo(where, peerId, signal);
    // A daemon that was killed leaves its address behind.
    return answer.state === 'absent' ? noDaemon(repository) : answer;
  };

  const probe = (signal?: AbortSignal): Promise<SourceAnswer> => answered(access().then((where) => ask(where, signal)));

  /** Nothing is listed or changed before the daemon has said who it is: another may have got its port. */
  const proven = async (signal?: AbortSignal): Promise<RpcAccess> => {
    if (url === undefined && !isKuboRepository(repository))
      throw new IpfsKitError('missing', `There is no Kubo repository at ${repository}. Correct ipfsKit.content.repository.`);
    const where = await access();
    const answer = await ask(where, signal);
    if (answer.state !== 'up' || !where) throw notUp(answer);
    return where;
  };

  const factsOf = async (cids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, AskedFacts>> => {
    const where = await access();
    const facts = new Map<string, AskedFacts>();
    const ask = async (cid: string): Promise<void> => {
      const told = where && (await gate.run(() => sizeOfDag(where, cid, { signal }), signal));
      if (told) facts.set(cid, { sizeBytes: told.bytes, isFile: told.isFile });
    };
    await Promise.allSettled(cids.map(ask)); // what one block is missing for is no reason to leave out the others
    return facts;
  };

  return {
    id: 'kubo',
    name: 'Kubo',
    capabilities: {
      ...{ names: true, sizes: 'asked', times: false, actions: ['pin', 'unpin', 'rename', 'verify'] },
      stop: url === undefined,
    },
    access,
    probe,
    open: async (options) => openFromPeer('kubo', { access: await proven(options.signal), indirect: indirect() }, options),
    run: async (action, { cid, name, type }, { signal, onProgress }) => {
      const where = await proven(signal);
      const kind: KuboPinType = type === 'direct' ? 'direct' : 'recursive';
      switch (action) {
        case 'pin':
          return pinned(where, cid, kind, name, { signal, ...(onProgress && { onProgress }) });
        case 'unpin':
          await pinRm(where, cid, { signal });
          return undefined;
        case 'rename':
          await pinRename(where, cid, name ?? '', kind, { signal });
          return undefined;
        case 'verify':
          return verified(cid, await pinVerify(where, cid, kind, { signal }));
        case 'recover':
          throw new IpfsKitError('unsupported', 'Kubo has no way to recover a pin: pin it again.');
      }
    },
    rowFacts: (tell) => createRowFacts(factsOf, tell),
    watch: (changed) => (url === undefined ? watchKuboAddress(repository, changed) : watchByProbe(probe, changed)),
    place: () => {
      const where = address();
      return Promise.resolve(where?.socketPath ?? where?.url);
    },
  };
}

/** Without a name, one that it has already is kept: Kubo itself would take it away. */
async function pinned(
  where: RpcAccess,
  cid: string,
  kind: KuboPinType,
  given: string | undefined,
  options: Pick<PinAddOptions, 'signal' | 'onProgress'>,
): Promise<string | undefined> {
  const before = await pinOf(where, cid, kind, options).catch((error: unknown) => {
    if (IpfsKitError.is(error, 'http-status', 'timeout')) return undefined; // it is not pinned yet, or that can't be told
    throw error;
  });
  const name = given ?? before?.name;
  await pinAdd(where, cid, { ...options, recursive: kind === 'recursive', ...(name !== undefined && { name }) });
  if (!before) return undefined;
  const calledBefore = before.name === undefined ? '' : `, as “${safeText(before.name, 80)}”`;
  return `It was pinned already${calledBefore}; all of it is there.`;
}

function verified(cid: string, { isWhole, bytes, localBytes }: Awaited<ReturnType<typeof pinVerify>>): string {
  if (isWhole) return `All of it is on this machine${bytes === undefined ? '' : ` (${sizeText(bytes)})`}.`;
  const some = bytes === undefined ? '' : `: ${withCommas(localBytes ?? 0)} of ${withCommas(bytes)} bytes are on this machine`;
  throw new IpfsKitError('missing', `${cid} is pinned, and not whole${some}. Pin it again to fetch the rest.`);
}

/** Then nobody could prove to be its daemon: nobody is asked, and no token goes astray. */
function noPeer(repository: string): PeerAnswer {
  if (!isKuboRepository(repository)) return noDaemon(repository);
  const detail = `The config of ${repository} does not say which peer it belongs to. Set ipfsKit.kubo.url to ask a daemon all the same.`;
  return { state: 'foreign', detail };
}

function noDaemon(repository: string): PeerAnswer {
  const detail = isKuboRepository(repository)
    ? `No Kubo daemon runs for ${repository}. Only Kubo itself finds the pins in there: start it to list them.`
    : `There is no Kubo repository at ${repository}.`;
  return { state: 'absent', detail };
}
