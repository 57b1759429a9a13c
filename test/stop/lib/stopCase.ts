import type { World } from './world';

/** A folder in test/stop/cases has a case.ts that exports one as `stopCase`. */
export interface StopCase {
  /** A sentence about stop(). */
  readonly title: string;
  /** Runs in a PID namespace of its own, with all bystanders there. */
  readonly run: (world: World) => Promise<void>;
}
