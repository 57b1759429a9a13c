import path from 'node:path';
import { readdirSync, readlinkSync } from 'node:fs';
import { IpfsKitError } from '../../base/ipfsKitError';
import { lockHolders, lockingPids } from '../../pinStore/databaseLocks';
import { isAncestor } from '../ancestors';
import type { Proven } from './oneProcess';
import { platformProcessTable } from '../table/platformProcessTable';
import type { ProcessFacts, ProcessRow, ProcessTable } from '../table/processTable';

/** Empty while nobody runs, and after; the lock on it is what counts. */
export function repositoryLock(repository: string): string {
  return path.join(repository, 'repo.lock');
}

/**
 * Who has a repository open. `free`: nobody. `ours`: one process of the user's own, by pid and start time; the daemon, or a command that runs without one.
 * `not-provable`: of another user, in a container, one that we run under, or none that can be told for certain. `unknown`: this system does not tell.
 */
export type KuboHolder =
  | { readonly state: 'free' }
  | ({ readonly state: 'ours'; readonly proven: Proven } & Pick<ProcessFacts, 'listening' | 'listeningPaths'>)
  | { readonly state: 'not-provable' | 'unknown'; readonly why: string };

interface KuboHolderOptions {
  /** Of the platform by default. */
  readonly table?: ProcessTable | undefined;
  readonly locksFile?: string | undefined;
}

const LOOKS = 3;

/**
 * The process that holds the POSIX lock on `repo.lock` (fcntl(2); by device and inode, see databaseLocks.ts): Kubo takes it for as long as it has the
 * repository open, and the kernel lets it go with the process. Nothing is told by a name. Only Linux lists locks: macOS and Windows are `unknown`.
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
    // The lock goes with its process: if the same pid still has it after its start time was read, it is that process that has it.
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
 * Which of these processes are Kubos, to be patient with: those that hold the POSIX lock on a `repo.lock` that they have open, a command without a daemon
 * included, and those that were started as `ipfs daemon`. Nobody is signalled on the strength of it.
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
    return false; // it has ended, or may not be looked at
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
  // 0 and less are processes that have no number here.
  if (pid === undefined) return notProvable('The repository is open in a container, or outside of the one that this runs in.');
  if (more.length > 0 || probable) return notProvable(`It isn't certain which process has ${file} locked.`);
  return pid;
}

function notProvable(why: string): KuboHolder {
  return { state: 'not-provable', why };
}
