/** Others run in between once this much time has been taken (ms): half a frame. */
const SLICE_MS = 6;

interface Slices {
  /** To be awaited only if it is something: most of the time there is nothing to wait for. */
  next(): Promise<void> | undefined;
}

/** Lets others run: between two pieces of work, each of which may have taken a whole slice. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Long synchronous work in slices, so that the thread it runs on stays responsive. */
export function createSlices(): Slices {
  let end = performance.now() + SLICE_MS;
  return {
    next: () => {
      if (performance.now() < end) return undefined;
      return breathe().then(() => {
        end = performance.now() + SLICE_MS;
      });
    },
  };
}
