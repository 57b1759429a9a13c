/** Lets so many pass at once, and the rest in slices of as many, so that the thread takes other work in between. */
export function createSlices(size: number): () => Promise<void> | undefined {
  let passed = 0;
  let last: Promise<void> | undefined;
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return () => {
    if (passed === 0) setImmediate(() => (passed = 0)); // a new turn of the thread begins at nought, unless some are waiting still
    passed++;
    if (passed <= size) return undefined;
    if (passed % size === 1) last = last ? last.then(nextTurn) : nextTurn();
    return last;
  };
}
