/** Lets `size` calls per turn of the event loop continue at once; the promise makes the others wait for a later turn, so that other work gets its turn too. */
export function createRowsPerTurn(size: number): () => Promise<void> | undefined {
  let passed = 0;
  let last: Promise<void> | undefined;
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return () => {
    if (passed === 0) setImmediate(() => (passed = 0)); // counting starts again with the next turn of the event loop
    passed++;
    if (passed <= size) return undefined;
    if (passed % size === 1) last = last ? last.then(nextTurn) : nextTurn();
    return last;
  };
}
