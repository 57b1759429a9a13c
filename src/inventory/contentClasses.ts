import { IpfsKitError } from '../base/ipfsKitError';
import type { Standing } from '../pin/standing';
import { STANDING } from '../pin/standing';

/**
 * The classes of contents: contents that the same sources list and keep are of one class. Lists have few of them, so that whatever a query asks is found out
 * once for each class and not for each content. Class 0 is content that no source lists. A set of sources has a bit for each.
 */
export interface ContentClasses {
  readonly count: number;
  /** The sources that list the content. */
  listed(of: number): number;
  /** Those of them that keep a copy. */
  copies(of: number): number;
  /** Those of which it isn't known whether they keep a copy. */
  unknown(of: number): number;
  /** The class of the same content once a source, too, has a pin of it. Throws `too-large`. */
  plus(of: number, source: number, standing: Standing): number;
  /** The class of the same content without a source. Throws nothing, so that a source can always be taken out again. */
  minus(of: number, source: number): number;
}

/** A bit each. */
const MOST_SOURCES = 32;
/** The most classes of ten sources, each of which has a content in one of four ways. */
const MOST_CLASSES = 2 ** 20;
const STANDINGS = Object.keys(STANDING).length;

/** `most`: the most classes that `plus` makes. */
export function contentClasses(most = MOST_CLASSES): ContentClasses {
  const masks: { readonly listed: number; readonly copies: number; readonly unknown: number }[] = [];
  const known = new Map<string, number>();
  /** The results of `plus`, plus 1, for each source and standing, and then for each class; likewise of `minus`. */
  const added: number[][] = [];
  const removed: number[][] = [];

  const classOf = (listed: number, copies: number, unknown: number, isBounded = false): number => {
    const name = `${listed} ${copies} ${unknown}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    if (isBounded && masks.length >= most)
      throw new IpfsKitError('too-large', 'The sources share their contents in too many ways to count the copies.');
    known.set(name, masks.length);
    return masks.push({ listed, copies, unknown }) - 1;
  };
  classOf(0, 0, 0);

  return {
    get count() {
      return masks.length;
    },
    listed: (of) => masks[of]?.listed ?? 0,
    copies: (of) => masks[of]?.copies ?? 0,
    unknown: (of) => masks[of]?.unknown ?? 0,
    plus: (of, source, standing) => {
      const results = (added[STANDINGS * source + standing] ??= []);
      const result = results[of] ?? 0;
      if (result > 0) return result - 1;
      const { listed, copies, unknown } = masks[of] ?? NOWHERE;
      const bit = 1 << source;
      const hasCopy = standing === STANDING.copy || (copies & bit) !== 0;
      const isUnknown = !hasCopy && (standing === STANDING.unknown || (unknown & bit) !== 0);
      const next = classOf(listed | bit, hasCopy ? copies | bit : copies, isUnknown ? unknown | bit : unknown & ~bit, true);
      results[of] = next + 1;
      return next;
    },
    minus: (of, source) => {
      const results = (removed[source] ??= []);
      const result = results[of] ?? 0;
      if (result > 0) return result - 1;
      const { listed, copies, unknown } = masks[of] ?? NOWHERE;
      const others = ~(1 << source);
      const next = classOf(listed & others, copies & others, unknown & others);
      results[of] = next + 1;
      return next;
    },
  };
}

const NOWHERE = { listed: 0, copies: 0, unknown: 0 };

/** Throws `invalid-argument` for more sources than there are bits. */
export function checkCount(sources: number): void {
  if (sources <= MOST_SOURCES) return;
  throw new IpfsKitError(
    'invalid-argument',
    `${sources} sources can't be compared, and at most ${MOST_SOURCES} can. Select fewer.`,
  );
}
