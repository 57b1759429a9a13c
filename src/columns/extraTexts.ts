import type { TextBuilder } from './columnBuilders';
import { textBuilder } from './columnBuilders';

/** The most bytes of one such column. */
const MOST_BYTES = 2 ** 27;

/** A column of texts that a list can do without: a text for which there is no room any more is left out, and the list goes on. */
export function extraTextBuilder(mostBytes = MOST_BYTES): Pick<TextBuilder, 'addText' | 'now'> {
  let left = mostBytes;
  const texts = textBuilder((bytes) => (left -= bytes));
  return {
    addText: (text = '') => texts.addText(Buffer.byteLength(text) > left ? '' : text),
    now: () => texts.now(),
  };
}
