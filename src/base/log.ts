import type { SafeText } from './safeText';

/** Writes a line, in which text from others can't begin a new line; `below` is text in several lines, which are indented. */
type Write = (line: string, below?: SafeText) => void;

export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly show: () => void;
  /** Shows an error in a notification with a button that opens the log; resolves once the notification is closed. */
  readonly offer: (message: string) => Promise<void>;
}
