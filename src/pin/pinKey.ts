import type { Pin } from './pin';

const MOST_OF_NAME = 200;

/**
 * What tells a pin from the others of its list, and stays the same when the list is read again: type and CID. Requests of a pinning service have no type, and
 * several may be for one CID: theirs have the time and name instead of it, which no service changes. `isEntry`: it is an entry of a folder, which keeps its
 * name while its content changes, and has only that.
 */
export function pinKey(pin: Pin, isEntry = false): string {
  return isEntry ? requestOf(pin) : `${pin.type ?? requestOf(pin)}:${pin.cid}`;
}

function requestOf({ pinnedAt, name }: Pin): string {
  return pinnedAt === undefined && name === undefined ? '' : JSON.stringify([pinnedAt, name?.slice(0, MOST_OF_NAME)]);
}
