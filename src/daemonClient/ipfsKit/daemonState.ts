/** What is known of the daemon. `up-without-arrow` is learned by listing; `stopping` by stopping it. */
export type DaemonState = 'probing' | 'absent' | 'busy' | 'starting' | 'up' | 'up-without-arrow' | 'foreign' | 'stopping';

/** What one probe can find. */
export type ProbedState = 'absent' | 'busy' | 'starting' | 'up' | 'foreign';

export function isUp(state: DaemonState | undefined): boolean {
  return state === 'up' || state === 'up-without-arrow' || state === 'starting';
}
