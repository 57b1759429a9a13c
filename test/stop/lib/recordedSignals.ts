import { readProcess } from './procfs';
import type { Proc } from './procfs';

export interface RecordedSignal {
  readonly pid: number;
  readonly signal: string;
  /** Whoever had that pid at that moment. */
  readonly target: Proc | undefined;
  /** False if there was nobody any more to get it. */
  readonly delivered: boolean;
}

/** From now on every signal that this process sends is written down. */
export function recordSignals(): RecordedSignal[] {
  const recorded: RecordedSignal[] = [];
  const send = process.kill.bind(process);
  process.kill = (pid, signal) => {
    const target = readProcess(pid);
    try {
      send(pid, signal);
      recorded.push({ pid, signal: String(signal), target, delivered: true });
    } catch (error) {
      recorded.push({ pid, signal: String(signal), target, delivered: false });
      throw error;
    }
    return true;
  };
  return recorded;
}
