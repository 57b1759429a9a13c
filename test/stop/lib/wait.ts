export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `probe` returns a value, for at most `ms`, and returns it. */
export async function until<T>(what: string, probe: () => T | undefined | false, ms = 20_000): Promise<T> {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(5)) {
    const found = probe();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`Waited in vain for ${what}.`);
}
