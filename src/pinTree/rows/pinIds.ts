import type { Pin } from '../../pin/pin';

/**
 * An id for each row of a level. Ids must be unique in a tree, and stay the same when the list is read again. An id has type and CID, and a number where
 * several rows have the same type and CID. Requests of a pinning service have no type, and several may be for one CID, the newest first: their ids have the
 * time and name instead, which no service changes, so that a new request doesn't take over the id of another. The number comes first, where no text from a
 * list can imitate it. `areEntries`: they are entries of a folder, which keep their names while their content changes: their ids have only those.
 */
export function pinIds(pins: readonly Pin[], areEntries = false): readonly string[] {
  const seen = new Map<string, number>();
  return pins.map((pin) => {
    const what = areEntries ? requestOf(pin) : `${pin.type ?? requestOf(pin)}:${pin.cid}`;
    const times = seen.get(what) ?? 0;
    seen.set(what, times + 1);
    return `pin${times === 0 ? '' : `#${times}`}:${what}`;
  });
}

function requestOf({ pinnedAt, name }: Pin): string {
  return pinnedAt === undefined && name === undefined ? '' : JSON.stringify([pinnedAt, name?.slice(0, MOST_OF_NAME)]);
}

const MOST_OF_NAME = 200;
