import { lockHolders } from '../pinStore/databaseLocks';
import type { LockHolders } from '../pinStore/databaseLocks';
import { isPortOpen, isSocketOpen } from './portOpen';

/** A port or a lock may be let go a moment after its process has ended (ms). */
export const RELEASE_MS = 200;

interface Held {
  readonly portOpen: boolean;
  readonly locks: LockHolders;
}

/** Whether anybody listens and locks; looked at until nobody does, or patience is at its end. */
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
