import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { jsonText } from './jsonText';
import type { Output } from './output';
import { hasReaderLeft } from './output';

/** `pretty`: an object over several lines. `json`: an object on one line. `ndjson`: a pin on each line. */
export type Format = 'pretty' | 'json' | 'ndjson';

export interface PrintedList {
  /** The members before the pins; not printed in `ndjson`. */
  readonly head: object;
  readonly pins: AsyncIterable<readonly object[]>;
  /** The members after the pins. */
  readonly tail?: () => Promise<object>;
  /** Aborted by the person: then nothing more is printed. */
  readonly signal?: AbortSignal | undefined;
}

/** Text is written once it has this many characters: fewer writes, but never a text that is too long for a string or for memory. */
const WRITTEN_AT_ONCE = 2 ** 20;

/**
 * Prints a list while it is read, holding no more than one array of pins and some MB of text, no matter how slow the reader is. If the list is cut off, the
 * error becomes the last line or member, so that the output is still valid JSON. Resolves with the exit status; rejects with EPIPE, and once `signal` is aborted.
 */
export async function printPins(output: Output, format: Format, { head, pins, tail, signal }: PrintedList): Promise<number> {
  const indent = format === 'pretty' ? 2 : undefined;
  const frame = jsonText({ ...head, pins: [] }, indent);
  const begin = frame.lastIndexOf('[]') + 1;
  const lineStart = format === 'pretty' ? '\n    ' : '';
  const textOf = (pin: object): string => lineStart + jsonText(pin, indent).replaceAll('\n', lineStart);

  let printed = 0;
  let failure: IpfsKitError | undefined;
  if (format !== 'ndjson') await output.write(frame.slice(0, begin));
  try {
    for await (const stretch of pins) {
      let text = '';
      for (const [at, pin] of stretch.entries()) {
        text += format === 'ndjson' ? `${textOf(pin)}\n` : (printed > 0 ? ',' : '') + textOf(pin);
        printed++;
        if (text.length < WRITTEN_AT_ONCE && at < stretch.length - 1) continue;
        await output.write(text);
        text = '';
        output.progress(`${withCommas(printed)} pins…`);
      }
    }
  } catch (error) {
    if (hasReaderLeft(error) || signal?.aborted) throw error;
    failure = IpfsKitError.from(error);
  }
  const last = { ...(failure && { error: toPlainError(failure) }), ...(await tail?.()) };
  const more = jsonText(last, indent);
  if (format === 'ndjson') {
    if (failure) await output.write(`${more}\n`);
  } else {
    const members = more === '{}' ? '' : `,${more.slice(1, format === 'pretty' ? -2 : -1)}`;
    await output.write(`${printed > 0 && format === 'pretty' ? '\n  ' : ''}]${members}${frame.slice(begin + 1)}\n`);
  }
  return failure ? 1 : 0;
}
