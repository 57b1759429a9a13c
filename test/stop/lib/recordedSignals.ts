import { readProcess } from './procfs';
import type { Proc } from './procfs';

export interface RecordedSignal {
  readonly pid: number;
  readonly signal: string;
  /** The process that had the PID at that moment. */
  readonly target: Proc | undefined;
  /** False if no process had the PID any more. */
  readonly delivered: boolean;
}

/** Records every signal that this process sends from now on. */
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
