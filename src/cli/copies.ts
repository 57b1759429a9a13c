import { decodeCid, multihashOf } from '../pin/cid';
import type { Pin } from '../pin/pin';

/** Who keeps what: the ids of the sources, by content. */
export interface Copies {
  /** From one source after the other. */
  readonly add: (pins: readonly Pin[], source: string) => void;
  readonly of: (pin: Pin) => readonly string[];
}

const NONE: readonly string[] = [];

/**
 * Joins by the multihash of the CID, so that one content is found in both versions and in every base; what is no CID is joined by its text.
 * `only`: the pins that will be asked for, so that nothing is remembered of any other. Without it, each content takes some hundred bytes.
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
    add: (pins, source) => {
      for (const pin of pins) {
        const content = contentOf(pin);
        const before = holders.get(content);
        if ((before === undefined && only) || before?.at(-1) === source) continue;
        holders.set(content, withSource(before ?? NONE, source));
      }
    },
    of: (pin) => holders.get(contentOf(pin)) ?? NONE,
  };
}

/** Bytes as text of one byte a character, which a text that is no CID can't be. */
function contentOf({ cid: text }: Pin): string {
  const cid = decodeCid(text);
  return cid ? Buffer.from(multihashOf(cid)).toString('latin1') : `\uffff${text}`;
}
