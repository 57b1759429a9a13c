/** The states that one probe can find. */
export type ProbedState = 'absent' | 'busy' | 'starting' | 'up' | 'foreign';

/** The state of the daemon: `probing` before the first answer, `stopping` while IPFS Kit stops it. */
export type DaemonState = ProbedState | 'probing' | 'stopping';

export function isUp(state: DaemonState | undefined): boolean {
  return state === 'up' || state === 'starting';
}
