import path from 'node:path';
import { readdirSync, readlinkSync } from 'node:fs';
import { IpfsKitError } from '../../base/ipfsKitError';
import { lockHolders, lockingPids } from '../../pinStore/databaseLocks';
import { isAncestor } from '../ancestors';
import type { Proven } from '../oneProcess';
import { platformProcessTable } from '../table/platformProcessTable';
import type { ProcessFacts, ProcessRow, ProcessTable } from '../table/processTable';

/** The path of the lock file. It is empty before and after a Kubo runs; only a lock on it counts. */
export function repositoryLock(repository: string): string {
  return path.join(repository, 'repo.lock');
}

/**
 * Which process has a repository open. `free`: none. `ours`: one process of this user, by PID and start time; the daemon, or a command that runs without one.
 * `not-provable`: a process of another user, in a container, one that IPFS Kit runs under, or none that can be identified. `unknown`: the system doesn't show
 * locks.
 */
export type KuboHolder =
  | { readonly state: 'free' }
  | ({ readonly state: 'ours'; readonly proven: Proven } & Pick<ProcessFacts, 'listening' | 'listeningPaths'>)
  | { readonly state: 'not-provable' | 'unknown'; readonly why: string };

interface KuboHolderOptions {
  /** The table of the platform by default. */
  readonly table?: ProcessTable | undefined;
  readonly locksFile?: string | undefined;
}

const LOOKS = 3;

/**
 * The process that holds the POSIX lock on `repo.lock` (fcntl(2); by device and inode, see databaseLocks.ts). Kubo holds it for as long as it has the
 * repository open, and the kernel releases it with the process. Names prove nothing. Only Linux lists locks: macOS and Windows are `unknown`.
 */
export async function kuboHolder(
  repository: string,
  { table = platformProcessTable(), locksFile }: KuboHolderOptions = {},
): Promise<KuboHolder> {
  const file = repositoryLock(repository);
  for (let look = 0; look < LOOKS; look++) {
    const pid = await holderOf(file, locksFile);
    if (typeof pid !== 'number') return pid;
    let rows: ReadonlyMap<number, ProcessRow>;
    try {
      rows = await table.look('all');
    } catch (error) {
      return notProvable(IpfsKitError.from(error).message);
    }
    const row = rows.get(pid);
    // The lock goes with its process: if the same PID still holds it after its start time was read, that process holds it.
    if (!row || row.gone || (await holderOf(file, locksFile)) !== pid) continue;
    const details = table.details(row);
    const now = (await table.look(new Set([pid]))).get(pid);
    if (!details || now?.start !== row.start || now.gone) continue;
    if (details.user !== table.user) return notProvable(`PID ${pid} has the repository open and belongs to another user.`);
    if (details.inOtherNamespace) return notProvable(`PID ${pid} has the repository open and runs in a container.`);
    if (isAncestor(rows, table.self, pid))
      return notProvable(`IPFS Kit itself runs under PID ${pid}, which has the repository open.`);
    return { state: 'ours', proven: { row: now, details, link: 'repository' }, ...table.facts?.([row]).get(pid) };
  }
  return notProvable('The processes that have the repository open keep changing.');
}

/**
 * Which of these processes are Kubos, to be patient with: those that hold the POSIX lock on a `repo.lock` that they have open, including a command without a
 * daemon, and those that were started as `ipfs daemon`. This never decides whether a process is signaled.
 */
export async function kubosAmong<T extends { readonly pid: number; readonly argv: readonly string[] }>(
  processes: readonly T[],
): Promise<ReadonlySet<T>> {
  const locking = processes.length === 0 ? new Set<number>() : await lockingPids();
  const kubos = new Set<T>();
  for (const each of processes)
    if (isKuboCommand(each.argv) || (locking.has(each.pid) && (await locksRepository(each.pid)))) kubos.add(each);
  return kubos;
}

function isKuboCommand([program = '', ...rest]: readonly string[]): boolean {
  return /^(?:ipfs|kubo)(?:\.exe)?$/i.test(program.replace(/^.*[/\\]/, '')) && rest.includes('daemon');
}

const MOST_DESCRIPTORS = 4096;

async function locksRepository(pid: number): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  try {
    const open = readdirSync(folder).slice(0, MOST_DESCRIPTORS);
    const found = open.map((descriptor) => `${folder}/${descriptor}`).find((file) => isLockFile(file));
    return found !== undefined && (await lockHolders([found], undefined, 'POSIX')).pids.includes(pid);
  } catch {
    return false; // The process has exited, or may not be read.
  }
}

function isLockFile(descriptor: string): boolean {
  try {
    return path.basename(readlinkSync(descriptor)) === 'repo.lock';
  } catch {
    return false;
  }
}

async function holderOf(file: string, locksFile: string | undefined): Promise<number | KuboHolder> {
  const { state, pids, probable } = await lockHolders([file], locksFile, 'POSIX');
  if (state === 'unknown') return { state: 'unknown', why: "This system doesn't show which process has the repository open." };
  if (state === 'free') return { state: 'free' };
  const [pid, ...more] = pids;
  // 0 and negative numbers are processes that have no PID here.
  if (pid === undefined)
    return notProvable('The repository is open in a container, or outside the container that IPFS Kit runs in.');
  if (more.length > 0 || probable) return notProvable(`IPFS Kit can't determine which process has ${file} locked.`);
  return pid;
}

function notProvable(why: string): KuboHolder {
  return { state: 'not-provable', why };
}
