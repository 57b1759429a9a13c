/** Other work runs in between once a slice has taken this long (ms): half a frame. */
const SLICE_MS = 6;

interface Slices {
  /** Undefined where the slice still has time, so that the caller awaits only when it has to. */
  next(): Promise<void> | undefined;
}

/** Lets other work run between two pieces of work, each of which may have taken a whole slice. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Divides long synchronous work into slices, so that its thread stays responsive. */
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
