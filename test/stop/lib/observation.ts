import type { StopProgress, StopResult } from '../../../src/reaper/stopContract';
import type { RecordedSignal } from './recordedSignals';

/** What a stop said and did. Plain data: it may come from another process. */
export interface Observation {
  readonly result: StopResult;
  readonly events: readonly StopProgress[];
  readonly signals: readonly RecordedSignal[];
}
