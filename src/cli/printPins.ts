import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { jsonText } from './jsonText';
import type { Output } from './output';
import { hasReaderLeft } from './output';

/** `pretty`: an object over several lines. `json`: an object on one line. `ndjson`: a pin on each line. */
export type Format = 'pretty' | 'json' | 'ndjson';

export interface PrintedList {
  /** The members before the lists; not printed in `ndjson`. */
  readonly head: object;
  /** Lists by the names of their members; in `ndjson` one after the other. */
  readonly lists: Readonly<Record<string, AsyncIterable<readonly object[]>>>;
  /** The members after the lists. */
  readonly tail?: () => Promise<object>;
  /** Aborted by the person: then nothing more is printed. */
  readonly signal?: AbortSignal | undefined;
}

/** Text is written once it has this many characters: fewer writes, but never a text that is too long for a string or for memory. */
const WRITTEN_AT_ONCE = 2 ** 20;

/**
 * Prints lists while they are read, holding no more than one array of pins and some MB of text, no matter how slow the reader is. If a list is cut off, the
 * error becomes the last line or member, so that the output is still valid JSON, and the lists after it are empty. Resolves with the exit status; rejects with
 * EPIPE, and once `signal` is aborted.
 */
export async function printPins(output: Output, format: Format, { head, lists, tail, signal }: PrintedList): Promise<number> {
  const indent = format === 'pretty' ? 2 : undefined;
  const [memberStart, lineStart] = format === 'pretty' ? ['\n  ', '\n    '] : ['', ''];
  const textOf = (pin: object): string => lineStart + jsonText(pin, indent).replaceAll('\n', lineStart);
  /** Members without the braces around them, each with a comma before it. */
  const members = (of: object, isFirst: boolean): string => {
    const text = jsonText(of, indent);
    return text === '{}' ? '' : (isFirst ? '' : ',') + text.slice(1, format === 'pretty' ? -2 : -1);
  };

  let printed = 0;
  let failure: IpfsKitError | undefined;
  const print = async (pins: AsyncIterable<readonly object[]>): Promise<void> => {
    let ofList = 0;
    for await (const stretch of pins) {
      let text = '';
      for (const [at, pin] of stretch.entries()) {
        text += format === 'ndjson' ? `${textOf(pin)}\n` : (ofList > 0 ? ',' : '') + textOf(pin);
        [ofList, printed] = [ofList + 1, printed + 1];
        if (text.length < WRITTEN_AT_ONCE && at < stretch.length - 1) continue;
        await output.write(text);
        text = '';
        output.progress(`${withCommas(printed)} pins…`);
      }
    }
  };

  let before = `{${members(head, true)}`;
  for (const [name, pins] of Object.entries(lists)) {
    if (format !== 'ndjson') await output.write(`${before}${before === '{' ? '' : ','}${memberStart}${jsonName(name, indent)}[`);
    const printedBefore = printed;
    try {
      if (!failure) await print(pins);
    } catch (error) {
      if (hasReaderLeft(error) || signal?.aborted) throw error;
      failure = IpfsKitError.from(error);
    }
    before = `${printed > printedBefore ? memberStart : ''}]`;
  }
  const last = { ...(failure && { error: toPlainError(failure) }), ...(await tail?.()) };
  if (format !== 'ndjson') await output.write(`${before}${members(last, false)}${format === 'pretty' ? '\n' : ''}}\n`);
  else if (failure) await output.write(`${jsonText(last)}\n`);
  return failure ? 1 : 0;
}

function jsonName(name: string, indent: number | undefined): string {
  return `${JSON.stringify(name)}:${indent === undefined ? '' : ' '}`;
}
