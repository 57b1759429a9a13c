import type { SafeText } from './safeText';

/** Of each line, whoever wrote it, nothing can begin a line of its own; `below` is text of ours in several lines, which stand indented. */
type Write = (line: string, below?: SafeText) => void;

export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly show: () => void;
  /** Tells of something that went wrong, in a notification whose button shows the log; resolves once that is gone. */
  readonly offer: (message: string) => Promise<void>;
}
