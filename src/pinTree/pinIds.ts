import type { Pin } from '../pin/pin';

/**
 * An id for each row of a level. Ids must be unique in a tree, and stay the same when the list is read again: type and CID, with a number where another row
 * has both, as two requests of a pinning service for one CID do. The number is in front, where no text of a list can imitate it.
 */
export function pinIds(pins: readonly Pin[]): readonly string[] {
  const seen = new Map<string, number>();
  return pins.map(({ type = '', cid }) => {
    const what = `${type}:${cid}`;
    const times = seen.get(what) ?? 0;
    seen.set(what, times + 1);
    return `pin${times === 0 ? '' : `#${times}`}:${what}`;
  });
}
