import { decodeCid, multihashOf } from '../pin/cid';
import type { Pin } from '../pin/pin';

/** The ids of the sources that pin each content. */
export interface Copies {
  /**
   * Adds pins of a source. All pins of one source come before those of the next. `onlyKnown`: no content is remembered that none of the sources before has,
   * which suffices for the last source.
   */
  readonly add: (pins: readonly Pin[], source: string, onlyKnown?: boolean) => void;
  readonly of: (pin: Pin) => readonly string[];
}

const NONE: readonly string[] = [];

/**
 * Compares contents by the multihash of their CID, so that both CID versions and all bases are equal; text that isn't a CID is compared as it is.
 * `only`: the pins that `of` will be called with, so that no other is remembered. Without it, each content takes some hundred bytes.
 */
export function createCopies(only?: Iterable<Pin>): Copies {
  const holders = new Map<string, readonly string[]>();
  /** One list for each set of sources, not for each content. */
  const lists = new Map<string, readonly string[]>();
  for (const pin of only ?? []) holders.set(contentOf(pin), NONE);

  const withSource = (before: readonly string[], source: string): readonly string[] => {
    const ids = [...before, source];
    const name = JSON.stringify(ids);
    const list = lists.get(name) ?? ids;
    lists.set(name, list);
    return list;
  };
  return {
    add: (pins, source, onlyKnown = only !== undefined) => {
      for (const pin of pins) {
        const content = contentOf(pin);
        const before = holders.get(content);
        if ((before === undefined && onlyKnown) || before?.at(-1) === source) continue;
        holders.set(content, withSource(before ?? NONE, source));
      }
    },
    of: (pin) => holders.get(contentOf(pin)) ?? NONE,
  };
}

/** The multihash as text of one byte per character. Text that isn't a CID begins with U+FFFF, so it never equals a multihash. */
function contentOf({ cid: text }: Pin): string {
  const cid = decodeCid(text);
  return cid ? Buffer.from(multihashOf(cid)).toString('latin1') : `\uffff${text}`;
}
