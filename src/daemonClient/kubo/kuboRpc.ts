import { nameOf } from '../../base/settingOrOption';
import type { Reason } from '../../base/ipfsKitError';
import { IpfsKitError } from '../../base/ipfsKitError';
import { checkedCid, isSameCid } from '../../pin/cid';
import { safeText } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import type { DaemonAnswer } from '../daemonAnswer';
import { askWho } from '../daemonAnswer';
import type { RpcAccess } from '../rpcAccess';
import { serverText } from '../serverMessages';
import { askObject, askWhole, countIn, eachObject, failAs, textIn, valueOf } from '../rpcJson';
import { objectIn } from '../../pin/looseJson';

/** Every request is a POST with its arguments in the query, and every error is a 500 whose `Message` gives the reason. */

/** The time for requests that read only the disk, and for those about a DAG, which may have many blocks (ms). */
const QUICK_MS = 10_000;
const WALK_MS = 120_000;
/** The share of a time limit after which Kubo gives up by itself, so that its response gives the reason. */
const EARLIER = 0.9;

const PEER_ID = /^[A-Za-z0-9]{20,128}$/;

/** A request about one pin. Kubo has only words for a missing pin (boxo, pinning/pinner/pin.go and core/commands/pin), in both of its requests. */
const OF_A_PIN = {
  method: 'POST',
  reasonOf: (words: string): Reason | undefined => (/\bnot pinned\b/.test(words) ? 'not-pinned' : undefined),
} as const;

/**
 * Takes at most a second. Another peer ID than the repository's belongs to another daemon, on a port that had become free. Never rejects, except with
 * `cancelled`.
 */
export function probeKubo(access: RpcAccess, expectedPeerId?: string, signal?: AbortSignal): Promise<DaemonAnswer> {
  return askWho(
    access,
    {
      method: 'POST',
      route: '/api/v0/id',
      who: 'the Kubo daemon',
      setting: nameOf('kubo'),
      versionIn: ({ AgentVersion: agent }) => /^(?:kubo|go-ipfs)\/([^/]+)/.exec(textIn(agent))?.[1],
      identityIn: ({ ID: id }) => id,
      judge: ({ ID: id }) => {
        if (typeof id !== 'string' || !PEER_ID.test(id)) return "its response doesn't identify a peer";
        if (expectedPeerId === undefined || id === expectedPeerId) return undefined;
        return `it is the peer ${serverText(id, access)}, but the repository belongs to ${expectedPeerId}`;
      },
    },
    signal,
  );
}

interface KuboOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PinAddOptions extends KuboOptions {
  readonly name?: string | undefined;
  /** Default true. */
  readonly recursive?: boolean | undefined;
  /** Called with the blocks and bytes that have arrived so far. */
  readonly onProgress?: ((progress: { readonly blocks: number; readonly bytes: number }) => void) | undefined;
  /** How long to wait for another block before the request is given up (ms); default two minutes. An online daemon would look for absent content forever. */
  readonly patienceMs?: number | undefined;
  /** The time for the whole request (ms); default six hours. */
  readonly totalMs?: number | undefined;
}

const PATIENCE_MS = 120_000;
const SIX_HOURS_MS = 21_600_000;
/** Enough for two lines a second. */
const MOST_PROGRESS_BYTES = 2 ** 23;

/**
 * Pins, and fetches the missing blocks. It is done only when the last line of Kubo's response confirms it: an error on the way comes in a trailer of a response
 * with status 200.
 * Rejects with IpfsKitError: timeout when no peer has the content, http-status with Kubo's own words, truncated, needs-token and others.
 */
export async function pinAdd(access: RpcAccess, cid: string, options: PinAddOptions = {}): Promise<void> {
  const { name, recursive = true, onProgress, patienceMs = PATIENCE_MS, totalMs = SIX_HOURS_MS, signal } = options;
  const route = command('pin/add', checkedCid(cid), { recursive, progress: true, name });
  let isPinned = false as boolean;
  let blocks = 0;
  let grewAt = performance.now();
  const failed = (error: unknown): never => failAs(error, `${cid} was not pinned`);
  const request = {
    method: 'POST',
    totalMs,
    stallMs: patienceMs,
    maxBytes: MOST_PROGRESS_BYTES,
    signal,
  } as const;
  await eachObject(access, route, request, (line) => {
    if (isNamed(line['Pins'], cid)) isPinned = true;
    const now = countIn(line['Progress']) ?? 0;
    if (now > blocks) {
      blocks = now;
      grewAt = performance.now();
      onProgress?.({ blocks, bytes: countIn(line['Bytes']) ?? 0 });
    } else if (performance.now() - grewAt > patienceMs)
      throw new IpfsKitError('timeout', `Kubo at ${access.url} ${gaveUp(blocks, patienceMs)}`);
  }).catch(failed);
  if (!isPinned) failed(new IpfsKitError('truncated', `${access.url} ended its response without confirming the pin.`));
}

/** Rejects with `not-pinned` where the CID isn't pinned, or is pinned only as part of another. */
export async function pinRm(access: RpcAccess, cid: string, { signal }: KuboOptions = {}): Promise<void> {
  const route = command('pin/rm', checkedCid(cid), { recursive: true });
  try {
    const { Pins: pins } = await askObject(access, route, { ...OF_A_PIN, totalMs: WALK_MS, signal });
    if (!isNamed(pins, cid)) throw new IpfsKitError('foreign', `${access.url} didn't confirm that it removed the pin.`);
  } catch (error) {
    failAs(error, `${cid} was not unpinned`);
  }
}

export type KuboPinType = 'recursive' | 'direct';

export interface KuboPin {
  readonly type: KuboPinType;
  readonly name: string | undefined;
  /** The proxy of an IPFS Cluster responds instead of Kubo. Pinning again through it resets the options of the cluster's pin, and passes on no name. */
  readonly isOfCluster: boolean;
}

/** One pin, as it is now. Rejects with `not-pinned` where the CID isn't pinned with that type. */
export async function pinOf(access: RpcAccess, cid: string, type: KuboPinType, { signal }: KuboOptions = {}): Promise<KuboPin> {
  // Without a type, Kubo would go through all indirect pins, which takes seconds.
  const route = command('pin/ls', checkedCid(cid), { type, names: true, timeout: duration(QUICK_MS) });
  const answer = await askWhole(access, route, { ...OF_A_PIN, totalMs: QUICK_MS, signal });
  const named = objectIn(objectIn(valueOf(access, route, answer))?.['Keys']) ?? {};
  const [pin] = Object.values(named).map(objectIn);
  if (pin?.['Type'] !== type || !isNamed(Object.keys(named), cid))
    throw new IpfsKitError('foreign', `${access.url} responded with a pin other than ${cid}.`);
  const name = textIn(pin['Name']);
  // The proxy identifies itself in a header (ipfs-cluster v1.1, api/ipfsproxy/headers.go).
  const isOfCluster = String(answer.headers['server']).startsWith('ipfs-cluster/');
  return { type, name: name === '' ? undefined : name, isOfCluster };
}

/** Throws `unsupported` where pinning again would remove the options of a cluster's pin. */
export function refuseProxy({ url }: RpcAccess, { isOfCluster }: KuboPin): void {
  if (!isOfCluster) return;
  const why = `the proxy of an IPFS Cluster responds at ${url}, and would reset the name and the options of the pin`;
  throw new IpfsKitError('unsupported', `${why}. Use the cluster's own address: ${nameOf('cluster')}.`);
}

/** Renames a pin by pinning it again with another name. The pin is read before, so that nothing new is pinned, and after. */
export async function pinRename(
  access: RpcAccess,
  cid: string,
  name: string,
  type: KuboPinType,
  { signal }: KuboOptions = {},
): Promise<void> {
  const stop = { signal };
  try {
    refuseProxy(access, await pinOf(access, cid, type, stop));
    const route = command('pin/add', checkedCid(cid), { recursive: type === 'recursive', name, timeout: duration(WALK_MS) });
    const { Pins: pins } = await askObject(access, route, { method: 'POST', totalMs: WALK_MS, ...stop });
    if (!isNamed(pins, cid)) throw new IpfsKitError('foreign', `${access.url} didn't confirm that it renamed the pin.`);
    const now = await pinOf(access, cid, type, stop);
    if ((now.name ?? '') !== name.slice(0, 1000))
      throw new IpfsKitError('unsupported', `Kubo at ${access.url} calls it "${safeText(now.name ?? '', 100)}".`);
  } catch (error) {
    failAs(error, `${cid} was not renamed`);
  }
}

interface Verified {
  /** Whether every block of the pin is stored locally. Their bytes are verified where they are read. */
  readonly isWhole: boolean;
  /** The size that the blocks state; undefined where the format doesn't state it. */
  readonly bytes: number | undefined;
  /** How many of these bytes are stored locally. */
  readonly localBytes: number | undefined;
}

/**
 * Whether a pin still exists, and is stored locally as a whole. `pin/verify` looks at all pins and at no raw leaf (measured: with one leaf deleted it reports
 * no error), so the blocks themselves are looked for, without asking the network.
 */
export async function pinVerify(
  access: RpcAccess,
  cid: string,
  type: KuboPinType,
  { signal }: KuboOptions = {},
): Promise<Verified> {
  const stop = { signal };
  try {
    await pinOf(access, cid, type, stop);
    return type === 'direct' ? await verifyBlock(access, cid, stop) : await verifyDag(access, cid, stop);
  } catch (error) {
    return failAs(error, `${cid} couldn't be verified`);
  }
}

async function verifyBlock(access: RpcAccess, cid: string, options: KuboOptions = {}): Promise<Verified> {
  const route = command('block/stat', checkedCid(cid), { offline: true, timeout: duration(QUICK_MS) });
  const { Size: size } = await askObject(access, route, { method: 'POST', totalMs: QUICK_MS, ...options });
  const bytes = countIn(size);
  return { isWhole: bytes !== undefined, bytes, localBytes: bytes };
}

/** Whether the first block of a DAG is stored locally. */
export async function isStored(access: RpcAccess, cid: string, options: KuboOptions = {}): Promise<boolean> {
  return (await unlessRefused(verifyBlock(access, cid, options))) !== undefined;
}

async function verifyDag(access: RpcAccess, cid: string, options: KuboOptions = {}): Promise<Verified> {
  const stat = await unlessRefused(filesStat(access, cid, { withLocal: true, ...options }));
  if (!stat) {
    // If the first block is missing, that is the error; else the CID has another format.
    if (!(await isStored(access, cid, options))) return { isWhole: false, bytes: undefined, localBytes: undefined };
    const bytes = await dagStat(access, cid, { totalMs: WALK_MS, ...options }); // Kubo reads every block, or reports an error.
    return { isWhole: true, bytes, localBytes: bytes };
  }
  const { bytes, localBytes, isLocal } = stat;
  // `Local` is absent where it is false. That the sizes agree as well is the proof that was measured.
  return { isWhole: isLocal && localBytes >= bytes, bytes, localBytes };
}

interface FilesStat {
  /** The bytes of the object and everything it links to, as it states them. */
  readonly bytes: number;
  /** True unless it is a folder: nothing below it has a name. */
  readonly isFile: boolean;
  /** Set only where it was requested. */
  readonly localBytes: number;
  readonly isLocal: boolean;
}

/**
 * The size of a file or folder (UnixFS, or a raw block), without asking the network. Rejects with `http-status` for other formats, and for content that isn't
 * stored locally.
 */
export async function filesStat(
  access: RpcAccess,
  cid: string,
  {
    signal,
    withLocal = false,
    totalMs = withLocal ? WALK_MS : QUICK_MS,
  }: KuboOptions & { readonly withLocal?: boolean; readonly totalMs?: number },
): Promise<FilesStat> {
  const route = command('files/stat', `/ipfs/${checkedCid(cid)}`, {
    offline: true,
    'with-local': withLocal,
    timeout: duration(totalMs),
  });
  const answer = await askObject(access, route, { method: 'POST', totalMs, signal });
  const bytes = countIn(answer['CumulativeSize']);
  if (bytes === undefined) throw new IpfsKitError('foreign', `${access.url} responded without the size of ${cid}.`);
  const isFile = answer['Type'] === 'file';
  return { bytes, isFile, localBytes: countIn(answer['SizeLocal']) ?? 0, isLocal: answer['Local'] === true };
}

/** The bytes of all blocks, each counted once. Reads every block, from disk only. */
export async function dagStat(
  access: RpcAccess,
  cid: string,
  { signal, totalMs = QUICK_MS }: KuboOptions & { readonly totalMs?: number } = {},
): Promise<number> {
  const route = command('dag/stat', checkedCid(cid), { progress: false, offline: true, timeout: duration(totalMs) });
  let bytes: number | undefined;
  await eachObject(access, route, { method: 'POST', totalMs, signal }, ({ TotalSize: size }) => {
    bytes = countIn(size);
  });
  if (bytes === undefined) throw new IpfsKitError('foreign', `${access.url} responded without the size of ${cid}.`);
  return bytes;
}

/**
 * The bytes of a pin: the size that its root states, and whether that is a file or a folder; for other formats the sum of its blocks. Undefined where neither
 * is known within ten seconds.
 */
export async function sizeOfDag(
  access: RpcAccess,
  cid: string,
  options: KuboOptions = {},
): Promise<(Pick<FilesStat, 'bytes'> & Partial<Pick<FilesStat, 'isFile'>>) | undefined> {
  try {
    const stat = await unlessRefused(filesStat(access, cid, options));
    return stat ? { bytes: stat.bytes, isFile: stat.isFile } : { bytes: await dagStat(access, cid, options) };
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled', 'needs-token', 'refused')) throw error;
    return undefined;
  }
}

/** Asks the daemon to exit. It responds 15 ms to a second before it does. */
export async function requestKuboShutdown(access: RpcAccess, totalMs = QUICK_MS): Promise<void> {
  await askWhole(access, '/api/v0/shutdown', { method: 'POST', totalMs });
}

/** Kubo responds with 500 both for missing content and for other formats. */
async function unlessRefused<T>(stat: Promise<T>): Promise<T | undefined> {
  try {
    return await stat;
  } catch (error) {
    if (IpfsKitError.is(error, 'http-status')) return undefined;
    throw error;
  }
}

/** The route of a command with its argument and options. */
export function command(name: string, arg: string, options: Readonly<Record<string, string | boolean | undefined>>): string {
  const query = new URLSearchParams({ arg });
  for (const [key, value] of Object.entries(options)) if (value !== undefined) query.append(key, String(value));
  return `/api/v0/${name}?${query.toString()}`;
}

/** A duration as Go parses it. */
export function duration(ms: number): string {
  return `${Math.round(ms * EARLIER)}ms`;
}

function isNamed(pins: unknown, cid: string): boolean {
  if (!Array.isArray(pins) || !pins.every((named) => typeof named === 'string')) return false;
  return pins.some((named) => isSameCid(named, cid));
}

function gaveUp(blocks: number, patienceMs: number): string {
  const within = `within ${patienceMs / 1000} s`;
  if (blocks === 0) return `found no peer that has it ${within}. Try again when a peer that has it is online.`;
  const some = `${withCommas(blocks)} ${blocks === 1 ? 'block' : 'blocks'}`;
  return `got no more blocks ${within}, after ${some}. Pin it again to fetch the rest.`;
}
