import { lockHolders } from '../pinStore/databaseLocks';
import type { LockHolders } from '../pinStore/databaseLocks';
import { isPortOpen, isSocketOpen } from './portOpen';

/** A port or a lock may be released a moment after its process has exited (ms). */
export const RELEASE_MS = 200;

interface Held {
  readonly portOpen: boolean;
  readonly locks: LockHolders;
}

/** Whether a process listens or holds a lock. Looks again until neither is so, or the time is up. */
export async function whatIsHeld(asked: {
  readonly host: string;
  readonly port: number | undefined;
  /** A unix socket, in place of host and port. */
  readonly socketPath?: string | undefined;
  readonly dbPaths: readonly string[];
  readonly patienceMs: number;
}): Promise<Held> {
  const { host, port, socketPath, dbPaths } = asked;
  for (const until = performance.now() + asked.patienceMs; ;) {
    const [portOpen, locks] = await Promise.all([
      socketPath !== undefined ? isSocketOpen(socketPath) : port !== undefined && isPortOpen(host, port),
      lockHolders(dbPaths),
    ]);
    if ((!portOpen && locks.state !== 'held') || performance.now() >= until) return { portOpen, locks };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
