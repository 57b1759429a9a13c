import type { Pin } from '../../pin/pin';
import { pinKey } from '../../pin/pinKey';

/**
 * An id for each row of a level. Ids must be unique in a tree, and stay the same when the list is read again. An id has the key of its pin (pinKey.ts), and a
 * number where several rows have the same key: the newest request of a service is the first, so that a new request doesn't take over the id of another. The
 * number comes first, where no text from a list can imitate it. `areEntries`: they are entries of a folder.
 */
export function pinIds(pins: readonly Pin[], areEntries = false): readonly string[] {
  const seen = new Map<string, number>();
  return pins.map((pin) => {
    const what = pinKey(pin, areEntries);
    const times = seen.get(what) ?? 0;
    seen.set(what, times + 1);
    return `pin${times === 0 ? '' : `#${times}`}:${what}`;
  });
}
