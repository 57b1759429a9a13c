import type { StopProgress, StopResult } from '../../../src/reaper/stopContract';
import type { RecordedSignal } from './recordedSignals';

/** What a stop reported and sent. It is plain data, since it may come from another process. */
export interface Observation {
  readonly result: StopResult;
  readonly events: readonly StopProgress[];
  readonly signals: readonly RecordedSignal[];
}
