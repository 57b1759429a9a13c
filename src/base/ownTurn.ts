let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that no other caller gets: work that takes some ms of the thread, such as loading a bundle, is done in turns like these
 * when an editor starts something, and messages are received between them. The second immediate is in the turn after the first, whatever this one is doing.
 */
export function ownTurn(): Promise<void> {
  return (last = last.then(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))));
}
