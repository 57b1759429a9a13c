import type { World } from './world';

/** A case of the stop lane. Each folder in test/stop/cases has a case.ts that exports one as `stopCase`. */
export interface StopCase {
  /** A sentence about the behavior of stop(). */
  readonly title: string;
  /** Runs in a PID namespace in which all bystanders have started. */
  readonly run: (world: World) => Promise<void>;
}
