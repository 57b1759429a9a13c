import type { Pin } from '../../pin/pin';

/**
 * An id for each row of a level. Ids must be unique in a tree, and stay the same when the list is read again: type and CID, with a number where another row
 * has both. The requests of a pinning service have no types, and several may be for one CID, the newest first: they are told apart by what no service
 * changes, so that a new one takes no other's id. The number is in front, where no text of a list can imitate it.
 */
export function pinIds(pins: readonly Pin[]): readonly string[] {
  const seen = new Map<string, number>();
  return pins.map((pin) => {
    const what = `${pin.type ?? requestOf(pin)}:${pin.cid}`;
    const times = seen.get(what) ?? 0;
    seen.set(what, times + 1);
    return `pin${times === 0 ? '' : `#${times}`}:${what}`;
  });
}

function requestOf({ pinnedAt, name }: Pin): string {
  return pinnedAt === undefined && name === undefined ? '' : JSON.stringify([pinnedAt, name?.slice(0, MOST_OF_NAME)]);
}

const MOST_OF_NAME = 200;
